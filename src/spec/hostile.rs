//! Files out to harm, and files damaged at random, through the readers: reading and drawing must end in a moment, with
//! a bounded number of findings, all of them inside the file.

use proptest::prelude::*;

use super::{Read, appspec, buildspec, config, pipeline};
use crate::diagnostic::Finding;
use crate::diagnostic::human::{Style, render};
use crate::syntax::LIMITS;
use crate::syntax::agreement::{damaged, runner};

fn fill(head: &str, mut unit: impl FnMut(usize) -> String, tail: &str) -> String {
    let mut text = head.to_owned();
    let mut n = 0;
    loop {
        let next = unit(n);
        if text.len() + next.len() + tail.len() > LIMITS.bytes / 4 {
            return text + tail;
        }
        text += &next;
        n += 1;
    }
}

fn is_bounded(name: &str, findings: &[Finding]) {
    assert!((1..=100).contains(&findings.len()), "{name}: {} findings", findings.len());
    let drawn = render(findings, Style::plain(100));
    assert!(drawn.len() < 2_000_000, "{name}: {} bytes drawn", drawn.len());
}

#[test]
fn buildspecs_wrong_at_every_line() {
    let whole = "version: 0.2\nphases:\n  build:\n    commands: [a]\n";
    for (name, text) in [
        ("unknown keys", fill(whole, |n| format!("k{n}: v\n"), "")),
        ("duplicate keys", fill(whole, |_| "version: 0.2\n".to_owned(), "")),
        ("unknown phases", fill("version: 0.2\nphases:\n", |n| format!("  prebuild{n}: {{}}\n"), "")),
        ("mappings as commands", fill(&whole.replace(" [a]", ""), |_| "    - a: b\n".to_owned(), "")),
        ("lone dashes", fill(&whole.replace(" [a]", ""), |_| "    -\n".to_owned(), "")),
        ("unknown anchors", fill(&whole.replace(" [a]", ""), |_| "    - *a\n".to_owned(), "")),
        ("one key of a megabyte", format!("{whole}\"{}\": v\n", "k".repeat(1_000_000))),
    ] {
        is_bounded(name, &buildspec::load("buildspec.yml", text.as_bytes()).findings);
    }
}

#[test]
fn appspecs_wrong_at_every_line() {
    let whole = "version: 0.0\nos: linux\n";
    for (name, text) in [
        ("unknown keys", fill(whole, |n| format!("k{n}: v\n"), "")),
        ("unknown events", fill(&format!("{whole}hooks:\n"), |n| format!("  AfterInstal{n}: []\n"), "")),
        ("empty files", fill(&format!("{whole}files:\n"), |_| "- {}\n".to_owned(), "")),
        ("resources", fill("version: 0.0\nResources:\n", |n| format!("- r{n}: {{Type: x}}\n"), "")),
        ("hooks", fill("version: 0.0\nHooks:\n", |n| format!("- AfterInstal{n}: f\n"), "")),
        (
            "strategies",
            fill(
                "version: 0.0\nResources:\n- r:\n    Type: AWS::ECS::Service\n    Properties:\n      CapacityProviderStrategy:\n",
                |_| "      - {Base: 1}\n".to_owned(),
                "",
            ),
        ),
        (
            "bad modes",
            fill(&format!("{whole}permissions:\n"), |_| "- {object: /a, mode: 99999}\n".to_owned(), ""),
        ),
    ] {
        is_bounded(name, &appspec::load("appspec.yml", text.as_bytes()).findings);
    }
}

