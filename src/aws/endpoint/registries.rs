//! The package registries that the user's own clients are configured for.
//!
//! Owns: where pip, npm, cargo, Go and Maven keep that setting, and the same setting without what opens doors: user
//! names, passwords and tokens in URLs. Leaves to `proxy` letting connections through to them, to `tokens` what a token in
//! a path looks like: such a URL is of no use without it, and is not handed over at all.
//!
//! The files are read for their URLs only, line by line; whatever is not understood is passed over, and the build then
//! has the public registry, as it has at AWS.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};

use super::proxy::Place;
use super::tokens;

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Registries {
    /// Where they are.
    pub places: Vec<Place>,
    /// Variables that lead the clients of a build there.
    pub variables: BTreeMap<String, String>,
    /// Hosts whose URL is kept back, because its path holds what looks like a token.
    pub kept_back: BTreeSet<String>,
}

/// Where clients look that are configured for nothing else, and where those places send them on.
const PUBLIC: [&str; 14] = [
    "pypi.org",
    "files.pythonhosted.org",
    "registry.npmjs.org",
    "registry.yarnpkg.com",
    "crates.io",
    "index.crates.io",
    "static.crates.io",
    "proxy.golang.org",
    "sum.golang.org",
    "repo.maven.apache.org",
    "repo1.maven.org",
    "plugins.gradle.org",
    "rubygems.org",
    "index.rubygems.org",
];

/// The public registries. What clients find there is let through wherever their names lead to: where networks are closed, a
/// mirror of their own answers for them.
pub(in crate::aws) fn public() -> impl Iterator<Item = Place> {
    PUBLIC.iter().map(|host| Place { host: (*host).to_owned(), port: 443 })
}

/// What is looked through.
struct Search<'a> {
    home: &'a Path,
    environment: &'a BTreeMap<OsString, OsString>,
    places: BTreeSet<Place>,
    variables: BTreeMap<String, String>,
    kept_back: BTreeSet<String>,
}

/// Finds them in the user's environment and the files of their home.
pub fn registries(home: &Path, environment: &BTreeMap<OsString, OsString>) -> Registries {
    let mut search = Search {
        home,
        environment,
        places: BTreeSet::new(),
        variables: BTreeMap::new(),
        kept_back: BTreeSet::new(),
    };
    search.pip();
    search.npm();
    search.cargo();
    search.go();
    search.maven();
    let Search { places, variables, kept_back, .. } = search;
    Registries { places: places.into_iter().collect(), variables, kept_back }
}

