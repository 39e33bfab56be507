//! Where a buildspec is, as a setting says it (codebuild.md 1.1).

/// Where a buildspec is (codebuild.md 1.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BuildspecFile {
    /// `buildspec.yml` in the root of the primary source.
    Default,
    /// A path relative to the root of the primary source.
    Path(String),
    /// The text itself.
    Inline(String),
    /// An object in S3, which is not reachable from here.
    Remote(String),
}

impl BuildspecFile {
    /// Reads a project's `source.buildspec` or a start's override, which can be any of the forms.
    pub fn from_setting(setting: Option<&str>) -> Self {
        match setting.map(str::trim_end) {
            None | Some("") => Self::Default,
            Some(text) if text.starts_with("arn:") => Self::Remote(text.to_owned()),
            Some(text) if text.contains('\n') || text.trim_start().starts_with('{') => {
                Self::Inline(text.to_owned())
            }
            Some(path) => Self::Path(path.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buildspec_setting_has_the_forms_of_the_reference() {
        // codebuild.md 1.1
        for (setting, expected) in [
            (None, BuildspecFile::Default),
            (Some(""), BuildspecFile::Default),
            (Some("ci/build.yml"), BuildspecFile::Path("ci/build.yml".into())),
            (Some("ci/build.yml\n"), BuildspecFile::Path("ci/build.yml".into())),
            (Some("version: 0.2\nphases: {}"), BuildspecFile::Inline("version: 0.2\nphases: {}".into())),
            (Some("{\"version\": 0.2}"), BuildspecFile::Inline("{\"version\": 0.2}".into())),
            (Some("arn:aws:s3:::bucket/b.yml"), BuildspecFile::Remote("arn:aws:s3:::bucket/b.yml".into())),
        ] {
            assert_eq!(BuildspecFile::from_setting(setting), expected, "{setting:?}");
        }
    }
}
