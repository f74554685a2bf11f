//! Commands of the Specs screen: which axis gives the rows, and edits of lists of specs.

use super::super::command::Command;
use super::super::effect::Effect;
use super::super::model::Model;
use super::super::model::overlay::Asked;
use super::super::model::specs::Row;
use super::super::model::specs::section::Content;
use super::{edit, prompt};
use crate::edit::{Edit, EntryAt, ListName};
use crate::environment::{Environment, Matrix};
use crate::error::{Error, Result};

/// Returns why a command of the screen cannot be run on the selected row; nothing if it can.
pub(super) fn unavailable(model: &Model, command: Command) -> Option<&'static str> {
    let specs = &model.specs;
    let row = specs.selected_row();
    match (command, row) {
        (Command::SwapAxes, _) => match row.and_then(|row| specs.grid(row)) {
            None => Some("no matrix is selected"),
            Some(grid) if grid.axes() < 2 => Some("the matrix has only one axis"),
            Some(_) => None,
        },
        _ if !model.document.is_planned() => Some("the last edit is still being planned"),
        (Command::AddSpec, None) => Some("there is no list"),
        (Command::RemoveSpec, Some(Row::Plain(..) | Row::Matrix(..))) => None,
        (Command::RemoveSpec, Some(Row::Values(..))) => {
            Some("a matrix is removed on its heading; a combination can be excluded")
        }
        (Command::RemoveSpec, _) => Some("no spec is selected"),
        (Command::Exclude, Some(row @ Row::Values(..))) => match specs.content(row, specs.column.selected) {
            Some(Content::Root(..)) => None,
            _ => Some("the combination is excluded already"),
        },
        (Command::Exclude, _) => Some("no combination of a matrix is selected"),
        _ => None,
    }
}

/// Runs a command of the screen, and tells whether it is one.
pub(super) fn run(model: &mut Model, command: Command, effects: &mut Vec<Effect>) -> bool {
    let done = match command {
        Command::SwapAxes => {
            model.specs.swap_axes(&model.document);
            Ok(())
        }
        Command::AddSpec => list_of_selected(model).map(|list| prompt::open(model, Asked::NewSpec(list))),
        Command::RemoveSpec => entry_of_selected(model).map(|EntryAt { list, index }| {
            edit::make(model, Edit::RemoveSpec { list, index }, effects);
        }),
        Command::Exclude => exclude(model, effects),
        _ => return false,
    };
    if let Err(error) = done {
        model.failed(&error);
    }
    true
}

/// Returns the list in which the selected row is written: for the cells of a value, where that value is.
fn list_of_selected(model: &Model) -> Result<ListName> {
    let (specs, environment) = (&model.specs, &model.document.planned);
    let nothing = || Error::usage("there is no list");
    let row = specs.selected_row().ok_or_else(nothing)?;
    let section = specs.sections.get(row.section()).ok_or_else(nothing)?;
    let list = section.list(environment).ok_or_else(nothing)?;
    let whole = |name: &Option<String>| match name {
        None => ListName::Specs,
        Some(name) => ListName::Definition { name: name.clone(), nth: 0 },
    };
    let place = match row {
        Row::Section(_) if section.definition.is_none() => None,
        Row::Section(_) => list.roots.last().and_then(|root| list.place_of(root)),
        Row::Values(_, matrix, value) => specs.grid(row).and_then(|grid| {
            let axis = list.matrices.get(matrix)?.axes.get(grid.first)?;
            axis.values.get(value).map(|value| &value.place)
        }),
        _ => specs.place(&model.document),
    };
    match (place, row) {
        (None, _) => Ok(whole(&section.definition)),
        (Some(place), Row::Section(_)) => {
            // The last spec of a definition may have come from another one that it refers to.
            let found = ListName::holding(&environment.source, place)?;
            let is_own =
                matches!((&found, &section.definition), (ListName::Definition { name, .. }, Some(own)) if name == own);
            Ok(if is_own { found } else { whole(&section.definition) })
        }
        (Some(place), _) => ListName::holding(&environment.source, place),
    }
}

fn entry_of_selected(model: &Model) -> Result<EntryAt> {
    let place = model.specs.place(&model.document).ok_or_else(|| Error::usage("nothing is selected"))?;
    EntryAt::of(&model.document.planned.source, place)
}

/// Excludes the selected combination, if there is a rule that takes out no other.
fn exclude(model: &mut Model, effects: &mut Vec<Effect>) -> Result<()> {
    let EntryAt { list, index } = entry_of_selected(model)?;
    let Some(chosen) = Chosen::of(model) else { return Ok(()) };
    let mut refused = None;
    for constraint in chosen.constraints.clone() {
        let edit = Edit::ExcludeCombination { list: list.clone(), index, constraint };
        let description = edit.to_string();
        match model.document.edit_if(edit, |environment| chosen.check(environment)) {
            Ok(followup) => {
                edit::follow(model, Ok((description, followup)), effects);
                return Ok(());
            }
            Err(error) => refused = refused.or(Some(error)),
        }
    }
    refused.map_or(Ok(()), Err)
}

/// A combination that is to be excluded.
struct Chosen {
    definition: Option<String>,
    matrix: usize,
    values: Vec<usize>,
    /// What was excluded before.
    before: Vec<Vec<usize>>,
    /// Constraints that the combination satisfies: its values as written, and what they are merged to.
    constraints: Vec<String>,
}

impl Chosen {
    fn of(model: &Model) -> Option<Self> {
        let specs = &model.specs;
        let row @ Row::Values(at, matrix, value) = specs.selected_row()? else { return None };
        let section = specs.sections.get(at)?;
        let list = section.list(&model.document.planned)?;
        let values = specs.grid(row)?.values(value, specs.column.selected);
        let own = list.matrices.get(matrix)?;
        let texts = own.axes.iter().zip(&values).filter_map(|(axis, value)| axis.values.get(*value));
        let mut constraints = vec![texts.map(|value| value.text.as_str()).collect::<Vec<_>>().join(" ")];
        if let Some(Content::Root(root, _)) = specs.content(row, specs.column.selected) {
            constraints.extend(list.roots.get(root).map(|root| root.spec.to_string()));
            constraints.dedup();
        }
        let before = own.excluded.iter().map(|excluded| excluded.values.clone()).collect();
        Some(Self { definition: section.definition.clone(), matrix, values, before, constraints })
    }

    /// Refuses an environment in which another combination would be gone too, or this one would not.
    fn check(&self, environment: &Environment) -> Result<()> {
        let list = match &self.definition {
            None => Some(&environment.specs),
            Some(name) => environment.definitions.get(name),
        };
        let matrix: Option<&Matrix> = list.and_then(|list| list.matrices.get(self.matrix));
        let now = matrix.map(|matrix| matrix.excluded.as_slice()).unwrap_or_default();
        let mut before = self.before.iter().peekable();
        // Both are in the order of the product.
        let gone: Vec<_> =
            now.iter().filter(|excluded| before.next_if(|old| **old == excluded.values).is_none()).collect();
        let hint = "write a rule to `exclude` in the editor";
        match gone.iter().find(|excluded| excluded.values != self.values) {
            Some(other) => Err(Error::usage(format!(
                "a rule for it would take out {} combinations, among them `{}`",
                gone.len(),
                other.spec
            ))
            .hint(hint)),
            None if gone.is_empty() => Err(Error::usage("no rule can tell it from what the matrix keeps").hint(hint)),
            None => Ok(()),
        }
    }
}