impl Search<'_> {
    fn variable(&self, name: &str) -> Option<&str> {
        self.environment.get(OsStr::new(name))?.to_str().filter(|value| !value.trim().is_empty())
    }

    /// The file that a variable names, else the usual one.
    fn file(&self, variable: &str, usual: &str) -> String {
        let path = self.variable(variable).map_or_else(|| self.home.join(usual), PathBuf::from);
        fs::read_to_string(path).unwrap_or_default()
    }

    /// The user's folder for configuration.
    fn config(&self, inside: &str) -> String {
        let folder =
            self.variable("XDG_CONFIG_HOME").map_or_else(|| self.home.join(".config"), PathBuf::from);
        fs::read_to_string(folder.join(inside)).unwrap_or_default()
    }

    /// Takes the URLs of a setting, and sets it without what opens doors when `name` is a variable for it.
    fn take(&mut self, name: Option<&str>, value: &str, separator: &str) {
        let mut kept = Vec::new();
        for word in value.split([' ', ',', '|', '\n', '\t', '\r']).filter(|word| !word.is_empty()) {
            match stripped(word) {
                Some(Stripped { place, has_token: true, .. }) => {
                    self.kept_back.insert(place.host.clone());
                    self.places.insert(place);
                }
                Some(Stripped { url, place, has_token: false }) => {
                    self.places.insert(place);
                    kept.push(url);
                }
                // `direct` and `off` of Go. Anything else that is no URL is no registry on the network.
                None if matches!(word, "direct" | "off") => kept.push(word.to_owned()),
                None => {}
            }
        }
        if let (Some(name), false) = (name, kept.is_empty()) {
            self.variables.insert(name.to_owned(), kept.join(separator));
        }
    }

    /// pip: variables over the files of the user over those of the machine (pip's documentation, configuration).
    fn pip(&mut self) {
        let machine = fs::read_to_string("/etc/pip.conf").unwrap_or_default();
        let files = [machine, self.config("pip/pip.conf"), self.file("PIP_CONFIG_FILE", ".pip/pip.conf")];
        for (key, variable) in [("index-url", "PIP_INDEX_URL"), ("extra-index-url", "PIP_EXTRA_INDEX_URL")] {
            let in_files = files.iter().filter_map(|text| ini_value(text, key)).next_back();
            if let Some(value) = self.variable(variable).map(str::to_owned).or(in_files) {
                self.take(Some(variable), &value, " ");
            }
        }
        let trusted = files.iter().filter_map(|text| ini_value(text, "trusted-host")).next_back();
        if let Some(hosts) = self.variable("PIP_TRUSTED_HOST").map(str::to_owned).or(trusted) {
            self.variables.insert(
                "PIP_TRUSTED_HOST".to_owned(),
                hosts.split_whitespace().collect::<Vec<_>>().join(" "),
            );
        }
        for variable in ["UV_INDEX_URL", "UV_DEFAULT_INDEX"] {
            if let Some(value) = self.variable(variable).map(str::to_owned) {
                self.take(Some(variable), &value, " ");
            }
        }
    }

    /// npm, whose variables may be written in either case; `@scope:registry` has no variable that shells can hold.
    fn npm(&mut self) {
        let name = "npm_config_registry";
        let own = self.variable(name).or_else(|| self.variable("NPM_CONFIG_REGISTRY")).map(str::to_owned);
        let text = self.file("NPM_CONFIG_USERCONFIG", ".npmrc");
        let mut in_file = None;
        for (key, value) in settings(&text) {
            match key {
                "registry" => in_file = Some(value.to_owned()),
                _ if key.starts_with('@') && key.ends_with(":registry") => self.take(None, value, " "),
                _ => {}
            }
        }
        if let Some(value) = own.or(in_file) {
            self.take(Some(name), &value, " ");
        }
    }

    /// cargo: `[registries.NAME] index` has a variable, sources that replace others do not (the Cargo book, 3.3).
    fn cargo(&mut self) {
        let folder = self.variable("CARGO_HOME").map_or_else(|| self.home.join(".cargo"), PathBuf::from);
        let read = |name: &str| fs::read_to_string(folder.join(name)).ok();
        let text = read("config.toml").or_else(|| read("config")).unwrap_or_default();
        let mut section = String::new();
        for line in text.lines().map(str::trim) {
            if let Some(head) = line.strip_prefix('[').and_then(|line| line.split(']').next()) {
                section = head.replace(['"', '\''], "");
            } else if let Some((key, value)) = line.split_once('=') {
                let value = value.trim().trim_matches(['"', '\'']);
                match (section.split_once('.'), key.trim()) {
                    (Some(("registries", name)), "index") => {
                        let variable =
                            format!("CARGO_REGISTRIES_{}_INDEX", name.to_uppercase().replace('-', "_"));
                        self.take(Some(&variable), value, " ");
                    }
                    (Some(("source", _)), "registry") => self.take(None, value, " "),
                    _ => {}
                }
            }
        }
        let indexes =
            self.environment.iter().filter_map(|(name, value)| Some((name.to_str()?, value.to_str()?)));
        let indexes: Vec<_> = indexes
            .filter(|(name, _)| name.starts_with("CARGO_REGISTRIES_") && name.ends_with("_INDEX"))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        for (name, value) in indexes {
            self.take(Some(&name), &value, " ");
        }
    }

    /// Go: variables over what `go env -w` wrote.
    fn go(&mut self) {
        let written = self.config("go/env");
        let of = |search: &Self, name: &str| {
            let in_file = settings(&written).find(|(key, _)| *key == name).map(|(_, value)| value.to_owned());
            search.variable(name).map(str::to_owned).or(in_file)
        };
        if let Some(value) = of(self, "GOPROXY") {
            let separator = if value.contains('|') { "|" } else { "," };
            self.take(Some("GOPROXY"), &value, separator);
        }
        for name in ["GONOSUMDB", "GOPRIVATE", "GONOPROXY"] {
            if let Some(value) = of(self, name) {
                self.variables.insert(name.to_owned(), value);
            }
        }
    }

    /// Maven: mirrors and repositories of the user's settings. Its settings have no variable.
    fn maven(&mut self) {
        let text = fs::read_to_string(self.home.join(".m2/settings.xml")).unwrap_or_default();
        for piece in text.split("<url>").skip(1) {
            let url = piece.split('<').next().unwrap_or_default().trim();
            self.take(None, url, " ");
        }
    }
}

/// A URL without what opens doors.
struct Stripped {
    url: String,
    place: Place,
    /// Its path holds what looks like a token, which is still there.
    has_token: bool,
}

/// A URL without user, password, query and fragment, and its place. Prefixes of cargo's indexes stay.
fn stripped(url: &str) -> Option<Stripped> {
    let prefix =
        ["sparse+", "registry+"].into_iter().find(|prefix| url.starts_with(prefix)).unwrap_or_default();
    let bare = &url[prefix.len()..];
    let (scheme, rest) = bare.split_once("://")?;
    let place = Place::of_url(bare)?;
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    let authority = authority.rsplit_once('@').map_or(authority, |(_, place)| place);
    let has_token = tokens::in_path(&place.host, path);
    Some(Stripped { url: format!("{prefix}{scheme}://{authority}{path}"), place, has_token })
}

/// The settings `KEY=VALUE` of a file, without comments.
fn settings(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let lines = text.lines().map(str::trim).filter(|line| !line.starts_with(['#', ';']));
    lines.filter_map(|line| line.split_once('=')).map(|(key, value)| (key.trim(), value.trim()))
}

