//! Which commands are available, and what those do that belong to no text field or list of choices.

use super::super::command::Command;
use super::super::effect::{Effect, Job, Lane};
use super::super::model::document::Access;
use super::super::model::overlay::{Asked, Consequence, Overlay, Question};
use super::super::model::phases::Phases;
use super::super::model::{Leaving, Model, Pane, Screen, Zoom};
use super::{
    ask, asking, choice, copy, deliver, edit, movement, neighbourhood, place, prompt, review, runners, spack, specs,
};

/// Returns why a command cannot be run now; nothing if it can.
pub fn unavailable(model: &Model, command: Command) -> Option<&'static str> {
    let unless = |condition: bool, reason: &'static str| (!condition).then_some(reason);
    let on = |screen: Screen, reason: &'static str| unless(model.screen == screen, reason);
    let on_runners = || on(Screen::Runners, "it works on the Runners screen (3)");
    let mapping = || on_runners().or_else(|| runners::unavailable(model, command));
    let phases = || on(Screen::Phases, "it works on the Phases screen (4)");
    let bootstrap = || {
        let selected = model.phases.cursor.selected < model.document.environment.bootstrap.len();
        phases().or_else(|| unless(selected, "the selected phase is no bootstrap phase"))
    };
    match command {
        Command::Undo => unless(model.document.history.last().is_some(), "there is nothing to undo"),
        Command::Redo => unless(model.document.history.next().is_some(), "there is nothing to redo"),
        Command::NextMatch | Command::PreviousMatch => unless(model.filter.is_some(), "there is no filter"),
        Command::ToggleMark => unless(model.selected_job().is_some(), "no job is selected"),
        Command::SendToRunner => {
            let any = !model.marks.is_empty() || model.selected_job().is_some();
            unless(any, "no job is selected or marked")
        }
        Command::CancelWork => {
            unless(!model.work.running.is_empty() || model.spack.solve.is_some(), "nothing is running")
        }
        Command::Concretize => spack::unavailable(model),
        Command::AddMapping
        | Command::AddSection
        | Command::DuplicateMapping
        | Command::RemoveMapping
        | Command::MoveMappingUp
        | Command::MoveMappingDown
        | Command::EditMatch
        | Command::AddMatch
        | Command::EditTags
        | Command::EditImage
        | Command::EditVariable
        | Command::EditAttribute => mapping(),
        Command::AddPhase => phases()
            .or_else(|| unless(!Phases::unused(&model.document).is_empty(), "every definition is a phase already")),
        Command::RemovePhase | Command::MovePhaseUp | Command::MovePhaseDown | Command::ToggleAgnostic => bootstrap(),
        Command::ToggleFold | Command::FoldAll | Command::UnfoldAll => {
            on(Screen::Stages, "it works on the Stages screen (2)")
        }
        Command::TogglePruned => on(Screen::Stages, "it works on the Stages screen (2)")
            .or_else(|| unless(!model.document.plan.graph.pruned.is_empty(), "every spec gets a job")),
        Command::SwapAxes | Command::AddSpec | Command::RemoveSpec | Command::Exclude => {
            on(Screen::Specs, "it works on the Specs screen (1)").or_else(|| specs::unavailable(model, command))
        }
        Command::ToggleDiff | Command::NextHunk | Command::PreviousHunk => {
            on(Screen::Pipeline, "it works on the Pipeline screen (5)")
        }
        Command::GoToJob | Command::LeaveToJob => {
            let open = matches!(model.overlays.last(), Some(Overlay::Neighbourhood(_)));
            unless(open, "it works in the drawing around a job (enter on a job)")
        }
        Command::Confirm
        | Command::TogglePipeline
        | Command::ToggleSave
        | Command::ToggleLocks
        | Command::ToggleBranch
        | Command::ToggleCdash => review::unavailable(model, command),
        Command::AskMirrors => unless(asking::asks(model), "nobody is asked without --prune or the like"),
        Command::Review => unless(model.session.access == Access::ReadWrite, "the program runs with --read-only"),
        _ => None,
    }
}

