//! The directory that the commands are in, by its path below the source.
//!
//! Owns: following `cd` from command to command, as far as it can be told. [`super::Folder`] knows no more than how deep that is, and
//! knows it in more cases.

use crate::spec::shell::{Place, Simple};

/// Where the commands are: none once nobody knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directory(Option<String>);

impl Directory {
    /// The source's own.
    pub fn top() -> Self {
        Self(Some(String::new()))
    }

    /// A path as the commands would find it from here: from the top, without `.` and `..`. None when it is not known, or leads out of
    /// the source.
    pub fn path(&self, path: &str) -> Option<String> {
        from(self.0.as_deref()?, path)
    }

    /// Whether it is known.
    pub fn is_known(&self) -> bool {
        self.0.is_some()
    }

    /// After a command.
    pub fn follow(&mut self, simple: &Simple<'_>, place: Place) {
        let next = match simple.name() {
            Some("cd") => self.after_cd(simple, place),
            Some("pushd" | "popd" | "." | "source" | "eval") => None,
            _ => return,
        };
        self.0 = next;
    }

    fn after_cd(&self, simple: &Simple<'_>, place: Place) -> Option<String> {
        let [to] = simple.arguments() else { return None };
        // What perhaps is not done leads anywhere.
        if place.in_function || place.guarded || place.tolerated {
            return None;
        }
        match &*to.text {
            "$CODEBUILD_SRC_DIR" | "${CODEBUILD_SRC_DIR}" => Some(String::new()),
            path if to.literal => self.path(path),
            _ => None,
        }
    }
}

/// A path from a folder, without `.` and `..`; none when it leads out of the top, or is no relative path.
pub fn from(folder: &str, path: &str) -> Option<String> {
    if path.starts_with(['/', '~', '-']) {
        return None;
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::shell;

    #[test]
    fn the_directory_follows_the_commands() {
        // codebuild.md 3.4: the working directory is carried to the next command.
        for (text, expected) in [
            ("make", Some("x")),
            ("cd app", Some("app/x")),
            ("cd app/web; cd ..", Some("app/x")),
            ("cd ./app/", Some("app/x")),
            ("cd ..", None),
            ("cd /tmp", None),
            ("cd /tmp; cd $CODEBUILD_SRC_DIR", Some("x")),
            ("cd -", None),
            ("cd", None),
            ("cd $DIR", None),
            ("make && cd app", None),
            ("cd app && make", Some("app/x")),
            ("cd app || true", None),
            ("! cd app", None),
            (". ./env.sh", None),
        ] {
            let script = shell::parse(text);
            let mut directory = Directory::top();
            for (simple, place) in shell::simples(&shell::steps(&script, &mut Vec::new())) {
                directory.follow(simple, place);
            }
            assert_eq!(directory.path("./x").as_deref(), expected, "{text}");
        }
    }
}
