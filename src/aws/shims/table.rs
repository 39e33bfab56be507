//! The table: which command of which tool is run, run in part, or only recorded.
//!
//! Owns: one row for each subcommand that matters, and which row fits. Leaves to one file for each family of tools what
//! needs more than a row.
//!
//! A pattern is words: `apply|set` is a subcommand (the next one after those before it), `*` any one, `--flag` or `-v` an
//! option that is given, `--name=value` one with this value. The first row that fits is taken; the last fits everything.

use super::line::Line;
use super::verdict::{Scene, Verdict};
use super::{cli, cloud, cluster, docker, git, image, machines, packages, publish, web};

/// What becomes of a command.
#[derive(Clone, Copy)]
pub(super) enum Handling {
    /// It is run as it was typed: it acts on nothing real, or only on the endpoint.
    Real,
    /// It is not run, and recorded.
    Recorded,
    /// It has no effect here, and needs none.
    Needless,
    /// More has to be known.
    Code(fn(&Line<'_>, &Scene<'_>) -> Verdict),
}

/// A pattern and what becomes of commands that fit it.
pub(super) struct Row(pub(super) &'static str, pub(super) Handling);

/// What a tool is when this machine does not have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Absent {
    /// It would act on something real, so it is recorded all the same.
    Recorded,
    /// What acts on something real is recorded; the rest would be done here, so it is a command not found.
    ActsAlone,
}

/// A tool with a shim.
pub(super) struct Tool {
    /// The names it goes by.
    pub(super) names: &'static [&'static str],
    /// Options that take the next word as their value, where that matters for finding subcommands and values.
    pub(super) valued: &'static [&'static str],
    /// When this machine does not have it.
    pub(super) absent: Absent,
    /// Its rows.
    pub(super) rows: &'static [Row],
}

use Absent::{ActsAlone, Recorded as EvenAbsent};
use Handling::{Code, Needless, Real, Recorded};

/// For tools of which every command but the harmless ones acts on something real.
const ALL_BUT_VERSION: &[Row] = &[
    Row("--version", Real),
    Row("version", Real),
    Row("-v", Real),
    Row("--help", Real),
    Row("help", Real),
    Row("", Recorded),
];

