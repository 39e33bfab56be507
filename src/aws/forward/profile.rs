//! A profile of the user: where its keys come from, and where its calls go.
//!
//! Owns: what the settings of a profile mean, as far as we understand them; what we do not is an error that says what to
//! do instead. Leaves to `credentials`: getting the keys.

use std::path::PathBuf;

use super::files::{Files, Section};
use super::keys::Keys;

/// The variables of the user's environment that say where the files are and where calls go.
pub type Lookup<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// A profile, understood.
#[derive(Debug)]
pub(super) struct Profile {
    /// Its name.
    pub(super) name: String,
    /// `region`.
    pub(super) region: Option<String>,
    /// Where its keys come from.
    pub(super) origin: Origin,
    /// Where calls go instead of AWS: for a service, by its identifier in lower case with `_`.
    endpoints: Section,
    /// Where all other calls go instead of AWS.
    endpoint: Option<String>,
}

/// Where keys come from.
#[derive(Debug)]
pub(super) enum Origin {
    /// They stand in the files.
    Static(Keys),
    /// A command prints them.
    Process(String),
    /// A role, assumed with another profile's keys.
    Role(Box<Role>),
}

/// A role to assume.
#[derive(Debug)]
pub(super) struct Role {
    /// `role_arn`.
    pub(super) arn: String,
    /// `source_profile`.
    pub(super) source: Profile,
    /// `role_session_name`.
    pub(super) session: Option<String>,
    /// `external_id`.
    pub(super) external_id: Option<String>,
    /// `duration_seconds`.
    pub(super) seconds: Option<String>,
}

/// What helps with profiles that get their keys in a way that is not understood here.
const INSTEAD: &str = "let the AWS CLI get the keys: in ~/.aws/config, a profile with \
                       `credential_process = aws configure export-credentials --format process --profile";

impl Profile {
    /// Finds the profile in the user's files.
    pub(super) fn find(name: &str, variables: &Lookup<'_>) -> Result<Self, String> {
        let home = variables("HOME").map(PathBuf::from);
        let place = |variable: &str, file: &str| {
            let set = variables(variable).filter(|path| !path.is_empty()).map(PathBuf::from);
            set.or_else(|| home.as_ref().map(|home| home.join(".aws").join(file)))
                .ok_or_else(|| format!("neither HOME nor {variable} says where profiles are"))
        };
        let config = place("AWS_CONFIG_FILE", "config")?;
        let credentials = place("AWS_SHARED_CREDENTIALS_FILE", "credentials")?;
        let files = Files::read(&config, &credentials)?;
        let mut found = Self::of(name, &files, &mut Vec::new())?;
        found.take_environment(variables);
        Ok(found)
    }

    /// The profile `name`; `above` are those that lead to it.
    fn of(name: &str, files: &Files, above: &mut Vec<String>) -> Result<Self, String> {
        let Some(settings) = files.profiles.get(name) else { return Err(unknown(name, files)) };
        if above.iter().any(|other| other == name) {
            return Err(format!("the profile {name} gets its keys from itself (`source_profile`)"));
        }
        above.push(name.to_owned());
        let ignores = settings.get("ignore_configured_endpoint_urls").is_some_and(|text| text == "true");
        let services = settings.get("services").map(|services| {
            files.services.get(services).ok_or_else(|| {
                format!("the profile {name} names the section [services {services}], which is not there")
            })
        });
        let endpoints = match services.transpose()? {
            Some(section) if !ignores => section
                .iter()
                .filter_map(|(key, url)| Some((key.strip_suffix(".endpoint_url")?.to_owned(), url.clone())))
                .collect(),
            Some(_) | None => Section::new(),
        };
        Ok(Self {
            name: name.to_owned(),
            region: settings.get("region").filter(|region| !region.is_empty()).cloned(),
            origin: origin(name, settings, files, above)?,
            endpoints,
            endpoint: settings.get("endpoint_url").filter(|_| !ignores).cloned(),
        })
    }

