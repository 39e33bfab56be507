//! What `sh` is in an image, as far as its name tells (codebuild.md 3.4, 5.4).

/// What commands run in when the buildspec names no shell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sh {
    /// `sh` of Debian and Ubuntu.
    Dash,
    /// `sh` of Amazon Linux and other Red Hat relatives: `bash --posix`.
    BashPosix,
    /// Of Windows images.
    PowerShell,
}

/// What `sh` is in an image, by its name, and whether that is a guess.
pub fn sh_of(image: &str) -> (Sh, bool) {
    let image = image.to_lowercase();
    let curated = image.strip_prefix("aws/codebuild/").unwrap_or(&image);
    if curated.starts_with("windows") || image.contains("windows/servercore") {
        return (Sh::PowerShell, false);
    }
    if curated.starts_with("macos-arm-base") {
        return (Sh::BashPosix, true);
    }
    if curated != image {
        let kind = if curated.starts_with("amazonlinux") { Sh::BashPosix } else { Sh::Dash };
        return (kind, false);
    }
    // Somebody's own image: the words of its name and tag, without the registry, tell for the well-known ones. Busybox's
    // ash (Alpine) is not on most machines; dash is its closest relative.
    let name = image.rsplit('/').next().unwrap_or(&image);
    let words: Vec<&str> = name.split(|c: char| !c.is_ascii_alphanumeric()).collect();
    let has = |families: &[&str]| {
        words.iter().any(|word| families.contains(&word.trim_end_matches(char::is_numeric)))
    };
    if has(&["alpine", "busybox"]) {
        return (Sh::Dash, true);
    }
    if has(&RED_HAT) || image.contains("/lambda/") {
        return (Sh::BashPosix, false);
    }
    (Sh::Dash, !has(&DEBIAN))
}

/// Words in names of images whose `sh` is bash: Amazon Linux, Red Hat and its relatives.
const RED_HAT: [&str; 13] = [
    "amazonlinux",
    "amazoncorretto",
    "corretto",
    "al",
    "fedora",
    "centos",
    "rockylinux",
    "almalinux",
    "oraclelinux",
    "ubi",
    "redhat",
    "rhel",
    "opensuse",
];

/// Words in names of images whose `sh` is dash: Debian, Ubuntu, their releases, and official images built on them.
const DEBIAN: [&str; 24] = [
    "debian",
    "ubuntu",
    "bookworm",
    "bullseye",
    "buster",
    "trixie",
    "slim",
    "jammy",
    "focal",
    "noble",
    "bionic",
    "python",
    "node",
    "golang",
    "rust",
    "ruby",
    "php",
    "perl",
    "gcc",
    "openjdk",
    "temurin",
    "maven",
    "gradle",
    "buildpack",
];
