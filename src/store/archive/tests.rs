//! Round trips, and archives made to do harm.

use std::ffi::OsStr;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::*;
use crate::testing::cases;

/// Every path below `dir`, each as `name kind mode content`.
fn listing(dir: &Path) -> Vec<String> {
    let mut lines = Vec::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let metadata = path.symlink_metadata().unwrap();
            let name = path.strip_prefix(dir).unwrap().as_os_str().as_bytes().escape_ascii().to_string();
            let mode = metadata.permissions().mode() & 0o7777;
            lines.push(if metadata.is_symlink() {
                format!("{name} -> {}", path.read_link().unwrap().display())
            } else if metadata.is_dir() {
                folders.push(path.clone());
                format!("{name}/ {mode:o}")
            } else {
                format!("{name} {mode:o} {} bytes", std::fs::read(&path).unwrap().len())
            });
        }
    }
    lines.sort();
    lines
}

fn chmod(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

/// A folder with one of everything.
fn sample(dir: &Path) {
    std::fs::create_dir_all(dir.join("src/deep")).unwrap();
    std::fs::create_dir_all(dir.join("empty")).unwrap();
    std::fs::create_dir_all(dir.join(".hidden")).unwrap();
    std::fs::write(dir.join("src/deep/big.txt"), "the same line over and over\n".repeat(50_000)).unwrap();
    std::fs::write(dir.join("run.sh"), "#!/bin/sh\nexit 0\n").unwrap();
    std::fs::write(dir.join("nothing"), "").unwrap();
    std::fs::write(dir.join("secret"), "s").unwrap();
    std::fs::write(dir.join(OsStr::from_bytes(b"latin\xe9.txt")), "not UTF-8").unwrap();
    std::fs::write(dir.join("gr\u{fc}\u{df}e \u{65e5}.txt"), "UTF-8").unwrap();
    std::fs::write(dir.join("back\\slash\\"), "a file").unwrap();
    chmod(&dir.join("run.sh"), 0o755);
    chmod(&dir.join("secret"), 0o600);
    chmod(&dir.join("nothing"), 0o644);
    chmod(&dir.join("empty"), 0o750);
    symlink("deep/big.txt", dir.join("src/link")).unwrap();
    symlink("nowhere", dir.join("dangling")).unwrap();
    symlink("src", dir.join("folder-link")).unwrap();
}

#[test]
fn what_is_packed_comes_out_again() {
    let dir = tempfile::tempdir().unwrap();
    let (from, zip, to) = (dir.path().join("from"), dir.path().join("a.zip"), dir.path().join("to"));
    sample(&from);
    let packed = pack(Selection::Folder(&from), &zip).unwrap();
    let unpacked = unpack(&zip, &to, Limits::default()).unwrap();
    assert_eq!(listing(&to), listing(&from));
    assert_eq!((packed.entries, packed.bytes), (unpacked.entries, unpacked.bytes));
    assert_eq!(usize::try_from(packed.entries).unwrap(), listing(&from).len());
    assert_eq!(unpacked.escaping, Vec::<PathBuf>::new());
    assert!(zip.metadata().unwrap().len() < packed.bytes / 10, "repetition is packed");
}

#[test]
fn the_same_content_gives_the_same_bytes() {
    let dir = tempfile::tempdir().unwrap();
    let mut archives = Vec::new();
    for name in ["one", "other"] {
        let from = dir.path().join(name);
        sample(&from);
        let zip = dir.path().join(name).with_extension("zip");
        pack(Selection::Folder(&from), &zip).unwrap();
        archives.push(std::fs::read(zip).unwrap());
    }
    assert!(archives[0] == archives[1]);
}

#[test]
fn files_that_come_out_have_one_date() {
    let dir = tempfile::tempdir().unwrap();
    let (from, zip, to) = (dir.path().join("from"), dir.path().join("a.zip"), dir.path().join("to"));
    sample(&from);
    pack(Selection::Folder(&from), &zip).unwrap();
    unpack(&zip, &to, Limits::default()).unwrap();
    let date = zip.metadata().unwrap().modified().unwrap();
    for file in ["run.sh", "src/deep/big.txt", "nothing"] {
        assert_eq!(to.join(file).metadata().unwrap().modified().unwrap(), date, "{file}");
    }
}

#[test]
fn a_list_names_what_goes_in() {
    let dir = tempfile::tempdir().unwrap();
    let from = dir.path().join("from");
    sample(&from);
    let pair = |source: &str, name: &str| (from.join(source), PathBuf::from(name));
    let listed = [
        pair("run.sh", "./bin//run"),
        pair("src/link", "bin/link"),
        pair("src", "src"),
        pair("run.sh", "bin/run"),
    ];
    let zip = dir.path().join("a.zip");
    pack(Selection::Listed(&listed), &zip).unwrap();
    unpack(&zip, &dir.path().join("to"), Limits::default()).unwrap();
    assert_eq!(
        listing(&dir.path().join("to")),
        ["bin/ 755", "bin/link -> deep/big.txt", "bin/run 755 17 bytes", "src/ 755"]
    );

    let clash = [pair("run.sh", "a"), pair("secret", "a")];
    let error = pack(Selection::Listed(&clash), &zip).unwrap_err();
    assert!(matches!(error, Error::Clash { .. }), "{error}");
    for name in ["/etc/passwd", "../up", "a/../b", "", "."] {
        let error = pack(Selection::Listed(&[pair("run.sh", name)]), &zip).unwrap_err();
        assert!(matches!(error, Error::Name { .. }), "{name}: {error}");
    }
    let error = pack(Selection::Listed(&[pair("absent", "a")]), &zip).unwrap_err();
    assert!(error.to_string().contains("absent"), "{error}");
}

#[test]
fn sockets_are_left_out_and_said_so() {
    let dir = tempfile::tempdir().unwrap();
    let from = dir.path().join("from");
    std::fs::create_dir(&from).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(from.join("socket")).unwrap();
    let packed = pack(Selection::Folder(&from), &dir.path().join("a.zip")).unwrap();
    assert_eq!((packed.entries, packed.skipped), (0, vec![from.join("socket")]));
}

#[test]
fn folders_that_cannot_be_written_to_come_out_with_their_content() {
    let dir = tempfile::tempdir().unwrap();
    let (from, zip, to) = (dir.path().join("from"), dir.path().join("a.zip"), dir.path().join("to"));
    std::fs::create_dir_all(from.join("mod/inner")).unwrap();
    std::fs::write(from.join("mod/inner/file"), "x").unwrap();
    chmod(&from.join("mod/inner"), 0o555);
    chmod(&from.join("mod"), 0o555);
    pack(Selection::Folder(&from), &zip).unwrap();
    unpack(&zip, &to, Limits::default()).unwrap();
    assert_eq!(listing(&to), listing(&from));
    for tree in [from, to] {
        crate::store::remove_tree(&tree).unwrap();
    }
}

/// An entry of a crafted archive: name, mode with its type bits (0: none), content.
type Crafted<'a> = (&'a [u8], u32, &'a [u8]);

fn crafted(path: &Path, entries: &[Crafted<'_>]) {
    let mut zip = ZipWriter::new(std::fs::File::create(path).unwrap());
    for (name, mode, content) in entries {
        let options = SimpleFileOptions::default()
            .name(name)
            .external_attributes(mode << 16)
            .compression_method(CompressionMethod::Deflated);
        zip.start_file_with_options(options).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap();
}

const FILE: u32 = REGULAR | 0o644;
const LINK: u32 = SYMLINK | 0o777;
const FOLDER: u32 = DIRECTORY | 0o755;

#[test]
fn nothing_is_written_outside_the_folder() {
    let cases: [(&str, &[Crafted<'_>], &str); 12] = [
        ("upwards", &[(b"../evil", FILE, b"x")], "leads out"),
        ("upwards later", &[(b"a/../../evil", FILE, b"x")], "leads out"),
        ("a folder upwards", &[(b"../evil/", FOLDER, b"")], "leads out"),
        ("a link upwards", &[(b"../evil", LINK, b"target")], "leads out"),
        ("absolute", &[(b"/tmp/evil", FILE, b"x")], "is absolute"),
        ("through a link", &[(b"a", LINK, b"../outside"), (b"a/evil", FILE, b"x")], "is in the way"),
        (
            "through a link that comes later",
            &[(b"a/evil", FILE, b"x"), (b"a", LINK, b"../outside")],
            "is in the way",
        ),
        ("a link through a link", &[(b"a", LINK, b"../outside"), (b"a/evil", LINK, b"x")], "is in the way"),
        ("a file replaced", &[(b"a", FILE, b"x"), (b"./a", FILE, b"y")], "is in the way"),
        ("a file as a folder", &[(b"a", FILE, b"x"), (b"a/b", FILE, b"y")], "is in the way"),
        ("a device", &[(b"null", 0o020_666, b"")], "is neither"),
        ("a link to nothing", &[(b"a", LINK, b"")], "without a usable target"),
    ];
    for (case, entries, why) in cases {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("outside")).unwrap();
        let zip = dir.path().join("a.zip");
        crafted(&zip, entries);
        let error = unpack(&zip, &dir.path().join("to"), Limits::default()).unwrap_err();
        assert!(matches!(&error, Error::Refused { why: said, .. } if said.contains(why)), "{case}: {error}");
        assert_eq!(listing(&dir.path().join("outside")), Vec::<String>::new(), "{case}");
        assert!(!dir.path().join("evil").exists() && !Path::new("/tmp/evil").exists(), "{case}");
    }
}

#[test]
fn links_that_lead_out_are_made_and_reported() {
    let dir = tempfile::tempdir().unwrap();
    let zip = dir.path().join("a.zip");
    crafted(
        &zip,
        &[
            (b"in", LINK, b"b/../c"),
            (b"b/in", LINK, b"../c"),
            (b"b/up", LINK, b"../../c"),
            (b"root", LINK, b"/etc"),
        ],
    );
    let unpacked = unpack(&zip, &dir.path().join("to"), Limits::default()).unwrap();
    assert_eq!(unpacked.escaping, [PathBuf::from("b/up"), PathBuf::from("root")]);
}

#[test]
fn archives_without_modes_give_ordinary_files() {
    let dir = tempfile::tempdir().unwrap();
    let zip = dir.path().join("a.zip");
    crafted(&zip, &[(b"a/b", 0, b"x"), (b"c/", 0, b"")]);
    unpack(&zip, &dir.path().join("to"), Limits::default()).unwrap();
    assert_eq!(listing(&dir.path().join("to")), ["a/ 755", "a/b 644 1 bytes", "c/ 755"]);
}

#[test]
fn set_user_id_bits_do_not_come_out() {
    let dir = tempfile::tempdir().unwrap();
    let zip = dir.path().join("a.zip");
    crafted(&zip, &[(b"a", REGULAR | 0o6755, b"x"), (b"c/", DIRECTORY | 0o1777, b"")]);
    unpack(&zip, &dir.path().join("to"), Limits::default()).unwrap();
    assert_eq!(listing(&dir.path().join("to")), ["a 755 1 bytes", "c/ 777"]);
}

#[test]
fn bombs_end_at_the_limit() {
    let dir = tempfile::tempdir().unwrap();
    let zip = dir.path().join("a.zip");
    let zeros = vec![0; 3_000_000];
    crafted(&zip, &[(b"a", FILE, &zeros), (b"b", FILE, &zeros)]);
    assert!(zip.metadata().unwrap().len() < 20_000);
    let limits = Limits { bytes: 4_000_000, entries: 2 };
    let error = unpack(&zip, &dir.path().join("to"), limits).unwrap_err();
    assert!(matches!(error, Error::TooLarge { unit: "bytes", limit: 4_000_000, .. }), "{error}");
    let error = unpack(&zip, &dir.path().join("other"), Limits { entries: 1, ..limits }).unwrap_err();
    assert!(matches!(error, Error::TooLarge { unit: "entries", .. }), "{error}");
    assert!(!dir.path().join("other").exists());
}

#[test]
fn damage_is_said_whatever_its_place() {
    let dir = tempfile::tempdir().unwrap();
    let (zip, cut) = (dir.path().join("a.zip"), dir.path().join("cut.zip"));
    let content: Vec<u8> = (0..5_000_u32).flat_map(|n| (n * 7_919).to_le_bytes()).collect();
    crafted(&zip, &[(b"a/b", FILE, &content), (b"c", LINK, b"a/b"), (b"d", FILE, &content)]);
    let whole = std::fs::read(&zip).unwrap();
    for length in (0..whole.len()).step_by(whole.len() / 60) {
        std::fs::write(&cut, &whole[..length]).unwrap();
        let error = unpack(&cut, &dir.path().join(format!("cut-{length}")), Limits::default()).unwrap_err();
        assert!(matches!(error, Error::Damaged { .. }), "{length}: {error}");
    }
    let mut changed = whole.clone();
    changed[2_000] ^= 0xff;
    std::fs::write(&cut, changed).unwrap();
    let error = unpack(&cut, &dir.path().join("changed"), Limits::default()).unwrap_err();
    assert!(matches!(error, Error::Damaged { .. }), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(64), failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever bytes are changed, unpacking ends within its limits and writes nowhere else.
    #[test]
    fn changed_archives_do_no_harm(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8)) {
        let dir = tempfile::tempdir().unwrap();
        let zip = dir.path().join("a.zip");
        crafted(&zip, &[(b"a/b", FILE, b"some content"), (b"c", LINK, b"a/b"), (b"d/", FOLDER, b""), (b"../up", FILE, b"")]);
        let mut bytes = std::fs::read(&zip).unwrap();
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        std::fs::write(&zip, bytes).unwrap();
        let limits = Limits { bytes: 10_000, entries: 10 };
        let unpacked = unpack(&zip, &dir.path().join("to"), limits);
        prop_assert!(unpacked.map_or(0, |unpacked| unpacked.bytes) <= limits.bytes);
        let beside: Vec<String> =
            listing(dir.path()).into_iter().filter(|line| !line.starts_with("to/")).collect();
        prop_assert_eq!(beside.len(), 1, "{:?}", beside);
    }
}

#[test]
fn a_folder_in_use_is_not_unpacked_into() {
    let dir = tempfile::tempdir().unwrap();
    let zip = dir.path().join("a.zip");
    crafted(&zip, &[(b"a", FILE, b"x")]);
    let error = unpack(&zip, dir.path(), Limits::default()).unwrap_err();
    assert!(error.to_string().contains("unpack into"), "{error}");
}
