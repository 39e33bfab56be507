//! The subcommands that the tools of the table have.
//!
//! Owns: the words. Leaves to `spelling` what becomes of a word that is not among them, to `table` what the others do.
//! A tool that the table runs whenever it is here needs no list unless it is recorded where it is absent.
//!
//! A list is words; `release[create edit]` is a command that needs one of those behind it. A tool whose list is not closed
//! has more commands than are written here: of it only words that are nearly one of these are taken for misspelt. A sign
//! behind a word says what kind of command it is: `get?` only asks, `download<` brings files, `template=` prints what it
//! makes of files here.

/// How a tool says that it has no such command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    /// kubectl, which is nearly a tool of the cobra library.
    Kubectl,
    /// The cobra library of Go: it knows the misspelt command, and prints its help for a misspelt one below it.
    Cobra,
    /// The GitHub CLI.
    GitHub,
    /// Terraform and OpenTofu.
    Terraform,
    /// Python's argparse.
    Argparse,
    /// Python's click.
    Click,
    /// Rust's clap.
    Clap,
    /// In one line, with `{word}`, `{tool}` and `{path}` (the tool and what came before the word), and a status.
    Line(&'static str, i32),
}

/// The commands of tools.
pub(super) struct Vocabulary {
    /// The names of the tools.
    pub(super) tools: &'static [&'static str],
    /// How they refuse others.
    pub(super) manner: Manner,
    /// Whether there are no others.
    pub(super) closed: bool,
    /// The words.
    pub(super) words: &'static str,
}

use Manner::{Argparse, Clap, Click, Cobra, GitHub, Kubectl, Line, Terraform};

const fn closed(tools: &'static [&'static str], manner: Manner, words: &'static str) -> Vocabulary {
    Vocabulary { tools, manner, closed: true, words }
}

const fn open(tools: &'static [&'static str], manner: Manner, words: &'static str) -> Vocabulary {
    Vocabulary { tools, manner, closed: false, words }
}

