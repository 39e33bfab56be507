//! git: all of it is real but what reaches another repository's refs.

use super::line::Line;
use super::verdict::{Kind, Scene, Verdict};

/// `git push` is recorded where there is a repository; elsewhere it fails as it does on AWS, whose CODE_ZIP sources have
/// none.
pub(super) fn push(line: &Line<'_>, _: &Scene<'_>) -> Verdict {
    if line.has(&["-h", "--help"]) {
        return Verdict::REAL;
    }
    let mut check = line.globals();
    check.extend(["rev-parse".to_owned(), "--git-dir".to_owned()]);
    Verdict::Instead { commands: vec![line.command(check)], kind: Kind::Check }
}
