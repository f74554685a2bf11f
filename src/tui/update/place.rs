//! Going to where something is written or planned: on a screen, or in the user's editor.

use super::super::effect::Effect;
use super::super::model::{Model, Pane, Screen};
use super::{global, movement};
use crate::plan::JobId;
use crate::plan::assign::MappingId;
use crate::source::{Place, Source};
use similar::{DiffTag, TextDiff};
use std::path::PathBuf;

/// Opens the editor at the line of what is selected: in `spack.yaml`, or the file that the place is in.
pub(super) fn open_editor(model: &Model, effects: &mut Vec<Effect>) {
    let (edited, saved) = (model.document.history.current(), model.document.history.saved());
    let (path, line) = match selected(model) {
        Some(place) if place.source().name() != edited.name() => (PathBuf::from(place.source().name()), place.line()),
        place => {
            let line = place.map_or(1, |place| line_in(saved, place.source(), place.line()));
            (model.session.manifest.clone(), line)
        }
    };
    effects.push(Effect::Edit(path, line));
}

/// Returns the line of the file on disk that a line of the edited text is, or as near as can be.
fn line_in(saved: &Source, edited: &Source, line: usize) -> usize {
    if saved.text() == edited.text() {
        return line;
    }
    let index = line.saturating_sub(1);
    let diff = TextDiff::from_lines(edited.text(), saved.text());
    let operations = diff.ops().iter().map(similar::DiffOp::as_tag_tuple);
    let found = operations.into_iter().find(|(_, edited, _)| edited.contains(&index));
    found.map_or(1, |(tag, edited, saved)| match tag {
        DiffTag::Equal => saved.start + index - edited.start + 1,
        DiffTag::Delete | DiffTag::Insert | DiffTag::Replace => saved.start + 1,
    })
}

/// Returns where what is selected is written.
fn selected(model: &Model) -> Option<Place> {
    match model.screen {
        Screen::Specs => model.specs.place(&model.document).cloned(),
        Screen::Runners if model.pane == Pane::Main => {
            Some(model.document.plan.mapping(model.runners.selected_mapping()?)?.place.clone())
        }
        Screen::Phases => Some(model.document.environment.bootstrap.get(model.phases.cursor.selected)?.place.clone()),
        Screen::Findings => model.findings.selected(&model.document)?.place.clone(),
        _ => {
            let plan = &model.document.plan;
            let id = plan.assignments.mapping_of(model.selected_job()?)?;
            Some(plan.mapping(id)?.place.clone())
        }
    }
}

/// Goes to the job that the selected finding is about, or else to its mapping or bootstrap phase.
pub(super) fn go_to_finding(model: &mut Model) {
    let Some(finding) = model.findings.selected(&model.document).cloned() else { return };
    if let Some(job) = finding.jobs.first().map(|job| JobId(*job)) {
        if model.filter.as_ref().is_some_and(|filter| !filter.shows(job)) {
            model.filter = None;
            model.refresh();
        }
        global::show(model, Screen::Stages);
        model.stages.reveal(&model.document, model.filter.as_ref(), job);
        return;
    }
    let Some(place) = finding.place else {
        model.done("this finding has no place to go to");
        return;
    };
    if let Some(id) = mapping_at(model, &place) {
        global::show(model, Screen::Runners);
        model.runners.select(id);
        movement::selected_another(model);
    } else if let Some(phase) = phase_at(model, &place) {
        global::show(model, Screen::Phases);
        model.phases.cursor.selected = phase;
        movement::selected_another(model);
    } else {
        model.done(format!("{place}: press the editor's key to go there"));
    }
}

/// Tells whether one place is within another of the same text.
fn holds(outer: &Place, inner: &Place) -> bool {
    let starts = outer.span().contains(&inner.span().start);
    starts && outer.source().name() == inner.source().name()
}

fn mapping_at(model: &Model, place: &Place) -> Option<MappingId> {
    model.document.plan.rules.submappings().find_map(|(section, list)| {
        let mapping = list.mappings.iter().position(|mapping| holds(&mapping.place, place))?;
        Some(MappingId { section, mapping })
    })
}

fn phase_at(model: &Model, place: &Place) -> Option<usize> {
    model.document.environment.bootstrap.iter().position(|phase| holds(&phase.place, place))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_edited_text_is_found_again_in_the_file() {
        let saved = Source::new("f", "a\nb\nc\nd\n");
        let edited = Source::new("f", "a\nnew\nb\nd2\n");
        let lines: Vec<usize> = (1..=4).map(|line| line_in(&saved, &edited, line)).collect();
        assert_eq!(lines, [1, 2, 2, 3]);
        assert_eq!(line_in(&saved, &saved, 3), 3);
    }
}