/// The lists. What the tools print was seen with kubectl 1.32 and Terraform 1.11; of the others it is what their
/// libraries print.
#[rustfmt::skip]
pub(super) const VOCABULARIES: &[Vocabulary] = &[
    // AWS
    closed(&["sam"], Click, "build delete deploy docs init list?[endpoints resources stack-outputs] local[generate-event invoke start-api start-function-urls start-lambda execution callback] logs? package pipeline[bootstrap init] publish remote[callback execution invoke test-event] setup sync traces? validate"),
    closed(&["cdk"], Line("Unknown command: {word}", 1), "acknowledge ack bootstrap context deploy destroy diff= docs doc doctor drift? flags gc import init list= ls= metadata? migrate notices orphan publish publish-assets refactor rollback synth= synthesize= watch version help cli-telemetry lsp diagnose"),
    open(&["serverless", "sls"], Line("Serverless command \"{word}\" not found. Run \"serverless help\" for a list of all available commands.", 1), "config create deploy dev doctor generate-event help info? install invoke login logout logs? metrics? package param plugin print= prune remove rollback slstats studio test offline support reconcile usage"),
    closed(&["chalice"], Click, "delete deploy dev[plan appgraph] gen-policy= generate-models= generate-pipeline generate-sdk invoke local logs? new-project package url?"),
    closed(&["eb"], Line("eb: error: unrecognized arguments: {word}", 2), "abort appversion clone codesource config console create deploy events? health? init labs[cleanup-versions convert-dockerrun download quicklink setup-ssl] list? local[logs open printenv? run setenv status?] logs? migrate open platform[create delete events init list logs select show status use] printenv? restore restart scale setenv ssh status? swap tags terminate upgrade use"),
    closed(&["copilot"], Cobra, "app[delete init ls? show? upgrade] completion deploy docs env[delete deploy init ls? override package? show? upgrade] help init job[delete deploy init logs? ls? override package? run] pipeline[delete deploy init ls? override show? status? update] run secret[init] storage[init] svc[delete deploy exec init logs? ls? override package? pause resume show? status?] task[delete exec run] version"),
    closed(&["ecs-cli"], Line("No help topic for '{word}'", 3), "attributes? attribute check-attributes? compose[create help ps? process-status run scale service start stop up down] configure[default help migrate profile] down help image images? license local[create down ps up help] logs? ps? pull push registry-creds[up help] scale up version"),
    closed(&["eksctl"], Cobra, "anywhere associate[identityprovider accesspolicy] completion create[accessentry addon cluster fargateprofile iamidentitymapping iamserviceaccount nodegroup podidentityassociation capability] delete[accessentry addon cluster fargateprofile iamidentitymapping iamserviceaccount nodegroup podidentityassociation capability] deregister[cluster] disassociate[identityprovider accesspolicy] drain[nodegroup] enable[flux profile repo] generate[profile] get?[accessentry addon addons cluster clusters fargateprofile fargateprofiles iamidentitymapping iamidentitymappings iamserviceaccount iamserviceaccounts identityprovider labels nodegroup nodegroups podidentityassociation podidentityassociations capability] help info= register[cluster] scale[nodegroup] set[labels] unset[labels] update[accessentry addon autonomousmodeconfig auto-mode-config iamserviceaccount podidentityassociation capability] upgrade[cluster nodegroup] utils version"),
    open(&["amplify"], Line("The Amplify CLI can NOT find command: {word}", 1), "add analytics api auth build codegen configure console delete diagnose env export function geo hosting import init interactions logout mock notifications override plugin predictions publish pull push remove run serve status? storage uninstall update upgrade version"),
    open(&["ampx"], Line("Unknown command: {word}", 1), "configure generate info notices pipeline-deploy sandbox"),
    open(&["sst"], Line("Unknown command: {word}", 1), "add bind build console deploy destroy dev diagnostic diff env help init install remove refresh secret secrets shell start state unlock update upgrade version"),
    closed(&["zappa"], Argparse, "certify deploy init invoke manage package rollback save-python-settings-file schedule shell status? tail? template undeploy unschedule update"),
    closed(&["sceptre"], Click, "create delete describe?[change-set policy] diff? drift[detect show] dump? execute estimate-cost? generate= fetch-remote-template launch list?[change-sets outputs resources stacks] lock new[group project] prune set-policy status? unlock update validate"),
    // Infrastructure
    closed(&["terraform", "tofu"], Terraform, "apply console? destroy env fmt force-unlock get graph= import init login logout metadata[functions] modules output? plan providers= query refresh rpcapi show? stacks state[identities? list? mv pull? push replace-provider rm show?] taint test untaint validate version workspace[delete list? new select show?]"),
    open(&["terragrunt"], Line("Terraform has no command named \"{word}\".", 1), "apply apply-all catalog console dag destroy destroy-all exec find= fmt force-unlock get graph graph-dependencies hcl hclfmt hclvalidate import info init list= login logout metadata output? output-all? output-module-groups? plan plan-all provider-cache providers query refresh render= render-json= run run-all scaffold show? stack state taint terragrunt-info test untaint validate validate-all validate-inputs version workspace"),
    closed(&["pulumi"], Cobra, "about? ai api cancel config[cp env? get? get-all? refresh rm rm-all set set-all] console convert deployment destroy do down env esc gen-completion help history? import install insights login logout logs? neo new org package plugin[install ls rm run] policy preview pre query refresh replay-events schema stack[change-secrets-provider export? graph? history? import init ls? output? rename rm select tag unselect webhook] state[delete edit move protect rename repair taint unprotect untaint upgrade] template up update version view-trace watch whoami?"),
    // Clusters
    closed(&["kubectl"], Kubectl, "alpha annotate api-resources? api-versions? apply attach auth[can-i? reconcile whoami?] autoscale certificate[approve deny] cluster-info? completion config[current-context= delete-cluster delete-context delete-user get-clusters= get-contexts= get-users= rename-context set set-cluster set-context set-credentials unset use use-context view=] convert cordon cp create[cj clusterrole clusterrolebinding cm configmap cronjob deploy deployment ing ingress job namespace ns pdb poddisruptionbudget pc priorityclass quota resourcequota role rolebinding secret service svc sa serviceaccount token] debug delete describe? diff? drain edit events? exec explain? expose get? help kuberc kustomize= label logs? options patch plugin port-forward proxy replace rollout[history? pause restart resume status undo] run scale set[env image resources selector serviceaccount sa subject] taint top?[node nodes no pod pods po] uncordon version? wait"),
    open(&["oc"], Kubectl, "adm annotate api-resources? api-versions? apply attach auth autoscale cancel-build certificate cluster-info? completion config cp create debug delete describe? diff? edit events? exec explain? expose extract< get? get-token help idle image import-image kustomize label login logout logs? new-app new-build new-project observe options patch plugin policy port-forward process project projects? proxy registry replace rollback rollout rsh rsync run scale secrets serviceaccounts set start-build status? tag taint version? wait whoami?"),
    closed(&["helm"], Cobra, "completion create dep dependency[build list ls up update] env= fetch< get?[all hooks manifest metadata notes values] help hist? history? inspect= install lint list? ls? mcp package plugin[add install list ls package remove rm uninstall update up verify] pull< push registry[login logout] repo[add index list= ls= remove rm up update] rollback search=[hub repo] show=[all chart crds readme values] status? template= test un uninstall del delete upgrade verify version"),
    closed(&["helmfile"], Cobra, "apply build= cache charts completion create delete deps destroy diff? fetch help init lint list= print-env repos show-dag= status? sync template= test unittest version write-values"),
    closed(&["skaffold"], Cobra, "apply build completion config credits debug delete deploy dev diagnose= exec filter fix help init inspect lsp options render? run schema= survey test verify version"),
    closed(&["argocd"], Cobra, "account admin app[actions add-source confirm-deletion create delete delete-resource diff? edit get? get-resource? history? list? logs? manifests? patch patch-resource remove-source resources? rollback set sync terminate-op unset wait] appset cert cluster completion configure context gpg help login logout proj relogin repo repocreds version"),
    closed(&["flux"], Cobra, "bootstrap build= check completion create debug delete diff? envsubst events? export? get? help install list logs? migrate operator plugin pull push reconcile resume stats? suspend tag trace? tree? trigger uninstall version"),
    closed(&["istioctl"], Cobra, "admin admission-controller ambient analyze bug-report completion create-remote-secret dashboard experimental help install kube-inject manifest operator profile proxy-config proxy-status ps pc remote-clusters tag uninstall upgrade validate verify-install version waypoint x ztunnel-config"),
    // Packages that are published
    closed(&["twine"], Argparse, "check register upload"),
    closed(&["goreleaser"], Cobra, "announce build changelog check completion continue healthcheck help init jsonschema man mcp publish r release split verify-license"),
    // Sources
    open(&["gh"], GitHub, "accessibility agent-task alias[delete import list set] api attestation auth[login logout refresh setup-git status switch token?] browse cache[delete list?] co codespace completion config[clear-cache get? list set] copilot cs extension[browse create exec install list remove search upgrade ls] gist[clone< create delete edit list? rename view? new ls?] gpg-key? help issue[close comment create delete develop edit list? lock pin reopen status? transfer unlock unpin view? new ls?] label[clone create delete edit list? ls?] licenses org?[list ls] pr[checks? checkout< close co< comment create diff? edit list? lock merge ready reopen revert review status? unlock update-branch view? new ls?] preview project release[create delete delete-asset download< edit list? upload verify verify-asset view? new ls?] repo[archive autolink clone< create delete deploy-key edit fork gitignore license list? rename set-default sync unarchive view? new ls? read-file read-dir] ruleset?[check list view] run[cancel delete download< list? rerun view? watch ls?] search?[code commits issues prs repos] secret[delete list? set remove ls?] skill ssh-key[add delete list?] status? variable[delete get? list? set remove ls?] version workflow[disable enable list? run view? ls?]"),
    open(&["glab"], Cobra, "alias api auth changelog check-update ci cluster completion config deploy-key duo help incident issue iteration job label mcp milestone mr opentofu release repo runner runner-controller schedule securefile snippet ssh-key stack token user variable version"),
    // Other clouds and hosts
    open(&["gcloud"], Line("ERROR: (gcloud) Invalid choice: '{word}'.", 2), "access-approval active-directory ai alpha anthos api-gateway apigee app artifacts auth batch beta bigtable billing builds certificate-manager cheat-sheet composer compute config container dataflow dataproc deploy deployment-manager dns docker domains endpoints eventarc feedback filestore firebase firestore functions help iam iap identity info init kms logging memcache metastore ml monitoring network-connectivity organizations policy-intelligence projects pubsub recaptcha redis resource-manager run scheduler scc secrets services source spanner sql storage survey tasks topic transfer version workflows workstations"),
    open(&["gsutil"], Line("CommandException: Invalid command \"{word}\".", 1), "acl autoclass bucketpolicyonly cat? compose config cors cp defacl defstorageclass du? hash? help hmac iam kms label lifecycle logging ls? mb mv notification notificationconfig pap perfdiag rb requesterpays retention rewrite rm rpo rsync setmeta signurl stat? test ubla update version versioning web"),
    open(&["az"], Line("ERROR: '{word}' is misspelled or not recognized by the system.", 2), "account acr ad adls advisor afd aks ams apim appconfig appservice aro artifacts backup batch billing bicep boards bot cache capacity cdn cloud cognitiveservices config configure connection consumption container containerapp cosmosdb databoxedge datafactory deployment deployment-scripts devops disk dls dms eventgrid eventhubs extension feature feedback find functionapp group hdinsight identity image interactive iot keyvault kusto lab lock login logicapp logout managedapp maps mariadb monitor mysql netappfiles network pipelines policy postgres ppg provider redis relay repos resource rest role search security servicebus sig signalr sql sshkey staticwebapp storage synapse tag term ts version vm vmss webapp"),
    open(&["heroku"], Line(" ›   Error: {word} is not a heroku command.", 2), "access addons apps? auth authorizations autocomplete base buildpacks buildpacks:add buildpacks:set certs ci clients config? config:get? config:set config:unset container container:login container:push container:release container:rm create domains? drains features git help keys labs local login logout logs? maintenance maintenance:off maintenance:on members notifications orgs pg pg:backups pg:psql pipelines pipelines:promote plugins ps? ps:restart ps:scale ps:stop redis regions releases? releases:rollback restart reviewapps rollback run run:detached scale sessions spaces stack stop teams telemetry update version webhooks whoami?"),
    open(&["firebase"], Line("Error: {word} is not a Firebase command", 1), "appdistribution:distribute apphosting apps:create apps:list? apps:sdkconfig? auth:export auth:import database:get? database:push database:remove database:set database:update deploy emulators:exec emulators:export emulators:start experimental:functions:shell ext ext:install firestore:delete firestore:indexes functions:config:get? functions:config:set functions:delete functions:list? functions:log? functions:secrets:set functions:shell help hosting:channel:create hosting:channel:delete hosting:channel:deploy hosting:clone hosting:disable init login login:ci logout open projects:create projects:list? remoteconfig:get? serve setup:web target target:apply use"),
    open(&["netlify"], Line(" ›   Error: {word} is not a netlify command", 1), "api blobs build clone completion create db deploy dev env env:get? env:import env:list? env:set env:unset functions functions:build functions:list? help init link login logout logs? open recipes serve sites sites:create sites:delete sites:list? status? switch teams unlink watch"),
    open(&["fly", "flyctl"], Cobra, "agent apps auth certs config console consul create dashboard deploy destroy dig dns-records docs doctor domains extensions help image ips jobs launch lfsc logs? machine machines mcp mpg mysql open orgs ping platform postgres proxy redis regions? registry releases? resume scale secrets services settings sftp ssh status? storage suspend synthetics tokens version volumes wireguard"),
    open(&["doctl"], Cobra, "1-click account apps auth balance billing-history completion compute databases genai help invoice kubernetes monitoring network projects registry sandbox serverless version vpcs"),
    open(&["wrangler"], Line("Unknown argument: {word}", 1), "ai build cert check d1 delete deploy deployments? dev dispatch-namespace docs generate hyperdrive init kv login logout mtls-certificate pages pipelines publish pubsub queues r2 rollback secret secrets-store tail? telemetry triggers types vectorize versions vpc whoami? workflows"),
    // Quality and observation
    open(&["sentry-cli"], Clap, "build debug-files[bundle-jvm bundle-sources check find prepare print-sources upload] deploys[list new] difutil events[list?] help info? issues[list? mute resolve unresolve] login logs? monitors[list? run] organizations?[list] projects?[list] react-native releases[archive delete deploys files finalize info? list? new propose-version= restore set-commits] repos?[list] send-envelope send-event send-metric sourcemaps[explain inject resolve upload] uninstall update upload-dif upload-dsym upload-proguard"),
    open(&["codecovcli", "codecov-cli"], Click, "create-commit create-report create-report-results do-upload empty-upload get-report-results label-analysis pr-base-picking process-test-results send-notifications static-analysis upload-coverage upload-process"),
    open(&["snyk"], Line("Unknown command \"{word}\"", 2), "aibom apps auth code config container fix help iac ignore log4shell monitor policy redteam sbom test unmanaged version wizard woof"),
    open(&["datadog-ci"], Line("Unknown Syntax Error: Command not found; did you mean one of the commands of datadog-ci? ({word})", 1), "aas cloud-run commit container-app coverage dag dora dsyms elf-symbols flutter-symbols gate git-metadata junit lambda measure metric pe-symbols react-native sarif sbom sourcemaps stepfunctions synthetics tag trace unity-symbols upload version"),
    closed(&["cosign"], Cobra, "attach attest attest-blob bundle clean completion copy debug dockerfile download env generate generate-key-pair help import-key-pair initialize load login manifest pkcs11-tool piv-tool public-key save sign sign-blob signing-config tree= triangulate= trusted-root upload verify= verify-attestation= verify-blob verify-blob-attestation version"),
    closed(&["oras"], Cobra, "attach backup blob completion copy cp discover= help login logout manifest pull< push repo repository resolve restore tag version"),
    closed(&["ko"], Cobra, "apply build completion create delete deps help login publish resolve run version"),
    closed(&["skopeo"], Cobra, "completion copy delete generate-sigstore-key help inspect= layers= list-tags= login logout manifest-digest standalone-sign standalone-verify sync"),
    closed(&["crane", "gcrane"], Cobra, "append auth[get login logout token] blob= catalog= completion config= copy cp delete digest= export< flatten gc help index layout ls= manifest= mutate pull< push rebase registry serve tag validate version"),
];

