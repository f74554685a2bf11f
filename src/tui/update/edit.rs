//! Commands that edit the environment, and what follows an edit.

use super::super::command::Command;
use super::super::effect::{Effect, Job};
use super::super::model::Model;
use super::super::model::document::Followup;
use super::super::model::overlay::{Asked, Notice, Overlay};
use super::super::model::runners::Row;
use super::{ask, choice, prompt};
use crate::edit::history::Unfit;
use crate::edit::{Edit, Journal, MappingAt, ValueText};
use crate::error::{Error, Result};
use crate::plan::assign::MappingId;
use crate::yaml::scalar;
use std::sync::Arc;

/// Runs a command that edits, or opens what asks for the edit.
pub(super) fn run(model: &mut Model, command: Command, effects: &mut Vec<Effect>) {
    let mapping = model.runners.selected_mapping();
    let phase = model.phases.cursor.selected;
    match (command, mapping) {
        (Command::Undo, _) => {
            let undone = model.document.undo().map(|(edit, followup)| (format!("undone: {edit}"), followup));
            follow(model, undone, effects);
        }
        (Command::Redo, _) => {
            let redone = model.document.redo().map(|(edit, followup)| (format!("done again: {edit}"), followup));
            follow(model, redone, effects);
        }
        (Command::AddMapping, _) => {
            let at = mapping.map_or_else(|| first_of_rules(model), |id| MappingId { mapping: id.mapping + 1, ..id });
            prompt::open(model, Asked::NewMapping(at));
        }
        (Command::DuplicateMapping, Some(id)) => {
            let mapping = address(model, id);
            make(model, Edit::DuplicateMapping { mapping }, effects);
        }
        (Command::RemoveMapping, Some(id)) => {
            let mapping = address(model, id);
            make(model, Edit::RemoveMapping { mapping }, effects);
        }
        (Command::MoveMappingUp, Some(id)) => move_mapping(model, id, id.mapping.checked_sub(1), effects),
        (Command::MoveMappingDown, Some(id)) => move_mapping(model, id, Some(id.mapping + 1), effects),
        (Command::EditMatch, Some(id)) => prompt::open(model, Asked::Matches(id)),
        (Command::AddMatch, Some(id)) => prompt::open(model, Asked::NewMatch(id)),
        (Command::EditTags, Some(id)) => prompt::open(model, Asked::Tags(id)),
        (Command::EditImage, Some(id)) => prompt::open(model, Asked::Image(id)),
        (Command::EditVariable, Some(id)) => prompt::open(model, Asked::Variable(id)),
        (Command::EditAttribute, Some(id)) => prompt::open(model, Asked::Attribute(id)),
        (Command::AddPhase, _) => choice::open_definitions(model),
        (Command::RemovePhase, _) => {
            make(model, Edit::RemovePhase { phase }, effects);
        }
        (Command::MovePhaseUp, _) => move_phase(model, phase, phase.checked_sub(1), effects),
        (Command::MovePhaseDown, _) => move_phase(model, phase, Some(phase + 1), effects),
        (Command::ToggleAgnostic, _) => {
            let compiler_agnostic = !model.document.environment.bootstrap[phase].compiler_agnostic;
            make(model, Edit::SetCompilerAgnostic { phase, compiler_agnostic }, effects);
        }
        _ => {}
    }
}

/// Returns where a mapping of the plan stands in the manifest.
pub(super) fn address(model: &Model, id: MappingId) -> MappingAt {
    let at = MappingAt::of(&model.document.environment.rules, id.section, id.mapping);
    at.unwrap_or(MappingAt { list: id.section, index: id.mapping })
}

/// Returns where the first mapping of an environment without any would stand.
fn first_of_rules(model: &Model) -> MappingId {
    let last = model.document.plan.rules.submappings().last();
    last.map_or(MappingId { section: 0, mapping: 0 }, |(section, list)| MappingId {
        section,
        mapping: list.mappings.len(),
    })
}

fn move_mapping(model: &mut Model, id: MappingId, to: Option<usize>, effects: &mut Vec<Effect>) {
    let count = model
        .runners
        .rows
        .iter()
        .filter(|row| matches!(row, Row::Mapping(other) if other.section == id.section))
        .count();
    let Some(to) = to.filter(|to| *to < count) else {
        model.done("it is at the end of the list already");
        return;
    };
    let mapping = address(model, id);
    if make(model, Edit::MoveMapping { mapping, to }, effects) {
        model.runners.select(MappingId { mapping: to, ..id });
        model.runners.list_members(&model.document, model.filter.as_ref());
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
            match followup {
                Followup::Concretize => plan(model, effects),
                Followup::None => render(model, effects),
            }
            model.refresh();
            true
        }
        Err(error) => {
            model.failed(&error);
            false
        }
    }
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

/// Returns the edit that a finished text asks for; none where it would change nothing.
pub(super) fn of_text(model: &Model, asked: &Asked, text: &str) -> std::result::Result<Option<Edit>, String> {
    let list = |text: &str| -> Vec<String> {
        text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
    };
    let matches =
        |text: &str| prompt::match_specs(text).map(|specs| specs.into_iter().map(|wanted| wanted.text).collect());
    let attribute = |id: MappingId, path: &[&str], value: Option<String>| {
        let mapping = address(model, id);
        let path = path.iter().map(|key| (*key).to_owned()).collect();
        match value {
            Some(value) => Edit::SetAttribute { mapping, path, value: ValueText(value) },
            None => Edit::RemoveAttribute { mapping, path },
        }
    };
    Ok(Some(match asked {
        Asked::Filter => return Ok(None),
        Asked::NewMapping(id) => {
            let attributes = ValueText("{tags: []}".to_owned());
            Edit::AddMapping { at: address(model, *id), matches: matches(text)?, attributes }
        }
        Asked::Matches(id) => Edit::SetMatches { mapping: address(model, *id), matches: matches(text)? },
        Asked::NewMatch(id) => {
            let at = model.document.plan.mapping(*id).map_or(0, |mapping| mapping.matches.len());
            Edit::AddMatch { mapping: address(model, *id), at, text: text.to_owned() }
        }
        Asked::Tags(mapping) => {
            let tags = list(text);
            if tags.is_empty() {
                return Err(
                    "a job without tags runs on any runner that takes untagged jobs; name at least one".to_owned()
                );
            }
            attribute(
                *mapping,
                &["tags"],
                Some(format!("[{}]", tags.iter().map(|tag| scalar(tag)).collect::<Vec<_>>().join(", "))),
            )
        }
        Asked::Image(mapping) if text.is_empty() => attribute(*mapping, &["image"], None),
        Asked::Image(mapping) => attribute(*mapping, &["image"], Some(prompt::value(text)?)),
        Asked::Variable(mapping) => {
            let (name, value) = text.split_once('=').ok_or("type NAME=VALUE; an empty VALUE removes it")?;
            let value = value.trim();
            let value = (!value.is_empty()).then(|| scalar(value).into_owned());
            attribute(*mapping, &["variables", name.trim()], value)
        }
        Asked::Attribute(mapping) => {
            let (key, value) =
                text.split_once(':').ok_or("type KEY: VALUE with a value in YAML; an empty VALUE removes it")?;
            let value = value.trim();
            let value = if value.is_empty() { None } else { Some(prompt::value(value)?) };
            attribute(*mapping, &[key.trim()], value)
        }
        Asked::NewSpec(list) => Edit::AddSpec { list: list.clone(), spec: text.to_owned() },
    }))
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
