//! What this machine and its user have set has no effect on a copy.
//!
//! Each plant is a setting that changes what git itself makes of the commit, which is checked first. The copy is made in
//! a process of its own, so that environment and `/etc` can be planted too.

use std::ffi::OsStr;
use std::path::Path;
use std::process::Output;

use crate::repo::fixture::{Grown, command, listing};
use crate::repo::{PrivateClone, Repository, discover};

const FROM: &str = "REHEARSAL_TEST_FROM";
const INTO: &str = "REHEARSAL_TEST_INTO";

/// The process of its own: this test does something only when the next one starts it.
#[test]
#[expect(clippy::disallowed_methods, reason = "this is how the other process is told what to do")]
fn a_copy_in_a_process_of_its_own() {
    let (Some(from), Some(into)) = (std::env::var_os(FROM), std::env::var_os(INTO)) else { return };
    let repository = discover(Path::new(&from)).unwrap();
    let head = repository.head().unwrap();
    let into = Path::new(&into);
    repository.export(&head.id, &into.join("archive")).unwrap();
    repository.export_with_history(&head.id, &PrivateClone::default(), &into.join("clone")).unwrap();
    let mut paths = repository.list(&head.id).unwrap();
    paths.extend(repository.changed_paths(None, &head.id).unwrap());
    std::fs::write(into.join("paths"), format!("{} {paths:?}", head.id)).unwrap();
}

/// Starts a program where the files of the system are planted: those libgit2 knows, and those this git was built with.
const SYSTEM: &str = r#"
for folder in /etc "$(dirname "$(git var GIT_ATTR_SYSTEM)")"; do
    mount -t tmpfs tmpfs "$folder"
    printf '[core]\nautocrlf = true\neol = crlf\n' > "$folder/gitconfig"
    printf '[attr]binary eol=crlf\n*.sh eol=crlf\nkeep.secret export-ignore\n' > "$folder/gitattributes"
done
exec "$@"
"#;

#[derive(Default)]
struct Plant {
    name: &'static str,
    /// Run in the repository, with `$BESIDE` for the folder it is in.
    prepare: &'static str,
    environment: &'static [(&'static str, &'static str)],
    /// Whether the system's own files are replaced.
    system: bool,
    /// The git command whose output the plant changes, instead of `git archive HEAD`.
    notices: Option<&'static [&'static str]>,
}

impl Plant {
    fn run(&self, grown: &Grown, program: &OsStr, arguments: &[&OsStr], more: &[(&str, &Path)]) -> Output {
        let beside = grown.beside("");
        let beside = beside.to_str().unwrap();
        let mut command = if self.system {
            let mut command = command("unshare");
            command.args(["--map-root-user", "--mount", "sh", "-ec", SYSTEM, "sh"]).arg(program);
            command
        } else {
            command(program.to_str().unwrap())
        };
        let path = command
            .get_envs()
            .find(|(name, _)| *name == "PATH")
            .and_then(|(_, path)| path.map(OsStr::to_owned));
        command.env_clear().env("PATH", path.unwrap()).env("LC_ALL", "C");
        command.envs(self.environment.iter().map(|(name, value)| (*name, value.replace("$BESIDE", beside))));
        command.envs(more.iter().copied());
        command.current_dir(grown.path()).args(arguments).output().expect("the tests need git and unshare")
    }

    /// Grows the repository and plants what is to be planted.
    fn grow(&self) -> Grown {
        let grown = Grown::from("attributes");
        let script = self.prepare.replace("$BESIDE", grown.beside("").to_str().unwrap());
        let output = command("sh").current_dir(grown.path()).args(["-ec", &script]).output().unwrap();
        assert!(output.status.success(), "{}: {}", self.name, String::from_utf8_lossy(&output.stderr));
        grown
    }

    /// What git makes of the repository, settings and all.
    fn of_git(&self, grown: &Grown, arguments: &[&str]) -> (bool, Vec<u8>) {
        let arguments: Vec<_> = arguments.iter().map(OsStr::new).collect();
        let output = self.run(grown, OsStr::new("git"), &arguments, &[]);
        (output.status.success(), output.stdout)
    }

    /// What Rehearsal makes of it.
    fn of_rehearsal(&self, grown: &Grown) -> std::collections::BTreeMap<String, String> {
        let into = grown.beside("into");
        std::fs::create_dir(&into).unwrap();
        let this = std::env::current_exe().unwrap();
        let test = "repo::tests::machine::a_copy_in_a_process_of_its_own";
        let arguments = ["--exact", test, "--nocapture"].map(OsStr::new);
        let output = self.run(grown, this.as_os_str(), &arguments, &[(FROM, &grown.path()), (INTO, &into)]);
        assert!(output.status.success(), "{}: {}", self.name, String::from_utf8_lossy(&output.stderr));
        let settings = std::fs::read_to_string(into.join("clone/.git/config")).unwrap();
        assert!(!settings.contains("planted") && !settings.contains("crlf"), "{}: {settings}", self.name);
        assert!(!into.join("clone/.git/logs").exists(), "{}", self.name);
        listing(&into)
    }
}

