//! The review before anything is written, and what follows the writing.

use super::super::command::Command;
use super::super::effect::{Effect, Job, Receipt, Saved, Writing};
use super::super::model::Model;
use super::super::model::delivering::Delivering;
use super::super::model::overlay::Overlay;
use super::super::model::pipeline::Compared;
use super::super::model::review::publishing::build_group;
use super::super::model::review::{Obstacle, Review, Target, Wanted};
use super::{ask, deliver, edit};
use crate::error::Result;
use std::sync::Arc;

/// Returns why a command of the review cannot be run now; nothing if it can.
pub(super) fn unavailable(model: &Model, command: Command) -> Option<&'static str> {
    let Some(Overlay::Review(review)) = model.overlays.last() else { return Some("it works in the review (w)") };
    if model.delivering.is_some() {
        return Some("what was confirmed is being done");
    }
    let obstacle = |target| review.toggle(target).and_then(|toggle| toggle.obstacle).map(Obstacle::reason);
    // What is wanted beyond this machine can be left out again, whatever stands in its way.
    let unless_wanted = |target| match review.toggle(target).map(|toggle| toggle.wanted) {
        Some(Wanted::Yes) => None,
        _ => obstacle(target),
    };
    match command {
        Command::TogglePipeline => obstacle(Target::Pipeline),
        Command::ToggleSave => obstacle(Target::Manifest),
        Command::ToggleBranch => unless_wanted(Target::Branch),
        Command::ToggleCdash => unless_wanted(Target::Cdash),
        Command::ToggleLocks if review.toggle(Target::Locks).is_none() => Some("Spack has not concretized (C)"),
        Command::ToggleLocks => obstacle(Target::Locks),
        _ => review.obstacle(),
    }
}

/// Opens the review; the file on disk is compared anew.
pub(super) fn open(model: &mut Model, effects: &mut Vec<Effect>) {
    if matches!(model.overlays.last(), Some(Overlay::Review(_))) {
        return;
    }
    compare(model, effects);
    model.overlays.push(Overlay::Review(Review::new(&model.document, &model.pipeline)));
}

/// Asks how the pipeline differs from the file on disk now.
pub(super) fn compare(model: &mut Model, effects: &mut Vec<Effect>) {
    if let Some(rendered) = model.document.rendered.clone() {
        model.pipeline.compared = Compared::Pending;
        ask(model, Job::Compare { generation: model.document.generation, rendered }, effects);
    }
}

/// Runs a command of the review, and tells whether it is one.
pub(super) fn run(model: &mut Model, command: Command, effects: &mut Vec<Effect>) -> bool {
    match command {
        Command::Review => open(model, effects),
        Command::Confirm => confirm(model, effects),
        Command::TogglePipeline => flip(model, Target::Pipeline),
        Command::ToggleSave => flip(model, Target::Manifest),
        Command::ToggleBranch => flip(model, Target::Branch),
        Command::ToggleCdash => flip(model, Target::Cdash),
        Command::ToggleLocks => flip(model, Target::Locks),
        _ => return false,
    }
    true
}

fn flip(model: &mut Model, target: Target) {
    if let Some(Overlay::Review(review)) = model.overlays.last_mut() {
        review.flip(&model.document, &model.pipeline, target);
    }
}

/// Asks for everything to be done that is on: the files first.
fn confirm(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(Overlay::Review(review)) = model.overlays.last() else { return };
    let document = &model.document;
    let history = &document.history;
    let saved = || Saved {
        text: Arc::clone(history.current()),
        plan: Arc::clone(&document.plan),
        edits: history.edits().cloned().collect(),
    };
    let writing = Writing {
        pipeline: document.rendered.clone().filter(|_| review.is_on(Target::Pipeline)),
        manifest: review.is_on(Target::Manifest).then(saved),
        locks: document.fresh.clone().filter(|_| review.is_on(Target::Locks)),
        read: Arc::clone(history.saved()),
    };
    let branch = review.commit.preview().filter(|_| review.is_on(Target::Branch)).cloned();
    let group = build_group(document).filter(|_| review.is_on(Target::Cdash));
    model.delivering = Some(Delivering::new(branch, group));
    if writing.pipeline.is_some() || writing.manifest.is_some() || writing.locks.is_some() {
        ask(model, Job::Write(writing), effects);
    } else {
        deliver::next(model, effects);
    }
}

/// Takes what was written: saved edits are forgotten by the journal, and later changes count from here.
pub(super) fn written(model: &mut Model, written: Result<Receipt>, effects: &mut Vec<Effect>) {
    let mut delivering = model.delivering.take().unwrap_or_default();
    match written {
        Ok(receipt) => {
            if let Some(Saved { text, plan, edits }) = receipt.saved {
                model.document.history.mark_saved(&text);
                (model.document.loaded, model.document.loaded_edits) = (plan, edits);
                edit::keep(model, effects);
                model.refresh();
            }
            if let Some(written) = &receipt.locks
                && model.document.fresh.as_ref().is_some_and(|fresh| Arc::ptr_eq(fresh, written))
            {
                model.document.fresh = None;
            }
            delivering.done(receipt.lines);
            if let Some(failure) = receipt.failure {
                delivering.failed(failure);
            }
        }
        Err(error) => delivering.failed(error),
    }
    model.delivering = Some(delivering);
    deliver::next(model, effects);
}
