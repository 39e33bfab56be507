//! The images that AWS keeps for CodeBuild, and what they hold (codebuild.md 2.3, 5.4).
//!
//! Owns: their names, which of them are deprecated, and the versions of runtimes they come with. Leaves to `build`: what that
//! means for a build on this machine. Numbers move with AWS's releases: what is newer than the table is not judged by it.

use super::compute::Arch;
use super::nearest;

/// What an image of AWS is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Made {
    /// Ubuntu or Amazon Linux, with runtimes to choose from.
    Linux(Arch),
    /// Lambda compute: one runtime, named by the tag.
    Lambda(Arch),
    /// Windows Server Core.
    Windows,
    /// macOS, on reserved capacity only.
    Mac,
}

/// How AWS keeps an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// It is listed, or newer than this table.
    Listed,
    /// It can be used, but no host has it in its cache.
    Deprecated,
    /// No list of AWS has it.
    Nowhere,
}

/// An image of AWS, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Image {
    /// What it is made for; not known of a name that is in no list.
    pub made: Option<Made>,
    /// How AWS keeps it.
    pub kept: Kept,
}

/// Images of one name: the name, what they are made for, the tags that are listed and those that are deprecated.
struct Family(&'static str, Made, &'static [&'static str], &'static [&'static str]);

const PREFIX: &str = "aws/codebuild/";
const LAMBDA: &[&str] = &[
    "dotnet6",
    "dotnet8",
    "dotnet10",
    "go1.21",
    "go1.24",
    "go1.25",
    "corretto11",
    "corretto17",
    "corretto21",
    "corretto25",
    "nodejs18",
    "nodejs20",
    "nodejs22",
    "nodejs24",
    "python3.11",
    "python3.12",
    "python3.13",
    "python3.14",
    "ruby3.2",
    "ruby3.4",
];
const AMAZON_X86: (&[&str], &[&str]) = (&["4.0", "5.0", "6.0", "corretto8", "corretto11"], &["2.0", "3.0"]);
const AMAZON_ARM: (&[&str], &[&str]) = (&["2.0", "3.0", "4.0"], &["1.0"]);

/// codebuild.md 5.4; the names with `amazonlinux2` are old ones that stay valid.
const FAMILIES: [Family; 9] = [
    Family("standard", Made::Linux(Arch::X86), &["5.0", "6.0", "7.0", "8.0"], &["3.0", "4.0"]),
    Family("amazonlinux-x86_64-standard", Made::Linux(Arch::X86), AMAZON_X86.0, AMAZON_X86.1),
    Family("amazonlinux2-x86_64-standard", Made::Linux(Arch::X86), AMAZON_X86.0, AMAZON_X86.1),
    Family("amazonlinux-aarch64-standard", Made::Linux(Arch::Arm), AMAZON_ARM.0, AMAZON_ARM.1),
    Family("amazonlinux2-aarch64-standard", Made::Linux(Arch::Arm), AMAZON_ARM.0, AMAZON_ARM.1),
    Family("amazonlinux-x86_64-lambda-standard", Made::Lambda(Arch::X86), LAMBDA, &[]),
    Family("amazonlinux-aarch64-lambda-standard", Made::Lambda(Arch::Arm), LAMBDA, &[]),
    Family("windows-base", Made::Windows, &["2019-1.0", "2019-2.0", "2019-3.0", "2022-1.0"], &[]),
    Family("macos-arm-base", Made::Mac, &["15", "26"], &[]),
];

impl Image {
    /// The image of this identifier; none when it is not one of AWS's.
    pub fn named(identifier: &str) -> Option<Self> {
        let name = identifier.strip_prefix(PREFIX);
        let (name, digest) =
            name.unwrap_or(identifier).split_once('@').map_or((name?, false), |(name, _)| (name, true));
        let (name, tag) = name.split_once(':').unwrap_or((name, ""));
        let Some(Family(_, made, listed, deprecated)) = FAMILIES.iter().find(|family| family.0 == name)
        else {
            return Some(Self { made: None, kept: Kept::Nowhere });
        };
        let has = |tags: &[&str]| tags.iter().any(|own| is_tag(tag, own));
        let kept = if digest || has(listed) || is_newer(tag, listed) {
            Kept::Listed
        } else if has(deprecated) {
            Kept::Deprecated
        } else {
            Kept::Nowhere
        };
        Some(Self { made: Some(*made), kept })
    }

    /// The listed identifier that one which is nowhere was probably meant to be.
    pub fn meant(identifier: &str) -> Option<String> {
        let listed = Self::listed();
        let is_begun = |known: &&String| {
            known.strip_prefix(identifier).is_some_and(|rest| rest.starts_with('.') || rest.starts_with(':'))
        };
        let known: Vec<_> = listed.iter().map(String::as_str).collect();
        let near = || nearest(identifier, &known).map(str::to_owned);
        listed.iter().find(is_begun).cloned().or_else(near)
    }

    /// Every identifier in the lists.
    pub fn listed() -> Vec<String> {
        let all = FAMILIES.iter().filter(|family| !family.0.starts_with("amazonlinux2-"));
        all.flat_map(|Family(name, _, tags, _)| tags.iter().map(move |tag| format!("{PREFIX}{name}:{tag}")))
            .collect()
    }
}

/// Whether a tag is one of the list's: a finer version may follow (`7.0-25.10.10`).
fn is_tag(tag: &str, own: &str) -> bool {
    tag.strip_prefix(own).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

/// How far above the list's a number may be: `standard:17.0` is a slip.
const AHEAD: u32 = 5;

/// Whether a tag has a number above those of the list: AWS adds images.
fn is_newer(tag: &str, listed: &[&str]) -> bool {
    let number = |tag: &str| {
        let (word, digits) = tag.split_at(tag.find(|c: char| c.is_ascii_digit()).unwrap_or(tag.len()));
        let parts: Option<Vec<u32>> = digits.split(['.', '-']).map(|part| part.parse().ok()).collect();
        parts.map(|parts| (word.to_owned(), parts))
    };
    let Some((word, parts)) = number(tag) else { return false };
    let same = listed.iter().filter_map(|own| number(own)).filter(|(own, _)| *own == word);
    let Some((_, newest)) = same.max() else { return false };
    let is_near = parts.first().zip(newest.first()).is_some_and(|(new, own)| *new <= own + AHEAD);
    is_near && parts > newest
}

/// The runtimes of an image with a choice, by version.
#[derive(Debug)]
pub struct Runtimes {
    /// The image's names, behind `aws/codebuild/`.
    pub names: &'static [&'static str],
    /// `dotnet`
    pub dotnet: &'static [&'static str],
    /// `golang`
    pub golang: &'static [&'static str],
    /// `java`, without the word `corretto`
    pub java: &'static [&'static str],
    /// `nodejs`
    pub nodejs: &'static [&'static str],
    /// `php`
    pub php: &'static [&'static str],
    /// `python`
    pub python: &'static [&'static str],
    /// `ruby`
    pub ruby: &'static [&'static str],
    /// `rust`; the number moves with the releases of the image
    pub rust: &'static [&'static str],
}

