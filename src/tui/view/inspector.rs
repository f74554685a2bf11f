//! Draws the inspector: why the selected job is where it is, or what the selected finding means.

mod mapping;
mod merged;

use super::super::model::runners::Row;
use super::super::model::stages::pruned_name;
use super::super::model::{Model, Pane, Screen};
use super::super::theme::Role;
use super::text::{clean, wrapped};
use super::{Look, findings, heading};
use crate::emit::{mapping_letter, no_job, release_spec};
use crate::plan::explain::{Outcome, Step};
use crate::plan::prune::Pruned;
use crate::plan::{JobId, MatchOn};
use crate::source::Place;
use crate::spec::concrete::Provenance;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget as _;

/// A line of the inspector before it is wrapped.
struct Item {
    role: Option<Role>,
    indent: usize,
    text: String,
}

/// Returns how many lines the inspector has at a width.
pub fn height(model: &Model, width: u16) -> usize {
    items(model).iter().map(|item| wrapped(&item.text, usize::from(width), item.indent + 2).len()).sum()
}

pub(super) fn draw(model: &Model, look: Look<'_>, area: Rect, buffer: &mut Buffer) {
    let title = match (model.screen, model.selected_job()) {
        (Screen::Findings, _) => "Finding",
        (Screen::Runners, _) if model.list() == Pane::Main => {
            match model.runners.rows.get(model.runners.cursor.selected) {
                Some(Row::Section(_)) => "Section",
                _ => "Mapping",
            }
        }
        (_, Some(_)) => "Why here?",
        (_, None) => "Inspector",
    };
    let area = heading(model, look, Pane::Inspector, area, title, buffer);
    let lines = items(model).into_iter().flat_map(|item| {
        let style = item.role.map(|role| look.style(role)).unwrap_or_default();
        let lines = wrapped(&item.text, usize::from(area.width), item.indent + 2);
        lines.into_iter().map(move |line| Span::styled(line, style))
    });
    for (y, span) in (area.y..area.bottom()).zip(lines.skip(model.inspector)) {
        Line::from(span).render(Rect { y, height: 1, ..area }, buffer);
    }
}

fn items(model: &Model) -> Vec<Item> {
    let mut items = Vec::new();
    if model.screen == Screen::Findings {
        finding(model, &mut items);
    } else if model.screen == Screen::Runners && model.list() == Pane::Main {
        mapping::describe(model, &mut items);
    } else if let Some(id) = model.selected_job() {
        if model.screen == Screen::Specs {
            origin(model, &mut items);
        }
        job(model, id, &mut items);
    } else if model.screen == Screen::Specs {
        origin(model, &mut items);
    } else if let Some(found) = model.stages.selected_pruned(&model.document.plan)
        && model.screen == Screen::Stages
    {
        pruned(model, found, &mut items);
    } else {
        push(&mut items, Some(Role::Dim), 0, "select a job to see why it is where it is");
    }
    items
}

fn push(items: &mut Vec<Item>, role: Option<Role>, indent: usize, text: impl AsRef<str>) {
    items.push(Item { role, indent, text: format!("{}{}", " ".repeat(indent), clean(text.as_ref())) });
}

fn finding(model: &Model, items: &mut Vec<Item>) {
    let Some(finding) = model.findings.selected(&model.document) else { return };
    let (word, role) = findings::severity(finding.severity);
    push(items, Some(role), 0, word);
    push(items, None, 0, &finding.message);
    if let Some(place) = &finding.place {
        push(items, Some(Role::Dim), 0, format!("at {place}"));
    }
    if let Some(hint) = &finding.hint {
        push(items, Some(Role::Note), 0, format!("hint: {hint}"));
    }
    for job in finding.jobs.iter().take(50) {
        push(items, None, 2, &model.document.plan.graph.job(JobId(*job)).name);
    }
}

/// Says which line or combination of the environment the selected spec comes from.
fn origin(model: &Model, items: &mut Vec<Item>) {
    for line in model.specs.origin(&model.document) {
        push(items, None, 0, line);
    }
}

/// Says why a spec gets no job, and who does without one.
fn pruned(model: &Model, pruned: &Pruned, items: &mut Vec<Item>) {
    let graph = &model.document.plan.graph;
    let specs = &graph.phases[pruned.phase].specs;
    push(items, Some(Role::Title), 0, pruned_name(&model.document.plan, pruned));
    push(items, Some(Role::Note), 0, format!("no job: {}", no_job(&pruned.reason)));
    let needs = |id: &JobId| {
        let job = graph.job(*id);
        let direct = job.members.iter().flat_map(|spec| specs.dependencies(*spec));
        job.phase == pruned.phase && direct.into_iter().any(|dependency| dependency.spec == pruned.spec)
    };
    let dependents: Vec<JobId> = graph.ids().filter(needs).collect();
    if !dependents.is_empty() {
        push(items, Some(Role::Title), 0, "jobs that depend on it directly");
        dependents.iter().take(50).for_each(|id| push(items, None, 2, &graph.job(*id).name));
    }
}

