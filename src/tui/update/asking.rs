//! Asks mirrors and history in the background which specs need no job, and services for attributes; plans with the answer.

use super::super::effect::{ASKING, Answer, Asking, Effect, Job};
use super::super::model::Model;
use super::{ask, edit};
use crate::dynamic::Services;
use crate::error::Result;
use crate::plan::prune::Reason;
use std::sync::Arc;

/// Tells whether this session asks anybody.
pub(super) fn asks(model: &Model) -> bool {
    let (session, environment) = (&model.session, &model.document.environment);
    session.question(environment).is_some() || session.patience_for_services(environment).is_some()
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
        plan: Arc::clone(&document.plan),
    };
    ask(model, job, effects);
}

/// Takes note of how far the asking is.
pub(super) fn progress(model: &mut Model, asking: Asking) {
    if model.work.running.contains(&ASKING) {
        model.work.asking = Some(asking);
    }
}

/// Takes the answer to the question of this number.
pub(super) fn answered(model: &mut Model, number: u64, answer: Result<Answer>, effects: &mut Vec<Effect>) {
    if number != model.document.questions {
        return;
    }
    model.work.asking = None;
    match answer {
        Ok(Answer { pruning, services }) => {
            let environment = &model.document.environment;
            let asked_mirrors = model.session.question(environment).is_some();
            let asked_services = model.session.patience_for_services(environment).is_some();
            if asked_services {
                take_services(model, services, effects);
            }
            if asked_mirrors {
                model.document.pruning = pruning;
                model.work.jobs_before = Some(model.document.plan.graph.len());
                edit::plan(model, effects);
            }
        }
        Err(error) => model.failed(&error.hint("the plan is the one without the answer; the key to ask asks again")),
    }
}

/// Plans with what services answered.
fn take_services(model: &mut Model, services: Arc<Services>, effects: &mut Vec<Effect>) {
    let (given, jobs) = (services.count(&model.document.plan), model.document.plan.graph.len());
    match model.document.take_services(services) {
        Ok(followup) => {
            edit::plan_or_render(model, followup, effects);
            model.done(format!("services were asked, and gave {given} of {jobs} jobs attributes"));
        }
        Err(error) => model.failed(&error),
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
