//! Random interleavings of several executions, requests that make sense and requests that do not.
//!
//! After every request: one execution per stage, one waiting before it, ends are final, and the state is what a replay
//! of the log gives, after each of its events.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;
use crate::pipeline::testing::pipeline;
use crate::testing::cases;

/// Something that may happen. Numbers choose among what there is, modulo how much there is.
#[derive(Debug, Clone, Copy)]
enum Step {
    Start(usize),
    StartWithUntil,
    /// With a gate before the stages Test and Deploy.
    StartWithGates(usize),
    /// Does the next thing an execution is waiting for: start a due action, or end a running one.
    Advance(usize, usize),
    Fail(usize, usize, bool),
    Progress(usize),
    Stop(usize, StopMode),
    Retry(usize, RetryMode),
    Interrupt(usize),
    /// A report about an action execution of any execution at any time.
    Stray(usize, usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let mode = prop_oneof![Just(StopMode::Wait), Just(StopMode::Cancel), Just(StopMode::Abandon)];
    let retry = prop_oneof![Just(RetryMode::FailedActions), Just(RetryMode::AllActions)];
    let step = prop_oneof![
        3 => (0..4usize).prop_map(Step::Start),
        1 => Just(Step::StartWithUntil),
        2 => (0..4usize).prop_map(Step::StartWithGates),
        20 => (any::<usize>(), any::<usize>()).prop_map(|(e, a)| Step::Advance(e, a)),
        3 => (any::<usize>(), any::<usize>(), any::<bool>()).prop_map(|(e, a, t)| Step::Fail(e, a, t)),
        2 => any::<usize>().prop_map(Step::Progress),
        2 => (any::<usize>(), mode).prop_map(|(e, m)| Step::Stop(e, m)),
        3 => (any::<usize>(), retry).prop_map(|(e, m)| Step::Retry(e, m)),
        1 => any::<usize>().prop_map(Step::Interrupt),
        1 => (any::<usize>(), any::<usize>()).prop_map(|(e, a)| Step::Stray(e, a)),
    ];
    prop::collection::vec(step, 1..80)
}

/// The pipeline under test, with what a driver would remember.
struct World {
    state: State,
    log: Vec<Recorded>,
    ids: usize,
    superseded: BTreeSet<String>,
}

const DEFINITIONS: [&str; 4] = [
    "Source=get Build=lint+compile,package Test=suite",
    "Source=get+data Test=suite",
    "Source=get Build=compile Deploy=ship,check",
    "Source=get Approve=lint+ask?,sure? Deploy=ship",
];

impl World {
    fn request(&mut self, request: &Request) -> Result<usize, Refusal> {
        let events = match decide(&self.state, at(self.log.len()), request) {
            Err(Refusal::Contradiction(illegal)) => panic!("{request:?}: {illegal}"),
            decided => decided?,
        };
        assert!(!events.is_empty(), "a request that is granted says something: {request:?}");
        for event in &events {
            self.state = std::mem::take(&mut self.state).apply(event).unwrap();
            self.log.push(Recorded { seq: self.log.len() as u64 + 1, event: event.clone() });
            self.invariants();
        }
        for execution in self.state.live() {
            let index = execution.stage_index().expect("a live execution is in a stage or waits for one");
            let waits = execution.awaited_stage().is_some();
            assert!(waits || execution.held_stage().is_some(), "{execution:?}");
            let stage = &execution.stages[index].name;
            assert!(!waits || self.state.holder(stage).is_some(), "nobody holds {stage}");
            assert!(!effects(&self.state, &execution.id).is_empty(), "nothing to do for {execution:?}");
        }
        Ok(events.len())
    }

    fn invariants(&mut self) {
        let mut inside = BTreeSet::new();
        let mut waiting = BTreeSet::new();
        for execution in self.state.live() {
            if let Some(stage) = execution.held_stage() {
                assert!(inside.insert(stage), "two executions are inside {stage}");
            }
            if let Some(stage) = execution.awaited_stage() {
                assert!(waiting.insert(stage), "two executions wait before {stage}");
            }
        }
        for execution in self.state.executions() {
            let is = execution.status == ExecutionStatus::Superseded;
            assert!(is || !self.superseded.contains(&execution.id), "Superseded is final");
            if is && self.superseded.insert(execution.id.clone()) {
                assert!(
                    matches!(execution.position, Position::Inbound(_)),
                    "superseded from a waiting place only"
                );
            }
            assert_eq!(execution.ended.is_some(), !execution.status.is_live());
        }
    }