#[test]
fn nothing_but_the_commit_decides_what_a_copy_holds() {
    let plants = [
        Plant {
            name: "working tree and index",
            prepare: "printf '*.txt eol=crlf\\n*.sh export-ignore\\n' > .gitattributes
                echo other > plain.txt; git add --all; echo unstaged >> start.bat",
            notices: Some(&["archive", "--worktree-attributes", "HEAD"]),
            ..Plant::default()
        },
        Plant {
            name: "info/attributes",
            prepare: "mkdir -p .git/info; printf '[attr]binary eol=crlf\\n*.sh eol=crlf\\nkeep.secret export-ignore\\n' > .git/info/attributes",
            ..Plant::default()
        },
        Plant {
            name: "the repository's settings",
            prepare: "printf '*.sh eol=crlf\\n' > $BESIDE/more
                git config core.attributesFile $BESIDE/more; git config core.autocrlf true; git config core.eol crlf
                git config core.safecrlf true; git config user.name planted",
            ..Plant::default()
        },
        Plant {
            name: "settings of a worktree",
            prepare: "git config core.repositoryFormatVersion 1; git config extensions.worktreeConfig true
                git config --worktree core.eol crlf; git config --worktree core.autocrlf true",
            ..Plant::default()
        },
        Plant {
            name: "the user's settings",
            prepare: "mkdir $BESIDE/home; printf '*.sh eol=crlf\\n' > $BESIDE/home/more
                printf '[user]\\nname = planted\\nemail = planted\\n[core]\\nautocrlf = true\\nattributesFile = ~/more\\n[init]\\ntemplateDir = ~/template\\n' > $BESIDE/home/.gitconfig
                mkdir -p $BESIDE/home/template/hooks; touch $BESIDE/home/template/hooks/post-checkout",
            environment: &[("HOME", "$BESIDE/home")],
            ..Plant::default()
        },
        Plant {
            name: "the user's settings in the XDG folder",
            prepare: "mkdir -p $BESIDE/xdg/git; printf '[core]\\nautocrlf = true\\n' > $BESIDE/xdg/git/config
                printf '[attr]binary eol=crlf\\n*.sh eol=crlf\\nkeep.secret export-ignore\\n' > $BESIDE/xdg/git/attributes",
            environment: &[("XDG_CONFIG_HOME", "$BESIDE/xdg"), ("HOME", "/nonexistent")],
            ..Plant::default()
        },
        Plant {
            name: "the system's settings and attributes",
            system: true,
            ..Plant::default()
        },
        Plant {
            name: "settings from the environment",
            environment: &[
                ("GIT_CONFIG_COUNT", "1"),
                ("GIT_CONFIG_KEY_0", "core.autocrlf"),
                ("GIT_CONFIG_VALUE_0", "true"),
                ("GIT_CONFIG_PARAMETERS", "'core.eol=crlf'"),
            ],
            ..Plant::default()
        },
        Plant {
            name: "another repository from the environment",
            prepare: "git init --quiet $BESIDE/other",
            environment: &[
                ("GIT_DIR", "$BESIDE/other/.git"),
                ("GIT_COMMON_DIR", "$BESIDE/other/.git"),
                ("GIT_WORK_TREE", "$BESIDE/other"),
                ("GIT_INDEX_FILE", "$BESIDE/other/.git/index"),
                ("GIT_OBJECT_DIRECTORY", "$BESIDE/other/.git/objects"),
                ("GIT_ALTERNATE_OBJECT_DIRECTORIES", "$BESIDE/other/.git/objects"),
                ("GIT_CEILING_DIRECTORIES", "$BESIDE"),
                ("GIT_NAMESPACE", "other"),
            ],
            ..Plant::default()
        },
    ];
    let clean = Plant { name: "nothing", ..Plant::default() };
    let expected = clean.of_rehearsal(&clean.grow());
    assert_eq!(expected["archive/start.bat"], "one\\r\\ntwo\\r\\n");
    for plant in plants {
        let grown = plant.grow();
        let asked = plant.notices.unwrap_or(&["archive", "HEAD"]);
        assert!(
            plant.of_git(&grown, asked) != clean.of_git(&clean.grow(), &["archive", "HEAD"]),
            "{} has no effect on git either",
            plant.name
        );
        assert_eq!(plant.of_rehearsal(&grown), expected, "{}", plant.name);
    }
}
