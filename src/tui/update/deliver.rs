//! What concerns remotes: the commit is prepared while the review wants one, and what was confirmed is done step by step.

use super::super::effect::{Effect, Job, Lane, Preparation, Preview, Reported};
use super::super::model::Model;
use super::super::model::delivering::Step;
use super::super::model::overlay::Overlay;
use super::super::model::review::Review;
use super::super::model::review::publishing::{Basis, Commit};
use super::{ask, review};
use crate::error::Result;
use crate::publish::downstream;
use std::sync::Arc;

/// Lets a commit be prepared if the review wants one that fits the plan and has none, and gives up what it does not want.
pub(super) fn follow(model: &mut Model, effects: &mut Vec<Effect>) {
    if model.delivering.is_some() {
        return;
    }
    let wanted = model.review().and_then(|review| review.basis(&model.document));
    let known = model.review().and_then(|review| review.commit.basis());
    if wanted == known && (wanted.is_some() || model.work.preparing.is_none()) {
        return;
    }
    if model.work.preparing.take().is_some() {
        effects.push(Effect::Cancel(Lane::Remotes));
    }
    let commit = match wanted {
        None => Commit::None,
        Some(basis) => {
            prepare(model, basis, effects);
            Commit::Preparing(basis)
        }
    };
    change(model, commit);
}

fn prepare(model: &mut Model, basis: Basis, effects: &mut Vec<Effect>) {
    let document = &model.document;
    let Some(rendered) = &document.rendered else { return };
    model.work.preparations += 1;
    let preparation = Preparation {
        number: model.work.preparations,
        environment: Arc::clone(&document.environment),
        lockfiles: Arc::clone(&document.lockfiles),
        plan: Arc::clone(&document.plan),
        pipeline: Arc::clone(&rendered.pipeline),
        saving: basis.saving,
    };
    model.work.preparing = Some(preparation.number);
    ask(model, Job::Prepare(preparation), effects);
}

/// Takes a commit, unless it is not the one that is waited for.
pub(super) fn prepared(model: &mut Model, number: u64, outcome: Result<Preview>) {
    if model.work.preparing != Some(number) {
        return;
    }
    model.work.preparing = None;
    let Some(basis) = model.review().and_then(|review| review.commit.basis()) else { return };
    change(
        model,
        match outcome {
            Ok(preview) => Commit::Ready(basis, preview),
            Err(error) => Commit::Failed(basis, error),
        },
    );
}

fn change(model: &mut Model, commit: Commit) {
    let Some(review) = review_of(&mut model.overlays) else { return };
    review.commit = commit;
    review.look(&model.document, &model.pipeline);
}

fn review_of(overlays: &mut [Overlay]) -> Option<&mut Review> {
    overlays.iter_mut().rev().find_map(|overlay| match overlay {
        Overlay::Review(review) => Some(review),
        _ => None,
    })
}

/// Goes on with what was confirmed, or shows the receipt.
pub(super) fn next(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(delivering) = &mut model.delivering else { return };
    match delivering.advance() {
        Step::Push(sealed) => ask(model, Job::Push(sealed), effects),
        Step::Report(group) => ask(model, Job::Report(group), effects),
        Step::Receipt(notice) => {
            model.delivering = None;
            model.overlays.retain(|overlay| !matches!(overlay, Overlay::Review(_)));
            review::compare(model, effects);
            model.overlays.push(Overlay::Notice(notice));
        }
    }
}

/// Takes what came of a push.
pub(super) fn pushed(model: &mut Model, outcome: Result<downstream::Receipt>, effects: &mut Vec<Effect>) {
    if let Some(delivering) = &mut model.delivering {
        delivering.pushed(outcome);
    }
    next(model, effects);
}

/// Takes what came of asking CDash.
pub(super) fn reported(model: &mut Model, outcome: Result<Reported>, effects: &mut Vec<Effect>) {
    if let Some(delivering) = &mut model.delivering {
        match outcome {
            Ok(Reported { name, builds, groups, exposed }) => {
                let numbers = format!("{} and {}", groups.daily, groups.latest);
                delivering.done([format!("CDash: group `{name}` has {builds} builds (groups {numbers})")]);
                delivering.warn(exposed.as_ref());
            }
            Err(error) => delivering.failed(error),
        }
    }
    next(model, effects);
}

/// Gives up what was confirmed, as far as it is not done; tells whether there is such.
pub(super) fn cancel(model: &mut Model, effects: &mut Vec<Effect>) -> bool {
    let Some(delivering) = &mut model.delivering else { return false };
    delivering.leave_out();
    effects.push(Effect::Cancel(Lane::Remotes));
    model.done("giving up what is not done yet");
    true
}
