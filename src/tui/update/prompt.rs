//! Text fields: typing, a verdict while typing, and what the finished text does.

use super::super::command::Command;
use super::super::effect::Effect;
use super::super::key::Key;
use super::super::model::Model;
use super::super::model::filter::{Filter, Kind};
use super::super::model::overlay::{Asked, Overlay, Prompt};
use super::super::model::runners::Target;
use super::{choice, edit, runners};
use crate::edit::ListName;
use crate::environment::attributes::{MatchSpec, Section};
use crate::source::{Place, Source};
use crate::spec::Spec;
use crate::yaml::merge::entry;
use crate::yaml::{self, Node};
use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use tui_input::Input;
use tui_input::backend::crossterm::EventHandler as _;

/// Opens a text field with what is there now.
pub(super) fn open(model: &mut Model, asked: Asked) {
    let text = match &asked {
        Asked::Filter => model.filter.as_ref().map(|filter| filter.text.clone()).unwrap_or_default(),
        Asked::Matches(id) => {
            let mapping = model.document.plan.mapping(*id);
            let texts = mapping.into_iter().flat_map(|mapping| &mapping.matches).map(|wanted| wanted.text.as_str());
            texts.collect::<Vec<_>>().join(", ")
        }
        Asked::Tags(id) => {
            let tags = attribute(model, *id, "tags").and_then(Node::as_sequence).unwrap_or_default();
            tags.iter().filter_map(Node::as_text).collect::<Vec<_>>().join(", ")
        }
        Asked::Image(id) => attribute(model, *id, "image").map(yaml::inline).unwrap_or_default(),
        _ => String::new(),
    };
    let mut prompt = Prompt { asked, input: Input::new(text), verdict: Ok(String::new()) };
    prompt.verdict = verdict(model, &prompt);
    model.overlays.push(Overlay::Prompt(prompt));
}

fn attribute<'a>(model: &'a Model, target: Target, key: &str) -> Option<&'a Node> {
    let plan = &model.document.plan;
    let attributes = match target {
        Target::Mapping(id) => plan.mapping(id)?.attributes.as_ref(),
        Target::Section(index) => match plan.rules.sections.get(index)? {
            Section::Jobs { attributes, .. } => attributes.as_ref(),
            Section::Submapping(_) | Section::Dynamic(_) => None,
        },
    };
    entry(attributes?.as_mapping()?, key).map(|entry| &entry.node)
}

/// Gives a key that no command takes to the text field, if one is open.
pub(super) fn type_key(model: &mut Model, key: Key) {
    edit_text(model, |input| {
        input.handle_event(&Event::Key(key.event()));
    });
}

/// Gives pasted text to the text field, if one is open; line ends become blanks.
pub(super) fn paste(model: &mut Model, text: &str) {
    edit_text(model, |input| {
        for c in text.chars().map(|c| if c.is_control() { ' ' } else { c }) {
            input.handle_event(&Event::Key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE)));
        }
    });
}

fn edit_text(model: &mut Model, change: impl FnOnce(&mut Input)) {
    match model.overlays.pop() {
        Some(Overlay::Prompt(mut prompt)) => {
            change(&mut prompt.input);
            prompt.verdict = verdict(model, &prompt);
            if prompt.asked == Asked::Filter {
                model.filter = Filter::new(prompt.input.value(), &model.document);
                model.refresh();
            }
            model.overlays.push(Overlay::Prompt(prompt));
        }
        Some(Overlay::Choice(mut list)) => {
            change(&mut list.input);
            choice::narrow(&mut list);
            model.overlays.push(Overlay::Choice(list));
        }
        Some(other) => model.overlays.push(other),
        None => {}
    }
}

/// Runs a command of the text field.
pub(super) fn run(model: &mut Model, command: Command, effects: &mut Vec<Effect>) {
    match command {
        Command::Accept => accept(model, effects),
        Command::Cancel | Command::Back | Command::Quit => {
            if let Some(Overlay::Prompt(Prompt { asked: Asked::Filter, .. })) = model.overlays.pop() {
                model.filter = None;
                model.refresh();
            }
        }
        _ => {}
    }
}

