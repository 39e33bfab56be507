//! Words that tools do not have, commands that ask, and what a tool that is absent says of itself.

use super::super::vocabulary::{VOCABULARIES, texts};
use super::*;

#[test]
fn lists_of_words_are_in_form_and_short_enough_to_find_what_was_meant() {
    let plain = |word: &str| {
        !word.is_empty()
            && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | ':'))
    };
    for vocabulary in VOCABULARIES {
        let words = vocabulary.read();
        for list in std::iter::once(&words).chain(words.iter().map(|word| &word.below)) {
            let texts = texts(list);
            assert!(texts.iter().all(|word| plain(word)), "{:?}: {texts:?}", vocabulary.tools);
            // crate::spec::nearest looks at no more.
            assert!(texts.len() <= 100, "{:?}: {}", vocabulary.tools, texts.len());
            let mut sorted = texts.clone();
            sorted.sort_unstable();
            sorted.dedup();
            assert_eq!(sorted.len(), texts.len(), "{:?}", vocabulary.tools);
        }
        for tool in vocabulary.tools {
            assert!(table::tool(tool).is_some(), "{tool} is not on the table");
            assert_eq!(VOCABULARIES.iter().filter(|other| other.tools.contains(tool)).count(), 1, "{tool}");
        }
    }
}

/// Each as the tool itself refuses it: kubectl 1.32 and Terraform 1.11 were asked, the others are what their libraries say.
#[test]
fn a_word_that_a_tool_does_not_have_is_refused_as_the_tool_does() {
    let session = Session::new();
    let there = |name: &str| matches!(name, "kubectl" | "gh" | "helm" | "kubectl-neat_all");
    let mut told = String::new();
    for typed in [
        "kubectl aply -f x",
        "kubectl -n web rollout statsu deployment/web",
        "kubectl frobnicate",
        "kubectl neat-all",
        "gh relese create v1",
        "gh release creat v1",
        "gh my-own-extension",
        "eb deply production",
        "terraform aply -auto-approve",
        "terraform -chdir=infra workspace selct x",
        "tofu aply",
        "helm upgarde --install web ./chart",
        "helm diff upgrade web ./chart",
        "twine uplod dist/a.whl",
        "copilot svc deplyo --name web",
        "copilot --name web svc deploy",
        "sam deply",
        "sam local start-apy",
        "cdk deply",
        "sentry-cli relases new 1",
        "gcloud container clusters creat web",
        "gcloud contaner clusters create web",
        "az webap up",
        "heroku container:pusch web",
        "eb deply --help",
        "kubectl apply --filname x",
        "kubectl apply --filename=x --dry-run=server",
        "helm upgrade --instal web ./chart",
        "helm upgrade --install web ./chart --some-later-option x",
        "gh release create v1 --titel x",
        "twine upload --repositry pypi dist/a.whl",
        "twine upload --repo pypi dist/a.whl",
        "eb deploy --stagd",
        "copilot svc deploy --nam web",
        "sam deploy --stak-name web",
        "terraform apply -auto-aprove",
        "terraform apply -auto-approve -var a=b -var-file=x",
    ] {
        let verdict = session.decide(typed, &there);
        let text = match &verdict {
            Verdict::Refused { reason, status } => format!("refused {status}: {reason}"),
            verdict => super::told(verdict),
        };
        writeln!(told, "$ {typed}\n{text}\n").unwrap();
    }
    insta::assert_snapshot!(told);
}

#[test]
fn what_brings_commands_to_a_tool_leaves_its_words_open() {
    let session = Session::new();
    let nothing = |_: &str| false;
    assert_eq!(told(&session.decide("helm plugin install https://example.org/x", &nothing)), "recorded");
    assert_eq!(told(&session.decide("helm secrets upgrade web ./chart", &nothing)), "recorded");
    assert!(told(&session.decide("kubectl secrets view", &nothing)).starts_with("fails 1"));
    let here = |name: &str| name == "helm" || name == "/root/.local/share/gh/extensions/gh-relese";
    assert_eq!(told(&session.decide("gh relese create v1", &here)), "recorded");
}