    /// Takes what the user's shell says about endpoints where the profile says nothing.
    fn take_environment(&mut self, variables: &Lookup<'_>) {
        if self.endpoint.is_none() {
            self.endpoint = variables("AWS_ENDPOINT_URL").filter(|url| !url.is_empty());
        }
    }

    /// Where calls of a service go instead of AWS. `service_id` is the identifier in the service's model: `Elastic
    /// Beanstalk`.
    pub(super) fn endpoint(&self, service_id: &str) -> Option<&str> {
        let key = service_id.to_ascii_lowercase().replace(' ', "_");
        self.endpoints.get(&key).or(self.endpoint.as_ref()).map(String::as_str)
    }
}

fn origin(name: &str, settings: &Section, files: &Files, above: &mut Vec<String>) -> Result<Origin, String> {
    let get = |key: &str| settings.get(key).map(String::as_str).filter(|value| !value.is_empty());
    let not_here = |key: &str, what: &str| {
        Err(format!("the profile {name} has `{key}`: {what}; {INSTEAD} {name}`, and name that one"))
    };
    if let Some(arn) = get("role_arn") {
        if get("credential_source").is_some() {
            return not_here("credential_source", "keys of the machine are not asked for here");
        }
        if get("web_identity_token_file").is_some() {
            return not_here("web_identity_token_file", "web identities are not supported here");
        }
        if get("mfa_serial").is_some() {
            return not_here("mfa_serial", "nobody is asked for a code here");
        }
        let Some(source) = get("source_profile") else {
            return Err(format!(
                "the profile {name} has `role_arn` and no `source_profile` whose keys assume it"
            ));
        };
        // A role may be assumed with keys that stand beside it.
        let source = match (source == name, keys(name, settings)) {
            (true, Some(keys)) => Profile {
                name: name.to_owned(),
                region: get("region").map(str::to_owned),
                origin: Origin::Static(keys?),
                endpoints: Section::new(),
                endpoint: get("endpoint_url").map(str::to_owned),
            },
            (true | false, _) => Profile::of(source, files, above)?,
        };
        return Ok(Origin::Role(Box::new(Role {
            arn: arn.to_owned(),
            source,
            session: get("role_session_name").map(str::to_owned),
            external_id: get("external_id").map(str::to_owned),
            seconds: get("duration_seconds").map(str::to_owned),
        })));
    }
    if let Some(keys) = keys(name, settings) {
        return Ok(Origin::Static(keys?));
    }
    if let Some(command) = get("credential_process") {
        return Ok(Origin::Process(command.to_owned()));
    }
    for key in ["sso_session", "sso_start_url"] {
        if get(key).is_some() {
            return not_here(key, "sessions of IAM Identity Center are not read here");
        }
    }
    if get("login_session").is_some() {
        return not_here("login_session", "sessions of `aws login` are not read here");
    }
    Err(format!("the profile {name} has no keys: neither aws_access_key_id, credential_process nor role_arn"))
}

/// The keys that stand in a section, if any do.
fn keys(name: &str, settings: &Section) -> Option<Result<Keys, String>> {
    let get = |key: &str| settings.get(key).map(String::as_str).filter(|value| !value.is_empty());
    match (get("aws_access_key_id"), get("aws_secret_access_key")) {
        (Some(id), Some(secret)) => Some(Ok(Keys::new(id, secret, get("aws_session_token")))),
        (None, None) => None,
        (Some(_), None) => Some(Err(format!("the profile {name} has no aws_secret_access_key"))),
        (None, Some(_)) => Some(Err(format!("the profile {name} has no aws_access_key_id"))),
    }
}

