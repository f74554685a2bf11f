//! Moving through lists and between places, by keys and by mouse.

use super::super::command::Command;
use super::super::effect::Effect;
use super::super::layout::{content, regions};
use super::super::model::cursor::{Cursor, Step};
use super::super::model::overlay::Overlay;
use super::super::model::{Model, Pane, Screen};
use super::{global, neighbourhood, place};
use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::Position;

/// Rows that one notch of the mouse wheel moves.
const NOTCH: isize = 3;

/// Runs a command that moves, and tells whether it is one.
pub(super) fn run(model: &mut Model, command: Command, effects: &mut Vec<Effect>) -> bool {
    let page = page(model);
    match command {
        Command::NextRow => step(model, Step::By(1)),
        Command::PreviousRow => step(model, Step::By(-1)),
        Command::FirstRow => step(model, Step::First),
        Command::LastRow => step(model, Step::Last),
        Command::HalfPageDown => step(model, Step::By(page / 2)),
        Command::HalfPageUp => step(model, Step::By(-page / 2)),
        Command::PageDown => step(model, Step::By(page)),
        Command::PageUp => step(model, Step::By(-page)),
        Command::MoveLeft => sideways(model, -1),
        Command::MoveRight => sideways(model, 1),
        Command::Open => open(model, effects),
        Command::NextMatch => find(model, 1),
        Command::PreviousMatch => find(model, -1),
        Command::ToggleDiff => model.pipeline.toggle(),
        Command::NextHunk => model.pipeline.go_to_change(&model.document, 1),
        Command::PreviousHunk => model.pipeline.go_to_change(&model.document, -1),
        Command::TogglePruned => {
            model.stages.toggle_pruned();
            model.stages.refresh(&model.document, model.filter.as_ref());
        }
        Command::ToggleFold | Command::FoldAll | Command::UnfoldAll => fold(model, command),
        _ => return false,
    }
    true
}

/// Moves the selection down by one row.
pub(super) fn step_down(model: &mut Model) {
    step(model, Step::By(1));
}

fn step(model: &mut Model, step: Step) {
    if let Some((cursor, length)) = focused(model) {
        cursor.step(step, length);
    } else if model.pane == Pane::Inspector {
        model.inspector = match step {
            Step::By(rows) => model.inspector.saturating_add_signed(rows),
            Step::First => 0,
            Step::Last => usize::MAX,
        };
    }
    selected_another(model);
}

/// Brings up to date what depends on the selection.
pub(super) fn selected_another(model: &mut Model) {
    if !model.overlays.is_empty() || model.pane == Pane::Inspector {
        return;
    }
    model.inspector = 0;
    if model.pane == Pane::Main {
        match model.screen {
            Screen::Runners => {
                model.runners.jobs = Cursor::default();
                model.runners.list_members(&model.document, model.filter.as_ref());
            }
            Screen::Phases => {
                model.phases.jobs = Cursor::default();
                model.phases.refresh(&model.document, model.filter.as_ref());
            }
            Screen::Specs | Screen::Stages | Screen::Pipeline | Screen::Findings => {}
        }
    }
}

/// Returns the selection that keys move, with the number of its rows.
pub(super) fn focused(model: &mut Model) -> Option<(&mut Cursor, usize)> {
    match model.overlays.last_mut() {
        Some(Overlay::Notice(notice)) => return Some((&mut notice.cursor, notice.lines.len())),
        Some(Overlay::Neighbourhood(graph)) => {
            let length = graph.len();
            return Some((&mut graph.cursor, length));
        }
        Some(Overlay::Review(review)) => {
            let length = review.len();
            return Some((&mut review.cursor, length));
        }
        Some(Overlay::Choice(choice)) => {
            let length = choice.found.len();
            return Some((&mut choice.cursor, length));
        }
        Some(Overlay::Prompt(_) | Overlay::Question(_)) => return None,
        None => {}
    }
    match (model.screen, model.pane) {
        (_, Pane::Inspector) => None,
        (Screen::Specs, _) => Some((&mut model.specs.cursor, model.specs.rows.len())),
        (Screen::Stages, _) => Some((&mut model.stages.cursor, model.stages.rows.len())),
        (Screen::Runners, Pane::Main) => Some((&mut model.runners.cursor, model.runners.rows.len())),
        (Screen::Runners, Pane::Jobs) => Some((&mut model.runners.jobs, model.runners.members.len())),
        (Screen::Phases, Pane::Main) => Some((&mut model.phases.cursor, model.phases.rows.len())),
        (Screen::Phases, Pane::Jobs) => Some((&mut model.phases.jobs, model.phases.members.len())),
        (Screen::Pipeline, _) => {
            let length = model.pipeline.len(&model.document);
            Some((&mut model.pipeline.cursor, length))
        }
        (Screen::Findings, _) => Some((&mut model.findings.cursor, model.findings.rows.len())),
    }
}

