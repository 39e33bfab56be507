//! Asking a person at the terminal about an approval.
//!
//! Owns: the question, reading the answer, and giving up when somebody else answers first. One question stands at a
//! time. Leaves to the driver what an answer leads to.

use std::collections::BTreeMap;
use std::sync::mpsc::{Sender, channel};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;

use super::output::{Ink, Output};
use super::view::pending;
use crate::action::{Cancel, StopReason};
use crate::pipeline::driver::Handle;
use crate::pipeline::engine::{Answer, Answering, Execution, PendingApproval};

/// The longest line that is read at once.
const LINE: usize = 4096;

/// Asks about approvals, one after the other, on a thread of its own.
pub(crate) struct Prompt {
    output: Output,
    by: String,
    questions: Sender<Question>,
    /// Questions that may still stand, by token.
    open: BTreeMap<String, Cancel>,
}

struct Question {
    text: String,
    answering: Answering,
    answered: Cancel,
}

impl Prompt {
    /// Answers go to the driver behind `handle`, in the name of `by`.
    pub(crate) fn new(output: Output, by: String, handle: Handle) -> std::io::Result<Self> {
        let (questions, asked) = channel::<Question>();
        std::thread::Builder::new().name("prompt".into()).spawn(move || {
            for question in asked {
                if question.answered.reason().is_none() {
                    stand(&output, &handle, question);
                }
            }
        })?;
        Ok(Self { output, by, questions, open: BTreeMap::new() })
    }

    /// Asks about an approval.
    pub(crate) fn ask(&mut self, execution: &Execution, approval: &PendingApproval<'_>) {
        // Without a descriptor to be told by, nothing can be asked; the approval can be answered elsewhere.
        let Ok(answered) = Cancel::new() else { return };
        let token = approval.run.id.clone();
        self.open.insert(token.clone(), answered.clone());
        let answering = Answering {
            execution: execution.id.clone(),
            stage: approval.stage.to_owned(),
            action: approval.action.name.clone(),
            token,
            answer: Answer::Approved,
            summary: None,
            by: self.by.clone(),
        };
        let text = pending::question(self.output.err, approval);
        let _ = self.questions.send(Question { text, answering, answered });
    }

    /// An action ended. When it is an approval that is asked about, nobody needs to answer any more.
    pub(crate) fn ended(&mut self, action_execution: &str) {
        if let Some(answered) = self.open.remove(action_execution) {
            answered.request(StopReason::Stopped);
        }
    }
}

/// What somebody typed.
#[derive(Debug, PartialEq, Eq)]
enum Typed {
    Answer(Answer, Option<String>),
    Later,
    Unclear,
}

/// Reads `approve`, `reject` or `later`, or the beginning of one, with a comment behind it.
fn read(line: &str) -> Typed {
    let line = line.trim();
    let (word, comment) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let comment = Some(comment.trim()).filter(|comment| !comment.is_empty()).map(str::to_owned);
    let word = word.to_lowercase();
    let is = |whole: &str| !word.is_empty() && whole.starts_with(&word);
    if is("approve") || is("yes") {
        Typed::Answer(Answer::Approved, comment)
    } else if is("reject") || is("no") {
        Typed::Answer(Answer::Rejected, comment)
    } else if is("later") {
        Typed::Later
    } else {
        Typed::Unclear
    }
}

/// Lets a question stand until it is answered, here or elsewhere.
fn stand(output: &Output, handle: &Handle, question: Question) {
    let Question { text, mut answering, answered } = question;
    let ask = || output.prompt(output.err.ink(Ink::Strong, "approve, reject or later? "));
    output.talk(text);
    ask();
    loop {
        let (line, terminal) = (rustix::stdio::stdin(), answered.clone());
        let mut ready = [PollFd::new(&line, PollFlags::IN), PollFd::new(&terminal, PollFlags::IN)];
        match poll(&mut ready, None) {
            Ok(_) => {}
            Err(Errno::INTR) => continue,
            Err(_) => return handle.leave(),
        }
        if answered.reason().is_some() {
            // The cursor stands behind the question.
            return output.talk("\nanswered elsewhere");
        }
        let mut bytes = [0; LINE];
        let typed = match rustix::io::read(rustix::stdio::stdin(), &mut bytes) {
            // The end of input: nobody sits there any more.
            Ok(0) => {
                output.talk("");
                Typed::Later
            }
            Ok(length) => read(&String::from_utf8_lossy(&bytes[..length])),
            Err(Errno::INTR | Errno::AGAIN) => continue,
            Err(_) => Typed::Later,
        };
        match typed {
            Typed::Answer(answer, summary) => {
                answering.answer = answer;
                answering.summary = summary;
                return handle.answer(answering);
            }
            Typed::Later => return handle.leave(),
            Typed::Unclear => ask(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_may_be_shortened_and_carry_a_comment() {
        let answer = |answer, comment: Option<&str>| Typed::Answer(answer, comment.map(str::to_owned));
        for (line, expected) in [
            ("approve\n", answer(Answer::Approved, None)),
            ("a", answer(Answer::Approved, None)),
            ("Yes  looks good \n", answer(Answer::Approved, Some("looks good"))),
            ("reject not today", answer(Answer::Rejected, Some("not today"))),
            ("n", answer(Answer::Rejected, None)),
            ("later", Typed::Later),
            ("", Typed::Unclear),
            ("\n", Typed::Unclear),
            ("approved?", Typed::Unclear),
            ("maybe", Typed::Unclear),
        ] {
            assert_eq!(read(line), expected, "{line:?}");
        }
    }
}
