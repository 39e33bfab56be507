//! What programs do, by their words: as much as rules have to know.

use crate::spec::shell::Simple;

/// Commands that test something: their status is what the build is for.
const TESTS: &[&[&str]] = &[
    &["bundle", "exec", "rspec"],
    &["cargo", "nextest"],
    &["cargo", "test"],
    &["ctest"],
    &["dotnet", "test"],
    &["go", "test"],
    &["gradle", "check"],
    &["gradle", "test"],
    &["gradlew", "check"],
    &["gradlew", "test"],
    &["jest"],
    &["make", "check"],
    &["make", "test"],
    &["mocha"],
    &["mvn", "test"],
    &["mvn", "verify"],
    &["mvnw", "test"],
    &["mvnw", "verify"],
    &["npm", "t"],
    &["npm", "test"],
    &["npx", "cypress"],
    &["npx", "jest"],
    &["npx", "mocha"],
    &["npx", "playwright"],
    &["npx", "vitest"],
    &["phpunit"],
    &["pnpm", "test"],
    &["poetry", "run", "pytest"],
    &["py.test"],
    &["pytest"],
    &["python", "-m", "pytest"],
    &["python", "-m", "unittest"],
    &["python3", "-m", "pytest"],
    &["python3", "-m", "unittest"],
    &["rspec"],
    &["tox"],
    &["uv", "run", "pytest"],
    &["yarn", "test"],
];

/// Commands that make something the build needs.
const WORK: &[&[&str]] = &[
    &["ant"],
    &["aws", "cloudformation", "deploy"],
    &["aws", "cloudformation", "package"],
    &["aws", "s3", "cp"],
    &["aws", "s3", "sync"],
    &["bundle", "install"],
    &["cargo", "build"],
    &["cdk", "deploy"],
    &["cdk", "synth"],
    &["cmake"],
    &["docker", "build"],
    &["docker", "buildx"],
    &["docker", "pull"],
    &["docker", "push"],
    &["docker", "run"],
    &["dotnet"],
    &["go", "build"],
    &["gradle"],
    &["gradlew"],
    &["make"],
    &["mvn"],
    &["mvnw"],
    &["npm", "ci"],
    &["npm", "install"],
    &["npm", "run"],
    &["npx"],
    &["pip", "install"],
    &["pip3", "install"],
    &["pnpm"],
    &["poetry"],
    &["sam", "build"],
    &["sam", "deploy"],
    &["sam", "package"],
    &["sbt"],
    &["terraform", "apply"],
    &["terraform", "plan"],
    &["yarn"],
];

/// Commands that hand something to the world.
const PUBLISHES: &[&[&str]] = &[
    &["amplify", "publish"],
    &["amplify", "push"],
    &["aws", "cloudformation", "create-stack"],
    &["aws", "cloudformation", "deploy"],
    &["aws", "cloudformation", "execute-change-set"],
    &["aws", "cloudformation", "update-stack"],
    &["aws", "deploy", "create-deployment"],
    &["aws", "deploy", "push"],
    &["aws", "ecs", "register-task-definition"],
    &["aws", "ecs", "update-service"],
    &["aws", "elasticbeanstalk", "create-application-version"],
    &["aws", "elasticbeanstalk", "update-environment"],
    &["aws", "lambda", "publish-layer-version"],
    &["aws", "lambda", "publish-version"],
    &["aws", "lambda", "update-alias"],
    &["aws", "lambda", "update-function-code"],
    &["cargo", "publish"],
    &["cdk", "deploy"],
    &["copilot", "deploy"],
    &["copilot", "svc", "deploy"],
    &["docker", "compose", "push"],
    &["docker", "image", "push"],
    &["docker", "manifest", "push"],
    &["docker", "push"],
    &["docker-compose", "push"],
    &["eb", "deploy"],
    &["gem", "push"],
    &["gh", "release", "create"],
    &["git", "push"],
    &["goreleaser", "release"],
    &["gradle", "publish"],
    &["gradlew", "publish"],
    &["helm", "install"],
    &["helm", "push"],
    &["helm", "upgrade"],
    &["kubectl", "apply"],
    &["kubectl", "rollout", "restart"],
    &["kubectl", "set", "image"],
    &["lerna", "publish"],
    &["mvn", "deploy"],
    &["mvnw", "deploy"],
    &["npm", "publish"],
    &["npx", "cdk", "deploy"],
    &["npx", "lerna", "publish"],
    &["npx", "semantic-release"],
    &["npx", "serverless", "deploy"],
    &["npx", "sls", "deploy"],
    &["pnpm", "publish"],
    &["podman", "push"],
    &["poetry", "publish"],
    &["pulumi", "up"],
    &["sam", "deploy"],
    &["sam", "publish"],
    &["semantic-release"],
    &["serverless", "deploy"],
    &["sls", "deploy"],
    &["terraform", "apply"],
    &["twine", "upload"],
    &["yarn", "publish"],
];

/// Whether a command only tells something of itself, or of what it would do.
fn only_tells(simple: &Simple<'_>) -> bool {
    let arguments = simple.arguments();
    let words =
        ["--collect-only", "--dry-run", "--fixtures", "--help", "--just-print", "--version", "-V", "-h"];
    let tasks =
        ["dependencies", "dependency:tree", "help", "help:evaluate", "properties", "tasks", "version"];
    arguments.iter().any(|word| words.contains(&&*word.text))
        || arguments.first().is_some_and(|first| tasks.contains(&&*first.text))
        || matches!(arguments, [only] if matches!(&*only.text, "-v" | "-version"))
        || simple.name() == Some("make") && arguments.iter().any(|word| word.text == "-n")
}

