//! Lists to choose from: the palette of commands, the runners to send jobs to, the definitions for a new phase.

use super::super::command::Command;
use super::super::effect::Effect;
use super::super::model::cursor::{Cursor, Step};
use super::super::model::overlay::{Choice, Chosen, Item, Overlay};
use super::super::model::phases::Phases;
use super::super::model::{Model, Screen};
use super::{edit, runners, send, unavailable};
use crate::emit::mapping_letter;
use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use tui_input::Input;

/// Opens the palette: all commands, each with its keys and why it is unavailable where it is.
pub(super) fn open_palette(model: &mut Model) {
    let hidden = [Command::Accept, Command::Cancel, Command::NextChoice, Command::PreviousChoice];
    let items = Command::ALL.iter().filter(|command| !hidden.contains(command)).map(|command| Item {
        chosen: Chosen::Command(*command),
        text: command.doc().to_owned(),
        note: command.name().to_owned(),
        unavailable: unavailable(model, *command).map(str::to_owned),
    });
    let items = items.collect();
    open(model, "Commands", items);
}

/// Opens the list of runners that the selected or marked jobs can be sent to.
pub(super) fn open_runners(model: &mut Model) {
    model.freshen(Screen::Runners);
    let plan = &model.document.plan;
    let items = plan.mappings().enumerate().filter_map(|(number, id)| {
        let mapping = plan.mapping(id)?;
        let matches: Vec<&str> = mapping.matches.iter().map(|wanted| wanted.text.as_str()).collect();
        Some(Item {
            chosen: Chosen::Mapping(id),
            text: format!("{} {}", mapping_letter(number), matches.join(", ")),
            note: super::super::view::runners::tags(mapping),
            unavailable: runners::address(model, id).err().map(|error| error.message),
        })
    });
    let items = items.collect();
    open(model, "Send to which runner?", items);
}

/// Opens the list of definitions that a new bootstrap phase can build.
pub(super) fn open_definitions(model: &mut Model) {
    let environment = &model.document.environment;
    let items = Phases::unused(&model.document).into_iter().map(|name| {
        let roots = environment.definitions.get(&name).map(|list| list.roots.as_slice()).unwrap_or_default();
        let anonymous = roots.iter().any(|root| root.spec.name().is_none() && root.spec.hash().is_none());
        let first: Vec<String> = roots.iter().take(3).map(|root| root.spec.to_string()).collect();
        Item {
            note: format!("{} specs: {}", roots.len(), first.join(", ")),
            unavailable: anonymous.then(|| "not all of its specs name a package".to_owned()),
            text: name.clone(),
            chosen: Chosen::Definition(name),
        }
    });
    let items = items.collect();
    open(model, "Build which definition in a phase of its own?", items);
}

fn open(model: &mut Model, title: &'static str, items: Vec<Item>) {
    let mut choice = Choice { title, input: Input::default(), items, found: Vec::new(), cursor: Cursor::default() };
    narrow(&mut choice);
    model.overlays.push(Overlay::Choice(choice));
}

/// Finds the items that fit what was typed, best first.
pub(super) fn narrow(choice: &mut Choice) {
    let pattern = Pattern::parse(choice.input.value(), CaseMatching::Ignore, Normalization::Smart);
    let mut matcher = Matcher::new(Config::DEFAULT);
    let mut buffer = Vec::new();
    let mut scored: Vec<(usize, u32)> = Vec::new();
    for (index, item) in choice.items.iter().enumerate() {
        let text = format!("{} {}", item.note, item.text);
        if let Some(score) = pattern.score(Utf32Str::new(&text, &mut buffer), &mut matcher) {
            scored.push((index, score));
        }
    }
    scored.sort_by_key(|(index, score)| (std::cmp::Reverse(*score), *index));
    choice.found = scored.into_iter().map(|(index, _)| index).collect();
    choice.cursor = Cursor::default();
}

/// Runs a command of the list.
pub(super) fn run(model: &mut Model, command: Command, effects: &mut Vec<Effect>) {
    let Some(Overlay::Choice(choice)) = model.overlays.last_mut() else { return };
    let length = choice.found.len();
    match command {
        Command::NextChoice => choice.cursor.step(Step::By(1), length),
        Command::PreviousChoice => choice.cursor.step(Step::By(-1), length),
        Command::Accept => accept(model, effects),
        Command::Cancel | Command::Back | Command::Quit => {
            model.overlays.pop();
        }
        _ => {}
    }
}

fn accept(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(Overlay::Choice(choice)) = model.overlays.pop() else { return };
    let item = choice.found.get(choice.cursor.selected).map(|index| choice.items[*index].clone());
    match item {
        Some(Item { unavailable: Some(_), .. }) => model.overlays.push(Overlay::Choice(choice)),
        Some(Item { chosen: Chosen::Command(command), .. }) => super::run(model, command, effects),
        Some(Item { chosen: Chosen::Mapping(id), .. }) => send::send(model, id, effects),
        Some(Item { chosen: Chosen::Definition(name), .. }) => edit::add_phase(model, name, effects),
        None => {}
    }
}
