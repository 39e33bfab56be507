//! Package managers of the system: nothing is installed, and what is here already need not be.
//!
//! Owns: which programs tell that a package is there. A package that is not known is there when a program of its name is.

use super::line::Line;
use super::table::{Handling, Row};
use super::verdict::{Scene, Verdict};
use super::wire::Look;
use crate::aws::effect::Deed;

/// The rows of every package manager.
pub(super) const ROWS: &[Row] = &[
    Row("install|add|reinstall|localinstall|groupinstall|module", Handling::Code(install)),
    Row("enable", Handling::Needless),
    Row("", Handling::Needless),
];

/// Packages by the start of their name, and the programs of which each has to be there; those without programs (fonts,
/// certificates, keys of repositories) show nothing of themselves to a build.
const PACKAGES: &[(&str, &[&str])] = &[
    ("apt-transport-https", &[]),
    ("apt-utils", &[]),
    ("awscli", &["aws"]),
    ("bind-utils", &["dig"]),
    ("binutils", &["ld"]),
    ("build-essential", &["gcc", "make"]),
    ("bzip2", &["bzip2"]),
    ("ca-certificates", &[]),
    ("chromium", &["chromium"]),
    ("coreutils", &["cat"]),
    ("debian-keyring", &[]),
    ("dirmngr", &[]),
    ("dnsutils", &["dig"]),
    ("docker", &["docker"]),
    ("docker-ce", &["docker"]),
    ("docker.io", &["docker"]),
    ("dotnet-sdk", &["dotnet"]),
    ("epel", &[]),
    ("findutils", &["find"]),
    ("g++", &["g++"]),
    ("gcc", &["gcc"]),
    ("gcc-c++", &["g++"]),
    ("gettext", &["envsubst"]),
    ("git", &["git"]),
    ("git-all", &["git"]),
    ("glibc", &[]),
    ("gnupg", &["gpg"]),
    ("golang", &["go"]),
    ("google-chrome-stable", &["google-chrome"]),
    ("gzip", &["gzip"]),
    ("iproute2", &["ip"]),
    ("iputils-ping", &["ping"]),
    ("java", &["java"]),
    ("java-devel", &["javac"]),
    ("jq", &["jq"]),
    ("locales", &[]),
    ("lsb-release", &["lsb_release"]),
    ("make", &["make"]),
    ("maven", &["mvn"]),
    ("musl-dev", &[]),
    ("mysql-client", &["mysql"]),
    ("net-tools", &["netstat"]),
    ("netcat", &["nc"]),
    ("nodejs", &["node"]),
    ("npm", &["npm"]),
    ("openjdk-jdk", &["javac"]),
    ("openjdk-jre", &["java"]),
    ("openssh", &["ssh"]),
    ("openssh-client", &["ssh"]),
    ("openssl", &["openssl"]),
    ("p7zip", &["7z"]),
    ("pip", &["pip3"]),
    ("postgresql-client", &["psql"]),
    ("procps", &["ps"]),
    ("python", &["python3"]),
    ("python-pip", &["pip3"]),
    ("python-dev", &["python3"]),
    ("python-devel", &["python3"]),
    ("python-venv", &["python3"]),
    ("redis-tools", &["redis-cli"]),
    ("rpm-build", &["rpmbuild"]),
    ("ruby", &["ruby"]),
    ("software-properties-common", &[]),
    ("sqlite", &["sqlite3"]),
    ("tar", &["tar"]),
    ("tzdata", &[]),
    ("unzip", &["unzip"]),
    ("util-linux", &["mount"]),
    ("vim", &["vi"]),
    ("wget", &["wget"]),
    ("which", &["which"]),
    ("xvfb", &["Xvfb"]),
    ("xz-utils", &["xz"]),
    ("yarn", &["yarn"]),
    ("yum-utils", &[]),
    ("zip", &["zip"]),
    ("zstd", &["zstd"]),
];

