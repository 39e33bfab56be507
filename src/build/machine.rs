//! Builds that change the machine they run on: on AWS they are root in a container that is thrown away.
//!
//! Owns: finding in a buildspec what writes to folders of the system, and the words about that on the host; and about a
//! command that failed since it may not write there. Leaves to `process::sandbox`: which of these folders a build has of
//! its own in the isolated sandbox.

use super::shell_text::{Simple, read};
use crate::spec::buildspec::{Buildspec, PhaseName};

/// Folders of the system in which builds install programs and settings.
const SYSTEM: [&str; 8] = ["/usr", "/opt", "/etc", "/var/lib", "/bin", "/sbin", "/lib", "/lib64"];

/// How many places a note names.
const NAMED: usize = 4;

/// The end of what a command printed, in which a refusal is looked for.
const LAST: usize = 4096;

/// What a command does with its operands.
enum Writes {
    /// Writes to the last one.
    Last,
    /// Writes to each.
    Each,
    /// Writes to what follows one of these options.
    Behind(&'static [&'static str]),
}

/// What is said, on the host, of a build that writes to folders of the system; `None` when none of its commands shows that.
pub(super) fn note(buildspec: &Buildspec) -> Option<String> {
    let phases = PhaseName::ALL.into_iter().filter_map(|name| buildspec.phases.get(name));
    let commands = phases.flat_map(|phase| phase.commands.iter().chain(&phase.finally));
    let mut places: Vec<String> = Vec::new();
    for one in commands.flat_map(|command| read(&command.text)) {
        for place in written(&one) {
            let place = format!("{} ({})", place, base(one.name.as_deref().unwrap_or_default()));
            if !places.contains(&place) {
                places.push(place);
            }
        }
    }
    let more = if places.len() > NAMED { ", …" } else { "" };
    places.truncate(NAMED);
    (!places.is_empty()).then(|| {
        format!(
            "commands of this build write to the system's own folders: {}{more}. On AWS that is a container; on the host it is \
             this machine, where they may fail, or change it for good. With --sandbox isolated a build has /usr/local, /opt and \
             /etc of its own",
            places.join(", ")
        )
    })
}

/// What is said of a command that failed with `printed` at its end, since it may not write where it wanted to.
pub(super) fn refusal(printed: &[u8], isolated: bool) -> Option<&'static str> {
    let last = String::from_utf8_lossy(&printed[printed.len().saturating_sub(LAST)..]);
    let system = |line: &str| {
        SYSTEM.iter().any(|folder| {
            line.split(|c: char| c.is_whitespace() || "'\"`‘:".contains(c)).any(|word| below(word, folder))
        })
    };
    if isolated {
        last.lines().any(|line| line.contains("Read-only file system")).then_some(
            "the isolated sandbox shows /usr, toolchains and the programs of this machine read-only. Builds write to /usr/local, \
             /opt and /etc, which are their own; what this machine has there already can be replaced (mv, install, ln -sf, rm), \
             but not written into (cp, curl -o, >)",
        )
    } else {
        last.lines().any(|line| line.contains("Permission denied") && system(line)).then_some(
            "on AWS a build is root in a container of its own; on the host it is you on this machine. With --sandbox isolated a \
             build has /usr/local, /opt and /etc of its own",
        )
    }
}

/// The places of the system that a command writes to, as far as it shows.
fn written(one: &Simple) -> Vec<&str> {
    let Some(name) = one.name.as_deref() else { return Vec::new() };
    // The installer of the AWS CLI (`./aws/install`), which writes below /usr/local unless it is told where.
    if name.ends_with("aws/install") {
        let told = behind(one, &["-i", "--install-dir", "-b", "--bin-dir"]);
        return if told.is_empty() {
            vec!["/usr/local"]
        } else {
            told.into_iter().filter(|word| of_system(word)).collect()
        };
    }
    let writes = match name {
        "cp" | "install" | "ln" | "mv" => Writes::Last,
        "chmod" | "chown" | "mkdir" | "rm" | "tee" | "touch" => Writes::Each,
        "curl" => Writes::Behind(&["-o", "--output", "--output-dir"]),
        "tar" => Writes::Behind(&["-C", "--directory"]),
        "unzip" => Writes::Behind(&["-d"]),
        "wget" => Writes::Behind(&["-O", "--output-document", "-P", "--directory-prefix"]),
        _ => return Vec::new(),
    };
    let mut operands = one.words.iter().map(String::as_str).filter(|word| !word.starts_with('-'));
    let places = match writes {
        Writes::Last => operands.next_back().into_iter().collect(),
        Writes::Each => operands.collect(),
        Writes::Behind(options) => behind(one, options),
    };
    places.into_iter().filter(|word| of_system(word)).collect()
}

