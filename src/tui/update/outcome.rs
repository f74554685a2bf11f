//! What the worker's answers change.

use super::super::effect::{ASKING, Effect, Job, Loaded, Outcome};
use super::super::model::Model;
use super::super::model::disk::Need;
use super::super::model::document::Document;
use super::super::model::overlay::{Notice, Overlay};
use super::super::model::pipeline::Compared;
use super::{ask, asking, deliver, edit, review, spack};
use crate::error::{Error, Result};
use std::sync::Arc;

/// Takes an answer; those about an older generation of the document are dropped.
pub(super) fn take(model: &mut Model, outcome: Outcome, effects: &mut Vec<Effect>) {
    finish(model, &outcome);
    match outcome {
        Outcome::Planned(generation, planned) => {
            if generation != model.document.generation {
                return asking::catch_up(model, effects);
            }
            match planned {
                Ok(planned) => {
                    model.document.adopt(*planned);
                    model.refresh();
                    spack::planned(model);
                    edit::render(model, effects);
                    asking::tell(model);
                }
                Err(error) => model.failed(&error),
            }
        }
        Outcome::Solved(ended) => spack::ended(model, ended, effects),
        Outcome::Asked(number, answer) => asking::answered(model, number, answer, effects),
        Outcome::Rendered(generation, rendered) => {
            if generation == model.document.generation {
                model.document.rendered = Some(rendered);
                review::compare(model, effects);
                model.refresh();
            }
        }
        Outcome::Compared(generation, comparison) => {
            if generation == model.document.generation {
                model.pipeline.compared = match comparison {
                    Ok(comparison) => Compared::Known(comparison),
                    Err(error) => Compared::Failed(error.to_string()),
                };
                model.refresh_review();
            }
        }
        Outcome::Looked(sight) => match model.disk.look(sight) {
            Need::Nothing => {}
            Need::Reload => ask(model, Job::Reload, effects),
            Need::Complaint(reason) => {
                model.failed(&Error::refused(reason).hint("what is on screen is what was read before"));
            }
        },
        Outcome::Reloaded(read) => model.disk.read = Some(read),
        Outcome::GivenUp(_) => model.done("given up; what is on screen may be from before the last edit"),
        Outcome::Superseded(_) => asking::catch_up(model, effects),
        Outcome::Kept(Ok(())) | Outcome::Edited(Ok(())) => {}
        Outcome::Kept(Err(error)) | Outcome::Edited(Err(error)) => model.failed(&error),
        Outcome::Written(receipt) => review::written(model, receipt, effects),
        Outcome::Prepared(number, prepared) => deliver::prepared(model, number, prepared),
        Outcome::Pushed(receipt) => deliver::pushed(model, receipt, effects),
        Outcome::Reported(reported) => deliver::reported(model, reported, effects),
    }
}

/// Lets the spinner forget one piece of work.
fn finish(model: &mut Model, outcome: &Outcome) {
    let label = match outcome {
        Outcome::Planned(..) => "planning",
        Outcome::Rendered(..) => "laying out the pipeline",
        Outcome::Compared(..) => "comparing with the file on disk",
        Outcome::Reloaded(_) => "reading the environment",
        Outcome::Written(_) => "writing",
        Outcome::Prepared(..) => "preparing the push",
        Outcome::Pushed(_) => "pushing",
        Outcome::Reported(_) => "asking CDash",
        Outcome::Asked(..) => ASKING,
        Outcome::GivenUp(label) | Outcome::Superseded(label) => label,
        Outcome::Solved(_) | Outcome::Looked(_) | Outcome::Kept(_) | Outcome::Edited(_) => return,
    };
    if let Some(at) = model.work.running.iter().position(|running| *running == label) {
        model.work.running.remove(at);
    }
    if matches!(outcome, Outcome::Prepared(..) | Outcome::Pushed(_) | Outcome::Reported(_)) {
        model.work.progress = None;
    }
}

/// Takes an environment that was read again, unless something lies over the screen that speaks of the old one.
pub(super) fn take_read(model: &mut Model, effects: &mut Vec<Effect>) {
    if model.overlays.is_empty()
        && let Some(read) = model.disk.read.take()
    {
        reload(model, read, effects);
    }
}

/// Takes the file's new text, and the edits onto it as far as they fit.
fn reload(model: &mut Model, read: Result<Box<Loaded>>, effects: &mut Vec<Effect>) {
    let mut fresh = match read {
        Ok(loaded) => Document::of(&model.session, *loaded),
        Err(error) => return keep_old(model, &error),
    };
    fresh.generation = model.document.generation + 1;
    fresh.inherit_answers(&model.document);
    if fresh.history.saved().text() == model.document.history.saved().text() {
        fresh.loaded_edits.clone_from(&model.document.loaded_edits);
    }
    if let Some(answer) = &model.document.fresh {
        fresh.take_locks(Arc::clone(answer));
    }
    let old = std::mem::replace(&mut model.document, fresh);
    let (history, unfit) = old.history.rebase(model.document.history.saved());
    match model.document.restore(history) {
        Ok(followup) => {
            edit::carried_over(model, followup, &unfit, effects);
            if unfit.is_empty() && !model.document.history.is_changed() {
                model.done("read the environment again");
            }
            asking::catch_up(model, effects);
            asking::begin(model, effects);
        }
        Err(error) => {
            // The edits fit the new text each by itself, but not what it has become: they stay where they were.
            model.document = old;
            keep_old(model, &error);
        }
    }
}

/// Says why the file's new text cannot be taken.
fn keep_old(model: &mut Model, error: &Error) {
    let mut notice = Notice::of_errors("spack.yaml could not be read again", std::slice::from_ref(error));
    notice.lines.push("What is on screen is what was read before; the edits are kept.".to_owned());
    model.overlays.push(Overlay::Notice(notice));
}
