//! Draws the Stages screen: the jobs by phase and stage, with what the selected one needs and what needs it.

use super::super::layout::Regions;
use super::super::model::stages::{Row, pruned_name};
use super::super::model::{Model, Pane};
use super::super::theme::Role;
use super::text::clean;
use super::{Look, heading, list, nothing};
use crate::emit::{mapping_letter, no_job};
use crate::plan::{JobId, PhaseKind, Plan};
use ratatui::buffer::Buffer;
use ratatui::text::{Line, Span};

pub(super) fn draw(model: &Model, look: Look<'_>, regions: &Regions, buffer: &mut Buffer) {
    if regions.main.is_empty() {
        return;
    }
    let stages = &model.stages;
    let shown =
        model.filter.as_ref().map_or(model.document.plan.graph.len(), super::super::model::filter::Filter::count);
    let area = heading(model, look, Pane::Main, regions.main, &format!("Stages: {shown} jobs"), buffer);
    if stages.rows.is_empty() {
        return nothing(area, "no job is shown; esc clears the filter", look, buffer);
    }
    let focused = model.pane == Pane::Main && model.overlays.is_empty();
    list(look, area, stages.cursor, stages.rows.len(), focused, buffer, |index| row(model, look, stages.rows[index]));
}

fn row(model: &Model, look: Look<'_>, row: Row) -> Line<'static> {
    let plan = &model.document.plan;
    match row {
        Row::Phase(number) => {
            let phase = &plan.graph.phases[number];
            let kind = match phase.kind {
                PhaseKind::Bootstrap => " (bootstrap)",
                PhaseKind::AgnosticBootstrap => " (bootstrap, any compiler)",
                PhaseKind::Main => "",
            };
            let pruned = plan.graph.pruned.iter().filter(|pruned| pruned.phase == number).count();
            let pruned = match pruned {
                0 => String::new(),
                1 => ", 1 spec gets no job".to_owned(),
                count => format!(", {count} specs get no job"),
            };
            let jobs = format!("{} jobs in {} stages", phase.jobs.len(), phase.stages.len());
            let text = format!("{}{kind}  {jobs}{pruned}", clean(&phase.name));
            Line::from(Span::styled(text, look.style(Role::Title)))
        }
        Row::Stage(stage, jobs) => {
            let folded = model.stages.folded.contains(&stage);
            let glyph = if folded { look.theme.glyphs.folded } else { look.theme.glyphs.unfolded };
            let word = if jobs == 1 { "job" } else { "jobs" };
            Line::from(Span::styled(format!(" {glyph} stage-{stage}  {jobs} {word}"), look.style(Role::Name)))
        }
        Row::Job(id) => job(model, look, id, Relation::of(model, id)),
        Row::PrunedHeading(_, count) => {
            let word = if count == 1 { "spec gets" } else { "specs get" };
            Line::from(Span::styled(format!("   {count} {word} no job"), look.style(Role::Name)))
        }
        Row::Pruned(index) => {
            let Some(pruned) = plan.graph.pruned.get(index) else { return Line::default() };
            let text = format!(
                "   {} {}: {}",
                look.theme.glyphs.horizontal,
                pruned_name(plan, pruned),
                no_job(&pruned.reason)
            );
            Line::from(Span::styled(clean(&text).into_owned(), look.style(Role::Dim)))
        }
    }
}

/// How a job stands to the selected one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Relation {
    /// It is the selected one, or none is selected.
    Itself,
    /// The selected one needs it.
    Upstream,
    /// It needs the selected one.
    Downstream,
    /// Neither.
    Unrelated,
}

impl Relation {
    fn of(model: &Model, id: JobId) -> Self {
        let Some(selected) = model.stages.selected_job() else { return Self::Itself };
        let graph = &model.document.plan.graph;
        let needs = |job: JobId, other: JobId| {
            graph.needs(job).binary_search(&other).is_ok() || graph.compilers(job).contains(&other)
        };
        if selected == id {
            Self::Itself
        } else if needs(selected, id) {
            Self::Upstream
        } else if needs(id, selected) {
            Self::Downstream
        } else {
            Self::Unrelated
        }
    }
}

/// Returns a job's line: marks, runner, name.
pub(super) fn job(model: &Model, look: Look<'_>, id: JobId, relation: Relation) -> Line<'static> {
    let plan = &model.document.plan;
    let glyphs = &look.theme.glyphs;
    let (arrow, role) = match relation {
        Relation::Itself => (" ", None),
        Relation::Upstream => (glyphs.upstream, Some(Role::Related)),
        Relation::Downstream => (glyphs.downstream, Some(Role::Related)),
        Relation::Unrelated => (" ", Some(Role::Dim)),
    };
    let style = role.map(|role| look.style(role)).unwrap_or_default();
    let marked = model.marks.contains(&id);
    let mark = if marked { Span::styled(glyphs.marked, look.style(Role::Marked)) } else { Span::raw(" ") };
    let predicted = plan.graph.spec(id).is_predicted();
    let predicted =
        if predicted { Span::styled(glyphs.predicted, look.style(Role::Predicted)) } else { Span::raw(" ") };
    Line::from(vec![
        Span::styled(arrow, style),
        mark,
        runner(plan, look, id),
        Span::raw(" "),
        predicted,
        Span::styled(clean(&plan.graph.job(id).name).into_owned(), style),
    ])
}

/// Returns the letter of a job's mapping in its colour, the glyph of a job without a runner, or a dash where sections for all jobs give it one.
pub(super) fn runner(plan: &Plan, look: Look<'_>, id: JobId) -> Span<'static> {
    match plan.mapping_number(id) {
        Some(number) => Span::styled(format!("{:>2}", mapping_letter(number)), look.theme.runner(number)),
        None if plan.assignments.is_unassigned(id) => {
            Span::styled(format!("{:>2}", look.theme.glyphs.missing), look.style(Role::Error))
        }
        None => Span::styled(" -", look.style(Role::Dim)),
    }
}
