//! Runs Spack and compares its answer with the lockfiles on disk.

use super::Flag;
use crate::concretize::Lockfiles;
use crate::concretize::change::LockChanges;
use crate::concretize::spack::{self, Answer, Outcome, Progress, Task};
use crate::error::Error;
use crate::tui::model::document::Session;
use crate::tui::model::spack::{Fresh, FreshLock};

/// Runs Spack and compares its lockfiles with those on disk.
///
/// # Errors
/// Returns why Spack failed, and its last words.
pub(super) fn solve(
    session: &Session,
    task: &Task,
    tell: &mut dyn FnMut(Progress),
    cancel: &Flag,
) -> Outcome<Box<Fresh>> {
    let answer = spack::run(task, tell, cancel)?;
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