const DOTNET: &[&str] = &["6.0", "8.0", "10.0"];
const NEW_DOTNET: &[&str] = &["8.0", "10.0"];
const GO: &[&str] = &["1.20", "1.21", "1.22", "1.23", "1.24", "1.25", "1.26"];
const NEW_GO: &[&str] = &["1.24", "1.25", "1.26"];
const JAVA: &[&str] = &["8", "11", "17", "21", "25"];
const NODE: &[&str] = &["18", "20", "22", "24", "26"];
const PHP: &[&str] = &["8.2", "8.3", "8.4", "8.5"];
const PYTHON: &[&str] = &["3.9", "3.10", "3.11", "3.12", "3.13", "3.14"];
const NEW_PYTHON: &[&str] = &["3.10", "3.11", "3.12", "3.13", "3.14"];
const RUBY: &[&str] = &["3.1", "3.2", "3.3", "3.4", "4.0"];
const NEW_RUBY: &[&str] = &["3.3", "3.4", "4.0"];

/// codebuild.md 2.3, in the order of its columns.
#[rustfmt::skip]
const RUNTIMES: &[Runtimes] = &[
    Runtimes { names: &["standard:5.0"], dotnet: &["3.1", "5.0"], golang: &["1.15", "1.16"], java: &["8", "11"], nodejs: &["12", "14"], php: &["7.3", "7.4", "8.0"], python: &["3.7", "3.8", "3.9"], ruby: &["2.6", "2.7"], rust: &[] },
    Runtimes { names: &["standard:6.0"], dotnet: &["6.0"], golang: &["1.18"], java: &["17"], nodejs: &["16"], php: &["8.1"], python: &["3.10"], ruby: &["3.1"], rust: &[] },
    Runtimes { names: &["standard:7.0"], dotnet: DOTNET, golang: GO, java: JAVA, nodejs: NODE, php: PHP, python: PYTHON, ruby: RUBY, rust: &[] },
    Runtimes { names: &["standard:8.0"], dotnet: NEW_DOTNET, golang: NEW_GO, java: JAVA, nodejs: &["22", "24", "26"], php: PHP, python: NEW_PYTHON, ruby: NEW_RUBY, rust: &["1.97"] },
    Runtimes { names: &["amazonlinux-x86_64-standard:4.0", "amazonlinux2-x86_64-standard:4.0"], dotnet: &["6.0"], golang: &["1.18"], java: &["17"], nodejs: &["16"], php: &["8.1"], python: &["3.9"], ruby: &["3.1"], rust: &[] },
    Runtimes { names: &["amazonlinux-x86_64-standard:5.0", "amazonlinux2-x86_64-standard:5.0"], dotnet: DOTNET, golang: GO, java: JAVA, nodejs: NODE, php: PHP, python: PYTHON, ruby: RUBY, rust: &[] },
    Runtimes { names: &["amazonlinux-x86_64-standard:6.0"], dotnet: NEW_DOTNET, golang: NEW_GO, java: JAVA, nodejs: &["22", "24", "26"], php: PHP, python: NEW_PYTHON, ruby: NEW_RUBY, rust: &["1.97"] },
    Runtimes { names: &["amazonlinux-aarch64-standard:2.0", "amazonlinux2-aarch64-standard:2.0"], dotnet: &["3.1"], golang: &["1.12", "1.13", "1.14"], java: &["8", "11"], nodejs: &["10", "12"], php: &["7.3", "7.4"], python: &["3.7", "3.8", "3.9"], ruby: &["2.6", "2.7"], rust: &[] },
    Runtimes { names: &["amazonlinux-aarch64-standard:3.0", "amazonlinux2-aarch64-standard:3.0"], dotnet: DOTNET, golang: GO, java: JAVA, nodejs: &["18", "20", "22", "24"], php: &["8.1", "8.2", "8.3", "8.4", "8.5"], python: PYTHON, ruby: RUBY, rust: &["1.94"] },
    Runtimes { names: &["amazonlinux-aarch64-standard:4.0"], dotnet: NEW_DOTNET, golang: NEW_GO, java: JAVA, nodejs: &["22", "24"], php: PHP, python: NEW_PYTHON, ruby: NEW_RUBY, rust: &["1.94"] },
];