/// The values of options: as the next word, behind `=`, or (of a single letter) at the end of several such.
fn behind<'a>(one: &'a Simple, options: &[&str]) -> Vec<&'a str> {
    let words = one.words.iter().map(String::as_str);
    let next = one.words.iter().skip(1).map(|word| Some(word.as_str())).chain([None]);
    let values = words.zip(next).filter_map(|(word, next)| {
        options.iter().find_map(|option| {
            let letter = option.strip_prefix('-').filter(|letter| letter.len() == 1);
            let grouped = letter.is_some_and(|letter| {
                word.starts_with('-') && !word.starts_with("--") && word.ends_with(letter)
            });
            if word == *option || grouped {
                next
            } else {
                word.strip_prefix(option).and_then(|rest| rest.strip_prefix('='))
            }
        })
    });
    values.collect()
}

fn of_system(word: &str) -> bool {
    SYSTEM.iter().any(|folder| below(word, folder))
}

fn below(word: &str, folder: &str) -> bool {
    word.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The last part of a path.
fn base(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_commands_write_of_the_system_is_found() {
        // Idioms of real buildspecs (docs/fidelity.md 4).
        for (text, expected) in [
            ("mv kubectl /usr/local/bin/", vec!["/usr/local/bin/"]),
            ("sudo install -m 755 x /usr/local/bin/x", vec!["/usr/local/bin/x"]),
            ("ln -s $PWD/x /usr/bin/x", vec!["/usr/bin/x"]),
            ("curl -sSLo /usr/local/bin/tool https://example.com", vec!["/usr/local/bin/tool"]),
            ("curl --output=/opt/tool https://example.com", vec!["/opt/tool"]),
            (
                "wget https://example.com -O /usr/bin/yq && chmod +x /usr/bin/yq",
                vec!["/usr/bin/yq", "/usr/bin/yq"],
            ),
            ("unzip x.zip -d /usr/local/bin", vec!["/usr/local/bin"]),
            ("tar -C /usr/local -xzf go.tar.gz", vec!["/usr/local"]),
            ("tar -xzC /opt -f go.tar.gz", vec!["/opt"]),
            ("./aws/install", vec!["/usr/local"]),
            ("./aws/install -i ~/aws -b ~/bin", vec![]),
            ("echo x | tee -a /etc/apt/sources.list.d/x.list", vec!["/etc/apt/sources.list.d/x.list"]),
            ("cp /usr/share/x .", vec![]),
            ("/usr/bin/gpg --version", vec![]),
            ("mkdir -p /opti /tmp/etc build/usr/bin", vec![]),
        ] {
            let found = read(text);
            let found: Vec<&str> = found.iter().flat_map(written).collect();
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn refusals_are_explained_where_the_sandbox_is_their_cause() {
        for (printed, isolated, explained) in [
            ("mv: cannot create regular file '/usr/bin/x': Read-only file system\n", true, true),
            ("cp: cannot create regular file '/usr/local/bin/x': Permission denied\n", false, true),
            ("sh: 1: cannot create /etc/x: Permission denied\n", false, true),
            ("cat: secret: Permission denied\n", false, false),
            ("cp: cannot create regular file '/usr/local/bin/x': Permission denied\n", true, false),
            ("", true, false),
        ] {
            assert_eq!(refusal(printed.as_bytes(), isolated).is_some(), explained, "{printed}");
        }
    }
}
