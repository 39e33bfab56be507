//! Tools that bring stacks and infrastructure to AWS: what of their work is done here.

use super::line::Line;
use super::verdict::{Kind, Scene, Verdict};
use super::wire::Look;

fn instead(commands: Vec<Vec<String>>) -> Verdict {
    Verdict::Instead { commands, kind: Kind::InPart }
}

/// `sam deploy`: the template is validated and, where a bucket is named, packaged.
pub(super) fn sam_deploy(line: &Line<'_>, _: &Scene<'_>) -> Verdict {
    let template = line.value(&["-t", "--template", "--template-file"]);
    let built = ".aws-sam/build/template.yaml";
    if template.is_none() && !line.asked.seen.exist.contains_key(built) {
        return Verdict::look(Look { exist: vec![built.to_owned()], ..Look::default() });
    }
    let was_built = line.asked.seen.exist.get(built).copied().unwrap_or_default();
    let template = template.or(was_built.then_some(built));
    let with = |words: &[&str]| {
        let mut command = line.command(words);
        for (option, value) in [("--template-file", template), ("--region", line.value(&["--region"]))] {
            command.extend(value.into_iter().flat_map(|value| [option.to_owned(), value.to_owned()]));
        }
        command
    };
    let mut commands = vec![with(&["validate"])];
    if let Some(bucket) = line.value(&["--s3-bucket"]) {
        let mut package = with(&["package", "--output-template-file", "/dev/null", "--s3-bucket", bucket]);
        let prefix = line.value(&["--s3-prefix"]);
        package.extend(prefix.into_iter().flat_map(|prefix| ["--s3-prefix".to_owned(), prefix.to_owned()]));
        commands.push(package);
    }
    instead(commands)
}

/// `cdk deploy`: the same stacks are synthesized.
pub(super) fn cdk_deploy(line: &Line<'_>, _: &Scene<'_>) -> Verdict {
    const KEPT: [&str; 12] = [
        "-a",
        "--app",
        "-c",
        "--context",
        "-o",
        "--output",
        "--strict",
        "-e",
        "--exclusively",
        "-v",
        "--verbose",
        "--debug",
    ];
    let mut command = line.command(["synth", "--quiet"]);
    for (name, value) in line.options.iter().filter(|(name, _)| KEPT.contains(name)) {
        command.push((*name).to_owned());
        command.extend(value.map(str::to_owned));
    }
    command.extend(line.words.iter().skip(1).map(|stack| (*stack).to_owned()));
    instead(vec![command])
}

/// `serverless deploy`: the service is packaged.
pub(super) fn serverless_deploy(line: &Line<'_>, _: &Scene<'_>) -> Verdict {
    let mut command = line.globals();
    command.push("package".to_owned());
    let mut skip = false;
    for word in line.rest().iter().skip(1) {
        if std::mem::take(&mut skip)
            || matches!(word.as_str(), "--force" | "--conceal" | "--aws-s3-accelerate")
        {
            continue;
        }
        // A package that was made before is what would be deployed; making it anew shows the same.
        if matches!(word.as_str(), "-p" | "--package") {
            skip = true;
            continue;
        }
        command.push(word.clone());
    }
    instead(vec![line.command(command)])
}

/// `terraform init`: without its backend, which is where the real state is.
pub(super) fn terraform_init(line: &Line<'_>, _: &Scene<'_>) -> Verdict {
    if line.options.contains(&("-backend", Some("false"))) {
        return Verdict::REAL;
    }
    let dropped = |word: &str| {
        ["-backend", "-reconfigure", "-migrate-state", "-force-copy", "-lock"]
            .iter()
            .any(|option| word.trim_start_matches('-').starts_with(&option[1..]) && word.starts_with('-'))
    };
    let mut command = line.globals();
    command.extend(["init".to_owned(), "-backend=false".to_owned()]);
    let mut skip = false;
    for word in line.rest().iter().skip(1) {
        if std::mem::take(&mut skip) {
            continue;
        }
        if dropped(word) {
            skip = matches!(word.as_str(), "-backend-config" | "--backend-config");
            continue;
        }
        command.push(word.clone());
    }
    // Nobody but the backend would notice.
    Verdict::Instead { commands: vec![line.command(command)], kind: Kind::AsGood }
}

/// `terraform plan` is real where no backend holds the state.
pub(super) fn terraform_plan(line: &Line<'_>, scene: &Scene<'_>) -> Verdict {
    const BACKENDS: [&str; 2] = ["backend \"", "cloud {"];
    let folder = line.value(&["-chdir"]).map(|folder| format!("{}/", folder.trim_end_matches('/')));
    let files = format!("{}*.tf", folder.unwrap_or_default());
    let seen = BACKENDS.map(|text| line.asked.seen.contain.get(text).copied());
    match seen {
        [Some(false), Some(false)] => Verdict::REAL,
        [Some(_), Some(_)] => terraform_apply(line, scene),
        [None, _] | [_, None] => {
            let contain = BACKENDS.map(|text| (files.clone(), text.to_owned())).to_vec();
            Verdict::look(Look { contain, ..Look::default() })
        }
    }
}

/// `terraform show FILE` reads a plan that is here; without one it reads the state.
pub(super) fn terraform_show(line: &Line<'_>, _: &Scene<'_>) -> Verdict {
    let Some(file) = line.word(1) else { return Verdict::Recorded { deed: None } };
    match line.asked.seen.exist.get(file) {
        None => Verdict::look(Look { exist: vec![file.to_owned()], ..Look::default() }),
        Some(true) => Verdict::REAL,
        Some(false) => Verdict::Recorded { deed: None },
    }
}

/// `packer build`: the template is validated with the same variables.
pub(super) fn packer_build(line: &Line<'_>, _: &Scene<'_>) -> Verdict {
    let kept = |name: &str| matches!(name.trim_start_matches('-'), "var" | "var-file" | "only" | "except");
    let mut command = line.command(["validate"]);
    for (name, value) in line.options.iter().filter(|(name, _)| kept(name)) {
        command.push(value.map_or_else(|| (*name).to_owned(), |value| format!("{name}={value}")));
    }
    command.extend(line.words.iter().skip(1).map(|word| (*word).to_owned()));
    instead(vec![command])
}

/// `cdktf deploy`: the stacks are synthesized.
pub(super) fn cdktf_deploy(line: &Line<'_>, _: &Scene<'_>) -> Verdict {
    instead(vec![line.command(["synth"])])
}

/// `terraform apply`: the configuration is validated.
pub(super) fn terraform_apply(line: &Line<'_>, _: &Scene<'_>) -> Verdict {
    let mut command = line.globals();
    command.push("validate".to_owned());
    instead(vec![line.command(command)])
}
