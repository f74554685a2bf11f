//! Draws the Phases screen: the phases in the order in which they run, and the jobs of the selected one.

use super::super::layout::Regions;
use super::super::model::phases::Row;
use super::super::model::{Model, Pane};
use super::super::theme::Role;
use super::stages::{Relation, job};
use super::text::clean;
use super::{Look, heading, list, nothing};
use crate::plan::{JobId, PhaseKind};
use ratatui::buffer::Buffer;
use ratatui::text::{Line, Span};
use std::fmt::Write as _;

pub(super) fn draw(model: &Model, look: Look<'_>, regions: &Regions, buffer: &mut Buffer) {
    let phases = &model.phases;
    let selected = phases.rows.get(phases.cursor.selected);
    if !regions.main.is_empty() {
        let title = format!("Phases: {} before the main one", phases.rows.len().saturating_sub(1));
        let area = heading(model, look, Pane::Main, regions.main, &title, buffer);
        let focused = model.pane == Pane::Main && model.overlays.is_empty();
        list(look, area, phases.cursor, phases.rows.len(), focused, buffer, |index| {
            phase(model, look, index, &phases.rows[index])
        });
    }
    if !regions.jobs.is_empty() {
        let name = selected.map(|row| clean(&row.name)).unwrap_or_default();
        let mut title = format!("Jobs of {name}: {}", phases.members.len());
        if selected.is_some_and(|row| row.leaning > 0) {
            let _ = write!(title, "; {} main jobs built with its compiler", look.theme.glyphs.downstream);
        }
        let area = heading(model, look, Pane::Jobs, regions.jobs, &title, buffer);
        if phases.members.is_empty() {
            let planned = selected.is_some_and(|row| row.planned.is_some());
            return nothing(area, if planned { "none" } else { "being planned" }, look, buffer);
        }
        let focused = model.pane == Pane::Jobs && model.overlays.is_empty();
        list(look, area, phases.jobs, phases.members.len(), focused, buffer, |index| {
            member(model, look, phases.members[index])
        });
    }
}

fn phase(model: &Model, look: Look<'_>, index: usize, row: &Row) -> Line<'static> {
    let kind = match row.kind {
        PhaseKind::Bootstrap => "with a compiler of its own",
        PhaseKind::AgnosticBootstrap => "compiler-agnostic",
        PhaseKind::Main => "builds the release",
    };
    let planned = row.planned.and_then(|phase| model.document.plan.graph.phases.get(phase));
    let size = match planned {
        None => "being planned".to_owned(),
        Some(phase) => {
            let stages = match (phase.stages.start, phase.stages.end) {
                (start, end) if start == end => "no stages".to_owned(),
                (start, end) if start + 1 == end => format!("stage {start}"),
                (start, end) => format!("stages {start}-{}", end - 1),
            };
            format!("{}, {stages}", counted(phase.jobs.len(), "job"))
        }
    };
    let leaning = match row.kind {
        PhaseKind::Main => String::new(),
        PhaseKind::Bootstrap | PhaseKind::AgnosticBootstrap => {
            format!("; {} built with it", counted(row.leaning, "main job"))
        }
    };
    Line::from(vec![
        Span::raw(format!("{:>2} ", index + 1)),
        Span::styled(clean(&row.name).into_owned(), look.style(Role::Name)),
        Span::raw(format!("  {size}{leaning}  ")),
        Span::styled(kind, look.style(Role::Dim)),
    ])
}

/// Returns the line of a job, with the number of jobs that are built with its compiler.
fn member(model: &Model, look: Look<'_>, id: JobId) -> Line<'static> {
    let mut line = job(model, look, id, Relation::Itself);
    let leaning = model.phases.built_with(id).len();
    if leaning > 0 {
        let text = format!("{}{leaning} ", look.theme.glyphs.downstream);
        let name = line.spans.len().saturating_sub(1);
        line.spans.insert(name, Span::styled(text, look.style(Role::Related)));
    }
    line
}

fn counted(count: usize, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}
