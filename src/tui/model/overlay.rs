//! What lies over a screen: text fields, lists to choose from, questions, the review, a job's neighbourhood.

use super::cursor::Cursor;
use crate::edit::ListName;
use crate::error::Error;
use crate::plan::assign::MappingId;
use crate::tui::command::{Command, Scope};
use crate::tui::model::{neighbourhood::Neighbourhood, review::Review, runners::Target};
use tui_input::Input;

/// One layer over the screen.
#[derive(Clone, Debug)]
pub enum Overlay {
    /// A text field.
    Prompt(Prompt),
    /// A list to choose from, narrowed by typing.
    Choice(Choice),
    /// A question.
    Question(Question),
    /// Lines to read, e.g. edits that no longer fit.
    Notice(Notice),
    /// The jobs around one.
    Neighbourhood(Neighbourhood),
    /// The look at all changes before anything is written.
    Review(Review),
}

impl Overlay {
    /// Tells whether it takes keys for a text or an answer.
    pub fn is_asking(&self) -> bool {
        matches!(self, Self::Prompt(_) | Self::Choice(_) | Self::Question(_))
    }

    /// Returns the scopes whose keys are in force, the innermost first.
    pub fn scopes(&self) -> &'static [Scope] {
        match self {
            Self::Prompt(_) => &[Scope::Input],
            Self::Choice(_) => &[Scope::Choice, Scope::Input],
            Self::Question(_) => &[Scope::Confirm],
            Self::Notice(_) => &[Scope::List, Scope::Global],
            Self::Neighbourhood(_) => &[Scope::Graph, Scope::List, Scope::Global],
            Self::Review(_) => &[Scope::Review, Scope::List, Scope::Global],
        }
    }
}

/// What a text field asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// A filter.
    Filter,
    /// The match specs of a new mapping, separated by commas, at this index of its section; of the first one where there is
    /// no list of mappings yet.
    NewMapping(Option<MappingId>),
    /// All match specs of a mapping, separated by commas.
    Matches(MappingId),
    /// A further match spec of a mapping.
    NewMatch(MappingId),
    /// Its tags, separated by commas.
    Tags(Target),
    /// Its image: a name, or a map in flow style.
    Image(Target),
    /// `NAME=VALUE` for a variable; an empty value removes it.
    Variable(Target),
    /// `KEY: VALUE` for any attribute; an empty value removes it.
    Attribute(Target),
    /// `KIND-job: {ATTRIBUTES}`, a new section at this index of `pipeline-gen`.
    NewSection(usize),
    /// A spec to be added to a list (`specs` or a definition).
    NewSpec(ListName),
}

/// A text field with a line that says what the text would do.
#[derive(Clone, Debug)]
pub struct Prompt {
    /// What it asks for.
    pub asked: Asked,
    /// The text with its cursor.
    pub input: Input,
    /// What the text would do, or why it cannot be taken.
    pub verdict: Result<String, String>,
}

/// Something to be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Chosen {
    /// A command to run.
    Command(Command),
    /// A mapping to send jobs to.
    Mapping(MappingId),
    /// A definition that a new bootstrap phase is to build.
    Definition(String),
}

/// One line of a list to choose from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// What choosing it does.
    pub chosen: Chosen,
    /// Its text, which typing is compared with.
    pub text: String,
    /// Further words beside it.
    pub note: String,
    /// Why it cannot be chosen now.
    pub unavailable: Option<String>,
}

/// A list to choose from, narrowed by typing.
#[derive(Clone, Debug)]
pub struct Choice {
    /// Its heading.
    pub title: &'static str,
    /// What was typed.
    pub input: Input,
    /// All items.
    pub items: Vec<Item>,
    /// The items that fit what was typed, best first.
    pub found: Vec<usize>,
    /// The selected one among those.
    pub cursor: Cursor,
}

/// What an answer of yes does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consequence {
    /// Leaves although edits are not saved.
    Quit,
    /// Takes over the edits of a session that did not end well.
    Restore,
}

/// A question with yes and no.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The question and what speaks for and against, a line each.
    pub lines: Vec<String>,
    /// What yes does.
    pub consequence: Consequence,
}

/// Lines to read.
#[derive(Clone, Debug, Default)]
pub struct Notice {
    /// Its heading.
    pub title: String,
    /// The lines.
    pub lines: Vec<String>,
    /// The first line shown.
    pub cursor: Cursor,
}

impl Notice {
    /// Lists errors, each with its hints.
    pub fn of_errors(title: impl Into<String>, errors: &[Error]) -> Self {
        let lines = errors.iter().flat_map(|error| {
            let hints = error.hints.iter().map(|hint| format!("  hint: {hint}"));
            std::iter::once(error.to_string()).chain(hints)
        });
        Self { title: title.into(), lines: lines.collect(), cursor: Cursor::default() }
    }
}
