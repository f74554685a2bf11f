//! How messages change the model: no input or output here, only effects asked for.

mod asking;
mod choice;
mod copy;
mod deliver;
mod edit;
mod global;
mod movement;
mod neighbourhood;
mod outcome;
mod place;
mod prompt;
mod review;
mod runners;
mod send;
mod settle;
mod spack;
mod specs;

use super::command::Command;
use super::effect::{Effect, Job, News};
use super::key::Key;
use super::keymap::Keymap;
use super::message::Message;
use super::model::overlay::Overlay;
use super::model::spack::Opening;
use super::model::{Leaving, Model};
pub use global::unavailable;
use ratatui::layout::Rect;

/// Ticks between two looks at the environment's file; see [`Message::Tick`].
const TICKS_BETWEEN_LOOKS: usize = 8;

/// Changes the model by a message and returns what is to be done outside it.
pub fn update(model: &mut Model, keymap: &Keymap, message: Message) -> Vec<Effect> {
    let mut effects = Vec::new();
    match message {
        Message::Key(key) => press(model, keymap, key, &mut effects),
        Message::Command(command) => run(model, command, &mut effects),
        Message::Paste(text) => prompt::paste(model, &text),
        Message::Mouse(event) => movement::mouse(model, event, &mut effects),
        Message::Resize(width, height) => model.area = Rect::new(0, 0, width, height),
        Message::Done(outcome) => outcome::take(model, outcome, &mut effects),
        Message::News(News::Remotes(progress)) => model.work.progress = Some(progress),
        Message::News(News::Asking(asking)) => asking::progress(model, asking),
        Message::News(News::Spack(progress)) => spack::progress(model, progress),
        Message::Tick => tick(model, &mut effects),
        Message::Signal(signal) => model.leaving = Some(Leaving::Signal(signal)),
    }
    outcome::take_read(model, &mut effects);
    deliver::follow(model, &mut effects);
    settle::settle(model);
    effects
}

/// Returns the effects that a model asks for when it is shown first.
pub fn start(model: &mut Model) -> Vec<Effect> {
    settle::settle(model);
    let mut effects = Vec::new();
    edit::render(model, &mut effects);
    asking::begin(model, &mut effects);
    if model.session.spack.opening == Opening::Concretize && spack::unavailable(model).is_none() {
        spack::start(model, &mut effects);
    }
    effects
}

fn press(model: &mut Model, keymap: &Keymap, key: Key, effects: &mut Vec<Effect>) {
    model.status = None;
    match keymap.command(&model.scopes(), key) {
        Some(command) => run(model, command, effects),
        None => prompt::type_key(model, key),
    }
}

/// Runs a command if it is available, and says why where it is not.
fn run(model: &mut Model, command: Command, effects: &mut Vec<Effect>) {
    if let Some(reason) = unavailable(model, command) {
        model.status =
            Some(super::model::Status::Failed { message: format!("{}: {reason}", command.label()), hint: None });
        return;
    }
    match model.overlays.last() {
        Some(Overlay::Prompt(_)) => prompt::run(model, command, effects),
        Some(Overlay::Choice(_)) => choice::run(model, command, effects),
        _ => global::run(model, command, effects),
    }
}

fn tick(model: &mut Model, effects: &mut Vec<Effect>) {
    model.work.ticks += 1;
    if let Some(solve) = &mut model.spack.solve {
        solve.ticks += 1;
    }
    if model.work.running.is_empty() && model.work.ticks.is_multiple_of(TICKS_BETWEEN_LOOKS) {
        let read = std::sync::Arc::clone(model.document.history.saved());
        effects.push(Effect::Work(Job::Look(read)));
    }
}

/// Asks the worker for something and lets the spinner say so.
fn ask(model: &mut Model, job: Job, effects: &mut Vec<Effect>) {
    if let Some(label) = job.label() {
        if model.work.running.is_empty() {
            model.work.ticks = 0;
        }
        model.work.running.push(label);
    }
    effects.push(Effect::Work(job));
}
