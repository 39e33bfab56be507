//! Mistakes in appspecs (codedeploy.md 2, 3).

use super::plant::Op;
use super::{Kind, kind};

pub(super) const KINDS: &[Kind] = &[
    kind("a misspelt lifecycle event", "hooks/*", Op::KeyTypo, "unknown-lifecycle-event"),
    kind(
        "an event that runs no scripts",
        "hooks",
        Op::Insert("Install:\n  - location: a.sh"),
        "unknown-lifecycle-event",
    ),
    kind("a mode with a zero before it", "permissions/*/mode", Op::Value("0644"), "octal-mode"),
    kind("an hour and a second", "hooks/AfterInstall/*/timeout", Op::Value("3601"), "timeout-too-long").up(2),
    kind("another version", "version", Op::Value("1.0"), "invalid-value"),
    kind("another system", "os", Op::Value("darwin"), "invalid-value"),
    kind("no version", "version", Op::Remove, "missing-key"),
    kind("no system", "os", Op::Remove, "missing-key"),
    kind("a file without a destination", "files/*/destination", Op::Remove, "missing-key"),
    kind("a text for `files`", "files", Op::Value("app"), "wrong-kind"),
    kind("a mapping for `hooks` of an event", "hooks/*", Op::Value("{location: a.sh}"), "wrong-kind"),
    kind("a script without a location", "hooks/*/*/location", Op::Remove, "missing-key"),
    kind("a timeout that is no number", "hooks/*/*/timeout", Op::Value("soon"), "invalid-value"),
    kind(
        "another behaviour for files that are there",
        "file_exists_behavior",
        Op::Value("KEEP"),
        "invalid-value",
    ),
    kind("a mode that is none", "permissions/*/mode", Op::Value("rwxr-xr-x"), "invalid-value"),
    kind("another type of object", "permissions/*/type/*", Op::Value("link"), "invalid-value"),
];
