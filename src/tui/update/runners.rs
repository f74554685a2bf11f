//! Commands that edit runner mappings and sections, and what the texts typed for them mean.

use super::super::command::Command;
use super::super::effect::Effect;
use super::super::model::Model;
use super::super::model::overlay::Asked;
use super::super::model::runners::{Row, Target};
use super::{edit, prompt};
use crate::edit::{Edit, MappingAt, ValueText, section_at};
use crate::environment::attributes::{Merging, Section};
use crate::error::{Error, Result};
use crate::plan::assign::MappingId;
use crate::yaml::scalar;

/// Why a section without attributes cannot be edited.
const NO_ATTRIBUTES: &str = "this is a list of mappings, which has no attributes itself";

/// Runs a command that edits what is selected on the Runners screen, or opens what asks for the edit.
pub(super) fn run(model: &mut Model, command: Command, effects: &mut Vec<Effect>) {
    if command == Command::AddMapping {
        let at = place_for_mapping(model);
        return prompt::open(model, Asked::NewMapping(at));
    }
    if command == Command::AddSection {
        let at = place_for_section(model);
        return prompt::open(model, Asked::NewSection(at));
    }
    let Ok(target) = model.runners.target(&model.document) else { return };
    match (command, target) {
        (Command::DuplicateMapping, Target::Mapping(id)) => {
            with_address(model, id, effects, |mapping| Edit::DuplicateMapping { mapping });
        }
        (Command::RemoveMapping, Target::Mapping(id)) => {
            with_address(model, id, effects, |mapping| Edit::RemoveMapping { mapping });
        }
        (Command::RemoveMapping, Target::Section(index)) => {
            let row = model.runners.cursor.selected;
            if let Some(section) = section(model, index)
                && edit::make(model, Edit::RemoveSection { section }, effects)
            {
                model.runners.cursor.selected = row.min(model.runners.rows.len().saturating_sub(1));
                model.runners.list_members(&model.document, model.filter.as_ref());
            }
        }
        (Command::MoveMappingUp, Target::Mapping(id)) => move_mapping(model, id, id.mapping.checked_sub(1), effects),
        (Command::MoveMappingDown, Target::Mapping(id)) => move_mapping(model, id, Some(id.mapping + 1), effects),
        (Command::MoveMappingUp, Target::Section(index)) => move_section(model, index, -1, effects),
        (Command::MoveMappingDown, Target::Section(index)) => move_section(model, index, 1, effects),
        (Command::EditMatch, Target::Mapping(id)) => prompt::open(model, Asked::Matches(id)),
        (Command::AddMatch, Target::Mapping(id)) => prompt::open(model, Asked::NewMatch(id)),
        (Command::EditTags, _) => prompt::open(model, Asked::Tags(target)),
        (Command::EditImage, _) => prompt::open(model, Asked::Image(target)),
        (Command::EditVariable, _) => prompt::open(model, Asked::Variable(target)),
        (Command::EditAttribute, _) => prompt::open(model, Asked::Attribute(target)),
        _ => {}
    }
}

/// Returns why the selected row cannot take a command; nothing if it can.
pub(super) fn unavailable(model: &Model, command: Command) -> Option<&'static str> {
    if matches!(command, Command::AddMapping) {
        return None;
    }
    let rules = &model.document.plan.rules;
    if command == Command::AddSection {
        return (rules.merging == Merging::Replace).then_some("`gitlab-ci` has no list of sections");
    }
    let target = match model.runners.target(&model.document) {
        Ok(target) => target,
        Err(reason) => return Some(reason),
    };
    let Target::Section(index) = target else { return None };
    let is_list = !matches!(rules.sections.get(index), Some(Section::Jobs { .. }));
    match command {
        Command::DuplicateMapping | Command::EditMatch | Command::AddMatch => Some("no mapping is selected"),
        Command::EditTags | Command::EditImage | Command::EditVariable | Command::EditAttribute if is_list => {
            Some(NO_ATTRIBUTES)
        }
        _ => None,
    }
}