fn unknown(name: &str, files: &Files) -> String {
    let [config, credentials] = &files.places;
    let places = format!("{} and {}", config.display(), credentials.display());
    let names: Vec<_> = files.profiles.keys().map(String::as_str).collect();
    if names.is_empty() {
        format!("there is no profile {name}: {places} hold none")
    } else {
        format!("there is no profile {name} in {places}; there is {}", names.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(config: &str, name: &str, environment: &[(&str, &str)]) -> Result<Profile, String> {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join(".aws")).unwrap();
        std::fs::write(dir.path().join(".aws/config"), config).unwrap();
        let home = dir.path().to_str().unwrap().to_owned();
        let found = Profile::find(name, &|variable: &str| match variable {
            "HOME" => Some(home.clone()),
            _ => environment.iter().find(|(own, _)| *own == variable).map(|(_, value)| (*value).to_owned()),
        });
        found.map_err(|error| error.replace(&home, "~"))
    }

    const KEYS: &str = "aws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = s3cret\n";

    #[test]
    fn what_is_not_understood_says_what_to_do() {
        let role = "role_arn = arn:aws:iam::111122223333:role/r\n";
        let table = [
            (String::new(), "hold none"),
            (
                format!("[profile other]\n{KEYS}"),
                "there is no profile dev in ~/.aws/config and ~/.aws/credentials; there is other",
            ),
            ("[profile dev]\nregion = x\n".into(), "has no keys"),
            ("[profile dev]\naws_access_key_id = A\n".into(), "no aws_secret_access_key"),
            (format!("[profile dev]\n{role}"), "no `source_profile`"),
            (format!("[profile dev]\n{role}source_profile = gone\n"), "there is no profile gone"),
            (format!("[profile dev]\n{role}source_profile = dev\n"), "gets its keys from itself"),
            (
                format!("[profile dev]\n{role}source_profile = b\n[profile b]\n{role}source_profile = dev\n"),
                "gets its keys from itself",
            ),
            (
                format!("[profile dev]\n{role}credential_source = Ec2InstanceMetadata\n"),
                "`credential_source`: keys of the machine are not asked for",
            ),
            (format!("[profile dev]\n{role}source_profile = b\nmfa_serial = m\n"), "`mfa_serial`"),
            (
                "[profile dev]\nsso_session = corp\n".into(),
                "aws configure export-credentials --format process --profile dev`",
            ),
            (format!("[profile dev]\nservices = gone\n{KEYS}"), "[services gone], which is not there"),
        ];
        for (config, expected) in table {
            let error = find(&config, "dev", &[]).unwrap_err();
            assert!(error.contains(expected), "{config}: {error}");
            assert!(!error.contains("s3cret"), "{error}");
        }
    }

    #[test]
    fn the_services_section_wins_over_the_profile_and_the_profile_over_the_shell() {
        let config = format!(
            "[profile dev]\n{KEYS}services = s\nendpoint_url = http://p\n[services s]\ns3 =\n  endpoint_url = http://s3\n\
             elastic_beanstalk =\n  endpoint_url = http://eb\n[profile plain]\n{KEYS}\n[profile off]\n{KEYS}services = s\n\
             endpoint_url = http://p\nignore_configured_endpoint_urls = true\n"
        );
        let shell = [("AWS_ENDPOINT_URL", "http://shell")];
        let dev = find(&config, "dev", &shell).unwrap();
        assert_eq!(dev.endpoint("S3"), Some("http://s3"));
        assert_eq!(dev.endpoint("Elastic Beanstalk"), Some("http://eb"));
        assert_eq!(dev.endpoint("SNS"), Some("http://p"));
        assert_eq!(find(&config, "plain", &shell).unwrap().endpoint("S3"), Some("http://shell"));
        assert_eq!(find(&config, "plain", &[]).unwrap().endpoint("S3"), None);
        assert_eq!(find(&config, "off", &[]).unwrap().endpoint("S3"), None);
    }

    #[test]
    fn a_role_is_assumed_with_another_profiles_keys_or_its_own() {
        let role = "role_arn = arn:aws:iam::111122223333:role/r\nexternal_id = e\n";
        for config in [
            format!("[profile dev]\n{role}source_profile = base\n[profile base]\n{KEYS}"),
            format!("[profile dev]\n{role}source_profile = dev\n{KEYS}"),
        ] {
            let Origin::Role(role) = find(&config, "dev", &[]).unwrap().origin else { panic!("{config}") };
            assert!(matches!(role.source.origin, Origin::Static(_)), "{config}");
            assert_eq!(role.external_id.as_deref(), Some("e"));
        }
    }
}