/// Runs a command that belongs to the open screen, or to what lies over it.
pub(super) fn run(model: &mut Model, command: Command, effects: &mut Vec<Effect>) {
    match command {
        Command::Quit => quit(model),
        Command::Palette => choice::open_palette(model),
        Command::ShowSpecs => show(model, Screen::Specs),
        Command::ShowStages => show(model, Screen::Stages),
        Command::ShowRunners => show(model, Screen::Runners),
        Command::ShowPhases => show(model, Screen::Phases),
        Command::ShowPipeline => show(model, Screen::Pipeline),
        Command::ShowFindings => show(model, Screen::Findings),
        Command::NextPane => focus(model, 1),
        Command::PreviousPane => focus(model, -1),
        Command::Zoom => {
            model.zoom = match model.zoom {
                Zoom::Shared => Zoom::Focused,
                Zoom::Focused => Zoom::Shared,
            };
        }
        Command::Filter => prompt::open(model, Asked::Filter),
        Command::Back => back(model, effects),
        Command::ToggleMark => toggle_mark(model),
        Command::SendToRunner => choice::open_runners(model),
        Command::CancelWork => cancel(model, effects),
        Command::Concretize => spack::start(model, effects),
        Command::Redraw => effects.push(Effect::Redraw),
        Command::Suspend => effects.push(Effect::Suspend),
        Command::Copy => copy::copy(model, effects),
        Command::GoToJob => neighbourhood::go_to_job(model),
        Command::LeaveToJob => neighbourhood::leave_to_job(model),
        Command::Reload => ask(model, Job::Reload, effects),
        Command::AskMirrors => asking::begin(model, effects),
        Command::OpenEditor => place::open_editor(model, effects),
        Command::Yes => answer(model, effects),
        Command::No => {
            model.overlays.pop();
        }
        _ if review::run(model, command, effects)
            || movement::run(model, command, effects)
            || specs::run(model, command, effects) => {}
        _ => edit::run(model, command, effects),
    }
}

/// Opens a screen.
pub(super) fn show(model: &mut Model, screen: Screen) {
    model.overlays.clear();
    model.screen = screen;
    (model.pane, model.last_list) = (Pane::Main, Pane::Main);
    model.inspector = 0;
    model.freshen(screen);
}

fn focus(model: &mut Model, by: isize) {
    let panes = model.panes();
    let at = panes.iter().position(|pane| *pane == model.pane).unwrap_or(0);
    let count = isize::try_from(panes.len()).unwrap_or(1);
    let next = (isize::try_from(at).unwrap_or(0) + by).rem_euclid(count);
    model.pane = panes[usize::try_from(next).unwrap_or(0)];
}

/// Leaves at once where nothing can be lost, else asks.
fn quit(model: &mut Model) {
    let asked =
        matches!(model.overlays.last(), Some(Overlay::Question(Question { consequence: Consequence::Quit, .. })));
    if asked || !model.document.history.is_changed() {
        model.leaving = Some(Leaving::Quit);
        return;
    }
    let edits = model.document.history.unsaved();
    let lines = vec![
        format!(
            "{edits} edit{} not saved to {}.",
            if edits == 1 { " is" } else { "s are" },
            model.session.manifest.display()
        ),
        "Leave without saving?".to_owned(),
    ];
    model.overlays.push(Overlay::Question(Question { lines, consequence: Consequence::Quit }));
}

fn back(model: &mut Model, effects: &mut Vec<Effect>) {
    if matches!(model.overlays.last(), Some(Overlay::Review(_))) && deliver::cancel(model, effects) {
        return;
    }
    if model.overlays.pop().is_some() {
        return;
    }
    if model.filter.take().is_some() {
        model.refresh();
    } else if !model.marks.is_empty() {
        model.marks.clear();
    } else {
        model.zoom = Zoom::Shared;
        model.pane = Pane::Main;
    }
}

/// Gives up what runs in the background; Spack only where nothing else does.
fn cancel(model: &Model, effects: &mut Vec<Effect>) {
    let lanes = if model.work.running.is_empty() { &[Lane::Spack][..] } else { &Lane::SPOKEN_OF };
    effects.extend(lanes.iter().copied().map(Effect::Cancel));
}

fn toggle_mark(model: &mut Model) {
    let Some(id) = model.selected_job() else { return };
    if !model.marks.remove(&id) {
        model.marks.insert(id);
    }
    movement::step_down(model);
}

fn answer(model: &mut Model, effects: &mut Vec<Effect>) {
    if let Some(Overlay::Question(question)) = model.overlays.pop() {
        match question.consequence {
            Consequence::Quit => {
                effects.push(Effect::Work(Job::Forget));
                model.leaving = Some(Leaving::Quit);
            }
            Consequence::Restore => edit::restore(model, effects),
        }
    }
}