/// Returns where a mapping of the plan stands in the manifest.
///
/// # Errors
/// Refuses one of an included file.
pub(super) fn address(model: &Model, id: MappingId) -> Result<MappingAt> {
    let document = &model.document;
    let rules = &document.environment.rules;
    let at = MappingAt::of(rules, document.history.current().name(), id.section, id.mapping);
    // `gitlab-ci` without mappings has no list among the rules.
    let is_first = rules.merging == Merging::Replace && rules.submappings().count() == 0;
    let first = is_first.then_some(MappingAt { section: 0, index: id.mapping });
    at.or(first).ok_or_else(|| {
        let error = Error::usage("this mapping stands in an included file, and is edited there");
        let error = match document.plan.mapping(id) {
            Some(mapping) => error.at(&mapping.place),
            None => error,
        };
        error.hint("add a mapping to `spack.yaml` instead: its sections win over included ones")
    })
}

fn section(model: &Model, index: usize) -> Option<usize> {
    section_at(&model.document.environment.rules, model.document.history.current().name(), index)
}

/// Makes an edit of a mapping.
fn with_address(model: &mut Model, id: MappingId, effects: &mut Vec<Effect>, edit: impl Fn(MappingAt) -> Edit) {
    match address(model, id) {
        Ok(mapping) => {
            edit::make(model, edit(mapping), effects);
        }
        Err(error) => model.failed(&error),
    }
}

/// Returns where a new mapping goes: below the selected one, or at the end of the manifest's first list.
fn place_for_mapping(model: &Model) -> Option<MappingId> {
    let (rules, manifest) = (&model.document.plan.rules, model.document.history.current().name());
    let is_own = |id: &MappingId| MappingAt::of(rules, manifest, id.section, id.mapping).is_some();
    let selected = match (model.runners.target(&model.document), model.runners.rows.get(model.runners.cursor.selected))
    {
        (Ok(Target::Mapping(id)), _) => Some(MappingId { mapping: id.mapping + 1, ..id }),
        (Ok(_), Some(Row::Section(index))) => Some(MappingId { section: *index, mapping: 0 }),
        _ => None,
    };
    let lists = rules.listed().filter_map(|(section, content)| match content {
        Section::Submapping(list) => Some(MappingId { section, mapping: list.mappings.len() }),
        Section::Jobs { .. } | Section::Dynamic(_) => None,
    });
    let own = selected.into_iter().chain(lists).find(is_own);
    let is_legacy = rules.merging == Merging::Replace;
    own.or_else(|| is_legacy.then_some(MappingId { section: 0, mapping: 0 }))
}

/// Returns where a new section goes: below the selected one, or first.
fn place_for_section(model: &Model) -> usize {
    let selected = model.runners.rows.get(model.runners.cursor.selected);
    let index = match selected {
        Some(Row::Section(index)) => section(model, *index),
        Some(Row::Mapping(id)) => section(model, id.section),
        Some(Row::Unassigned) | None => None,
    };
    index.map_or(0, |index| index + 1)
}

/// Selects the section that was added.
pub(super) fn added(model: &mut Model, asked: &Asked) {
    let Asked::NewSection(at) = asked else { return };
    let count = model.document.plan.rules.sections.len();
    if let Some(index) = (0..count).find(|index| section(model, *index) == Some(*at)) {
        model.runners.select_row(Row::Section(index));
        model.runners.list_members(&model.document, model.filter.as_ref());
    }
}

fn move_mapping(model: &mut Model, id: MappingId, to: Option<usize>, effects: &mut Vec<Effect>) {
    let count = model.document.plan.rules.submappings().find(|(section, _)| *section == id.section);
    let count = count.map_or(0, |(_, list)| list.mappings.len());
    let Some(to) = to.filter(|to| *to < count) else {
        model.done("it is at the end of the list already");
        return;
    };
    let mapping = match address(model, id) {
        Ok(mapping) => mapping,
        Err(error) => return model.failed(&error),
    };
    if edit::make(model, Edit::MoveMapping { mapping, to }, effects) {
        model.runners.select(MappingId { mapping: to, ..id });
        model.runners.list_members(&model.document, model.filter.as_ref());
    }
}

