//! Runs Spack and compares its answer with the lockfiles on disk.

use super::Flag;
use crate::concretize::change::LockUpdate;
use crate::concretize::spack::{self, Answer, Outcome, Progress, Task};
use crate::tui::model::document::Session;
use crate::tui::model::spack::Fresh;

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
    let Answer { version, lockfiles, specs } = spack::run(task, tell, cancel)?;
    let mut locks = LockUpdate::all(&task.environment, &session.manifest, &session.locks, &lockfiles)?;
    locks.retain(LockUpdate::is_due);
    Ok(Box::new(Fresh { version, specs, lockfiles, locks }))
}
