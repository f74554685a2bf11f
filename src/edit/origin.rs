//! Which mapping of the loaded environment each mapping of the edited one was.

use super::{Edit, MappingAt};

/// How edits rearranged the sections, and the mappings in them.
#[derive(Clone, Debug, Default)]
pub struct Origins {
    sections: Slots<Slots<()>>,
}

/// The original index of what stands at each index now, with what it holds; behind the end, the originals from `next` on
/// follow in order.
#[derive(Clone, Debug, Default)]
struct Slots<T> {
    known: Vec<Slot<T>>,
    next: usize,
}

#[derive(Clone, Debug)]
struct Slot<T> {
    original: Option<usize>,
    content: T,
}

impl<T: Default> Slots<T> {
    fn know(&mut self, length: usize) {
        while self.known.len() < length {
            self.known.push(Slot { original: Some(self.next), content: T::default() });
            self.next += 1;
        }
    }

    fn insert(&mut self, index: usize) {
        self.know(index);
        self.known.insert(index, Slot { original: None, content: T::default() });
    }

    fn remove(&mut self, index: usize) -> Slot<T> {
        self.know(index + 1);
        self.known.remove(index)
    }

    fn move_to(&mut self, from: usize, to: usize) {
        let moved = self.remove(from);
        self.know(to);
        self.known.insert(to, moved);
    }

    fn content(&mut self, index: usize) -> &mut T {
        self.know(index + 1);
        &mut self.known[index].content
    }

    fn of(&self, index: usize) -> Option<usize> {
        match self.known.get(index) {
            Some(slot) => slot.original,
            None => Some(self.next + index - self.known.len()),
        }
    }
}

impl Origins {
    /// Follows the mappings through edits, oldest first.
    pub fn new<'a>(edits: impl IntoIterator<Item = &'a Edit>) -> Self {
        let mut origins = Self::default();
        for edit in edits {
            origins.follow(edit);
        }
        origins
    }

    /// Returns where a mapping stood in the beginning; nothing if it was added since.
    pub fn of(&self, at: MappingAt) -> Option<MappingAt> {
        let section = self.sections.of(at.section)?;
        let mappings = self.sections.known.get(at.section).map(|slot| &slot.content);
        let index = mappings.map_or(Some(at.index), |mappings| mappings.of(at.index))?;
        Some(MappingAt { section, index })
    }

    fn follow(&mut self, edit: &Edit) {
        match edit {
            Edit::AddMapping { at, .. } => self.mappings(*at).insert(at.index),
            Edit::DuplicateMapping { mapping } => self.mappings(*mapping).insert(mapping.index + 1),
            Edit::RemoveMapping { mapping } => drop(self.mappings(*mapping).remove(mapping.index)),
            Edit::MoveMapping { mapping, to } => self.mappings(*mapping).move_to(mapping.index, *to),
            Edit::AddSection { at, .. } => self.sections.insert(*at),
            Edit::RemoveSection { section } => drop(self.sections.remove(*section)),
            Edit::MoveSection { from, to } => self.sections.move_to(*from, *to),
            Edit::Several { edits, .. } => edits.iter().for_each(|edit| self.follow(edit)),
            _ => {}
        }
    }

    fn mappings(&mut self, at: MappingAt) -> &mut Slots<()> {
        self.sections.content(at.section)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(index: usize) -> MappingAt {
        MappingAt { section: 0, index }
    }

    #[test]
    fn untouched_mappings_are_their_own_origin() {
        assert_eq!(Origins::new(&[]).of(at(3)), Some(at(3)));
    }

    #[test]
    fn mappings_go_along_with_their_section() {
        let at = |section, index| MappingAt { section, index };
        let section = || crate::edit::ValueText("submapping: []".to_owned());
        let origins = Origins::new(&[
            Edit::RemoveMapping { mapping: at(1, 0) },
            Edit::MoveSection { from: 1, to: 0 },
            Edit::AddSection { at: 1, section: section() },
            Edit::RemoveSection { section: 2 },
        ]);
        assert_eq!(origins.of(at(0, 0)), Some(at(1, 1)), "the first was removed, the section moved up");
        assert_eq!(origins.of(at(1, 0)), None, "the section is new");
        assert_eq!(origins.of(at(2, 3)), Some(at(2, 3)), "the one before it was removed");
    }

    proptest! {
        #[test]
        fn mappings_are_followed_through_any_edits(steps in prop::collection::vec((0u8..3, 0usize..8, 0usize..8), 0..12)) {
            let mut list: Vec<Option<usize>> = (0..8).map(Some).collect();
            let mut edits = Vec::new();
            for (kind, a, b) in steps {
                let (a, b) = (a % list.len().max(1), b % list.len().max(1));
                match kind {
                    0 => {
                        list.insert(a, None);
                        edits.push(Edit::AddMapping { at: at(a), matches: Vec::new(), attributes: crate::edit::ValueText(String::new()) });
                    }
                    1 if !list.is_empty() => {
                        list.remove(a);
                        edits.push(Edit::RemoveMapping { mapping: at(a) });
                    }
                    _ if !list.is_empty() => {
                        let moved = list.remove(a);
                        list.insert(b, moved);
                        edits.push(Edit::MoveMapping { mapping: at(a), to: b });
                    }
                    _ => {}
                }
            }
            let origins = Origins::new(&edits);
            let found: Vec<Option<usize>> = (0..list.len()).map(|index| origins.of(at(index)).map(|at| at.index)).collect();
            prop_assert_eq!(found, list);
        }
    }
}