    fn id(&mut self) -> String {
        self.ids += 1;
        format!("id-{}", self.ids)
    }

    fn pick(&self, number: usize) -> Option<String> {
        let executions = self.state.executions();
        Some(executions.get(number % executions.len().max(1))?.id.clone())
    }

    /// Prefers executions that have not ended.
    fn pick_live(&self, number: usize) -> Option<String> {
        let live: Vec<_> = self.state.live().collect();
        Some(live.get(number % live.len().max(1))?.id.clone())
    }

    /// Starts or ends the action that the number chooses. Returns false when there is nothing to choose from.
    fn advance(&mut self, execution: &str, number: usize, result: ActionResult) -> bool {
        let effects = effects(&self.state, execution);
        let Some(effect) = effects.get(number % effects.len().max(1)) else { return false };
        let execution = execution.to_owned();
        let request = match effect.clone() {
            Effect::AwaitStage { .. } => return false,
            Effect::StartAction { stage, action } => {
                let action_execution = self.id();
                Request::StartAction { execution, stage, action, action_execution }
            }
            Effect::PerformAction { action_execution, .. } => {
                Request::ReportResult { execution, action_execution, result: Box::new(result) }
            }
            Effect::AwaitApproval { action, action_execution, .. } => {
                let good = result.status == ActionStatus::Succeeded;
                let answer = if good { Answer::Approved } else { Answer::Rejected };
                Request::Answer(Box::new(answering(&execution, &action, &action_execution, answer)))
            }
            Effect::JudgeGate { stage } => {
                let good = result.status == ActionStatus::Succeeded;
                let judgement = judged(if good { Verdict::Passed } else { Verdict::Failed });
                Request::ReportJudgement { execution, stage, judgement }
            }
        };
        self.request(&request).unwrap();
        true
    }

