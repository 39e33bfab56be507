//! Where a command writes files, by its words, and where it stands when it does.
//!
//! Owns: which words of well-known programs name what they write, and the folder that a shell is in, as far below the source as
//! its commands say. Leaves to the rules: what is wrong with that.

use crate::spec::shell::{Place, Simple, Word};

/// Programs that write what stands behind an option of theirs: the letters and the long names.
const OPTIONS: &[(&[&str], char, &[&str])] = &[
    (&["cp", "install", "mv"], 't', &["--target-directory"]),
    (&["cc", "clang", "docker", "dotnet", "g++", "gcc", "go", "gpg", "pandoc", "sort"], 'o', &["--output"]),
    (&["curl"], 'o', &["--output", "--output-dir"]),
    (&["unzip"], 'd', &[]),
    (&["wget"], 'O', &["--output-document"]),
    (&["wget"], 'P', &["--directory-prefix"]),
];

/// The words of a command that name files or folders it writes.
pub fn writes<'a, 't>(simple: &'a Simple<'t>) -> Vec<&'a Word<'t>> {
    // `2>&1` goes where the other descriptor goes.
    let is_file = |operator: &str| operator.starts_with('>') && operator != ">&";
    let redirected = simple.redirections.iter().filter(|redirection| is_file(redirection.operator));
    let mut found: Vec<_> = redirected.map(|redirection| &redirection.target).collect();
    let Some(name) = simple.name() else { return found };
    let arguments = simple.arguments();
    for (programs, letter, long) in OPTIONS {
        if programs.contains(&name) {
            found.extend(values(arguments, *letter, long));
        }
    }
    let mut plain = arguments.iter().filter(|word| !word.text.starts_with('-'));
    match name {
        "cp" | "install" | "mv" | "rsync" => {
            let last = plain.next_back();
            found.extend(last.filter(|_| plain.next().is_some()));
        }
        "tee" | "touch" => found.extend(plain),
        "zip" => found.extend(plain.next()),
        "tar" => found.extend(of_tar(arguments)),
        _ => {}
    }
    found
}

/// The values of an option, whether it stands alone, at the end of other letters or by a long name.
fn values<'a, 't>(
    arguments: &'a [Word<'t>],
    letter: char,
    long: &'a [&'a str],
) -> impl Iterator<Item = &'a Word<'t>> {
    arguments.windows(2).filter_map(move |pair| {
        let option = &pair[0].text;
        let letters = option.strip_prefix('-').filter(|rest| !rest.starts_with('-'));
        let is_it = long.contains(&&**option) || letters.is_some_and(|letters| letters.ends_with(letter));
        is_it.then_some(&pair[1])
    })
}

/// The archive that `tar` makes, or the folder that it unpacks to.
fn of_tar<'a, 't>(arguments: &'a [Word<'t>]) -> Option<&'a Word<'t>> {
    let first = arguments.first()?;
    let letters = |word: &Word<'_>| !word.text.starts_with("--") && word.text.starts_with('-');
    let clusters = std::iter::once(first).chain(arguments.iter().skip(1).filter(|word| letters(word)));
    let has = |mode: &[char], long: &str| {
        clusters.clone().any(|word| word.text.contains(mode))
            || arguments.iter().any(|word| word.text == long)
    };
    if has(&['x'], "--extract") {
        return values(arguments, 'C', &["--directory"]).next();
    }
    if !has(&['c', 'r', 'u'], "--create") {
        return None;
    }
    // Without a dash, too, the archive stands behind the letters.
    let old = first.text.ends_with('f').then(|| arguments.get(1)).flatten();
    old.or_else(|| values(arguments, 'f', &["--file"]).next())
}

/// The folder that a shell is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Folder {
    /// So many folders below the top of the source.
    Below(usize),
    /// Above it: `cd ..` led out of it.
    Above,
    /// Somewhere else, or nobody knows.
    Elsewhere,
}

impl Folder {
    /// After a command.
    #[must_use]
    pub fn after(self, simple: &Simple<'_>, place: Place) -> Self {
        match simple.name() {
            Some("cd" | "pushd") => {}
            // What is read, or run by a name, may go anywhere.
            Some("popd" | "." | "source" | "eval") => return Self::Elsewhere,
            _ => return self,
        }
        // What is done in another order, or perhaps not at all, leads anywhere.
        if place.in_function || place.in_substitution {
            return Self::Elsewhere;
        }
        let [to] = simple.arguments() else { return Self::Elsewhere };
        match (&*to.text, self) {
            ("$CODEBUILD_SRC_DIR" | "${CODEBUILD_SRC_DIR}", _) => Self::Below(0),
            (path, here) if to.literal && !path.starts_with(['/', '~', '-']) => {
                path.split('/').fold(here, |here, part| match (part, here) {
                    ("" | ".", here) => here,
                    ("..", Self::Below(depth)) => depth.checked_sub(1).map_or(Self::Above, Self::Below),
                    ("..", Self::Above) => Self::Above,
                    (_, Self::Below(depth)) => Self::Below(depth + 1),
                    // It may be the source's own folder, by its name.
                    (_, Self::Above | Self::Elsewhere) => Self::Elsewhere,
                })
            }
            _ => Self::Elsewhere,
        }
    }