/// The programs by which a package is known to be there; `None` for a package that the table does not have.
fn programs(package: &str) -> Option<&'static [&'static str]> {
    let known = |name: &str| PACKAGES.iter().find(|(known, _)| *known == name);
    known(package).or_else(|| known(&unversioned(package))).map(|(_, programs)| *programs)
}

/// What a package that the table does not have is asked for by: the machine's own package manager.
fn question(package: &str) -> Vec<String> {
    ["dpkg", "-s", package].map(str::to_owned).to_vec()
}

/// A package's name without version numbers: `openjdk-17-jdk`, `python3.11-dev`, `php8.2`, `nodejs20`.
fn unversioned(package: &str) -> String {
    let parts =
        package.split('-').map(|part| part.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.'));
    let name = parts
        .filter(|part| !part.is_empty() && !matches!(*part, "headless" | "amazon" | "corretto"))
        .collect::<Vec<_>>();
    name.join("-")
}

/// `apt-get install` and its like.
fn install(line: &Line<'_>, _: &Scene<'_>) -> Verdict {
    let named: Vec<&str> = line.words.iter().skip(1).copied().collect();
    let names = named.iter().map(|word| name_of(word)).collect::<Vec<_>>();
    let seen = &line.asked.seen;
    let mut look = Look::default();
    let mut missing = Vec::new();
    for name in &names {
        let own = [name.as_str()];
        let known = programs(name);
        let by = known.unwrap_or(&own);
        look.programs
            .extend(by.iter().filter(|by| !seen.programs.contains_key(**by)).map(|by| (*by).to_owned()));
        let asking = question(name);
        let said = seen.versions.get(&asking.join(" "));
        if known.is_none() && said.is_none() {
            look.versions.push(asking);
        }
        let is_here = by.iter().all(|by| seen.programs.get(*by) == Some(&true));
        if !is_here && !said.is_some_and(|said| said.contains("install ok installed")) {
            missing.push(name.as_str());
        }
    }
    if look != Look::default() {
        return Verdict::look(look);
    }
    if missing.is_empty() {
        return Verdict::Recorded { deed: Some(Deed::new(format!("installed {}", names.join(", ")))) };
    }
    let (are, them) = if missing.len() == 1 { ("is", "it") } else { ("are", "them") };
    let tool = &line.asked.name;
    Verdict::Refused {
        reason: format!(
            "{} {are} not on this machine, and {tool} would install {them} for all of it. Install {them} yourself: a sandbox with an image, into which {tool} could, is not in this version",
            missing.join(", ")
        ),
        status: 100,
    }
}

/// The name in what is typed: a version may follow (`jq=1.6`, `jq~1`), and a file's name has more.
fn name_of(word: &str) -> String {
    let file = word.rsplit('/').next().unwrap_or(word);
    let is_file = matches!(file.rsplit_once('.'), Some((_, "rpm" | "deb" | "apk")));
    let name = if is_file {
        file.split(['-', '_']).next().unwrap_or(file)
    } else {
        file.split(['=', '~', '<', '>', ':']).next().unwrap_or(file)
    };
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_known_by_their_programs() {
        for (package, known_by) in [
            ("jq", &["jq"][..]),
            ("python3-pip", &["pip3"]),
            ("python3.11-dev", &["python3"]),
            ("openjdk-17-jdk", &["javac"]),
            ("openjdk-17-jdk-headless", &["javac"]),
            ("java-17-amazon-corretto-devel", &["javac"]),
            ("build-essential", &["gcc", "make"]),
            ("nodejs20", &["node"]),
            ("ca-certificates", &[]),
            ("docker.io", &["docker"]),
        ] {
            assert_eq!(programs(package), Some(known_by), "{package}");
        }
        assert_eq!(programs("libssl-dev"), None);
        assert_eq!(name_of("jq=1.6-2"), "jq");
        assert_eq!(name_of("https://x/terraform-1.5.0.rpm"), "terraform");
    }
}
