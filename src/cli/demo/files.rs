//! What the demo writes: `examples/service`, as it was when this program was built.
//!
//! Owns: the table of its files, which a test compares with the folder. Leaves to the demo: where they go.

/// The content of a file of the example.
macro_rules! content {
    ($path:literal) => {
        include_bytes!(concat!("../../../examples/service/", $path))
    };
}

/// Path, content, and whether it is executable.
pub(super) const FILES: &[(&str, &[u8], bool)] = &[
    (".gitignore", content!(".gitignore"), false),
    ("README.md", content!("README.md"), false),
    ("appspec.yml", content!("appspec.yml"), false),
    ("buildspecs/build.yml", content!("buildspecs/build.yml"), false),
    ("buildspecs/integration.yml", content!("buildspecs/integration.yml"), false),
    ("buildspecs/unit.yml", content!("buildspecs/unit.yml"), false),
    ("pipeline.yml", content!("pipeline.yml"), false),
    ("rehearsal.yml", content!("rehearsal.yml"), false),
    ("scripts/places.sh", content!("scripts/places.sh"), false),
    ("scripts/prepare.sh", content!("scripts/prepare.sh"), true),
    ("scripts/start.sh", content!("scripts/start.sh"), true),
    ("scripts/stop.sh", content!("scripts/stop.sh"), true),
    ("scripts/validate.sh", content!("scripts/validate.sh"), true),
    ("service/__init__.py", content!("service/__init__.py"), false),
    ("service/__main__.py", content!("service/__main__.py"), false),
    ("service/answers.py", content!("service/answers.py"), false),
    ("tests/__init__.py", content!("tests/__init__.py"), false),
    ("tests/integration/__init__.py", content!("tests/integration/__init__.py"), false),
    ("tests/integration/test_service.py", content!("tests/integration/test_service.py"), false),
    ("tests/run.py", content!("tests/run.py"), false),
    ("tests/unit/__init__.py", content!("tests/unit/__init__.py"), false),
    ("tests/unit/test_answers.py", content!("tests/unit/test_answers.py"), false),
    ("version.txt", content!("version.txt"), false),
];

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;

    use super::*;

    /// What running the example by hand leaves behind; its .gitignore names the same.
    const MADE: [&str; 3] = ["__pycache__", "dist", "reports"];

    fn walk(folder: &Path, below: &str, found: &mut Vec<(String, Vec<u8>, bool)>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            let path = format!("{below}{name}");
            if entry.file_type().unwrap().is_dir() {
                if !MADE.contains(&name.as_str()) {
                    walk(&entry.path(), &format!("{path}/"), found);
                }
            } else {
                let mode = entry.metadata().unwrap().permissions().mode();
                found.push((path, std::fs::read(entry.path()).unwrap(), mode & 0o111 != 0));
            }
        }
    }

    #[test]
    fn the_table_is_the_folder() {
        let mut folder = Vec::new();
        walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/service"), "", &mut folder);
        folder.sort();
        let mut table: Vec<_> = FILES
            .iter()
            .map(|(path, content, executable)| ((*path).to_owned(), content.to_vec(), *executable))
            .collect();
        table.sort();
        let names = |files: &[(String, Vec<u8>, bool)]| -> Vec<_> {
            files.iter().map(|(path, _, executable)| (path.clone(), *executable)).collect()
        };
        assert_eq!(names(&table), names(&folder));
        assert!(table == folder, "a file has changed since this was built");
    }
}
