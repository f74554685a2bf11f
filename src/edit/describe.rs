//! What an edit does, in a line for people, who count from one.

use super::{Edit, MappingAt};
use std::fmt;

/// How many characters of a typed value are shown.
const MOST_CHARACTERS: usize = 40;

impl fmt::Display for Edit {
    /// Writes e.g. ``move mapping 3 up to 1`` or ``add match `hdf5` to mapping 2``.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AddMapping { at, matches, .. } => write!(f, "add {at} for {}", quoted(matches)),
            Self::DuplicateMapping { mapping } => write!(f, "duplicate {mapping}"),
            Self::RemoveMapping { mapping } => write!(f, "remove {mapping}"),
            Self::MoveMapping { mapping, to } => {
                write!(f, "move {mapping} {} to {}", direction(mapping.index, *to), ordinal(*to))
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
    /// Writes `mapping 3`, or `mapping 3 of list 2` where it is not in the first list.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "mapping {}", ordinal(self.index))?;
        match self.list {
            0 => Ok(()),
            list => write!(f, " of list {}", ordinal(list)),
        }
    }
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
