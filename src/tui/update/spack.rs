//! Concretizing with Spack while editing goes on, and what its answer changes.

use super::super::effect::{Effect, Job};
use super::super::model::Model;
use super::super::model::overlay::{Notice, Overlay};
use super::super::model::spack::{Fresh, Solve, moved};
use super::{ask, edit};
use crate::concretize::spack::{Cause, Failure, Outcome, Progress, Task};
use std::path::Path;
use std::sync::Arc;

/// Returns why Spack cannot be run now; nothing if it can.
pub(super) fn unavailable(model: &Model) -> Option<&'static str> {
    if model.spack.solve.is_some() {
        return Some("Spack is running already");
    }
    let reason = "no spack is found: name one with --spack, set SPACK_ROOT, or put it on PATH";
    model.session.spack.program.is_none().then_some(reason)
}

/// Asks Spack to concretize the environment as edited.
pub(super) fn start(model: &mut Model, effects: &mut Vec<Effect>) {
    let settings = &model.session.spack;
    let Some(program) = settings.program.clone() else { return };
    let directory = model.session.manifest.parent().filter(|path| !path.as_os_str().is_empty());
    let task = Task {
        program,
        environment: Arc::clone(&model.document.environment),
        directory: directory.unwrap_or(Path::new(".")).to_owned(),
        lockfiles: Arc::clone(&model.document.lockfiles),
        start: settings.start,
        timeout: settings.timeout,
        log: settings.log.clone(),
    };
    model.spack.solve = Some(Solve::default());
    model.done("Spack concretizes in the background; you can go on");
    ask(model, Job::Concretize(Box::new(task)), effects);
}

/// Takes note of how far Spack is.
pub(super) fn progress(model: &mut Model, progress: Progress) {
    if let Some(solve) = &mut model.spack.solve {
        solve.take(progress);
    }
}

/// Takes Spack's answer, or why there is none.
pub(super) fn ended(model: &mut Model, ended: Outcome<Box<Fresh>>, effects: &mut Vec<Effect>) {
    model.spack.solve = None;
    match ended {
        Ok(fresh) => answered(model, *fresh, effects),
        Err(failure) => failed(model, *failure),
    }
}

/// Plans with what Spack answered.
fn answered(model: &mut Model, fresh: Fresh, effects: &mut Vec<Effect>) {
    model.spack.before = Some(Arc::clone(&model.document.plan));
    model.document.take_locks(Arc::new(fresh));
    edit::plan(model, effects);
    model.refresh();
}

/// Says what an answer changed, once its plan is there.
pub(super) fn planned(model: &mut Model) {
    let (Some(before), Some(fresh)) = (model.spack.before.take(), &model.document.fresh) else { return };
    let mut lines = moved(&before, &model.document.plan);
    let files = match fresh.locks.len() {
        0 => "The lockfiles on disk hold this already.",
        1 => "The lockfile on disk is as it was; the review can replace it.",
        _ => "The lockfiles on disk are as they were; the review can replace them.",
    };
    lines.extend([String::new(), files.to_owned()]);
    let title = format!("Spack {} concretized {} specs", fresh.version, fresh.specs);
    model.done(title.clone());
    let notice = Overlay::Notice(Notice { title, lines, ..Notice::default() });
    // Below what is being typed or asked, so that no key meant for that goes astray.
    let at = model.overlays.iter().position(Overlay::is_asking).unwrap_or(model.overlays.len());
    model.overlays.insert(at, notice);
}

fn failed(model: &mut Model, failure: Failure) {
    let Failure { cause, error, words } = failure;
    if cause == Cause::Cancelled {
        return model.done("Spack was given up; everything is as it was");
    }
    model.failed(&error);
    let mut notice = Notice::of_errors("Spack could not concretize", &[error]);
    if !words.is_empty() {
        notice.lines.extend([String::new(), "Spack says:".to_owned()]);
        notice.lines.extend(words.iter().map(|word| format!("  {word}")));
    }
    notice.lines.extend([String::new(), "Everything is as it was.".to_owned()]);
    let at = model.overlays.iter().position(Overlay::is_asking).unwrap_or(model.overlays.len());
    model.overlays.insert(at, Overlay::Notice(notice));
}