/// The value of a key in an INI file, whatever its section; further values stand on indented lines.
fn ini_value(text: &str, wanted: &str) -> Option<String> {
    let mut found: Option<String> = None;
    let mut inside = false;
    for line in text.lines() {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
            continue;
        }
        if inside && line.starts_with([' ', '\t']) {
            if let Some(value) = &mut found {
                value.push(' ');
                value.push_str(trimmed);
            }
            continue;
        }
        let setting = trimmed.split_once(['=', ':']);
        inside = setting.is_some_and(|(key, _)| key.trim().replace('_', "-") == wanted);
        if let (true, Some((_, value))) = (inside, setting) {
            found = Some(value.trim().to_owned());
        }
    }
    found.filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(files: &[(&str, &str)], variables: &[(&str, &str)]) -> Registries {
        let home = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = home.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let environment = variables.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        registries(home.path(), &environment)
    }

    fn shown(registries: &Registries) -> String {
        let places = registries.places.iter().map(Place::to_string);
        let variables = registries.variables.iter().map(|(name, value)| format!("{name}={value}"));
        let kept_back = registries.kept_back.iter().map(|host| format!("kept back: {host}"));
        places.chain(variables).chain(kept_back).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn registries_are_found_in_files_without_what_opens_doors() {
        let files = [
            (
                ".config/pip/pip.conf",
                "[global]\nindex-url = https://me:s3cr3t@pypi.corp.example/simple?token=s3cr3t\n\
                 extra-index-url =\n    http://10.0.0.5:8080/simple\n    https://s3cr3t@more.example/\n\
                 trusted-host = 10.0.0.5\n[install]\n# index-url = https://no.example\n",
            ),
            (
                ".npmrc",
                "registry=https://npm.corp.example/\n@team:registry=https://team.example:4873\n\
                 //npm.corp.example/:_authToken=s3cr3t\n; registry=https://no.example\n",
            ),
            (
                ".cargo/config.toml",
                "[source.crates-io]\nreplace-with = \"mirror\"\n[source.mirror]\n\
                 registry = \"sparse+https://cargo.example/index/\"\n[registries.my-own]\n\
                 index = \"sparse+https://u:s3cr3t@own.example/\"\ntoken = \"s3cr3t\"\n",
            ),
            (".config/go/env", "GOPROXY=https://u:s3cr3t@go.example,direct\nGOPRIVATE=corp.example\n"),
            (
                ".m2/settings.xml",
                "<settings><mirrors><mirror><url> https://maven.example/all </url></mirror></mirrors>\
                 <servers><server><password>s3cr3t</password></server></servers></settings>",
            ),
        ];
        let found = found(&files, &[]);
        let text = shown(&found);
        assert!(!text.contains("s3cr3t") && !text.contains("no.example"), "{text}");
        insta::assert_snapshot!(text);
    }

    #[test]
    fn urls_with_a_token_in_their_path_are_kept_back() {
        let files = [(
            ".config/pip/pip.conf",
            "[global]\nindex-url = https://dl.example/k3J9xQ2mP7vT4bN8/acme/python/simple\n\
             extra-index-url = https://more.example/simple\n",
        )];
        let variables = [("GOPROXY", "https://go.example/t/s3cr3t-s3cr3t/go,https://proxy.example,direct")];
        let found = found(&files, &variables);
        assert_eq!(
            shown(&found),
            "dl.example:443\ngo.example:443\nmore.example:443\nproxy.example:443\n\
             GOPROXY=https://proxy.example,direct\nPIP_EXTRA_INDEX_URL=https://more.example/simple\n\
             kept back: dl.example\nkept back: go.example"
        );
    }

    #[test]
    fn variables_win_over_files() {
        let files = [
            (".npmrc", "registry=https://file.example/\n"),
            (".config/go/env", "GOPROXY=https://file.example\n"),
        ];
        let variables = [
            ("NPM_CONFIG_REGISTRY", "https://variable.example/"),
            ("GOPROXY", "https://one.example|https://two.example|off"),
            ("PIP_INDEX_URL", "http://localhost:3141/root/pypi"),
            ("CARGO_REGISTRIES_X_INDEX", "sparse+https://x.example/"),
            ("CARGO_REGISTRIES_X_TOKEN", "s3cr3t"),
        ];
        insta::assert_snapshot!(shown(&found(&files, &variables)));
    }

    #[test]
    fn what_is_not_understood_is_passed_over() {
        let files = [
            (".npmrc", "registry=\nregistry"),
            (".config/pip/pip.conf", "index-url\n  x\n[global\nindex-url = file:///srv/wheels\n"),
            (".cargo/config.toml", "[registries.]\nindex = 5\n[source.a]\nregistry = \"https://\"\n= ="),
            (".m2/settings.xml", "<url><url>"),
        ];
        assert_eq!(
            found(&files, &[("GOPROXY", ",,|"), ("PIP_INDEX_URL", "https://a:b:c/")]),
            Registries::default()
        );
        assert_eq!(found(&[], &[]), Registries::default());
    }
}
