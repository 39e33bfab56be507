//! A command line of docker, read as docker reads it.
//!
//! Owns: the rules of its library (pflag) for options and their values, and its words for what it cannot read. A line that
//! is understood in another way than the client would could mean more than what was looked at, so what is handed on is
//! written anew from what was read.

use super::means::Opt;

/// What was read.
#[derive(Debug, Default)]
pub(super) struct Reading<'a> {
    /// The options in order; the value of a boolean is `true` or `false`.
    pub(super) options: Vec<(&'static Opt, &'a str)>,
    /// What is neither an option nor its value.
    pub(super) words: Vec<&'a str>,
    /// Whether it is asked how the command is used.
    pub(super) help: bool,
}

/// Reads the arguments of a command. With `leading` the first word ends the options: the rest is for something else. An error
/// is docker's.
pub(super) fn read<'a>(
    arguments: &'a [String],
    options: &'static [Opt],
    leading: bool,
) -> Result<Reading<'a>, String> {
    let mut reading = Reading::default();
    let mut rest = arguments.iter().map(String::as_str);
    while let Some(word) = rest.next() {
        if word == "--" {
            reading.words.extend(rest.by_ref());
        } else if let Some(long) = word.strip_prefix("--") {
            if long.starts_with(['-', '=']) {
                return Err(format!("bad flag syntax: {word}"));
            }
            let (name, value) =
                long.split_once('=').map_or((long, None), |(name, value)| (name, Some(value)));
            let Some(option) = options.iter().find(|option| &option.name[2..] == name) else {
                if name == "help" {
                    reading.help = true;
                    return Ok(reading);
                }
                return Err(format!("unknown flag: --{name}"));
            };
            reading.take(option, value, &mut rest, &format!("--{name}"))?;
        } else if let Some(letters) = word.strip_prefix('-').filter(|letters| !letters.is_empty()) {
            for (at, letter) in letters.char_indices() {
                let behind = &letters[at + letter.len_utf8()..];
                let Some(option) = options.iter().find(|option| option.letter == Some(letter)) else {
                    if letter == 'h' {
                        reading.help = true;
                        return Ok(reading);
                    }
                    return Err(format!("unknown shorthand flag: '{letter}' in -{}", &letters[at..]));
                };
                let attached = behind.strip_prefix('=').filter(|value| !value.is_empty());
                let attached = attached.or_else(|| Some(behind).filter(|_| !option.means.is_switch()));
                let attached = attached.filter(|value| !value.is_empty());
                reading.take(option, attached, &mut rest, &format!("'{letter}' in -{}", &letters[at..]))?;
                if attached.is_some() || !option.means.is_switch() {
                    break;
                }
            }
        } else {
            reading.words.push(word);
            if leading {
                reading.words.extend(rest.by_ref());
            }
        }
    }
    Ok(reading)
}

impl<'a> Reading<'a> {
    fn take(
        &mut self,
        option: &'static Opt,
        attached: Option<&'a str>,
        rest: &mut impl Iterator<Item = &'a str>,
        called: &str,
    ) -> Result<(), String> {
        let value = match attached {
            Some(value) if option.means.is_switch() => boolean(value).ok_or_else(|| {
                let letter = option.letter.map(|letter| format!("-{letter}, ")).unwrap_or_default();
                format!(
                    "invalid argument \"{value}\" for \"{letter}{}\" flag: strconv.ParseBool: parsing \"{value}\": invalid syntax",
                    option.name
                )
            })?,
            Some(value) => value,
            None if option.means.is_switch() => "true",
            None => rest.next().ok_or_else(|| format!("flag needs an argument: {called}"))?,
        };
        self.options.push((option, value));
        Ok(())
    }

    /// The options under their long names, as [`Line`](super::Line) has them: a boolean only when it is true in the end.
    pub(super) fn named(&self) -> Vec<(&'a str, Option<&'a str>)> {
        let mut named: Vec<(&'a str, Option<&'a str>)> = Vec::new();
        for (option, value) in &self.options {
            if option.means.is_switch() {
                named.retain(|(name, _)| *name != option.name);
                if *value == "true" {
                    named.push((option.name, None));
                }
            } else {
                named.push((option.name, Some(value)));
            }
        }
        named
    }
}

/// What Go takes for a boolean.
fn boolean(text: &str) -> Option<&'static str> {
    match text {
        "1" | "t" | "T" | "TRUE" | "true" | "True" => Some("true"),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Some("false"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::options;
    use super::*;

    fn told(typed: &str, options: &'static [Opt], leading: bool) -> String {
        let arguments: Vec<String> = typed.split_whitespace().map(str::to_owned).collect();
        match read(&arguments, options, leading) {
            Err(error) => error,
            Ok(reading) if reading.help => "help".into(),
            Ok(reading) => {
                let options =
                    reading.options.iter().map(|(option, value)| format!("{}={value}", option.name));
                let words = reading.words.iter().map(|word| (*word).to_owned());
                options.chain(words).collect::<Vec<_>>().join(" ")
            }
        }
    }

    #[test]
    fn options_are_read_as_docker_reads_them() {
        // What docker 28.2 says to each of these.
        for (typed, expected) in [
            ("--init web", "--init=true web"),
            ("--init=true web", "--init=true web"),
            ("--init=F web", "--init=false web"),
            ("--init false web", "--init=true false web"),
            (
                "--init=maybe web",
                "invalid argument \"maybe\" for \"--init\" flag: strconv.ParseBool: parsing \"maybe\": invalid syntax",
            ),
            (
                "-d=x web",
                "invalid argument \"x\" for \"-d, --detach\" flag: strconv.ParseBool: parsing \"x\": invalid syntax",
            ),
            ("--rm -it web sh -c --foo", "--rm=true --interactive=true --tty=true web sh -c --foo"),
            ("-itu root web", "--interactive=true --tty=true --user=root web"),
            ("-uroot web", "--user=root web"),
            ("-u=root web", "--user=root web"),
            ("--name web web", "--name=web web"),
            ("--name=--privileged web", "--name=--privileged web"),
            ("--name --privileged web", "--name=--privileged web"),
            ("-- --privileged", "--privileged"),
            ("--foo web", "unknown flag: --foo"),
            ("--privilege=x web", "unknown flag: --privilege"),
            ("-Z web", "unknown shorthand flag: 'Z' in -Z"),
            ("-itZ web", "unknown shorthand flag: 'Z' in -Z"),
            ("--name", "flag needs an argument: --name"),
            ("-u", "flag needs an argument: 'u' in -u"),
            ("---x", "bad flag syntax: ---x"),
            ("--help", "help"),
            ("-h", "flag needs an argument: 'h' in -h"),
        ] {
            assert_eq!(told(typed, options::RUN, true), expected, "{typed}");
        }
        assert_eq!(told("x --quiet -f y -- -z", options::BUILD, false), "--quiet=true --file=y x -z");
        assert_eq!(told("-h", options::PS, false), "help");
    }

    #[test]
    fn no_name_and_no_letter_is_there_twice() {
        for table in super::super::words::FORMS.iter().map(|form| form.options) {
            for (index, option) in table.iter().enumerate() {
                assert!(option.name.starts_with("--"), "{}", option.name);
                let same = |other: &&Opt| {
                    other.name == option.name || (other.letter.is_some() && other.letter == option.letter)
                };
                assert!(!table[..index].iter().any(|other| same(&other)), "{}", option.name);
            }
        }
    }
}
