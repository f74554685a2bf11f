//! Commands that edit the environment, and what follows an edit.

use super::super::command::Command;
use super::super::effect::{Effect, Job};
use super::super::model::Model;
use super::super::model::document::Followup;
use super::super::model::overlay::{Notice, Overlay};
use super::{ask, choice, runners};
use crate::edit::history::Unfit;
use crate::edit::{Edit, Journal};
use crate::error::{Error, Result};
use std::sync::Arc;

/// Runs a command that edits, or opens what asks for the edit.
pub(super) fn run(model: &mut Model, command: Command, effects: &mut Vec<Effect>) {
    let phase = model.phases.cursor.selected;
    match command {
        Command::Undo => {
            let undone = model.document.undo().map(|(edit, followup)| (format!("undone: {edit}"), followup));
            follow(model, undone, effects);
        }
        Command::Redo => {
            let redone = model.document.redo().map(|(edit, followup)| (format!("done again: {edit}"), followup));
            follow(model, redone, effects);
        }
        Command::AddPhase => choice::open_definitions(model),
        Command::RemovePhase => {
            make(model, Edit::RemovePhase { phase }, effects);
        }
        Command::MovePhaseUp => move_phase(model, phase, phase.checked_sub(1), effects),
        Command::MovePhaseDown => move_phase(model, phase, Some(phase + 1), effects),
        Command::ToggleAgnostic => {
            let compiler_agnostic = !model.document.environment.bootstrap[phase].compiler_agnostic;
            make(model, Edit::SetCompilerAgnostic { phase, compiler_agnostic }, effects);
        }
        _ => runners::run(model, command, effects),
    }
}

fn move_phase(model: &mut Model, from: usize, to: Option<usize>, effects: &mut Vec<Effect>) {
    let Some(to) = to.filter(|to| *to < model.document.environment.bootstrap.len()) else {
        model.done("it is at the end of the list already");
        return;
    };
    make(model, Edit::MovePhase { from, to }, effects);
}

/// Adds a bootstrap phase behind the selected one.
pub(super) fn add_phase(model: &mut Model, definition: String, effects: &mut Vec<Effect>) {
    let at = (model.phases.cursor.selected + 1).min(model.document.environment.bootstrap.len());
    make(model, Edit::AddPhase { at, definition, compiler_agnostic: false }, effects);
}

/// Makes an edit, says so, and tells whether it could be made.
pub(super) fn make(model: &mut Model, edit: Edit, effects: &mut Vec<Effect>) -> bool {
    let description = edit.to_string();
    let made = model.document.edit(edit).map(|followup| (description, followup));
    follow(model, made, effects)
}

/// Does what has to follow an edit.
pub(super) fn follow(model: &mut Model, made: Result<(String, Followup)>, effects: &mut Vec<Effect>) -> bool {
    match made {
        Ok((message, followup)) => {
            model.done(message);
            keep(model, effects);
            plan_or_render(model, followup, effects);
            true
        }
        Err(error) => {
            model.failed(&error);
            false
        }
    }
}

/// Asks for what the document lacks.
pub(super) fn plan_or_render(model: &mut Model, followup: Followup, effects: &mut Vec<Effect>) {
    match followup {
        Followup::Concretize => plan(model, effects),
        Followup::None => render(model, effects),
    }
    model.refresh();
}

/// Lets the edits survive the program.
pub(super) fn keep(model: &Model, effects: &mut Vec<Effect>) {
    let job = if model.document.history.is_changed() {
        Job::Keep(Journal::of(&model.document.history, &model.session.manifest.display().to_string()).to_lines())
    } else {
        Job::Forget
    };
    effects.push(Effect::Work(job));
}

/// Asks for the concrete specs and the plan of the environment as edited.
pub(super) fn plan(model: &mut Model, effects: &mut Vec<Effect>) {
    let document = &model.document;
    let job = Job::Plan {
        generation: document.generation,
        environment: Arc::clone(&document.environment),
        lockfiles: Arc::clone(&document.lockfiles),
        pruning: Arc::clone(&document.pruning),
        baseline: document.old_baseline(),
    };
    ask(model, job, effects);
}

/// Asks for the pipeline of the plan as it is.
pub(super) fn render(model: &mut Model, effects: &mut Vec<Effect>) {
    let document = &model.document;
    let job = Job::Render {
        generation: document.generation,
        environment: Arc::clone(&document.environment),
        plan: Arc::clone(&document.plan),
    };
    ask(model, job, effects);
}

/// Makes the edits again that were kept from a session which did not end well.
pub(super) fn restore(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(journal) = model.document.kept.take() else { return };
    let recovered = journal.recover(model.document.history.saved());
    match recovered.and_then(|recovery| Ok((model.document.restore(recovery.history)?, recovery.unfit))) {
        Ok((followup, unfit)) => carried_over(model, followup, &unfit, effects),
        Err(error) => model.failed(&error),
    }
}

/// Says how many edits were made again, and lists those that no longer fit.
pub(super) fn carried_over(model: &mut Model, followup: Followup, unfit: &[Unfit], effects: &mut Vec<Effect>) {
    let made = model.document.history.unsaved();
    let word = if made == 1 { "edit" } else { "edits" };
    follow(model, Ok((format!("{made} {word} made again"), followup)), effects);
    if !unfit.is_empty() {
        let errors: Vec<Error> =
            unfit.iter().map(|unfit| unfit.error.clone().hint(format!("the edit was: {}", unfit.edit))).collect();
        model.overlays.push(Overlay::Notice(Notice::of_errors("Edits that no longer fit", &errors)));
    }
}
