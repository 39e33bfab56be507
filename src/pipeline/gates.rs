//! The evidence of an execution, as gates ask for it.
//!
//! Owns: which run of an action counts, and finding files in what the store keeps of it. Leaves to `gate`: the verdicts,
//! to the driver: when a gate is asked.

use std::path::PathBuf;

use crate::action::{Error, Judgement, Report};
use crate::gate::{Absent, Evidence, EvidenceFile, evaluate};
use crate::spec::config::gate::{ActionName, Gate};
use crate::store::archive::{self, Content};
use crate::store::{Digest, Store};

use super::driver::Judge;
use super::engine::{ActionRun, ActionStatus, Artifact, Execution};

/// The longest file that is read as evidence.
const LONGEST: u64 = 16 * 1024 * 1024;

/// Judges the gates of rehearsal.yml by what the store keeps of an execution.
#[derive(Debug, Clone)]
pub struct StoredJudge {
    /// The gates.
    pub gates: Vec<Gate>,
    /// Where artifacts are kept.
    pub store: Store,
}

impl Judge for StoredJudge {
    fn judge(&self, execution: &Execution, stage: &str) -> Result<Judgement, Error> {
        let evidence = StoredEvidence { execution, store: &self.store };
        let pipeline = &execution.definition.name;
        let gates = self.gates.iter().filter(|gate| gate.before == stage && gate.concerns(pipeline));
        Ok(Judgement { conditions: gates.flat_map(|gate| evaluate(gate, &evidence).conditions).collect() })
    }
}

/// What the actions of `execution` gave, read from the store.
#[derive(Debug, Clone, Copy)]
pub struct StoredEvidence<'a> {
    /// The execution.
    pub execution: &'a Execution,
    /// Where its artifacts are kept.
    pub store: &'a Store,
}

impl Evidence for StoredEvidence<'_> {
    fn reports(&self, action: &ActionName) -> Result<Vec<Report>, Absent> {
        Ok(self.run(action)?.result.reports.clone())
    }

    fn file(&self, action: &ActionName, path: &str) -> Result<EvidenceFile, Absent> {
        let run = self.run(action)?;
        // Gates are checked before a pipeline starts; an execution of an older log may have one that was not.
        let declared = self.execution.declaration(&action.stage, &action.action).ok_or(Absent::NotRun)?;
        if !declared.category.can_evaluate() {
            return Err(Absent::Category(declared.category));
        }
        let mut bytes: Option<Vec<u8>> = None;
        for artifact in &run.result.artifacts {
            for (_, content) in self.look(artifact, &|name, _| name == path)? {
                match (content, &bytes) {
                    (Content::Link, _) => {
                        return Err(Absent::Unreadable(format!("it is a link in {}", artifact.name)));
                    }
                    (Content::File(found), Some(other)) if found != *other => {
                        return Err(Absent::Unreadable(
                            "it is there several times, and they differ".to_owned(),
                        ));
                    }
                    (Content::File(found), _) => bytes = Some(found),
                }
            }
        }
        let bytes = bytes.ok_or(Absent::NoFile)?;
        if run.result.simulated_files.may_hold(path) {
            return Err(Absent::Simulated);
        }
        let came_from = self.came_from(run, &bytes)?;
        Ok(EvidenceFile { bytes, came_from })
    }
}

impl StoredEvidence<'_> {
    /// The run of an action that counts, when what it gave can be evidence.
    fn run(&self, action: &ActionName) -> Result<&ActionRun, Absent> {
        let stage = self.execution.stages.iter().find(|stage| stage.name == action.stage);
        let slot = stage.and_then(|stage| stage.action(&action.action));
        let run = slot.and_then(|slot| slot.current()).ok_or(Absent::NotRun)?;
        match run.result.status {
            ActionStatus::Succeeded => Ok(run),
            ActionStatus::InProgress => Err(Absent::NotRun),
            ActionStatus::Failed | ActionStatus::Abandoned => Err(Absent::NotSucceeded),
        }
    }

    /// The file of an input artifact that has this content, whatever it is called there: the action has then only passed
    /// it on.
    fn came_from(&self, run: &ActionRun, bytes: &[u8]) -> Result<Option<String>, Absent> {
        for input in run.resolved.iter().flat_map(|resolved| &resolved.inputs) {
            let same = archive::same(&self.kept(input)?, bytes).map_err(|error| unreadable(input, &error))?;
            if let Some(name) = same {
                return Ok(Some(format!("{name} of {}", input.name)));
            }
        }
        Ok(None)
    }

    fn look(
        &self,
        artifact: &Artifact,
        wanted: &dyn Fn(&str, u64) -> bool,
    ) -> Result<Vec<(String, Content)>, Absent> {
        archive::look(&self.kept(artifact)?, wanted, LONGEST).map_err(|error| unreadable(artifact, &error))
    }

    /// Where an artifact is kept.
    fn kept(&self, artifact: &Artifact) -> Result<PathBuf, Absent> {
        let digest = artifact.digest.parse::<Digest>().ok();
        let kept = digest.and_then(|digest| self.store.artifact(&digest));
        kept.ok_or_else(|| Absent::Unreadable(format!("artifact {} is not kept any more", artifact.name)))
    }
}