fn accept(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(Overlay::Prompt(prompt)) = model.overlays.pop() else { return };
    if prompt.verdict.is_err() {
        model.overlays.push(Overlay::Prompt(prompt));
        return;
    }
    let text = prompt.input.value().trim().to_owned();
    if prompt.asked == Asked::Filter {
        return;
    }
    match runners::of_text(model, &prompt.asked, &text) {
        Ok(Some(edit)) => {
            if edit::make(model, edit, effects) {
                runners::added(model, &prompt.asked);
            } else {
                model.overlays.push(Overlay::Prompt(prompt));
            }
        }
        Ok(None) => {}
        Err(reason) => {
            model.overlays.push(Overlay::Prompt(Prompt { verdict: Err(reason), ..prompt }));
        }
    }
}

/// Says what the text would do, or why it cannot be taken.
fn verdict(model: &mut Model, prompt: &Prompt) -> Result<String, String> {
    let text = prompt.input.value().trim();
    match &prompt.asked {
        Asked::Filter => Ok(filter_verdict(model, text)),
        Asked::Matches(_) | Asked::NewMapping(_) | Asked::NewMatch(_) => {
            let specs = match_specs(text)?;
            if specs.is_empty() {
                return Err("type at least one spec, e.g. `hdf5@1.14: os=rhel8`".to_owned());
            }
            let counts: Vec<String> =
                specs.iter().map(|wanted| format!("`{}` {}", wanted.text, model.document.count(wanted))).collect();
            Ok(format!("jobs that match: {}", counts.join(", ")))
        }
        Asked::NewSpec(list) => new_spec(list, text),
        asked => runners::of_text(model, asked, text).map(|edit| edit.map(|edit| edit.to_string()).unwrap_or_default()),
    }
}

/// Says what a new entry of a list is; values of a matrix, as definitions have them, need not name a package.
fn new_spec(list: &ListName, text: &str) -> Result<String, String> {
    if text.is_empty() {
        return Err("type a spec, e.g. `hdf5@1.14 +mpi`, or the `$name` of a definition".to_owned());
    }
    if let Some(name) = text.strip_prefix('$') {
        return Ok(format!("adds what the definition `{name}` has"));
    }
    match Spec::parse(text) {
        Ok(spec) if spec.name().is_some() || *list != ListName::Specs => Ok(format!("adds {spec}")),
        Ok(_) => Err("name a package".to_owned()),
        Err(cause) => Err(format!("{cause} (column {})", cause.column())),
    }
}

fn filter_verdict(model: &Model, text: &str) -> String {
    match Filter::new(text, &model.document) {
        None => "a spec constraint (`hdf5 os=centos7`, `^mpi`) or a part of a name".to_owned(),
        Some(filter) => {
            let kind = match filter.kind {
                Kind::Constraint(_) => "satisfy this constraint",
                Kind::Text(_) => "have this text in their name",
            };
            format!("{} jobs {kind}", filter.count())
        }
    }
}

/// Reads match specs separated by commas; commas inside a spec (`languages=c,c++`, `[virtuals=c,cxx]`) do not separate.
pub(super) fn match_specs(text: &str) -> Result<Vec<MatchSpec>, String> {
    let source = Source::new("match", text);
    let mut specs = Vec::new();
    let mut rest = text;
    while !rest.trim().is_empty() {
        let ends: Vec<usize> = rest.match_indices(", ").map(|(at, _)| at).chain([rest.len()]).collect();
        let parsed = ends.iter().find_map(|end| {
            let part = rest[..*end].trim().trim_end_matches(',');
            Spec::parse(part).ok().map(|spec| (part, spec, *end))
        });
        let Some((part, spec, end)) = parsed else {
            let part = rest[..ends[0]].trim();
            let reason = Spec::parse(part).err().map(|cause| format!("`{part}`: {cause} (column {})", cause.column()));
            return Err(reason.unwrap_or_default());
        };
        if !part.is_empty() {
            specs.push(MatchSpec { text: part.to_owned(), spec, place: Place::new(&source, 0..0) });
        }
        rest = rest[end..].trim_start_matches([',', ' ']);
    }
    Ok(specs)
}

/// Checks that a text is a value in YAML, and returns it.
pub(super) fn value(text: &str) -> Result<String, String> {
    yaml::read(&Source::new("value", text)).map(|_| text.to_owned()).map_err(|error| error.message)
}