fn move_section(model: &mut Model, index: usize, by: isize, effects: &mut Vec<Effect>) {
    let Some(from) = section(model, index) else { return };
    // Sections are applied from the last one up.
    let other = index.checked_add_signed(-by);
    let Some(to) = from.checked_add_signed(by).filter(|_| other.is_some_and(|other| section(model, other).is_some()))
    else {
        model.done("it is at the end of the list already");
        return;
    };
    if edit::make(model, Edit::MoveSection { from, to }, effects) {
        model.runners.select_row(Row::Section(other.unwrap_or(index)));
        model.runners.list_members(&model.document, model.filter.as_ref());
    }
}

/// Returns the edit that a finished text asks for; none where it would change nothing.
pub(super) fn of_text(model: &Model, asked: &Asked, text: &str) -> std::result::Result<Option<Edit>, String> {
    let matches =
        |text: &str| prompt::match_specs(text).map(|specs| specs.into_iter().map(|wanted| wanted.text).collect());
    let address = |id: MappingId| address(model, id).map_err(|error| error.message);
    Ok(Some(match asked {
        Asked::Filter => return Ok(None),
        Asked::NewMapping(Some(id)) => {
            let attributes = ValueText("{tags: []}".to_owned());
            Edit::AddMapping { at: address(*id)?, matches: matches(text)?, attributes }
        }
        Asked::NewMapping(None) => {
            let specs: Vec<String> = matches(text)?;
            let specs: Vec<_> = specs.iter().map(|spec| scalar(spec)).collect();
            let section = format!("submapping: [{{match: [{}], build-job: {{tags: []}}}}]", specs.join(", "));
            Edit::AddSection { at: 0, section: ValueText(section) }
        }
        Asked::NewSection(at) => Edit::AddSection { at: *at, section: ValueText(prompt::value(text)?) },
        Asked::Matches(id) => Edit::SetMatches { mapping: address(*id)?, matches: matches(text)? },
        Asked::NewMatch(id) => {
            let at = model.document.plan.mapping(*id).map_or(0, |mapping| mapping.matches.len());
            Edit::AddMatch { mapping: address(*id)?, at, text: text.to_owned() }
        }
        Asked::Tags(target) => {
            let tags: Vec<&str> = text.split(',').map(str::trim).filter(|tag| !tag.is_empty()).collect();
            if tags.is_empty() {
                let reason = "a job without tags runs on any runner that takes untagged jobs; name at least one";
                return Err(reason.to_owned());
            }
            let tags: Vec<_> = tags.into_iter().map(scalar).collect();
            attribute(model, *target, &["tags"], Some(format!("[{}]", tags.join(", "))))?
        }
        Asked::Image(target) if text.is_empty() => attribute(model, *target, &["image"], None)?,
        Asked::Image(target) => attribute(model, *target, &["image"], Some(prompt::value(text)?))?,
        Asked::Variable(target) => {
            let (name, value) = text.split_once('=').ok_or("type NAME=VALUE; an empty VALUE removes it")?;
            let value = value.trim();
            let value = (!value.is_empty()).then(|| scalar(value).into_owned());
            attribute(model, *target, &["variables", name.trim()], value)?
        }
        Asked::Attribute(target) => {
            let (key, value) =
                text.split_once(':').ok_or("type KEY: VALUE with a value in YAML; an empty VALUE removes it")?;
            let value = value.trim();
            let value = if value.is_empty() { None } else { Some(prompt::value(value)?) };
            attribute(model, *target, &[key.trim()], value)?
        }
        Asked::NewSpec(list) => Edit::AddSpec { list: list.clone(), spec: text.to_owned() },
    }))
}

/// Returns the edit that sets an attribute, or takes it away.
fn attribute(model: &Model, target: Target, path: &[&str], value: Option<String>) -> std::result::Result<Edit, String> {
    let path = path.iter().map(|key| (*key).to_owned()).collect();
    let value = value.map(ValueText);
    match target {
        Target::Mapping(id) => {
            let mapping = address(model, id).map_err(|error| error.message)?;
            Ok(match value {
                Some(value) => Edit::SetAttribute { mapping, path, value },
                None => Edit::RemoveAttribute { mapping, path },
            })
        }
        Target::Section(index) => {
            let section = section(model, index).ok_or("this section stands in an included file")?;
            Ok(match value {
                Some(value) => Edit::SetSectionAttribute { section, path, value },
                None => Edit::RemoveSectionAttribute { section, path },
            })
        }
    }
}