/// The second is what becomes of it when only the log takes what it prints, the third when something uses that.
#[test]
fn a_question_whose_answer_is_used_is_refused() {
    let session = Session::new();
    for (typed, shown, used) in [
        ("kubectl get pods", "simulated", "refused 1"),
        ("kubectl -n web get svc web -o jsonpath={.status}", "simulated", "refused 1"),
        ("kubectl auth can-i create pods", "simulated", "refused 1"),
        ("kubectl rollout history deployment/web", "simulated", "refused 1"),
        ("kubectl rollout status deployment/web", "recorded", "recorded"),
        ("kubectl wait --for=condition=ready pod/web", "recorded", "recorded"),
        ("kubectl config current-context", "real", "real"),
        ("kubectl apply -f k8s -o json", "recorded", "recorded"),
        ("terraform output -json", "simulated", "refused 1"),
        ("terraform workspace select prod", "recorded", "recorded"),
        ("terraform workspace list", "simulated", "refused 1"),
        ("terraform show -json release.tfplan", "real", "real"),
        ("terraform show -json missing", "simulated", "refused 1"),
        ("helm list -q", "simulated", "refused 1"),
        ("helm get values web", "simulated", "refused 1"),
        ("helm repo add stable https://charts.example.org", "real", "real"),
        ("gh pr view 1 --json title", "simulated", "refused 1"),
        ("gh api repos/a/b/releases", "simulated", "refused 1"),
        ("gh api repos/a/b/issues -f title=x", "recorded", "recorded"),
        ("gh auth status", "recorded", "recorded"),
        ("gh auth login --with-token", "recorded", "recorded"),
        ("gh release download v1", "refused 1", "refused 1"),
        ("gh repo clone a/b", "refused 1", "refused 1"),
        ("eb status", "simulated", "refused 1"),
        ("eb deploy", "recorded", "recorded"),
        ("copilot svc show -n web --json", "simulated", "refused 1"),
        ("pulumi stack output url", "simulated", "refused 1"),
        ("pulumi stack select prod", "recorded", "recorded"),
        ("argocd app wait web", "recorded", "recorded"),
        ("gcloud run services describe web", "simulated", "refused 1"),
        ("gcloud run deploy web", "recorded", "recorded"),
        ("az aks get-credentials -n web", "recorded", "recorded"),
        ("az account show", "simulated", "refused 1"),
        ("heroku config:get URL", "simulated", "refused 1"),
        ("sentry-cli releases propose-version", "real", "real"),
    ] {
        let there = |name: &str| name != "missing";
        assert_eq!(told(&session.decide(typed, &there)), shown, "{typed}");
        assert_eq!(told(&session.decide(&format!("{typed} |"), &there)), used, "{typed} |");
    }
}

#[test]
fn a_tool_that_is_absent_makes_up_its_version_and_prints_nothing_that_it_would_make() {
    let session = Session::new();
    let nothing = |_: &str| false;
    for (typed, expected) in [
        ("helm version |", "answered"),
        ("kubectl version --client |", "answered"),
        ("kubectl version |", "refused 1"),
        ("terraform -version", "answered"),
        ("gh --version", "answered"),
        ("eb deploy --help", "answered"),
        ("changeset version", "recorded"),
        ("helm template ./chart |", "refused 1"),
        ("cdk synth |", "refused 1"),
        ("kubectl kustomize overlays/prod |", "refused 1"),
        ("kubectl create configmap a --dry-run=client -o yaml |", "recorded"),
        ("helm lint ./chart |", "recorded"),
        ("sam build |", "recorded"),
    ] {
        assert_eq!(told(&session.decide(typed, &nothing)), expected, "{typed}");
    }
}

#[test]
fn answers_of_rehearsal_yml_stand_in_for_what_a_command_prints() {
    let text = |text: &str| Ok(AnswerFile::Output(text.to_owned()));
    let session = Session::answering(BTreeMap::from([
        ("kubectl get svc".to_owned(), text("any\n")),
        ("kubectl get svc web".to_owned(), text("web\n")),
        ("kubectl get svc -o name".to_owned(), text("service/web\n")),
        ("vercel --prod".to_owned(), text("https://web.example.org\n")),
        ("helm list".to_owned(), Err("failed to read releases.txt: No such file".to_owned())),
        ("eb list".to_owned(), text("production\n")),
    ]));
    let mut told = String::new();
    for typed in [
        "kubectl -n shop get svc web -o jsonpath={.spec} |",
        "kubectl get svc other |",
        "kubectl get svc -n shop -o name |",
        "kubectl get pods -l app=web |",
        "kubectl get pods",
        "vercel --prod --token abc |",
        "helm list |",
        "eb list |",
        "gh release download v1 -R a/b",
    ] {
        write!(told, "$ {typed}\n{}\n", session.run(typed, &[])).unwrap();
    }
    insta::assert_snapshot!(told);
}
