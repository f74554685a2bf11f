//! Asks mirrors and history in the background which specs need no job, and plans with the answer.

use super::super::effect::{ASKING, Effect, Job};
use super::super::model::Model;
use super::{ask, edit};
use crate::error::Result;
use crate::plan::prune::{Pruning, Reason};
use crate::pruning::Progress;
use std::sync::Arc;

/// Tells whether this session asks anybody.
pub(super) fn asks(model: &Model) -> bool {
    let question = model.session.request.question.as_ref();
    question.is_some_and(|question| question.asks(&model.document.environment, &model.session.context))
}

/// Asks anew, in place of a question that is not answered yet.
pub(super) fn begin(model: &mut Model, effects: &mut Vec<Effect>) {
    if !asks(model) {
        return;
    }
    model.document.questions += 1;
    let document = &model.document;
    let job = Job::Ask {
        number: document.questions,
        environment: Arc::clone(&document.planned),
        concretization: Arc::clone(&document.concretization),
    };
    ask(model, job, effects);
}

/// Takes note of how far the asking is.
pub(super) fn progress(model: &mut Model, progress: Progress) {
    if model.work.running.contains(&ASKING) {
        model.work.asking = Some(progress);
    }
}

/// Takes the answer to the question of this number.
pub(super) fn answered(model: &mut Model, number: u64, answer: Result<Arc<Pruning>>, effects: &mut Vec<Effect>) {
    if number != model.document.questions {
        return;
    }
    model.work.asking = None;
    match answer {
        Ok(pruning) => {
            model.document.pruning = pruning;
            model.work.jobs_before = Some(model.document.plan.graph.len());
            edit::plan(model, effects);
        }
        Err(error) => model.failed(&error.hint("the plan is the one without the answer; the key to ask asks again")),
    }
}

/// Plans again where an answer came while the document was changing.
pub(super) fn catch_up(model: &mut Model, effects: &mut Vec<Effect>) {
    if !model.document.is_pruned() && !model.work.running.contains(&"planning") {
        edit::plan(model, effects);
    }
}

/// Says what an answer has changed, once it is planned with.
pub(super) fn tell(model: &mut Model) {
    if !model.document.is_pruned() {
        return;
    }
    let Some(before) = model.work.jobs_before.take() else { return };
    let graph = &model.document.plan.graph;
    let count = |kind: fn(&Reason) -> bool| graph.pruned.iter().filter(|pruned| kind(&pruned.reason)).count();
    let counts = [
        (count(|reason| matches!(reason, Reason::UpToDate(_))), "up to date"),
        (count(|reason| *reason == Reason::Untouched), "untouched"),
    ];
    let said: Vec<String> =
        counts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
    let now = graph.len();
    model.done(match before.cmp(&now) {
        std::cmp::Ordering::Equal => format!("mirrors and history were asked: all {now} jobs stay as they are"),
        std::cmp::Ordering::Greater => {
            format!("{} of {before} jobs went: {}", before - now, said.join(", "))
        }
        std::cmp::Ordering::Less => format!("{} jobs came back: {now} in all", now - before),
    });
}
