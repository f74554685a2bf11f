//! Edits of a release: changes of the text of `spack.yaml` that keep its comments, order and layout.
//!
//! An [`Edit`] says what is wanted; [`apply`] finds the [`Change`] of the text that does it. What the changed text
//! means is found out by reading it again, so that plan, file and diff cannot disagree.

mod compile;
mod describe;
mod entry;
pub mod history;
pub mod journal;
mod locate;
pub mod migrate;
mod origin;
mod rebase;

pub use entry::EntryAt;
pub use history::History;
pub use journal::Journal;
pub use locate::{ListName, MappingAt, section_at};
pub use origin::Origins;

use crate::error::Result;
use crate::source::Source;
use crate::yaml::edit::{Document, Splice, invert, splice};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A value of YAML, as the text that was typed for it, e.g. `[large, linux]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ValueText(pub String);

/// A change that a release manager makes to an environment; all indices count from zero.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "edit", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Edit {
    /// Inserts a runner mapping before the one at `at`.
    AddMapping {
        /// Where it will stand.
        at: MappingAt,
        /// Its match specs.
        matches: Vec<String>,
        /// Its attributes, a map.
        attributes: ValueText,
    },
    /// Inserts a copy of a mapping right behind it.
    DuplicateMapping {
        /// The mapping.
        mapping: MappingAt,
    },
    /// Takes a mapping out.
    RemoveMapping {
        /// The mapping.
        mapping: MappingAt,
    },
    /// Moves a mapping within its list.
    MoveMapping {
        /// The mapping.
        mapping: MappingAt,
        /// The index it will have.
        to: usize,
    },
    /// Puts other match specs in place of those of a mapping.
    SetMatches {
        /// The mapping.
        mapping: MappingAt,
        /// All its match specs.
        matches: Vec<String>,
    },
    /// Inserts a match spec into a mapping.
    AddMatch {
        /// The mapping.
        mapping: MappingAt,
        /// The index it will have.
        at: usize,
        /// The match spec.
        text: String,
    },
    /// Puts another match spec in place of one.
    ReplaceMatch {
        /// The mapping.
        mapping: MappingAt,
        /// The index of the match spec.
        index: usize,
        /// The new match spec.
        text: String,
    },
    /// Takes a match spec out of a mapping.
    RemoveMatch {
        /// The mapping.
        mapping: MappingAt,
        /// The index of the match spec.
        index: usize,
    },
    /// Gives an attribute of a mapping a value; maps on the way to it are made where they are missing.
    SetAttribute {
        /// The mapping.
        mapping: MappingAt,
        /// The keys that lead to it, e.g. `variables`, `MAKEFLAGS`.
        path: Vec<String>,
        /// The new value.
        value: ValueText,
    },
    /// Takes an attribute out of a mapping.
    RemoveAttribute {
        /// The mapping.
        mapping: MappingAt,
        /// The keys that lead to it.
        path: Vec<String>,
    },
    /// Inserts a section into `pipeline-gen`.
    AddSection {
        /// The index it will have.
        at: usize,
        /// The section, a map.
        section: ValueText,
    },
    /// Takes a section out of `pipeline-gen`.
    RemoveSection {
        /// The index of the section, as written.
        section: usize,
    },
    /// Moves a section of `pipeline-gen`.
    MoveSection {
        /// The index it has.
        from: usize,
        /// The index it will have.
        to: usize,
    },
    /// Gives an attribute of a section a value.
    SetSectionAttribute {
        /// The index of the section, as written.
        section: usize,
        /// The keys that lead to it.
        path: Vec<String>,
        /// The new value.
        value: ValueText,
    },
    /// Takes an attribute out of a section.
    RemoveSectionAttribute {
        /// The index of the section, as written.
        section: usize,
        /// The keys that lead to it.
        path: Vec<String>,
    },
    /// Inserts a bootstrap phase.
    AddPhase {
        /// The index it will have.
        at: usize,
        /// The definition that it builds.
        definition: String,
        /// Tells whether its jobs may use any compiler.
        compiler_agnostic: bool,
    },
    /// Takes a bootstrap phase out; its definition stays.
    RemovePhase {
        /// The index of the phase.
        phase: usize,
    },
    /// Moves a bootstrap phase.
    MovePhase {
        /// The index it has.
        from: usize,
        /// The index it will have.
        to: usize,
    },
    /// Says whether the jobs of a bootstrap phase may use any compiler.
    SetCompilerAgnostic {
        /// The index of the phase.
        phase: usize,
        /// Tells whether they may.
        compiler_agnostic: bool,
    },
    /// Adds a spec at the end of a list.
    AddSpec {
        /// The list.
        list: ListName,
        /// The spec, or a reference to a definition.
        spec: String,
    },
    /// Takes an entry (spec, reference or matrix) out of a list.
    RemoveSpec {
        /// The list.
        list: ListName,
        /// The index of the entry, as written.
        index: usize,
    },
    /// Excludes combinations from a matrix.
    ExcludeCombination {
        /// The list that the matrix is written in.
        list: ListName,
        /// The index of the matrix among the entries of the list, as written.
        index: usize,
        /// What the combinations that go satisfy.
        constraint: String,
    },
    /// Makes several edits, one after the other, as one: all are made, undone and done again together.
    Several {
        /// What they are for, as a sentence has it.
        purpose: String,
        /// The edits, each for what the ones before it have made.
        edits: Vec<Edit>,
    },
}

/// A change of a text, and the way back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    splices: Vec<Splice>,
    inverse: Vec<Splice>,
}

impl Change {
    /// Returns what is replaced, in the order of the text.
    pub fn splices(&self) -> &[Splice] {
        &self.splices
    }

    /// Tells whether the text stays as it is.
    pub fn is_empty(&self) -> bool {
        self.splices.is_empty()
    }

    /// Finds what differs between two texts, as one splice.
    fn between(old: &str, new: &str) -> Self {
        if old == new {
            return Self { splices: Vec::new(), inverse: Vec::new() };
        }
        let same = |(a, b): &((usize, char), (usize, char))| a.1 == b.1;
        let start = old.char_indices().zip(new.char_indices()).take_while(same).map(|(a, _)| a.1.len_utf8()).sum();
        let ends = old[start..].chars().rev().zip(new[start..].chars().rev());
        let kept: usize = ends.take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
        let part =
            |text: &str| Splice { range: start..text.len() - kept, text: text[start..text.len() - kept].to_owned() };
        let (old, new) = (part(old), part(new));
        let splice =
            |range: &Splice, text: &Splice| vec![Splice { range: range.range.clone(), text: text.text.clone() }];
        Self { splices: splice(&old, &new), inverse: splice(&new, &old) }
    }

    /// Returns the changed text; `text` is the one that the change was found for.
    pub fn apply_to(&self, text: &str) -> String {
        splice(text, &self.splices)
    }

    /// Returns the change that leads back.
    #[must_use]
    pub fn inverse(&self) -> Self {
        Self { splices: self.inverse.clone(), inverse: self.splices.clone() }
    }
}

/// Finds the change of the text of a manifest that does `edit`.
///
/// # Errors
/// Refuses, with its place, what names nothing in the text, and what cannot be done without changing the meaning of
/// other parts of the file, such as a value with an anchor that is used elsewhere.
pub fn apply(source: &Arc<Source>, edit: &Edit) -> Result<Change> {
    Ok(apply_in(&Document::read(source)?, edit)?.map(|(change, _)| change).unwrap_or_default())
}

/// Finds the change of a text that was read already, with what it gives; `None` if it says so already.
fn apply_in(document: &Document, edit: &Edit) -> Result<Option<(Change, Document)>> {
    if let Edit::Several { edits, .. } = edit {
        let text = apply_all(document.source(), edits)?;
        let change = Change::between(document.source().text(), text.text());
        return if change.is_empty() { Ok(None) } else { Ok(Some((change, Document::read(&text)?))) };
    }
    let Some((path, operation)) = compile::compile(document, edit)? else { return Ok(None) };
    let (splices, changed) = document.edit(&path, &operation)?;
    if splices.is_empty() {
        return Ok(None);
    }
    let inverse = invert(document.source().text(), &splices);
    Ok(Some((Change { splices, inverse }, changed)))
}

/// Returns the text that edits lead to, one after the other.
fn apply_all(source: &Arc<Source>, edits: &[Edit]) -> Result<Arc<Source>> {
    edits.iter().try_fold(Arc::clone(source), |text, edit| {
        let change = apply(&text, edit)?;
        Ok(Source::new(text.name(), change.apply_to(text.text())))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = "\
spack:
  specs: [zlib]
  gitlab-ci:
    mappings:
    - match: [zlib]   # small
      runner-attributes: {tags: [a]}
    - match: [gcc]
      runner-attributes: {tags: [b]}
";

    fn at(index: usize) -> MappingAt {
        MappingAt { section: 0, index }
    }

    fn several() -> Edit {
        let edits = vec![
            Edit::DuplicateMapping { mapping: at(1) },
            Edit::MoveMapping { mapping: at(2), to: 0 },
            Edit::SetMatches { mapping: at(0), matches: vec!["zlib@1.2".to_owned()] },
        ];
        Edit::Several { purpose: "send zlib to mapping B".to_owned(), edits }
    }

    #[test]
    fn several_edits_are_made_and_undone_as_one() {
        let mut history = History::new(Source::new("spack.yaml", MANIFEST));
        assert!(history.push(several()).unwrap().is_some());
        let text = history.current().text().to_owned();
        assert!(
            text.contains(
                "    - match: [zlib@1.2]\n      runner-attributes: {tags: [b]}\n    - match: [zlib]   # small"
            ),
            "{text}"
        );
        assert_eq!(history.undo().map(ToString::to_string).as_deref(), Some("send zlib to mapping B"));
        assert_eq!(history.current().text(), MANIFEST);
        history.redo();
        assert_eq!(history.current().text(), text);
    }

    #[test]
    fn when_one_of_several_edits_does_not_fit_none_is_made() {
        let edits = vec![Edit::RemoveMapping { mapping: at(0) }, Edit::RemoveMapping { mapping: at(5) }];
        let mut history = History::new(Source::new("spack.yaml", MANIFEST));
        assert!(history.push(Edit::Several { purpose: String::new(), edits }).is_err());
        assert_eq!(history.current().text(), MANIFEST);
    }

    #[test]
    fn several_edits_are_carried_over_to_a_changed_file_and_survive_the_journal() {
        let mut history = History::new(Source::new("spack.yaml", MANIFEST));
        history.push(several()).unwrap();
        let journal = Journal::read(&Source::new("j", Journal::of(&history, "spack.yaml").to_lines())).unwrap();
        let first = "    mappings:\n    - match: [new]\n      runner-attributes: {tags: [c]}\n";
        let disk = Source::new("spack.yaml", MANIFEST.replace("    mappings:\n", first));
        let recovery = journal.recover(&disk).unwrap();
        assert!(recovery.unfit.is_empty(), "{:?}", recovery.unfit);
        let text = recovery.history.current().text();
        let order: Vec<_> = text.lines().filter(|line| line.contains("match:")).collect();
        assert_eq!(order.len(), 4, "{text}");
        assert!(order.iter().any(|line| line.contains("zlib@1.2")), "{text}");
    }
}
