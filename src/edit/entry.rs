//! Which entry of which list of specs stands at a place, for edits that speak of entries by their index.

use super::locate::{ListName, Manifest};
use crate::error::{Error, Result};
use crate::source::{Place, Source};
use crate::yaml::Node;
use crate::yaml::edit::{Document, Path};
use std::collections::BTreeMap;
use std::sync::Arc;

/// An entry (spec, reference or matrix) of a list of specs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryAt {
    /// The list.
    pub list: ListName,
    /// Its index in the list, as written, from zero.
    pub index: usize,
}

impl EntryAt {
    /// Returns the entry that stands at a place of a manifest.
    ///
    /// # Errors
    /// Returns an error if no entry does, or if what stands there is only a part of one, as specs in groups are.
    pub fn of(source: &Arc<Source>, place: &Place) -> Result<Self> {
        let document = Document::read(source)?;
        let (entry, node) = holding(Manifest::new(&document), place)?;
        if node.place.span() == place.span() {
            return Ok(entry);
        }
        let number = entry.index.saturating_add(1);
        Err(Error::input(format!("this is only a part of entry {number} of {}", entry.list))
            .at(place)
            .hint("change it in the editor"))
    }
}

impl ListName {
    /// Returns the list in which something stands: a spec, a matrix, or a value of a matrix.
    ///
    /// # Errors
    /// Returns an error if the place is in no list of specs of this manifest.
    pub fn holding(source: &Arc<Source>, place: &Place) -> Result<Self> {
        let document = Document::read(source)?;
        holding(Manifest::new(&document), place).map(|(entry, _)| entry.list)
    }
}

/// Finds the entry whose text holds a place.
fn holding<'a>(manifest: Manifest<'a>, place: &Place) -> Result<(EntryAt, &'a Node)> {
    let root = manifest.root()?;
    let wanted = place.span();
    for (list, path) in lists(manifest, &root) {
        let entries = manifest.node(&path).and_then(Node::as_sequence).unwrap_or_default();
        for (index, node) in entries.iter().enumerate() {
            let span = node.place.span();
            if span.start <= wanted.start && wanted.end <= span.end {
                return Ok((EntryAt { list, index }, node));
            }
        }
    }
    Err(Error::input("this stands in no list of specs").at(place).hint("look at the file; it may have changed"))
}

/// Returns the lists of specs with the way to each.
fn lists(manifest: Manifest<'_>, root: &Path) -> Vec<(ListName, Path)> {
    let definitions = root.key("definitions");
    let count = manifest.node(&definitions).and_then(Node::as_sequence).map_or(0, <[Node]>::len);
    let mut met: BTreeMap<&str, usize> = BTreeMap::new();
    let mut lists = vec![(ListName::Specs, root.key("specs"))];
    for entry in (0..count).map(|index| definitions.item(index)) {
        let names = manifest.node(&entry).and_then(Node::as_mapping).into_iter().flat_map(|map| map.keys());
        for name in names.filter(|name| *name != "when") {
            let nth = met.entry(name).or_default();
            lists.push((ListName::Definition { name: name.clone(), nth: *nth }, entry.key(name.as_str())));
            *nth += 1;
        }
    }
    lists
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "spack:
  definitions:
  - a: [zlib, bzip2]
  - when: os == 'none'
    a: [xz]
  - a:
    - gcc
    - matrix: [[hdf5], ['%gcc']]
  specs:
  - $a
  - group: tools
    specs: [cmake]
";

    fn place(text: &str) -> (Arc<Source>, Place) {
        let source = Source::new("spack.yaml", TEXT);
        let at = TEXT.find(text).unwrap();
        let place = Place::new(&source, at..at + text.len());
        (source, place)
    }

    #[test]
    fn entries_are_counted_as_written_in_the_entry_of_the_definition_they_stand_in() {
        for (text, nth, index) in [("bzip2", 0, 1), ("xz", 1, 0), ("gcc", 2, 0)] {
            let (source, place) = place(text);
            let list = ListName::Definition { name: "a".to_owned(), nth };
            assert_eq!(EntryAt::of(&source, &place).unwrap(), EntryAt { list, index }, "{text}");
        }
    }

    #[test]
    fn values_of_a_matrix_are_in_a_list_but_are_no_entry_of_it() {
        let (source, place) = place("hdf5");
        assert_eq!(ListName::holding(&source, &place).unwrap(), ListName::Definition { name: "a".to_owned(), nth: 2 });
        assert!(EntryAt::of(&source, &place).unwrap_err().to_string().contains("only a part of entry 2"));
    }

    #[test]
    fn specs_of_a_group_are_no_entries_by_themselves() {
        let (source, place) = place("cmake");
        assert!(EntryAt::of(&source, &place).unwrap_err().to_string().contains("only a part of entry 2 of"));
    }
}