    fn step(&mut self, step: Step) {
        let succeeded = ActionResult::new(ActionStatus::Succeeded);
        let ignored = match step {
            Step::Start(number) => {
                let definition = pipeline(DEFINITIONS[number]);
                let id = self.id();
                self.request(&Request::Start(Box::new(start(&id, &definition))))
            }
            Step::StartWithUntil => {
                let until = Some("Test".to_owned());
                let id = self.id();
                let start = Start { until, ..start(&id, &pipeline(DEFINITIONS[0])) };
                self.request(&Request::Start(Box::new(start)))
            }
            Step::StartWithGates(number) => {
                let id = self.id();
                let definition = pipeline(DEFINITIONS[number]);
                let stages = definition.stages.iter().map(|stage| stage.name.clone());
                let gates = stages.filter(|stage| stage == "Test" || stage == "Deploy").collect();
                self.request(&Request::Start(Box::new(Start { gates, ..start(&id, &definition) })))
            }
            Step::Advance(execution, action) => {
                let Some(execution) = self.pick_live(execution) else { return };
                self.advance(&execution, action, succeeded);
                return;
            }
            Step::Fail(execution, action, timeout) => {
                let Some(execution) = self.pick_live(execution) else { return };
                let reason = timeout.then_some(Reason::Timeout);
                self.advance(
                    &execution,
                    action,
                    ActionResult { reason, ..ActionResult::new(ActionStatus::Failed) },
                );
                return;
            }
            Step::Progress(number) => {
                let Some(execution) = self.pick_live(number) else { return };
                let progress = crate::action::Progress::Note("note".into());
                let running = effects(&self.state, &execution).into_iter().find_map(|effect| match effect {
                    Effect::PerformAction { action_execution, .. } => Some(action_execution),
                    Effect::StartAction { .. }
                    | Effect::AwaitStage { .. }
                    | Effect::AwaitApproval { .. }
                    | Effect::JudgeGate { .. } => None,
                });
                let Some(action_execution) = running else { return };
                self.request(&Request::ReportProgress { execution, action_execution, progress })
            }
            Step::Stop(number, mode) => {
                let Some(execution) = self.pick(number) else { return };
                self.request(&stop(&execution, mode))
            }
            Step::Retry(number, mode) => {
                let Some(execution) = self.pick(number) else { return };
                self.request(&retry(&execution, mode))
            }
            Step::Interrupt(number) => {
                let Some(execution) = self.pick(number) else { return };
                self.request(&Request::Interrupt { execution })
            }
            Step::Stray(number, action) => {
                let Some(execution) = self.pick(number) else { return };
                let action_execution = format!("id-{}", action % (self.ids + 1));
                let result = Box::new(succeeded);
                self.request(&Request::ReportResult { execution, action_execution, result })
            }
        };
        // A refusal changes nothing, which is all there is to say about it here.
        let _ = ignored;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(64), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_the_rules_hold_and_everything_ends(steps in steps()) {
        let mut world =
            World { state: State::default(), log: Vec::new(), ids: 0, superseded: BTreeSet::new() };
        for step in steps {
            world.step(step);
        }

        // Replay after each event is what the state was then; checked against the whole log at the end.
        let mut replayed = State::default();
        for (index, recorded) in world.log.iter().enumerate() {
            replayed = replayed.apply(&recorded.event).unwrap();
            prop_assert!(index + 1 < world.log.len() || replayed == world.state);
        }
        prop_assert_eq!(State::replay(&world.log).unwrap(), world.state.clone());

        // What ended may be forgotten, whole executions at a time, without a trace in what is left.
        let mut ended: Vec<_> = world.state.executions().iter().filter(|e| !e.status.is_live()).collect();
        while let Some(gone) = ended.pop() {
            let names: BTreeSet<_> = ended.iter().map(|e| &e.id).chain([&gone.id]).collect();
            let rest = world.log.iter().filter(|recorded| !names.contains(&recorded.event.execution));
            let rest = State::replay(rest).unwrap();
            for execution in rest.executions() {
                prop_assert_eq!(Some(execution), world.state.execution(&execution.id));
            }
        }

        // Every execution ends when its actions end: at most each action of each execution, started and ended.
        let mut left = world.state.live().count() * 12;
        while world.state.live().next().is_some() {
            prop_assert!(left > 0, "executions do not end: {:?}", world.state);
            left -= 1;
            let live: Vec<_> = world.state.live().map(|execution| execution.id.clone()).collect();
            let moved = live.iter().any(|id| world.advance(id, 0, ActionResult::new(ActionStatus::Succeeded)));
            prop_assert!(moved, "executions wait for each other: {:?}", world.state);
        }
    }

    #[test]
    fn runs_of_an_action_never_overlap_and_groups_keep_their_order(steps in steps()) {
        let mut world =
            World { state: State::default(), log: Vec::new(), ids: 0, superseded: BTreeSet::new() };
        for step in steps {
            world.step(step);
        }
        let mut running: BTreeMap<(String, String, String), String> = BTreeMap::new();
        // Stages with a gate that has not let the execution through in this attempt.
        let mut shut: BTreeSet<(String, String)> = BTreeSet::new();
        for recorded in &world.log {
            let execution = recorded.event.execution.clone();
            match &recorded.event.fact {
                Fact::ActionStarted(start) => {
                    let declared = world.state.execution(&execution).unwrap();
                    prop_assert!(!shut.contains(&(execution.clone(), start.stage.clone())));
                    let order = |action: &str| declared.declaration(&start.stage, action).unwrap().run_order;
                    for (_, stage, other) in running.keys().filter(|(e, _, _)| *e == execution) {
                        prop_assert_eq!(stage, &start.stage);
                        prop_assert_eq!(order(other), order(&start.action));
                    }
                    let key = (execution, start.stage.clone(), start.action.clone());
                    prop_assert!(running.insert(key, start.action_execution.clone()).is_none());
                }
                Fact::ActionFinished(end) => {
                    let key = (execution, end.stage.clone(), end.action.clone());
                    let removed = running.remove(&key);
                    prop_assert_eq!(removed.as_ref(), Some(&end.action_execution));
                }
                Fact::StageFinished { stage, .. } => {
                    prop_assert!(running.keys().all(|(e, s, _)| *e != execution || s != stage));
                }
                Fact::StageEntered { stage } => {
                    if world.state.execution(&execution).unwrap().gates.contains(stage) {
                        shut.insert((execution, stage.clone()));
                    }
                }
                Fact::GateJudged { stage, judgement } => {
                    if judgement.verdict() == Verdict::Passed {
                        shut.remove(&(execution, stage.clone()));
                    }
                }
                Fact::ActionWoundDown(_)
                | Fact::ActionResumed(_)
                | Fact::ExecutionStarted(_)
                | Fact::InboundArrived { .. }
                | Fact::ActionProgressed { .. }
                | Fact::StopRequested { .. }
                | Fact::ExecutionInterrupted
                | Fact::ExecutionFinished { .. }
                | Fact::StageRetried { .. } => {}
            }
        }
    }
}