fn unreadable(artifact: &Artifact, error: &archive::Error) -> Absent {
    Absent::Unreadable(match error {
        archive::Error::TooLarge { .. } => format!("it is longer than {} MB", LONGEST / 1024 / 1024),
        // The path of the archive is a digest, which helps nobody.
        archive::Error::Damaged { source, .. } => format!("artifact {} is damaged: {source}", artifact.name),
        archive::Error::System(_)
        | archive::Error::Refused { .. }
        | archive::Error::Clash { .. }
        | archive::Error::Name { .. } => error.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::engine::{ActionEnd, ActionResult, ActionStart, Event, Fact, Resolved, State};
    use super::super::testing::{at, edit, pipeline, start};
    use super::*;
    use crate::action::{ReportKind, ReportStatus, SimulatedFiles, TestCounts};
    use crate::spec::pipeline::Category;
    use crate::store::Paths;
    use crate::store::archive::{Selection, pack};
    use crate::syntax::Span;

    const EXECUTION: &str = "11111111-2222-4333-8444-555555555555";

    struct Bench {
        dir: tempfile::TempDir,
        store: Store,
        state: State,
    }

    impl Bench {
        fn new() -> Self {
            let dir = tempfile::tempdir().unwrap();
            let store = Store::open(&Paths::under(dir.path()).unwrap()).unwrap();
            let mut definition = pipeline("Test=Model+Fetch Deploy=Go");
            edit(&mut definition, "Model").category = Category::Build;
            let start = start(EXECUTION, &definition);
            let mut bench = Self { dir, store, state: State::default() };
            let decided = super::super::engine::decide(
                &bench.state,
                at(0),
                &super::super::engine::Request::Start(Box::new(start)),
            );
            for event in decided.unwrap() {
                bench.state = std::mem::take(&mut bench.state).apply(&event).unwrap();
            }
            bench
        }

        fn apply(&mut self, fact: Fact) {
            let event = Event { execution: EXECUTION.into(), at: at(1), fact };
            self.state = std::mem::take(&mut self.state).apply(&event).unwrap();
        }

        fn keep(&self, name: &str, files: &[(&str, &str)]) -> Artifact {
            let root = self.dir.path().join(name);
            for (path, text) in files {
                let path = root.join(path);
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(path, text).unwrap();
            }
            std::fs::create_dir_all(&root).unwrap();
            let archive = self.dir.path().join(format!("{name}.zip"));
            pack(Selection::Folder(&root), &archive).unwrap();
            Artifact {
                name: name.into(),
                digest: self.store.keep_artifact(EXECUTION, &archive).unwrap().into(),
            }
        }

        /// Runs Test/Model with these inputs to this result.
        fn run(&mut self, id: &str, inputs: Vec<Artifact>, result: ActionResult) {
            self.run_action("Model", id, inputs, result);
        }

        fn run_action(&mut self, action: &str, id: &str, inputs: Vec<Artifact>, result: ActionResult) {
            let resolved = Resolved { inputs, ..Resolved::default() };
            let (stage, action) = ("Test".to_owned(), action.to_owned());
            let action_execution = id.to_owned();
            self.apply(Fact::ActionStarted(Box::new(ActionStart {
                stage: stage.clone(),
                action: action.clone(),
                action_execution: action_execution.clone(),
                expires: None,
                resolved: Some(resolved),
            })));
            self.apply(Fact::ActionFinished(Box::new(ActionEnd { stage, action, action_execution, result })));
        }

        fn file(&self, path: &str) -> Result<EvidenceFile, Absent> {
            self.evidence().file(&name("Test", "Model"), path)
        }

        fn evidence(&self) -> StoredEvidence<'_> {
            StoredEvidence { execution: self.state.execution(EXECUTION).unwrap(), store: &self.store }
        }
    }

    fn name(stage: &str, action: &str) -> ActionName {
        ActionName { stage: stage.into(), action: action.into(), span: Span::default() }
    }

    fn with(artifacts: Vec<Artifact>) -> ActionResult {
        ActionResult { artifacts, ..ActionResult::new(ActionStatus::Succeeded) }
    }

    fn fresh(text: &str) -> EvidenceFile {
        EvidenceFile { bytes: text.into(), came_from: None }
    }

    #[test]
    fn a_file_is_found_in_what_the_action_gave() {
        let mut bench = Bench::new();
        assert_eq!(bench.file("evaluation.json"), Err(Absent::NotRun));
        let inputs = vec![bench.keep("Sources", &[("evaluation.json", "old"), ("train.py", "")])];
        let outputs = vec![
            bench.keep("Model", &[("model.bin", "m")]),
            bench.keep("Evaluation", &[("evaluation.json", "new"), ("a/b.json", "b")]),
        ];
        bench.run("r1", inputs, with(outputs));
        assert_eq!(bench.file("evaluation.json"), Ok(fresh("new")));
        assert_eq!(bench.file("a/b.json"), Ok(fresh("b")));
        assert_eq!(bench.file("b.json"), Err(Absent::NoFile));
        assert_eq!(bench.file("../Model/model.bin"), Err(Absent::NoFile));
        assert_eq!(bench.evidence().file(&name("Test", "Other"), "a"), Err(Absent::NotRun));
        assert_eq!(bench.evidence().file(&name("Nowhere", "Model"), "a"), Err(Absent::NotRun));
    }

    #[test]
    fn what_a_source_brings_is_no_evidence() {
        let mut bench = Bench::new();
        let outputs = vec![bench.keep("Sources", &[("evaluation.json", "committed")])];
        bench.run_action("Fetch", "r1", vec![], with(outputs));
        let found = bench.evidence().file(&name("Test", "Fetch"), "evaluation.json");
        assert_eq!(found, Err(Absent::Category(Category::Source)));
    }

    #[test]
    fn a_file_that_was_passed_on_is_told() {
        for (input, expected) in [
            ("evaluation.json", Some("evaluation.json of Sources")),
            ("out/evaluation.json", Some("out/evaluation.json of Sources")),
            ("last-week.json", Some("last-week.json of Sources")),
            ("evaluation.json/x", Some("evaluation.json/x of Sources")),
            ("other", None),
        ] {
            let mut bench = Bench::new();
            let text = if input == "other" { "else" } else { "same" };
            let inputs = vec![bench.keep("Empty", &[]), bench.keep("Sources", &[(input, text)])];
            let outputs = vec![bench.keep("Evaluation", &[("evaluation.json", "same")])];
            bench.run("r1", inputs, with(outputs));
            assert_eq!(bench.file("evaluation.json").unwrap().came_from.as_deref(), expected, "{input}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_told() {
        let mut bench = Bench::new();
        let outputs = vec![
            bench.keep("A", &[("same", "1"), ("differs", "1")]),
            bench.keep("B", &[("same", "1"), ("differs", "2"), ("long", &"0".repeat(17 * 1024 * 1024))]),
        ];
        bench.run("r1", vec![], with(outputs));
        assert_eq!(bench.file("same"), Ok(fresh("1")));
        let unreadable = |why: &str| Err(Absent::Unreadable(why.into()));
        assert_eq!(bench.file("differs"), unreadable("it is there several times, and they differ"));
        assert_eq!(bench.file("long"), unreadable("it is longer than 16 MB"));

        let mut bench = Bench::new();
        let gone = Artifact { name: "Gone".into(), digest: "0".repeat(64) };
        bench.run("r1", vec![], with(vec![gone]));
        assert_eq!(bench.file("a"), unreadable("artifact Gone is not kept any more"));
    }

    #[test]
    fn only_a_real_success_is_evidence() {
        let report = Report {
            group: "unit".into(),
            kind: ReportKind::Test,
            status: ReportStatus::Succeeded,
            tests: TestCounts { succeeded: 1, ..TestCounts::default() },
            lines: None,
            trouble: Vec::new(),
        };
        let reports = |status| {
            let mut bench = Bench::new();
            let result = ActionResult { reports: vec![report.clone()], ..ActionResult::new(status) };
            bench.run("r1", vec![], result);
            bench.evidence().reports(&name("Test", "Model"))
        };
        assert_eq!(reports(ActionStatus::Succeeded), Ok(vec![report.clone()]));
        assert_eq!(reports(ActionStatus::Failed), Err(Absent::NotSucceeded));
        assert_eq!(reports(ActionStatus::Abandoned), Err(Absent::NotSucceeded));
    }

    #[test]
    fn a_file_of_a_simulated_command_is_no_evidence_and_its_neighbours_are() {
        let mut bench = Bench::new();
        let made = bench.keep("Made", &[("a", "1"), ("b", "2")]);
        let mut simulated_files = SimulatedFiles::default();
        simulated_files.add(std::path::Path::new("a"));
        bench.run("r1", vec![], ActionResult { simulated_files, ..with(vec![made]) });
        assert_eq!(bench.file("a"), Err(Absent::Simulated));
        assert_eq!(bench.file("b").unwrap().bytes, b"2");
    }
}
