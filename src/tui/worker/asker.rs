//! Asks mirrors and history on a thread of its own, since that may take minutes and nothing else has to wait for it.

use crate::concretize::Concretization;
use crate::environment::Environment;
use crate::error::Result;
use crate::plan::prune::Pruning;
use crate::pruning::Progress;
use crate::tui::effect::{Job, Outcome};
use crate::tui::message::Message;
use crate::tui::model::document::Session;
use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;

/// Counting up is shown in steps of so many specs.
const STEP: usize = 16;

/// Begins questions and cancels them.
#[derive(Debug)]
pub(super) struct Asker {
    session: Arc<Session>,
    messages: Sender<Message>,
    /// Cancels the question that was begun last.
    flag: RefCell<Arc<AtomicBool>>,
}

impl Asker {
    pub(super) fn new(session: &Arc<Session>, messages: &Sender<Message>) -> Self {
        Self { session: Arc::clone(session), messages: messages.clone(), flag: RefCell::default() }
    }

    /// Begins a question in place of one that is not answered yet, and tells whether it could be begun.
    pub(super) fn begin(&self, job: Job) -> bool {
        self.cancel();
        let Job::Ask { number, environment, concretization } = job else { return false };
        let flag = Arc::new(AtomicBool::new(false));
        self.flag.replace(Arc::clone(&flag));
        let (session, messages) = (Arc::clone(&self.session), self.messages.clone());
        let work = move || {
            let mut tell = |progress: Progress| {
                let counts =
                    matches!(progress, Progress::Specs { done, of } if !done.is_multiple_of(STEP) && done < of);
                if !counts {
                    let _ = messages.send(Message::Asking(progress));
                }
            };
            let answer = ask(&session, (&environment, &concretization), &mut tell, &flag);
            // A terminal that is gone needs no answer.
            let _ = messages.send(Message::Done(Outcome::Asked(number, answer)));
        };
        std::thread::Builder::new().name("asker".to_owned()).spawn(work).is_ok()
    }

    /// Cancels the question that was begun last.
    pub(super) fn cancel(&self) {
        self.flag.borrow().store(true, Ordering::SeqCst);
    }
}

/// Asks what the session is to ask.
pub(super) fn ask(
    session: &Session,
    (environment, concretization): (&Environment, &Concretization),
    progress: &mut dyn FnMut(Progress),
    cancel: &AtomicBool,
) -> Result<Arc<Pruning>> {
    let Some(question) = &session.request.question else { return Ok(Arc::clone(&session.request.pruning)) };
    question.ask(environment, &concretization.phases, &session.context, progress, cancel).map(Arc::new)
}
