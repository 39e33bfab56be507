//! The process that the user started is killed (SIGKILL) at a random moment of a run: nothing of it stays alive, the
//! record tells the truth, and `retry` completes what was recorded and not finished.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use crate::env::{CEILING, Env};
use crate::testing::cases;

const BUILDSPEC: &str = "\
version: 0.2
phases:
  install:
    commands:
      - python3 leave_processes.py
  build:
    commands:
      - python3 leave_processes.py
      - python3 -c 'import time; time.sleep(0.2)'
  post_build:
    commands:
      - python3 leave_processes.py && echo built > result.txt
artifacts:
  files: [result.txt]
";

/// The processes whose environment or command line names `root`, which is unique to the test.
fn alive(root: &Path) -> Vec<String> {
    let needle = root.as_os_str().as_encoded_bytes();
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let process = entry.path();
        let names_root = ["environ", "cmdline"].iter().any(|file| {
            std::fs::read(process.join(file))
                .is_ok_and(|bytes| bytes.windows(needle.len()).any(|window| window == needle))
        });
        if names_root {
            let command = std::fs::read(process.join("cmdline")).unwrap_or_default();
            found.push(format!(
                "{}: {}",
                process.display(),
                String::from_utf8_lossy(&command).replace('\0', " ")
            ));
        }
    }
    found
}

/// Waits until nothing of the test is alive and says how long that took.
fn until_nothing_is_alive(root: &Path) -> Duration {
    let killed = Instant::now();
    loop {
        let survivors = alive(root);
        if survivors.is_empty() {
            return killed.elapsed();
        }
        assert!(killed.elapsed() < CEILING, "still alive:\n{}", survivors.join("\n"));
        std::thread::yield_now();
    }
}

/// A small generator of pseudo-random numbers (splitmix64), so that a failing case can be run again.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % limit
    }
}

#[test]
fn a_killed_run_leaves_no_process_and_a_true_record() {
    let mut slowest = Duration::ZERO;
    let (mut recorded, mut finished) = (0, 0);
    let cases = cases(4);
    for case in 0..cases {
        let mut random = Random(u64::from(case));
        let env = Env::with(&[
            ("buildspec.yml", BUILDSPEC),
            ("leave_processes.py", include_str!("../../fixtures/crash/leave_processes.py")),
        ]);
        let mut child =
            env.rehearsal(["run", "--json"]).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let (sender, lines) = mpsc::channel();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let reader = std::thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        // A random moment: after so many events, and then some milliseconds on.
        let mut seen = Vec::new();
        for _ in 0..random.below(22) {
            match lines.recv_timeout(CEILING) {
                Ok(line) => seen.push(line),
                Err(_) => break,
            }
        }
        if let Ok(line) = lines.recv_timeout(Duration::from_millis(random.below(60))) {
            seen.push(line);
        }
        child.kill().unwrap();
        child.wait().unwrap();
        slowest = slowest.max(until_nothing_is_alive(&env.root()));
        reader.join().unwrap();
        seen.extend(lines.try_iter());

        let list: serde_json::Value = serde_json::from_str(&env.stdout(["list", "--json"], 0)).unwrap();
        let executions = list["executions"].as_array().unwrap();
        assert!(executions.len() <= 1, "case {case}: {list}");
        assert!(
            !executions.is_empty() || seen.is_empty(),
            "case {case}: an event was told but not recorded: {seen:?}"
        );
        let Some(execution) = executions.first() else { continue };
        recorded += 1;
        let id = execution["id"].as_str().unwrap();
        let said_finished = seen.iter().any(|line| line.contains("\"event\":\"finished\""));
        match execution["status"].as_str().unwrap() {
            "Succeeded" => finished += 1,
            "Failed" => {
                assert!(!said_finished, "case {case}: told as finished, recorded as failed: {seen:?}");
                let shown = env.stdout(["show", id], 0);
                assert!(shown.contains("the process that ran it died"), "case {case}:\n{shown}");
                let retried = env.output(["retry", id]);
                assert_eq!(
                    retried.status.code(),
                    Some(0),
                    "case {case}: {}",
                    String::from_utf8_lossy(&retried.stderr)
                );
            }
            other => panic!("case {case}: recorded as {other}"),
        }
        let list: serde_json::Value = serde_json::from_str(&env.stdout(["list", "--json"], 0)).unwrap();
        assert_eq!(list["executions"][0]["status"], "Succeeded", "case {case}: {list}");
        assert_eq!(list["executions"].as_array().unwrap().len(), 1, "case {case}: {list}");
        assert!(env.workspaces().is_empty(), "case {case}: {:?}", env.workspaces());
        assert!(alive(&env.root()).is_empty(), "case {case}: {:?}", alive(&env.root()));
    }
    eprintln!(
        "{cases} kills: {recorded} found an execution recorded, {finished} found it finished; \
         the last process was gone after {} ms at the latest",
        slowest.as_millis()
    );
    assert!(recorded > 0, "no kill hit a recorded execution");
}