/// What kind of command a word is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    /// It acts, or is nothing special.
    Acts,
    /// It only asks something real.
    Asks,
    /// It brings files from something real.
    Brings,
    /// It prints what it makes of files here.
    Prints,
}

/// A word of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    /// The word itself.
    pub(super) text: &'static str,
    /// What kind of command it is.
    pub(super) sort: Sort,
    /// Those of which one has to follow it.
    pub(super) below: Vec<Word>,
}

impl Word {
    fn read(text: &'static str) -> Self {
        let signs = [('?', Sort::Asks), ('<', Sort::Brings), ('=', Sort::Prints)];
        let signed = signs.iter().find_map(|(sign, sort)| Some((text.strip_suffix(*sign)?, *sort)));
        let (text, sort) = signed.unwrap_or((text, Sort::Acts));
        Self { text, sort, below: Vec::new() }
    }
}

impl Vocabulary {
    /// The list of a tool.
    pub(super) fn of(tool: &str) -> Option<&'static Self> {
        VOCABULARIES.iter().find(|vocabulary| vocabulary.tools.contains(&tool))
    }

    /// The words, read.
    pub(super) fn read(&self) -> Vec<Word> {
        let mut words: Vec<Word> = Vec::new();
        let mut rest = self.words;
        while let Some(start) = rest.find(|c| c != ' ') {
            rest = &rest[start..];
            let end = rest.find([' ', '[']).unwrap_or(rest.len());
            let (text, behind) = rest.split_at(end);
            let mut word = Word::read(text);
            rest = behind;
            if let Some((group, behind)) = behind.strip_prefix('[').and_then(|group| group.split_once(']')) {
                word.below = group.split(' ').map(Word::read).collect();
                rest = behind;
            }
            words.push(word);
        }
        words
    }
}

/// The texts of words.
pub(super) fn texts(words: &[Word]) -> Vec<&'static str> {
    words.iter().map(|word| word.text).collect()
}