/// Whether the words of a command, but for options between them, begin with one of these.
fn any(simple: &Simple<'_>, table: &[&[&str]]) -> Option<String> {
    let name = simple.name().filter(|_| !only_tells(simple))?;
    // `python3.12` is one of its kind.
    let name = if name.starts_with("python3.") { "python3" } else { name };
    // The first words that are no options, and `-m`, which is no matter of taste.
    let words =
        simple.arguments().iter().filter(|word| !word.text.starts_with(['-', '+']) || word.text == "-m");
    let words: Vec<&str> = std::iter::once(name).chain(words.map(|word| &*word.text)).take(6).collect();
    let found = table.iter().find(|wanted| words.starts_with(wanted))?;
    Some(found.join(" "))
}

/// Whether a command tests something: its words.
pub fn tests(simple: &Simple<'_>) -> Option<String> {
    let script = |words: &[&str]| {
        let script = simple.arguments().get(words.len() - 1)?;
        (simple.runs(words) && (script.text.starts_with("test") || script.text.ends_with("test")))
            .then(|| format!("{} {}", words.join(" "), script.text))
    };
    any(simple, TESTS).or_else(|| script(&["npm", "run"])).or_else(|| script(&["yarn", "run"]))
}

/// Whether a command makes something the build needs, tests included: its words.
pub fn works(simple: &Simple<'_>) -> Option<String> {
    let name = simple.name().filter(|_| !only_tells(simple))?;
    let words = tests(simple).or_else(|| any(simple, WORK)).or_else(|| publishes(simple));
    let first = simple.program().first()?;
    let ending = name.rsplit_once('.').map(|(_, ending)| ending);
    let is_script = first.text.starts_with("./") || matches!(ending, Some("sh" | "py"));
    words.or_else(|| is_script.then(|| first.text.to_string()))
}

/// Whether a command hands something to the world: its words.
pub fn publishes(simple: &Simple<'_>) -> Option<String> {
    if let Some(found) = any(simple, PUBLISHES) {
        let rehearses = simple.arguments().iter().any(|word| word.text.starts_with("--dry-run"));
        return (!rehearses).then_some(found);
    }
    let arguments = simple.arguments();
    if simple.runs(&["docker"]) && arguments.iter().any(|word| word.text == "--push") {
        return Some("docker build --push".to_owned());
    }
    for verb in ["cp", "sync", "mv"] {
        if simple.runs(&["aws", "s3", verb]) {
            let from = arguments[2..].iter().position(|word| !word.text.starts_with('-'))?;
            let (from, to) = (arguments.get(from + 2)?, arguments.get(from + 3)?);
            // Reports and logs are worth keeping of a failed build.
            let tells = ["report", "log", "coverage", "test", "result"];
            let words = [&from.text, &to.text].map(|text| text.to_lowercase());
            let tells = words.iter().any(|text| tells.iter().any(|word| text.contains(word)));
            return (to.text.starts_with("s3://") && !tells).then(|| format!("aws s3 {verb}"));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::shell;

    /// What a look-up says of the only command of a text.
    fn asked(text: &str, ask: fn(&Simple<'_>) -> Option<String>) -> Option<String> {
        let script = shell::parse(text);
        shell::simples(&shell::steps(&script, &mut Vec::new())).last().and_then(|(simple, _)| ask(simple))
    }

    #[test]
    fn tests_are_told_from_other_work() {
        for (text, is_test, is_work) in [
            ("npm test", true, true),
            ("npm run test:unit -- --ci", true, true),
            ("npm run build", false, true),
            ("CI=true yarn test", true, true),
            ("sudo -E make -C src test", false, true),
            ("make test", true, true),
            ("./gradlew --no-daemon check", true, true),
            ("python -m pytest -q", true, true),
            ("python setup.py", false, false),
            ("./run.sh", false, true),
            ("echo make test", false, false),
            ("ls", false, false),
        ] {
            assert_eq!(asked(text, tests).is_some(), is_test, "{text}");
            assert_eq!(asked(text, works).is_some(), is_work, "{text}");
        }
    }

    #[test]
    fn what_goes_out_is_told_from_what_comes_in() {
        for (text, expected) in [
            ("docker push \"$IMAGE\"", Some("docker push")),
            ("docker pull x", None),
            ("docker buildx build --push .", Some("docker build --push")),
            ("aws s3 sync dist s3://$BUCKET", Some("aws s3 sync")),
            ("aws s3 cp --quiet dist s3://bucket/", Some("aws s3 cp")),
            ("aws s3 cp s3://bucket/a .", None),
            ("aws s3 cp coverage.xml s3://bucket/", None),
            ("aws s3 cp", None),
            ("npm publish --dry-run", None),
            ("npx cdk deploy --all", Some("npx cdk deploy")),
            ("mvn -B deploy", Some("mvn deploy")),
            ("git push origin main", Some("git push")),
        ] {
            assert_eq!(asked(text, publishes).as_deref(), expected, "{text}");
        }
    }
}
