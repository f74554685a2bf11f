//! Which mapping of the loaded environment each mapping of the edited one was.

use super::{Edit, MappingAt};
use std::collections::BTreeMap;

/// How edits rearranged the mappings.
#[derive(Clone, Debug, Default)]
pub struct Origins {
    lists: BTreeMap<usize, Slots>,
}

/// The original index of what stands at each index now; behind the end, the originals from `next` on follow in order.
#[derive(Clone, Debug, Default)]
struct Slots {
    known: Vec<Option<usize>>,
    next: usize,
}

impl Slots {
    fn know(&mut self, length: usize) {
        while self.known.len() < length {
            self.known.push(Some(self.next));
            self.next += 1;
        }
    }

    fn insert(&mut self, index: usize) {
        self.know(index);
        self.known.insert(index, None);
    }

    fn remove(&mut self, index: usize) -> Option<usize> {
        self.know(index + 1);
        self.known.remove(index)
    }

    fn of(&self, index: usize) -> Option<usize> {
        match self.known.get(index) {
            Some(original) => *original,
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
        let original = self.lists.get(&at.list).map_or(Some(at.index), |slots| slots.of(at.index));
        original.map(|index| MappingAt { index, ..at })
    }

    fn follow(&mut self, edit: &Edit) {
        match edit {
            Edit::AddMapping { at, .. } => self.slots(*at).insert(at.index),
            Edit::DuplicateMapping { mapping } => self.slots(*mapping).insert(mapping.index + 1),
            Edit::RemoveMapping { mapping } => {
                self.slots(*mapping).remove(mapping.index);
            }
            Edit::MoveMapping { mapping, to } => {
                let slots = self.slots(*mapping);
                let moved = slots.remove(mapping.index);
                slots.know(*to);
                slots.known.insert(*to, moved);
            }
            Edit::Several { edits, .. } => edits.iter().for_each(|edit| self.follow(edit)),
            _ => {}
        }
    }

    fn slots(&mut self, at: MappingAt) -> &mut Slots {
        self.lists.entry(at.list).or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(index: usize) -> MappingAt {
        MappingAt { list: 0, index }
    }

    #[test]
    fn untouched_mappings_are_their_own_origin() {
        assert_eq!(Origins::new(&[]).of(at(3)), Some(at(3)));
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
