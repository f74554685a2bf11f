//! Runs Spack for the model on a thread of its own, beside the worker, so that editing goes on.

use super::effect::News;
use super::message::Message;
use super::model::document::Session;
use super::model::spack::{Fresh, FreshLock};
use crate::concretize::Lockfiles;
use crate::concretize::change::LockChanges;
use crate::concretize::spack::{self, Answer, Outcome, Progress, Task};
use crate::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::thread::JoinHandle;

/// The solve that is running, as the terminal loop sees it.
#[derive(Debug)]
pub(super) struct Runner {
    cancel: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Runner {
    /// Starts a solve; its news arrive at `messages`.
    pub(super) fn start(session: Arc<Session>, task: Task, messages: Sender<Message>) -> Self {
        let cancel = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&cancel);
        let thread = std::thread::spawn(move || {
            // Who no longer listens has left.
            let tell = |news| drop(messages.send(Message::Spack(news)));
            let ended = perform(&session, &task, &mut |progress| tell(News::Progress(progress)), &flag);
            tell(News::Ended(ended));
        });
        Self { cancel, thread }
    }

    /// Lets the solve end soon.
    pub(super) fn cancel(&self) {
        self.cancel.store(true, Ordering::SeqCst);
    }

    /// Ends the solve and waits until nothing of it is left.
    pub(super) fn finish(self) {
        self.cancel();
        // A thread that panicked has nothing more to do.
        let _ = self.thread.join();
    }
}

/// Runs Spack and compares its lockfiles with those on disk; tests call it without a thread.
///
/// # Errors
/// Returns why Spack failed, and its last words.
pub fn perform(
    session: &Session,
    task: &Task,
    progress: &mut dyn FnMut(Progress),
    cancel: &AtomicBool,
) -> Outcome<Box<Fresh>> {
    // Lines come by the thousand, and nothing on screen speaks of them.
    let mut tell = |news: Progress| {
        if !matches!(news, Progress::Line(..)) {
            progress(news);
        }
    };
    let answer = spack::run(task, &mut tell, cancel)?;
    Ok(compare(session, task, answer).map(Box::new)?)
}

fn compare(session: &Session, task: &Task, answer: Answer) -> Result<Fresh, Error> {
    let Answer { version, lockfiles, specs } = answer;
    let on_disk = Lockfiles::load(&task.environment, &session.manifest, &session.locks)?;
    let paths = Lockfiles::paths(&task.environment, &session.manifest, &session.locks)?;
    let mut locks = Vec::new();
    for (phase, source) in lockfiles.iter() {
        let changes = LockChanges::between(on_disk.get(phase), source)?;
        if let Some(path) = paths.get(phase).filter(|path| !changes.is_empty() || !path.is_file()) {
            locks.push(FreshLock { phase: phase.to_owned(), path: path.clone(), changes });
        }
    }
    Ok(Fresh { version, specs, lockfiles, locks })
}