fn job(model: &Model, id: JobId, items: &mut Vec<Item>) {
    let plan = &model.document.plan;
    let graph = &plan.graph;
    let (job, spec) = (graph.job(id), graph.spec(id));
    push(items, Some(Role::Title), 0, &job.name);
    push(items, None, 0, format!("spec  {} /{:.7}", release_spec(plan, id), spec.hash));
    match spec.provenance {
        Provenance::Locked(_) => {}
        Provenance::Predicted => {
            push(items, Some(Role::Predicted), 0, "predicted from the catalogue; a lockfile would tell");
        }
        Provenance::Derived => {
            push(items, Some(Role::Predicted), 0, "predicted from a locked relative; a lockfile would tell");
        }
    }
    push(items, None, 0, format!("root  {}", graph.phase(id).specs.roots[job.root].text));
    match graph.needs(id).iter().copied().max_by_key(|need| (graph.job(*need).stage, std::cmp::Reverse(*need))) {
        None => push(items, None, 0, format!("stage {}: it needs nothing", job.stage)),
        Some(need) => push(items, None, 0, format!("stage {}: right after {}", job.stage, graph.job(need).name)),
    }
    for compiler in graph.compilers(id) {
        push(items, None, 0, format!("built with the compiler of {}", graph.job(*compiler).name));
    }
    built_with(model, id, items);
    runner(model, id, items);
    if plan.options.match_on == MatchOn::Root {
        push(items, Some(Role::Dim), 0, "tested on its root, not on its own spec");
    }
    push(items, Some(Role::Title), 0, "mappings in order");
    for step in &plan.explain(id).steps {
        self::step(model, step, items);
    }
}

/// Lists the jobs of the main phase that are built with the compiler of a job.
fn built_with(model: &Model, id: JobId, items: &mut Vec<Item>) {
    let jobs = model.phases.built_with(id);
    if jobs.is_empty() {
        return;
    }
    let word = if jobs.len() == 1 { "job is" } else { "jobs are" };
    push(items, Some(Role::Related), 0, format!("{} main {word} built with its compiler", jobs.len()));
    // Other screens only count them: there they would push the explanation of the runner out of view.
    if model.screen != Screen::Phases {
        return;
    }
    for job in jobs.iter().take(50) {
        push(items, None, 2, &model.document.plan.graph.job(*job).name);
    }
    if jobs.len() > 50 {
        push(items, Some(Role::Dim), 2, format!("and {} more", jobs.len() - 50));
    }
}

fn runner(model: &Model, id: JobId, items: &mut Vec<Item>) {
    let plan = &model.document.plan;
    if plan.assignments.is_unassigned(id) {
        push(items, Some(Role::Error), 0, "runner ! none: no mapping matches");
        return;
    }
    merged::describe(model, plan.assignments.set_of(id), items);
}

/// Says where something is written: by its line in the manifest, or by file and line.
fn at(model: &Model, place: &Place) -> String {
    let name = place.source().name();
    if name == model.document.history.current().name() {
        format!("line {}", place.line())
    } else if model.document.planned.is_written(place) {
        format!("{name}:{}", place.line())
    } else {
        name.to_owned()
    }
}

fn step(model: &Model, step: &Step<'_>, items: &mut Vec<Item>) {
    let letter = mapping_letter(model.document.plan.number_of(step.id));
    let at = at(model, &step.mapping.place);
    let (role, outcome) = match step.outcome {
        Outcome::PassedOver => (Some(Role::Dim), "does not match"),
        Outcome::Applies => (Some(Role::Added), "TAKES IT"),
        Outcome::WouldAlsoMatch => (Some(Role::Warning), "would also match, but comes too late"),
    };
    push(items, role, 0, format!("{letter} ({at}) {outcome}"));
    for (wanted, verdict) in &step.verdicts {
        match verdict {
            Ok(()) => push(items, None, 2, format!("+ {}", wanted.text)),
            Err(mismatch) => push(items, Some(Role::Dim), 2, format!("- {}: {mismatch}", wanted.text)),
        }
    }
}
