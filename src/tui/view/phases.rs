//! Draws the Phases screen: the phases in the order in which they run, and the jobs of the selected one.

use super::super::layout::Regions;
use super::super::model::{Model, Pane};
use super::super::theme::Role;
use super::stages::{Relation, job};
use super::text::clean;
use super::{Look, heading, list, nothing};
use crate::plan::PhaseKind;
use ratatui::buffer::Buffer;
use ratatui::text::{Line, Span};

pub(super) fn draw(model: &Model, look: Look<'_>, regions: &Regions, buffer: &mut Buffer) {
    let (phases, graph) = (&model.phases, &model.document.plan.graph);
    if !regions.main.is_empty() {
        let bootstrap = model.document.environment.bootstrap.len();
        let title = format!("Phases: {bootstrap} before the main one");
        let area = heading(model, look, Pane::Main, regions.main, &title, buffer);
        let focused = model.pane == Pane::Main && model.overlays.is_empty();
        list(look, area, phases.cursor, graph.phases.len(), focused, buffer, |index| phase(model, look, index));
    }
    if !regions.jobs.is_empty() {
        let name = graph.phases.get(phases.cursor.selected).map(|phase| clean(&phase.name)).unwrap_or_default();
        let title = format!("Jobs of {name}: {}", phases.members.len());
        let area = heading(model, look, Pane::Jobs, regions.jobs, &title, buffer);
        if phases.members.is_empty() {
            return nothing(area, "none", look, buffer);
        }
        let focused = model.pane == Pane::Jobs && model.overlays.is_empty();
        list(look, area, phases.jobs, phases.members.len(), focused, buffer, |index| {
            job(model, look, phases.members[index], Relation::Itself)
        });
    }
}

fn phase(model: &Model, look: Look<'_>, index: usize) -> Line<'static> {
    let graph = &model.document.plan.graph;
    let phase = &graph.phases[index];
    let kind = match phase.kind {
        PhaseKind::Bootstrap => "bootstrap, compiler of its own",
        PhaseKind::AgnosticBootstrap => "bootstrap, compiler-agnostic",
        PhaseKind::Main => "builds the release",
    };
    let stages = match (phase.stages.start, phase.stages.end) {
        (start, end) if start == end => "no stages".to_owned(),
        (start, end) => format!("stage-{start} to stage-{}", end - 1),
    };
    Line::from(vec![
        Span::raw(format!("{:>2} ", index + 1)),
        Span::styled(clean(&phase.name).into_owned(), look.style(Role::Name)),
        Span::raw(format!("  {} jobs, {stages}  ", phase.jobs.len())),
        Span::styled(kind, look.style(Role::Dim)),
    ])
}
