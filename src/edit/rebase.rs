//! Finds out whether an edit still fits a text that has changed since, and where its subject stands now.

use super::describe::numbered;
use super::locate::{Manifest, MappingAt, Rules};
use super::{Edit, apply_all};
use crate::error::{Error, Result};
use crate::source::Source;
use crate::yaml::Node;
use crate::yaml::edit::{Document, Path, same};
use std::sync::Arc;

/// How a thing is known again in another text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    /// By all it says.
    Whole,
    /// A mapping by its match specs.
    Match,
    /// A section by its listing mappings, whichever they are.
    List,
}

/// Returns `edit`, which was made on `old`, for the same things in `new`.
pub(super) fn refit(edit: &Edit, old: &Arc<Source>, new: &Arc<Source>) -> Result<Edit> {
    if let Edit::Several { purpose, edits } = edit {
        let edits = refit_all(edits, old, new)?;
        return Ok(Edit::Several { purpose: purpose.clone(), edits });
    }
    let (old, new) = (Document::read(old)?, Document::read(new)?);
    let both = Both { old: Manifest::new(&old), new: Manifest::new(&new) };
    let mut edit = edit.clone();
    match &mut edit {
        Edit::AddMapping { at, .. } => {
            let lists = both.refit_list(at)?;
            at.index = both.slot(&lists, at.index);
        }
        Edit::DuplicateMapping { mapping } | Edit::RemoveMapping { mapping } => {
            both.refit_mapping(mapping, Mark::Whole)?;
        }
        Edit::MoveMapping { mapping, to } => {
            let lists = both.refit_mapping(mapping, Mark::Match)?;
            *to = both.place(&lists, *to);
        }
        Edit::SetMatches { mapping, .. }
        | Edit::AddMatch { mapping, .. }
        | Edit::RemoveMatch { mapping, .. }
        | Edit::ReplaceMatch { mapping, .. } => {
            both.refit_mapping(mapping, Mark::Match)?;
        }
        Edit::SetAttribute { mapping, path, .. } | Edit::RemoveAttribute { mapping, path } => {
            let before = *mapping;
            both.refit_mapping(mapping, Mark::Match)?;
            both.check_attribute(before, *mapping, path)?;
        }
        Edit::AddSection { at, .. } => *at = both.slot(&both.sections()?, *at),
        Edit::RemoveSection { section }
        | Edit::SetSectionAttribute { section, .. }
        | Edit::RemoveSectionAttribute { section, .. } => {
            *section = both.find(&both.sections()?, *section, Mark::Whole, "section")?;
        }
        Edit::MoveSection { from, to } => {
            let lists = both.sections()?;
            *from = both.find(&lists, *from, Mark::Whole, "section")?;
            *to = both.place(&lists, *to);
        }
        Edit::AddPhase { at, .. } => *at = both.slot(&both.phases()?, *at),
        Edit::RemovePhase { phase } | Edit::SetCompilerAgnostic { phase, .. } => {
            *phase = both.find(&both.phases()?, *phase, Mark::Whole, "phase")?;
        }
        Edit::MovePhase { from, to } => {
            let lists = both.phases()?;
            *from = both.find(&lists, *from, Mark::Whole, "phase")?;
            *to = both.place(&lists, *to);
        }
        Edit::AddSpec { .. } | Edit::Several { .. } => {}
        Edit::RemoveSpec { list, index } | Edit::ExcludeCombination { list, index, .. } => {
            let lists = (both.old.list(list)?, both.new.list(list)?);
            *index = both.find(&lists, *index, Mark::Whole, "entry")?;
        }
    }
    Ok(edit)
}

/// Refits edits each of which was made on what the ones before it had made.
fn refit_all(edits: &[Edit], old: &Arc<Source>, new: &Arc<Source>) -> Result<Vec<Edit>> {
    let (mut old, mut new) = (Arc::clone(old), Arc::clone(new));
    let mut fitted = Vec::with_capacity(edits.len());
    for edit in edits {
        let fit = refit(edit, &old, &new)?;
        old = apply_all(&old, std::slice::from_ref(edit))?;
        new = apply_all(&new, std::slice::from_ref(&fit))?;
        fitted.push(fit);
    }
    Ok(fitted)
}

/// The same manifest before and after it changed.
struct Both<'a> {
    old: Manifest<'a>,
    new: Manifest<'a>,
}

