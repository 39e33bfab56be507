//! `runtime-versions`: what is asked for, and what this machine has (codebuild.md 2).
//!
//! Owns: comparing the two, and the words about it. Nothing is installed or selected: a build uses what is first on
//! PATH, and is told when that is not what CodeBuild would use. Leaves to `download`: running the programs.

/// How a runtime is asked for its version.
struct Runtime {
    /// Its name in the buildspec.
    name: &'static str,
    /// The programs that answer, the first that is there.
    ask: &'static str,
}

/// The runtimes of codebuild.md 2.1 that can be asked.
const RUNTIMES: [Runtime; 8] = [
    Runtime { name: "dotnet", ask: "dotnet --version" },
    Runtime { name: "golang", ask: "go version" },
    Runtime { name: "java", ask: "java -version" },
    Runtime { name: "nodejs", ask: "node --version" },
    Runtime { name: "php", ask: "php --version" },
    Runtime { name: "python", ask: "python3 --version" },
    Runtime { name: "ruby", ask: "ruby --version" },
    Runtime { name: "rust", ask: "rustc --version" },
];

/// The command that prints the version of a runtime, or what to say about one that cannot be asked.
pub(super) fn question(runtime: &str) -> Result<&'static str, String> {
    if let Some(known) = RUNTIMES.iter().find(|known| known.name == runtime) {
        return Ok(known.ask);
    }
    Err(match runtime {
        "docker" => "runtime-versions: docker is deprecated, and does nothing on CodeBuild either".to_owned(),
        "android" => {
            "runtime-versions: android exists on images that AWS has retired; it is not checked".to_owned()
        }
        other => format!("runtime-versions: CodeBuild has no runtime called {other}"),
    })
}

/// What to say when `wanted` is asked for and the question was answered like this (`None`: it failed, or there is
/// no such program).
pub(super) fn verdict(runtime: &str, wanted: &str, answer: Option<&str>) -> Option<String> {
    let asked = question(runtime).ok()?;
    let Some(found) = answer.and_then(version) else {
        return Some(format!(
            "runtime-versions: CodeBuild would select {runtime} {wanted}; `{asked}` tells no version on this machine"
        ));
    };
    let fits = wanted == "latest" || is_version(numbers(wanted), &found);
    (!fits).then(|| {
        format!("runtime-versions: CodeBuild would select {runtime} {wanted}; this build uses {found} of this machine")
    })
}

/// The version in what a program said: the first word that begins with a number which has a dot.
fn version(answer: &str) -> Option<String> {
    answer
        .split(|c: char| c.is_whitespace() || c == '"')
        .map(|word| word.trim_start_matches(|c: char| !c.is_ascii_digit()))
        .map(|word| word.split(|c: char| !c.is_ascii_digit() && c != '.').next().unwrap_or_default())
        .find(|word| word.contains('.') && !word.starts_with('.'))
        .map(|word| word.trim_end_matches('.').to_owned())
}

/// The numbers of what is asked for: `3.12` of `3.12`, `18` of `18.x`, `17` of `corretto17`.
fn numbers(wanted: &str) -> &str {
    let wanted = wanted.strip_suffix(".x").unwrap_or(wanted);
    wanted.trim_start_matches(|c: char| !c.is_ascii_digit())
}

/// Whether `found` is a version of `wanted`, as 3.12.4 is of 3.12. Java calls its eighth version 1.8.
fn is_version(wanted: &str, found: &str) -> bool {
    let parts = |text: &str| text.split('.').map(str::to_owned).collect::<Vec<_>>();
    let (wanted, found) = (parts(wanted), parts(found));
    found.starts_with(&wanted)
        || (found.first().is_some_and(|first| first == "1") && found[1..].starts_with(&wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_part_by_part() {
        let table = [
            ("python", "3.12", "Python 3.12.4\n", true),
            ("python", "3.1", "Python 3.12.4\n", false),
            ("python", "3.x", "Python 3.12.4\n", true),
            ("python", "3", "Python 3.12.4\n", true),
            ("nodejs", "18", "v18.20.4\n", true),
            ("nodejs", "latest", "v18.20.4\n", true),
            ("nodejs", "20.x", "v18.20.4\n", false),
            ("golang", "1.22", "go version go1.22.5 linux/amd64\n", true),
            ("java", "corretto17", "openjdk version \"17.0.12\" 2024-07-16\nOpenJDK Runtime\n", true),
            ("java", "corretto8", "openjdk version \"1.8.0_412\"\n", true),
            ("java", "corretto21", "openjdk version \"17.0.12\"\n", false),
            ("ruby", "3.2", "ruby 3.2.2 (2023-03-30 revision e51014f9c0) [x86_64-linux]\n", true),
            ("php", "8.2", "PHP 8.2.20 (cli) (built: Jun  6 2024)\n", true),
            ("rust", "1.94", "rustc 1.97.0 (abc 2026-09-01)\n", false),
            ("dotnet", "8.0", "8.0.416\n", true),
        ];
        for (runtime, wanted, answer, fits) in table {
            assert_eq!(verdict(runtime, wanted, Some(answer)).is_none(), fits, "{runtime} {wanted} {answer}");
        }
    }

    #[test]
    fn what_is_missing_is_told_and_never_pretended() {
        assert_eq!(
            verdict("python", "3.12", Some("Python 3.11.2")).unwrap(),
            "runtime-versions: CodeBuild would select python 3.12; this build uses 3.11.2 of this machine"
        );
        assert_eq!(
            verdict("nodejs", "20", None).unwrap(),
            "runtime-versions: CodeBuild would select nodejs 20; `node --version` tells no version on this machine"
        );
        assert!(verdict("php", "8.2", Some("no idea")).unwrap().contains("tells no version"));
        assert!(question("pyhton").unwrap_err().contains("no runtime called pyhton"));
    }
}