/// Returns the rows that fit into the focused pane.
fn page(model: &Model) -> isize {
    let regions = regions(model.area, model);
    let pane = if model.overlays.is_empty() { regions.pane(model.pane) } else { regions.overlay };
    isize::try_from(content(pane).height.max(2)).unwrap_or(2)
}

fn sideways(model: &mut Model, by: isize) {
    if let Some(overlay) = model.overlays.last_mut() {
        if let Overlay::Review(review) = overlay {
            review.scroll_sideways(by);
        }
        return;
    }
    match model.screen {
        Screen::Specs => model.specs.move_column(by),
        Screen::Pipeline => model.pipeline.scroll_sideways(by),
        Screen::Stages => {
            let Some(stage) = model.stages.selected_stage(&model.document.plan) else { return };
            let changed = if by < 0 { model.stages.folded.insert(stage) } else { model.stages.folded.remove(&stage) };
            if changed {
                model.stages.refresh(&model.document, model.filter.as_ref());
            }
        }
        Screen::Runners | Screen::Phases => {
            model.pane = if by < 0 { Pane::Main } else { Pane::Jobs };
        }
        Screen::Findings => {}
    }
}

fn open(model: &mut Model, effects: &mut Vec<Effect>) {
    match (model.screen, model.pane) {
        (Screen::Stages, _) if model.selected_job().is_none() => fold(model, Command::ToggleFold),
        (Screen::Runners, Pane::Main) => global::run(model, Command::EditMatch, effects),
        (Screen::Findings, _) => place::go_to_finding(model),
        _ => match model.selected_job() {
            Some(job) => neighbourhood::open(model, job),
            None if model.screen == Screen::Phases => model.pane = Pane::Jobs,
            None => {}
        },
    }
}

fn fold(model: &mut Model, command: Command) {
    let stages = model.document.plan.graph.stages.len();
    match command {
        Command::FoldAll => model.stages.folded = (0..stages).collect(),
        Command::UnfoldAll => model.stages.folded.clear(),
        _ => {
            let Some(stage) = model.stages.selected_stage(&model.document.plan) else { return };
            if !model.stages.folded.remove(&stage) {
                model.stages.folded.insert(stage);
            }
        }
    }
    model.stages.refresh(&model.document, model.filter.as_ref());
}

/// Selects the next row that the filter finds, going round at the end.
fn find(model: &mut Model, by: isize) {
    match model.screen {
        Screen::Specs => model.specs.find(&model.document, model.filter.as_ref(), by),
        Screen::Pipeline => model.pipeline.find(&model.document, model.filter.as_ref(), by),
        Screen::Stages | Screen::Runners | Screen::Phases | Screen::Findings => {
            // These lists show only what the filter finds.
            let Some((cursor, length)) = focused(model) else { return };
            let length = isize::try_from(length).unwrap_or(isize::MAX).max(1);
            let at = isize::try_from(cursor.selected).unwrap_or(0);
            cursor.selected = usize::try_from((at + by).rem_euclid(length)).unwrap_or(0);
            selected_another(model);
        }
    }
}

/// Selects by a click, scrolls by the wheel.
pub(super) fn mouse(model: &mut Model, event: MouseEvent, effects: &mut Vec<Effect>) {
    let position = Position::new(event.column, event.row);
    match event.kind {
        MouseEventKind::ScrollDown => step(model, Step::By(NOTCH)),
        MouseEventKind::ScrollUp => step(model, Step::By(-NOTCH)),
        MouseEventKind::Down(MouseButton::Left) if model.overlays.is_empty() => click(model, position, effects),
        _ => {}
    }
}

fn click(model: &mut Model, position: Position, effects: &mut Vec<Effect>) {
    let regions = regions(model.area, model);
    if regions.tabs.contains(position) {
        if let Some(screen) = super::super::view::tab_at(regions.tabs, model, position.x) {
            global::show(model, screen);
        }
        return;
    }
    let Some(pane) = regions.pane_at(position) else { return };
    model.pane = pane;
    let content = content(regions.pane(pane));
    if !content.contains(position) {
        return;
    }
    let Some((cursor, length)) = focused(model) else { return };
    let row = cursor.top + usize::from(position.y - content.y);
    if row >= length {
        return;
    }
    let again = cursor.selected == row;
    cursor.selected = row;
    selected_another(model);
    if again {
        open(model, effects);
    }
}