#[test]
fn pipelines_wrong_at_every_line() {
    let source = "name: p\nstages:\n- name: S\n  actions:\n  - name: C\n    actionTypeId: {category: Source, owner: AWS, provider: S3, version: '1'}\n    outputArtifacts: [{name: A}]\n- name: B\n  actions:\n";
    let build = "actionTypeId: {category: Build, owner: AWS, provider: CodeBuild, version: '1'}";
    for (name, text) in [
        ("actions without inputs", fill(source, |n| format!("  - {{name: a{n}, {build}}}\n"), "")),
        (
            "unknown inputs",
            fill(source, |n| format!("  - {{name: a{n}, {build}, inputArtifacts: [{{name: x{n}}}]}}\n"), ""),
        ),
        (
            "many inputs",
            fill(
                &format!("{source}  - name: b\n    {build}\n    inputArtifacts:\n"),
                |n| format!("    - name: x{n}\n"),
                "",
            ),
        ),
        (
            "unknown namespaces",
            fill(
                source,
                |n| {
                    format!(
                        "  - {{name: a{n}, {build}, namespace: n{n}, configuration: {{ProjectName: '#{{z{n}.k}}'}}}}\n"
                    )
                },
                "",
            ),
        ),
        (
            "many references",
            fill(
                &format!("{source}  - name: b\n    {build}\n    configuration:\n      ProjectName: '"),
                |n| format!("#{{z{n}.k}}"),
                "'\n",
            ),
        ),
        ("many variables", fill("name: p\nstages: []\nvariables:\n", |n| format!("- name: v{n}\n"), "")),
        (
            "many triggers",
            fill(
                "name: p\nstages: []\ntriggers:\n",
                |n| {
                    format!(
                        "- {{providerType: CodeStarSourceConnection, gitConfiguration: {{sourceActionName: a{n}}}}}\n"
                    )
                },
                "",
            ),
        ),
        ("many stages", fill("name: p\nstages:\n", |n| format!("- {{name: s{}, actions: []}}\n", n / 2), "")),
    ] {
        is_bounded(name, &pipeline::load("pipeline.yml", text.as_bytes()).findings);
    }
}

#[test]
fn configs_wrong_at_every_line() {
    for (name, text) in [
        ("unknown keys", fill("", |n| format!("k{n}: v\n"), "")),
        (
            "bad projects",
            fill("projects:\n", |n| format!("- {{name: p{}, timeoutInMinutes: 1}}\n", n / 2), ""),
        ),
        ("unknown project keys", fill("projects:\n", |n| format!("- {{name: p{n}, nmae: 1}}\n"), "")),
    ] {
        is_bounded(name, &config::load("rehearsal.yml", text.as_bytes()).findings);
    }
}

/// serde_yaml would expand these; the tree refuses them before serde_yaml sees a byte.
#[test]
fn aliases_that_kill_serde_yaml_never_reach_it() {
    let text = format!(
        "pipelines: &a [{}]\nlocal: [{}]\n",
        vec!["a"; 5_000].join(","),
        vec!["*a"; 20_000].join(",")
    );
    let read = config::load("rehearsal.yml", text.as_bytes());
    assert_eq!(
        read.findings.iter().map(|finding| finding.code).collect::<Vec<_>>(),
        ["yaml-too-many-aliases"]
    );
}

/// A value stands exactly when nothing is an error, and every place can be shown.
fn is_sound<T>(read: &Read<T>) -> Result<(), TestCaseError> {
    prop_assert_eq!(read.value.is_none(), crate::diagnostic::any_error(&read.findings));
    for finding in &read.findings {
        let spans = std::iter::once(&finding.primary).chain(&finding.secondary).map(|label| label.span);
        let edits = finding.fix.iter().flat_map(|fix| &fix.edits).map(|edit| edit.span);
        for span in spans.chain(edits) {
            let text = finding.source.text();
            prop_assert!(text.get(span.start as usize..span.end as usize).is_some(), "{:?}", finding);
        }
    }
    render(&read.findings, Style::plain(60));
    Ok(())
}

#[test]
fn damaged_files_are_read_or_refused_at_a_place() {
    let whole = [
        include_str!("../../fixtures/spec/buildspec/whole.yml"),
        include_str!("../../fixtures/spec/pipeline/small.yml"),
        include_str!("../../fixtures/spec/config/whole.yml"),
        include_str!("../../fixtures/spec/appspec/whole.yml"),
    ];
    let texts = (damaged(whole[0], 3), damaged(whole[1], 3), damaged(whole[2], 3), damaged(whole[3], 3));
    let outcome = runner(200).run(&texts, |(buildspec, pipeline, config, appspec)| {
        is_sound(&appspec::load("appspec.yml", appspec.as_bytes()))?;
        is_sound(&buildspec::load("buildspec.yml", buildspec.as_bytes()))?;
        is_sound(&pipeline::load("pipeline.yml", pipeline.as_bytes()))?;
        is_sound(&config::load("rehearsal.yml", config.as_bytes()))
    });
    outcome.unwrap();
}