impl Runtimes {
    /// What the image of this identifier has, when it is one of the table.
    pub fn of(identifier: &str) -> Option<&'static Self> {
        let name = identifier.strip_prefix(PREFIX)?;
        RUNTIMES.iter().find(|image| image.names.iter().any(|own| is_tag(name, own)))
    }

    /// The versions of a runtime, by its name in `runtime-versions`; none of an unknown one.
    pub fn versions(&self, runtime: &str) -> &'static [&'static str] {
        match runtime {
            "dotnet" => self.dotnet,
            "golang" => self.golang,
            "java" => self.java,
            "nodejs" => self.nodejs,
            "php" => self.php,
            "python" => self.python,
            "ruby" => self.ruby,
            "rust" => self.rust,
            _ => &[],
        }
    }

    /// Whether any image of the table has a version of a runtime.
    pub fn anywhere(runtime: &str, version: &str) -> bool {
        RUNTIMES.iter().any(|image| image.versions(runtime).contains(&version))
    }

    /// Whether any image of the table has a version of a runtime with this first number.
    pub fn has_major(runtime: &str, major: &str) -> bool {
        let of_major = |version: &&str| version.split('.').next() == Some(major);
        RUNTIMES.iter().any(|image| image.versions(runtime).iter().any(of_major))
    }

    /// The versions of a runtime on the images that AWS maintains, the newest last.
    pub fn current(runtime: &str) -> &'static [&'static str] {
        let maintained = RUNTIMES.iter().filter(|image| image.names.contains(&"standard:8.0"));
        maintained.map(|image| image.versions(runtime)).next().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_known_by_their_names() {
        // codebuild.md 5.4
        let (x86, arm) = (Some(Made::Linux(Arch::X86)), Some(Made::Linux(Arch::Arm)));
        for (name, made, kept) in [
            ("aws/codebuild/standard:7.0", x86, Kept::Listed),
            ("aws/codebuild/standard:7.0-25.10.10", x86, Kept::Listed),
            ("aws/codebuild/standard:9.0", x86, Kept::Listed),
            ("aws/codebuild/standard:17.0", x86, Kept::Nowhere),
            ("aws/codebuild/standard:4.0", x86, Kept::Deprecated),
            ("aws/codebuild/standard:2.0", x86, Kept::Nowhere),
            ("aws/codebuild/standard:7", x86, Kept::Nowhere),
            ("aws/codebuild/standard:latest", x86, Kept::Nowhere),
            ("aws/codebuild/standard", x86, Kept::Nowhere),
            ("aws/codebuild/standard@sha256:00", x86, Kept::Listed),
            ("aws/codebuild/amazonlinux2-aarch64-standard:1.0", arm, Kept::Deprecated),
            ("aws/codebuild/amazonlinux-aarch64-standard:3.0", arm, Kept::Listed),
            (
                "aws/codebuild/amazonlinux-x86_64-lambda-standard:nodejs26",
                Some(Made::Lambda(Arch::X86)),
                Kept::Listed,
            ),
            (
                "aws/codebuild/amazonlinux-x86_64-lambda-standard:nodejs16",
                Some(Made::Lambda(Arch::X86)),
                Kept::Nowhere,
            ),
            ("aws/codebuild/windows-base:2022-1.0", Some(Made::Windows), Kept::Listed),
            ("aws/codebuild/windows-base:2025-1.0", Some(Made::Windows), Kept::Listed),
            ("aws/codebuild/python:3.6.5", None, Kept::Nowhere),
        ] {
            assert_eq!(Image::named(name), Some(Image { made, kept }), "{name}");
        }
        for name in ["python:3.12", "111122223333.dkr.ecr.eu-west-1.amazonaws.com/build:1", "$IMAGE"] {
            assert_eq!(Image::named(name), None, "{name}");
        }
        for name in Image::listed() {
            assert_eq!(Image::named(&name).map(|image| image.kept), Some(Kept::Listed), "{name}");
        }
    }

    #[test]
    fn images_come_with_versions() {
        // codebuild.md 2.3
        let of = |name: &str, runtime| Runtimes::of(name).unwrap().versions(runtime);
        assert_eq!(of("aws/codebuild/standard:6.0-23.11.30", "python"), ["3.10"]);
        assert_eq!(of("aws/codebuild/amazonlinux2-x86_64-standard:5.0", "java"), JAVA);
        assert!(of("aws/codebuild/standard:7.0", "rust").is_empty());
        assert!(Runtimes::of("aws/codebuild/amazonlinux-x86_64-standard:corretto8").is_none());
        assert!(Runtimes::anywhere("php", "7.3") && !Runtimes::anywhere("php", "7.2"));
        assert!(Runtimes::has_major("nodejs", "16") && !Runtimes::has_major("nodejs", "17"));
        assert_eq!(Runtimes::current("ruby"), NEW_RUBY);
    }
}