    /// Whether a relative path leads out of the source.
    pub fn leaves(self, path: &str) -> bool {
        let depth = match self {
            Self::Below(depth) => depth,
            // A folder may be the source's own, by its name.
            Self::Above => {
                return path.starts_with("../") || !path.contains('/') && !path.starts_with(['~', '$']);
            }
            Self::Elsewhere => return false,
        };
        let mut left = Some(depth);
        for part in path.split('/') {
            left = match (part, left) {
                ("" | ".", left) => left,
                ("..", Some(depth)) => depth.checked_sub(1),
                (_, left) => left.map(|depth| depth + 1),
            };
            if left.is_none() {
                return true;
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::shell;

    #[test]
    fn what_programs_write_is_told_by_their_words() {
        for (text, expected) in [
            ("make > /a 2>> b < c", "/a b"),
            ("make > /a 2>&1", "/a"),
            ("cp -r a b /c", "/c"),
            ("cp a", ""),
            ("cp -t /c a b", "/c b"),
            ("mv dist /out/dist", "/out/dist"),
            ("tee -a /opt/x y", "/opt/x y"),
            ("tar czf ../x.tgz .", "../x.tgz"),
            ("tar -c -z -f /x.tgz .", "/x.tgz"),
            ("tar --create --file /x.tgz .", "/x.tgz"),
            ("tar xzf /x.tgz -C /opt", "/opt"),
            ("tar -xf /x.tgz", ""),
            ("tar tf /x.tgz", ""),
            ("zip -r ../x.zip .", "../x.zip"),
            ("unzip -q a.zip -d /opt/a", "/opt/a"),
            ("curl -fsSLo /opt/x https://x.example", "/opt/x"),
            ("curl --output /opt/x https://x.example", "/opt/x"),
            ("curl -O https://x.example/a", ""),
            ("wget -qO /opt/x https://x.example", "/opt/x"),
            ("go build -o /srv/app ./cmd", "/srv/app"),
            ("sudo cp a /b", "/b"),
            ("cat /etc/passwd", ""),
        ] {
            let script = shell::parse(text);
            let mut found = Vec::new();
            for (simple, _) in shell::simples(&shell::steps(&script, &mut Vec::new())) {
                found.extend(writes(simple).iter().map(|word| word.text.to_string()));
            }
            assert_eq!(found.join(" "), expected, "{text}");
        }
    }

    #[test]
    fn the_folder_follows_the_commands() {
        use Folder::{Above, Below, Elsewhere};
        for (text, expected) in [
            ("make", Below(0)),
            ("cd web", Below(1)),
            ("cd web/app && cd ..", Below(1)),
            ("cd ./web/", Below(1)),
            ("cd ..", Above),
            ("cd web; cd ../..", Above),
            ("cd ..; cd ..", Above),
            ("cd ..; cd web", Elsewhere),
            ("cd ../web", Elsewhere),
            ("cd /tmp", Elsewhere),
            ("cd /tmp; cd \"$CODEBUILD_SRC_DIR\"", Below(0)),
            ("cd -", Elsewhere),
            ("cd", Elsewhere),
            ("cd $DIR", Elsewhere),
            ("pushd web", Below(1)),
            ("pushd web; popd", Elsewhere),
            (". ./env.sh", Elsewhere),
        ] {
            let script = shell::parse(text);
            let mut folder = Below(0);
            for (simple, place) in shell::simples(&shell::steps(&script, &mut Vec::new())) {
                folder = folder.after(simple, place);
            }
            assert_eq!(folder, expected, "{text}");
        }
    }

    #[test]
    fn a_path_leaves_the_source_by_more_steps_up_than_down() {
        for (depth, path, expected) in [
            (0, "../x", true),
            (0, "x/../../y", true),
            (0, "x/../y", false),
            (1, "../x", false),
            (1, "../../x", true),
            (0, "x", false),
        ] {
            assert_eq!(Folder::Below(depth).leaves(path), expected, "{depth} {path}");
        }
        assert!(!Folder::Elsewhere.leaves("../x"));
    }
}
