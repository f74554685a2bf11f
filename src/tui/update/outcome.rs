//! What the worker's answers change.

use super::super::effect::{Effect, Job, Loaded, Outcome, Receipt};
use super::super::model::Model;
use super::super::model::document::Document;
use super::super::model::overlay::{Notice, Overlay};
use super::{ask, edit};
use crate::error::Result;

/// Takes an answer; those about an older generation of the document are dropped.
pub(super) fn take(model: &mut Model, outcome: Outcome, effects: &mut Vec<Effect>) {
    finish(model, &outcome);
    match outcome {
        Outcome::Planned(generation, planned) => {
            if generation != model.document.generation {
                return;
            }
            match planned {
                Ok(planned) => {
                    model.document.adopt(*planned);
                    model.refresh();
                    edit::render(model, effects);
                }
                Err(error) => model.failed(&error),
            }
        }
        Outcome::Rendered(generation, rendered) => {
            if generation == model.document.generation {
                let job = Job::Compare { generation, rendered: rendered.clone() };
                model.document.rendered = Some(rendered);
                model.refresh();
                ask(model, job, effects);
            }
        }
        Outcome::Compared(generation, comparison) => {
            if generation == model.document.generation {
                match comparison {
                    Ok(comparison) => model.pipeline.compare(comparison),
                    Err(error) => model.failed(&error),
                }
            }
        }
        Outcome::Looked(same) => {
            if !same {
                ask(model, Job::Reload, effects);
            }
        }
        Outcome::Reloaded(read) => reload(model, read, effects),
        Outcome::GivenUp(_) => model.done("given up; what is on screen may be from before the last edit"),
        Outcome::Kept(Ok(())) | Outcome::Edited(Ok(())) => {}
        Outcome::Kept(Err(error)) | Outcome::Edited(Err(error)) => model.failed(&error),
        Outcome::Written(Ok(receipt)) => written(model, receipt, effects),
        Outcome::Written(Err(error)) => {
            model.overlays.push(Overlay::Notice(Notice::of_errors("Nothing was written", &[error])));
        }
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
        Outcome::GivenUp(label) => label,
        Outcome::Looked(_) | Outcome::Kept(_) | Outcome::Edited(_) => return,
    };
    if let Some(at) = model.work.running.iter().position(|running| *running == label) {
        model.work.running.remove(at);
    }
}

/// Takes the file's new text, and the edits onto it as far as they fit.
fn reload(model: &mut Model, read: Result<Box<Loaded>>, effects: &mut Vec<Effect>) {
    let mut fresh = match read {
        Ok(loaded) => Document::of(&model.session, *loaded),
        Err(error) => return model.failed(&error),
    };
    fresh.generation = model.document.generation + 1;
    let old = std::mem::replace(&mut model.document, fresh);
    let (history, unfit) = old.history.rebase(model.document.history.saved());
    match model.document.restore(history) {
        Ok(followup) => {
            edit::carried_over(model, followup, &unfit, effects);
            if unfit.is_empty() && !model.document.history.is_changed() {
                model.done("read the environment again");
            }
        }
        Err(error) => {
            // The edits fit the new text each by itself, but not what it has become: they stay where they were.
            model.document = old;
            model.failed(&error);
        }
    }
}

fn written(model: &mut Model, receipt: Receipt, effects: &mut Vec<Effect>) {
    model.overlays.retain(|overlay| !matches!(overlay, Overlay::Review(_)));
    if receipt.saved.is_some() {
        model.document.history.mark_saved();
        effects.push(Effect::Work(Job::Forget));
        model.refresh();
    }
    if let Some(rendered) = model.document.rendered.clone() {
        ask(model, Job::Compare { generation: model.document.generation, rendered }, effects);
    }
    model.overlays.push(Overlay::Notice(Notice {
        title: "Written".to_owned(),
        lines: receipt.lines,
        ..Notice::default()
    }));
}
