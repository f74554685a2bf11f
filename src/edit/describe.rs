//! What an edit does, in a line for people, who count from one.

use super::{Edit, MappingAt};
use crate::environment::attributes::letter;
use std::fmt;

/// How many characters of a typed value are shown.
const MOST_CHARACTERS: usize = 40;

impl fmt::Display for Edit {
    /// Writes e.g. ``move mapping C up to A`` or ``add match `hdf5` to mapping B``.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AddMapping { at, matches, .. } => write!(f, "add {at} for {}", quoted(matches)),
            Self::DuplicateMapping { mapping } => write!(f, "duplicate {mapping}"),
            Self::RemoveMapping { mapping } => write!(f, "remove {mapping}"),
            Self::MoveMapping { mapping, to } => {
                let place = mapping.name_of(*to);
                write!(f, "move {mapping} {} to {place}", direction(mapping.index, *to))
            }
            Self::SetMatches { mapping, matches } => write!(f, "let {mapping} match {}", quoted(matches)),
            Self::AddMatch { mapping, text, .. } => write!(f, "add match `{}` to {mapping}", short(text)),
            Self::ReplaceMatch { mapping, index, text } => {
                write!(f, "change match {} of {mapping} to `{}`", ordinal(*index), short(text))
            }
            Self::RemoveMatch { mapping, index } => write!(f, "remove match {} from {mapping}", ordinal(*index)),
            Self::SetAttribute { mapping, path, value } => {
                write!(f, "set `{}` of {mapping} to `{}`", path.join(":"), short(&value.0))
            }
            Self::RemoveAttribute { mapping, path } => write!(f, "remove `{}` from {mapping}", path.join(":")),
            Self::AddSection { at, section } => write!(f, "add section {} `{}`", ordinal(*at), short(&section.0)),
            Self::RemoveSection { section } => write!(f, "remove section {}", ordinal(*section)),
            Self::MoveSection { from, to } => {
                write!(f, "move section {} {} to {}", ordinal(*from), direction(*from, *to), ordinal(*to))
            }
            Self::SetSectionAttribute { section, path, value } => {
                write!(f, "set `{}` of section {} to `{}`", path.join(":"), ordinal(*section), short(&value.0))
            }
            Self::RemoveSectionAttribute { section, path } => {
                write!(f, "remove `{}` from section {}", path.join(":"), ordinal(*section))
            }
            Self::AddPhase { at, definition, .. } => write!(f, "add phase {} for `{definition}`", ordinal(*at)),
            Self::RemovePhase { phase } => write!(f, "remove phase {}", ordinal(*phase)),
            Self::MovePhase { from, to } => {
                write!(f, "move phase {} {} to {}", ordinal(*from), direction(*from, *to), ordinal(*to))
            }
            Self::SetCompilerAgnostic { phase, compiler_agnostic } => {
                let not = if *compiler_agnostic { "" } else { "not " };
                write!(f, "make phase {} {not}compiler-agnostic", ordinal(*phase))
            }
            Self::AddSpec { list, spec } => write!(f, "add `{}` to {list}", short(spec)),
            Self::RemoveSpec { list, index } => write!(f, "remove entry {} from {list}", ordinal(*index)),
            Self::ExcludeCombination { list, index, constraint } => {
                write!(f, "exclude `{}` from matrix {} of {list}", short(constraint), ordinal(*index))
            }
            Self::Several { purpose, .. } => f.write_str(&line(purpose)),
        }
    }
}

impl fmt::Display for MappingAt {
    /// Writes `mapping C`, or `mapping 3 of section 2` where it is not in the first section: its letter depends on how many
    /// mappings are listed before.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.section {
            0 => write!(f, "mapping {}", letter(self.index)),
            section => write!(f, "mapping {} of section {}", ordinal(self.index), ordinal(section)),
        }
    }
}

impl MappingAt {
    /// Names another place in the same list.
    fn name_of(self, index: usize) -> String {
        if self.section == 0 { letter(index) } else { ordinal(index).to_string() }
    }
}

/// Names the thing of a list that stands at an index: `mapping C`, `phase 3`.
pub(super) fn numbered(what: &str, index: usize) -> String {
    if what == "mapping" { format!("{what} {}", letter(index)) } else { format!("{what} {}", ordinal(index)) }
}

fn ordinal(index: usize) -> usize {
    index.saturating_add(1)
}

fn direction(from: usize, to: usize) -> &'static str {
    if to < from { "up" } else { "down" }
}

fn quoted(texts: &[String]) -> String {
    let quoted: Vec<_> = texts.iter().map(|text| format!("`{}`", short(text))).collect();
    if quoted.is_empty() { "nothing".to_owned() } else { quoted.join(", ") }
}

/// Returns a text on one line.
fn line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Returns the beginning of a text on one line.
fn short(text: &str) -> String {
    let mut short = line(&text.chars().take(MOST_CHARACTERS).collect::<String>());
    if text.chars().nth(MOST_CHARACTERS).is_some() {
        short.push('…');
    }
    short
}