/// The way to a list, before and after.
type Lists = (Path, Path);

impl Both<'_> {
    /// Finds the section with a mapping, and returns the lists.
    fn refit_list(&self, at: &mut MappingAt) -> Result<Lists> {
        let (old, rules) = self.old.mappings(at.section)?;
        if rules == Rules::Ci {
            at.section = self.find(&self.sections()?, at.section, Mark::List, "section")?;
        }
        Ok((old, self.new.mappings(at.section)?.0))
    }

    fn sections(&self) -> Result<Lists> {
        Ok((self.old.sections()?, self.new.sections()?))
    }

    fn phases(&self) -> Result<Lists> {
        Ok((self.old.phases()?, self.new.phases()?))
    }

    fn refit_mapping(&self, at: &mut MappingAt, mark: Mark) -> Result<Lists> {
        let lists = self.refit_list(at)?;
        at.index = self.find(&lists, at.index, mark, "mapping")?;
        Ok(lists)
    }

    /// Returns the index that the item `index` of a list has now.
    ///
    /// Where several are alike, they are told apart by their order if they are as many as before, and otherwise only
    /// the one that stayed where it was is taken.
    fn find(&self, lists: &Lists, index: usize, mark: Mark, what: &str) -> Result<usize> {
        let subject = self.old.node(&lists.0.item(index));
        let alike = |manifest: Manifest<'_>, list: &Path| -> Vec<usize> {
            let items = manifest.node(list).and_then(Node::as_sequence).unwrap_or_default();
            let is_alike = |item: &Node| subject.is_some_and(|subject| is_alike(subject, item, mark));
            items.iter().enumerate().filter(|(_, item)| is_alike(item)).map(|(at, _)| at).collect()
        };
        let (before, after) = (alike(self.old, &lists.0), alike(self.new, &lists.1));
        let found = if before.len() == after.len() {
            before.iter().position(|at| *at == index).map(|rank| after[rank])
        } else {
            after.iter().find(|at| **at == index || after.len() == 1).copied()
        };
        found.ok_or_else(|| {
            Error::input(format!("{} is not what it was when this edit was made", numbered(what, index)))
                .at(&self.new.place(&lists.1))
                .hint("make the edit again, if it is still wanted")
        })
    }

    /// Returns where the item is now that stood at `index`, or as near as can be.
    fn place(&self, lists: &Lists, index: usize) -> usize {
        let last = self.count(&lists.1).saturating_sub(1);
        self.find(lists, index, Mark::Match, "item").unwrap_or(index.min(last))
    }

    /// Returns where an item is to be inserted that went before the one at `index`.
    fn slot(&self, lists: &Lists, index: usize) -> usize {
        let count = self.count(&lists.1);
        match self.find(lists, index, Mark::Match, "item") {
            Ok(found) if index < self.count(&lists.0) => found,
            _ if index >= self.count(&lists.0) => count,
            _ => index.min(count),
        }
    }

    fn count(&self, list: &Path) -> usize {
        self.new.node(list).and_then(Node::as_sequence).map_or(0, <[Node]>::len)
    }

    /// Refuses an edit of an attribute that has changed on disk too.
    fn check_attribute(&self, before: MappingAt, after: MappingAt, keys: &[String]) -> Result<()> {
        let value = |manifest: Manifest<'_>, at| {
            let (path, rules) = manifest.mapping(at)?;
            let path = keys.iter().fold(path.key(rules.attributes()), |path, key| path.key(key));
            Ok((manifest.node(&path).map(|node| node.value.clone()), manifest.place(&path)))
        };
        let ((old, _), (new, place)) = (value(self.old, before)?, value(self.new, after)?);
        let is_same = match (&old, &new) {
            (Some(old), Some(new)) => same(old, new),
            (None, None) => true,
            _ => false,
        };
        if is_same {
            return Ok(());
        }
        Err(Error::input(format!("`{}` has been changed in the file too", keys.join(":")))
            .at(&place)
            .hint("make the edit again, if it is still wanted"))
    }
}

fn is_alike(old: &Node, new: &Node, mark: Mark) -> bool {
    match (mark, old.get("match"), new.get("match")) {
        (Mark::Match, Some(old), Some(new)) => same(&old.value, &new.value),
        (Mark::List, ..) => old.get("submapping").is_some() == new.get("submapping").is_some(),
        _ => same(&old.value, &new.value),
    }
}