/// The tools.
#[rustfmt::skip]
pub(super) const TOOLS: &[Tool] = &[
    // AWS
    Tool { names: &["aws"], valued: &["--region", "--profile", "--output", "--query", "--endpoint-url", "--ca-bundle", "--color", "--cli-read-timeout", "--cli-connect-timeout", "--cli-binary-format", "--payload", "--plaintext", "--data"], absent: ActsAlone, rows: &[
        Row("", Code(cli::aws)),
    ] },
    Tool { names: &["sam"], valued: &["-t", "--template", "--template-file", "--s3-bucket", "--s3-prefix", "--config-file", "--config-env", "--region", "--stack-name", "--profile", "--kms-key-id", "--image-repository"], absent: EvenAbsent, rows: &[
        Row("deploy", Code(cloud::sam_deploy)),
        Row("delete|sync|publish|remote|logs|traces|list|pipeline", Recorded),
        Row("", Real),
    ] },
    Tool { names: &["cdk"], valued: &["-a", "--app", "-c", "--context", "-o", "--output", "--profile", "-r", "--role-arn", "--require-approval", "--toolkit-stack-name", "--outputs-file", "-O", "--parameters", "--tags", "--concurrency", "--progress", "--method"], absent: EvenAbsent, rows: &[
        Row("deploy|watch", Code(cloud::cdk_deploy)),
        Row("destroy|bootstrap|import|rollback|gc|migrate|refactor|drift|publish-assets", Recorded),
        Row("", Real),
    ] },
    Tool { names: &["serverless", "sls"], valued: &["-s", "--stage", "-r", "--region", "-c", "--config", "--param", "--aws-profile"], absent: EvenAbsent, rows: &[
        Row("deploy function|list", Recorded),
        Row("deploy", Code(cloud::serverless_deploy)),
        Row("invoke local", Real),
        Row("remove|rollback|invoke|logs|metrics|info|login|logout|dashboard", Recorded),
        Row("", Real),
    ] },
    Tool { names: &["chalice"], valued: &["--stage", "--profile", "--project-dir"], absent: EvenAbsent, rows: &[
        Row("deploy|delete|logs|invoke|url", Recorded),
        Row("", Real),
    ] },
    Tool { names: &["eb", "copilot", "ecs-cli", "ecs-deploy", "amplify", "ampx", "lightsailctl", "eksctl", "zappa", "sst", "sceptre", "ecspresso", "lambroll", "rdk"], valued: &["-e", "--region", "--profile", "-r", "--timeout", "--label", "-l", "-m", "--message", "-k", "--env-group-suffix"], absent: EvenAbsent, rows: ALL_BUT_VERSION },
    // Infrastructure
    Tool { names: &["terraform", "tofu"], valued: &[], absent: EvenAbsent, rows: &[
        Row("init", Code(cloud::terraform_init)),
        Row("plan", Code(cloud::terraform_plan)),
        Row("apply|destroy|refresh", Code(cloud::terraform_apply)),
        Row("show", Code(cloud::terraform_show)),
        Row("import|state|taint|untaint|force-unlock|login|logout|workspace|output|test|console|graph|query", Recorded),
        Row("", Real),
    ] },
    Tool { names: &["terragrunt"], valued: &[], absent: EvenAbsent, rows: &[
        Row("hclfmt|hclvalidate|help", Real),
        Row("--version", Real),
        Row("", Recorded),
    ] },
    Tool { names: &["packer"], valued: &["-var", "-var-file", "-only", "-except", "-on-error", "-parallel-builds"], absent: EvenAbsent, rows: &[
        Row("build", Code(cloud::packer_build)), Row("", Real),
    ] },
    Tool { names: &["cdktf"], valued: &["-a", "--app", "-o", "--output"], absent: EvenAbsent, rows: &[
        Row("deploy|apply", Code(cloud::cdktf_deploy)),
        Row("destroy|diff|plan|output|watch|login", Recorded),
        Row("", Real),
    ] },
    Tool { names: &["pulumi"], valued: &["-C", "--cwd", "-s", "--stack"], absent: EvenAbsent, rows: ALL_BUT_VERSION },
    Tool { names: &["ansible-playbook"], valued: &["-i", "--inventory", "-e", "--extra-vars"], absent: EvenAbsent, rows: &[
        Row("--syntax-check", Real), Row("--list-tasks", Real), Row("--list-hosts", Real), Row("--version", Real),
        Row("", Recorded),
    ] },
    Tool { names: &["ansible"], valued: &[], absent: EvenAbsent, rows: ALL_BUT_VERSION },
    // Clusters
    Tool { names: &["kubectl", "oc"], valued: &["-n", "--namespace", "--context", "--kubeconfig", "--cluster", "--user", "-s", "--server", "-f", "--filename", "-k", "--kustomize", "-o", "--output", "--token", "--as", "-l", "--selector", "-c", "--container", "-p", "--patch"], absent: EvenAbsent, rows: &[
        Row("version --client", Real),
        Row("create|run --dry-run=client", Real),
        Row("kustomize|config|completion|help|options|plugin", Real),
        Row("", Code(cluster::kubectl)),
    ] },
    Tool { names: &["helm"], valued: &["-n", "--namespace", "--kube-context", "--kubeconfig", "-f", "--values", "--set", "--set-string", "--set-file", "--version", "--timeout", "--repo", "--registry-config", "--repository-cache", "--repository-config", "--description"], absent: EvenAbsent, rows: &[
        Row("template|lint|version|package|create|show|dependency|dep|repo|env|plugin|completion|verify|pull|search|help", Real),
        Row("upgrade|install", Code(cluster::helm)),
        Row("", Recorded),
    ] },
    Tool { names: &["helmfile", "skaffold", "argocd", "flux", "istioctl", "nomad", "kapp", "werf", "devspace"], valued: &[], absent: EvenAbsent, rows: ALL_BUT_VERSION },
    // Packages that are published
    Tool { names: &["npm"], valued: &["--prefix", "-C", "--registry", "--workspace", "-w", "--tag", "--otp", "--access", "--userconfig", "--cache", "--loglevel"], absent: ActsAlone, rows: &[
        Row("publish --dry-run", Real),
        Row("publish", Code(publish::npm)),
        Row("dist-tag ls|list", Real),
        Row("login|adduser|add-user|logout|token|owner|access|deprecate|unpublish|dist-tag|star|unstar|team|hook|org|profile", Recorded),
        Row("exec|x", Code(publish::runner)),
        Row("", Real),
    ] },
    Tool { names: &["yarn", "pnpm"], valued: &["--cwd", "-C", "--dir", "--filter", "-F", "--new-version", "--tag", "--otp", "--access", "--registry"], absent: ActsAlone, rows: &[
        Row("publish --dry-run", Real),
        Row("publish", Code(publish::npm)),
        Row("npm publish", Code(publish::npm)),
        Row("npm login|logout|tag", Recorded),
        Row("login|logout|owner|tag|team|unpublish|deprecate", Recorded),
        Row("dlx|exec", Code(publish::runner)),
        Row("", Real),
    ] },
    Tool { names: &["bun"], valued: &["--cwd", "--tag", "--access", "--otp", "--filter"], absent: ActsAlone, rows: &[
        Row("publish --dry-run", Real),
        Row("publish", Code(publish::npm)),
        Row("x", Code(publish::runner)),
        Row("", Real),
    ] },
    Tool { names: &["npx", "pnpx", "bunx"], valued: &["-p", "--package", "-w", "--workspace", "--prefix"], absent: ActsAlone, rows: &[
        Row("", Code(publish::runner)),
    ] },
    Tool { names: &["lerna"], valued: &[], absent: ActsAlone, rows: &[Row("publish", Recorded), Row("", Real)] },
    Tool { names: &["semantic-release", "release-it", "changeset", "standard-version"], valued: &[], absent: EvenAbsent, rows: &[
        Row("--dry-run", Real), Row("status|version", Real), Row("--version", Real), Row("", Recorded),
    ] },
    Tool { names: &["cargo"], valued: &["--manifest-path", "--color", "--config", "-Z", "-C", "-p", "--package", "--token", "--registry", "--index", "--target", "--features", "-F", "-j", "--jobs"], absent: ActsAlone, rows: &[
        Row("publish --dry-run", Real),
        Row("publish -n", Real),
        Row("publish", Code(publish::dry_run)),
        Row("yank|owner|login|logout", Recorded),
        Row("release --execute", Recorded),
        Row("", Real),
    ] },
    Tool { names: &["poetry"], valued: &["-C", "--directory", "-P", "--project", "-r", "--repository", "-u", "--username", "-p", "--password", "--dist-dir"], absent: ActsAlone, rows: &[
        Row("publish --dry-run", Real),
        Row("publish", Code(publish::dry_run)),
        Row("run", Code(publish::runner)),
        Row("", Real),
    ] },
    Tool { names: &["uv"], valued: &["--directory", "--project", "--token", "-t", "--index"], absent: ActsAlone, rows: &[
        Row("publish", Recorded), Row("run", Code(publish::runner)), Row("tool run", Real), Row("", Real),
    ] },
    Tool { names: &["flit", "pdm", "hatch"], valued: &["-p", "--project"], absent: ActsAlone, rows: &[Row("publish", Recorded), Row("", Real)] },
    Tool { names: &["twine"], valued: &["-r", "--repository", "--repository-url", "-u", "--username", "-p", "--password", "-i", "--identity", "--sign-with", "-c", "--comment", "--config-file", "--cert", "--client-cert"], absent: EvenAbsent, rows: &[
        Row("upload|register", Code(publish::twine)),
        Row("", Real),
    ] },
    Tool { names: &["gem"], valued: &["--host", "-k", "--key", "--otp"], absent: ActsAlone, rows: &[
        Row("push", Code(publish::files)),
        Row("yank|owner|signin|signout", Recorded),
        Row("", Real),
    ] },
    Tool { names: &["rake"], valued: &["-f", "-C", "-I", "-R", "-T"], absent: ActsAlone, rows: &[
        Row("release|release:rubygem_push", Recorded), Row("", Real),
    ] },
    Tool { names: &["pod"], valued: &[], absent: ActsAlone, rows: &[Row("trunk|repo push|add-owner|remove-owner|deprecate|delete|register", Recorded), Row("", Real)] },
    Tool { names: &["dart", "flutter"], valued: &["-C", "--directory"], absent: ActsAlone, rows: &[
        Row("pub publish|lish --dry-run", Real), Row("pub publish -n", Real), Row("pub publish|lish", Code(publish::dry_run)), Row("pub login|logout|uploader", Recorded), Row("", Real),
    ] },
    Tool { names: &["mix"], valued: &[], absent: ActsAlone, rows: &[Row("hex.publish|hex.retire|hex.owner|hex.user", Recorded), Row("", Real)] },
    Tool { names: &["conda", "mamba"], valued: &[], absent: ActsAlone, rows: &[Row("upload|server", Recorded), Row("", Real)] },
    Tool { names: &["anaconda"], valued: &[], absent: EvenAbsent, rows: ALL_BUT_VERSION },
    Tool { names: &["dotnet"], valued: &["-s", "--source", "-k", "--api-key"], absent: ActsAlone, rows: &[
        Row("nuget push|delete", Recorded), Row("lambda|ecs|eb", Recorded), Row("", Real),
    ] },
    Tool { names: &["nuget"], valued: &["-Source", "-ApiKey"], absent: EvenAbsent, rows: &[Row("push|delete|setapikey", Recorded), Row("", Real)] },
    Tool { names: &["mvn"], valued: &["-f", "--file", "-s", "--settings", "-pl", "--projects", "-P", "--activate-profiles", "-T", "-D", "-gs", "-rf", "-l"], absent: ActsAlone, rows: &[Row("", Code(publish::maven))] },
    Tool { names: &["gradle"], valued: &["-b", "--build-file", "-p", "--project-dir", "-P", "-D", "-x", "--exclude-task", "-I", "--init-script", "-c", "-g"], absent: ActsAlone, rows: &[Row("", Code(publish::gradle))] },
    Tool { names: &["sbt"], valued: &[], absent: ActsAlone, rows: &[Row("publish|publishSigned|release", Recorded), Row("", Real)] },
    Tool { names: &["goreleaser"], valued: &["-f", "--config"], absent: EvenAbsent, rows: &[
        Row("--snapshot", Real), Row("--skip-publish", Real), Row("build|check|healthcheck|init|completion", Real), Row("--version", Real), Row("", Recorded),
    ] },
    Tool { names: &["jfrog", "jf", "sentry-cli", "codecov", "codecovcli", "codecov-cli", "coveralls", "sonar-scanner", "snyk", "fossa", "datadog-ci", "newrelic", "cosign", "notation", "fastlane", "appcenter"], valued: &[], absent: EvenAbsent, rows: ALL_BUT_VERSION },
    // Sources
    Tool { names: &["git"], valued: &["-C", "-c", "--git-dir", "--work-tree", "--namespace", "--super-prefix", "--config-env", "-o", "--push-option", "--repo", "--receive-pack", "--exec"], absent: ActsAlone, rows: &[
        Row("push", Code(git::push)),
        Row("send-pack|send-email|http-push|credential", Recorded),
        Row("lfs push", Recorded), Row("subtree push", Recorded), Row("svn dcommit", Recorded), Row("p4 submit", Recorded),
        Row("", Real),
    ] },
    Tool { names: &["gh", "glab", "hub"], valued: &["-R", "--repo", "--hostname", "-X", "--method", "-f", "--raw-field", "-F", "--field", "-H", "--header", "--input", "-q", "--jq", "--json", "-t", "--template"], absent: EvenAbsent, rows: ALL_BUT_VERSION },
    // Other clouds and hosts
    Tool { names: &["gcloud", "gsutil", "bq", "az", "azcopy", "heroku", "firebase", "vercel", "netlify", "surge", "fly", "flyctl", "doctl", "wrangler", "railway", "oci", "ibmcloud", "cf", "shopify", "expo", "eas", "s3cmd", "s5cmd", "rclone"], valued: &["--project", "--account"], absent: EvenAbsent, rows: ALL_BUT_VERSION },
    // Other machines
    Tool { names: &["ssh"], valued: &["-F", "-i", "-l", "-p", "-o", "-L", "-R", "-D", "-b", "-c", "-E", "-e", "-I", "-J", "-m", "-O", "-Q", "-S", "-W", "-w", "-B"], absent: ActsAlone, rows: &[
        Row("-V", Real), Row("-Q", Real), Row("-G", Real), Row("", Code(machines::ssh)),
    ] },
    Tool { names: &["scp", "sftp"], valued: &["-F", "-i", "-P", "-o", "-c", "-J", "-l", "-S", "-b", "-B", "-R", "-D"], absent: ActsAlone, rows: &[Row("", Code(machines::copy))] },
    Tool { names: &["rsync"], valued: &["-e", "--rsh", "--exclude", "--include", "-f", "--filter", "--files-from", "--exclude-from", "--include-from", "--port", "--password-file", "-B", "-T"], absent: ActsAlone, rows: &[
        Row("--version", Real), Row("", Code(machines::copy)),
    ] },
    Tool { names: &["psql", "pg_dump", "pg_dumpall", "pg_restore", "createdb", "dropdb", "createuser", "vacuumdb", "mysql", "mysqldump", "mysqladmin", "mysqlimport", "mariadb", "mariadb-dump", "mongosh", "mongo", "mongodump", "mongorestore", "redis-cli", "sqlcmd"], valued: &[], absent: ActsAlone, rows: &[Row("", Code(machines::database))] },
    Tool { names: &["liquibase", "flyway"], valued: &[], absent: EvenAbsent, rows: ALL_BUT_VERSION },
    Tool { names: &["kamal", "cap", "ghr", "github-release"], valued: &[], absent: EvenAbsent, rows: ALL_BUT_VERSION },
    Tool { names: &["lftp", "ncftpput", "ftp", "sshpass", "mail", "sendmail", "mutt", "swaks", "rsh"], valued: &[], absent: EvenAbsent, rows: ALL_BUT_VERSION },
    Tool { names: &["curl"], valued: web::CURL_VALUED, absent: ActsAlone, rows: &[Row("", Code(web::curl))] },
    Tool { names: &["wget"], valued: web::WGET_VALUED, absent: ActsAlone, rows: &[Row("", Code(web::wget))] },
    // Images
    Tool { names: &["docker"], valued: &[], absent: EvenAbsent, rows: &[Row("", Code(docker::docker))] },
    Tool { names: &["docker-compose"], valued: docker::COMPOSE_VALUED, absent: EvenAbsent, rows: &[Row("", Code(docker::compose))] },
    Tool { names: &["dockerd", "dockerd-entrypoint.sh", "start-dockerd", "containerd"], valued: &[], absent: EvenAbsent, rows: &[Row("", Needless)] },
    Tool { names: &["podman", "nerdctl"], valued: &["--root", "--url", "--connection", "-c"], absent: EvenAbsent, rows: &[Row("push|login|logout", Recorded), Row("manifest push", Recorded), Row("", Real)] },
    Tool { names: &["buildah"], valued: &[], absent: EvenAbsent, rows: &[Row("push|login|logout", Recorded), Row("manifest push", Recorded), Row("", Real)] },
    Tool { names: &["skopeo"], valued: &[], absent: EvenAbsent, rows: &[Row("copy|sync|delete|login|logout", Recorded), Row("", Real)] },
    Tool { names: &["crane", "gcrane"], valued: &[], absent: EvenAbsent, rows: &[Row("push|copy|cp|tag|delete|mutate|append|rebase|auth", Recorded), Row("", Real)] },
    Tool { names: &["oras", "regctl", "ko"], valued: &[], absent: EvenAbsent, rows: ALL_BUT_VERSION },
    // Packages of the system
    Tool { names: &["apt-get", "apt", "aptitude"], valued: &["-o", "--option", "-t", "--target-release", "-c"], absent: EvenAbsent, rows: packages::ROWS },
    Tool { names: &["yum", "dnf", "microdnf", "tdnf"], valued: &["-c", "--config", "-x", "--exclude", "--enablerepo", "--disablerepo", "--releasever", "--installroot"], absent: EvenAbsent, rows: packages::ROWS },
    Tool { names: &["apk"], valued: &["-X", "--repository", "-t", "--virtual", "-p", "--root"], absent: EvenAbsent, rows: packages::ROWS },
    Tool { names: &["amazon-linux-extras"], valued: &[], absent: EvenAbsent, rows: packages::ROWS },
    Tool { names: &["add-apt-repository", "apt-add-repository", "apt-key", "yum-config-manager", "update-alternatives", "alternatives", "ldconfig", "locale-gen"], valued: &[], absent: EvenAbsent, rows: &[Row("", Needless)] },
    Tool { names: &["systemctl", "service"], valued: &[], absent: EvenAbsent, rows: &[Row("start|restart|enable|status docker", Needless), Row("docker start|restart|status", Needless), Row("", Recorded)] },
    Tool { names: &["sudo", "doas"], valued: &["-u", "--user", "-g", "--group", "-h", "-p", "-C", "-D", "-R", "-T"], absent: EvenAbsent, rows: &[Row("", Code(machines::sudo))] },
    // Helpers of the curated images
    Tool { names: &["pyenv", "goenv", "rbenv", "phpenv", "nodenv", "jenv"], valued: &[], absent: EvenAbsent, rows: &[
        Row("global|install|shell", Code(image::select)),
        Row("local", Code(image::select)),
        Row("uninstall", Needless),
        Row("", Code(image::ask)),
    ] },
    Tool { names: &["n"], valued: &[], absent: EvenAbsent, rows: &[Row("", Code(image::node))] },
];

/// The tool that goes by this name.
pub(super) fn tool(name: &str) -> Option<&'static Tool> {
    TOOLS.iter().find(|tool| tool.names.contains(&name))
}

/// What becomes of a command of a tool.
pub(super) fn handling(tool: &Tool, line: &Line<'_>) -> Handling {
    tool.rows.iter().find(|row| fits(row.0, line)).map_or(Recorded, |row| row.1)
}

/// Whether a command fits a pattern.
fn fits(pattern: &str, line: &Line<'_>) -> bool {
    let mut words = line.words.iter();
    pattern.split_ascii_whitespace().all(|part| {
        if part.starts_with('-') {
            match part.split_once('=') {
                Some((name, value)) => line.values(&[name]).any(|given| given == value),
                None => line.has(&[part]),
            }
        } else {
            words.next().is_some_and(|word| part == "*" || part.split('|').any(|one| one == *word))
        }
    })
}
