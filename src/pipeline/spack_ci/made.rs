//! YAML values that no file holds.

use crate::error::Error;
use crate::source::{Place, Source};
use crate::yaml::{self, Entry, Mapping, Node, Value};

/// Makes values; they all stand in one text of the program's own.
#[derive(Clone, Debug)]
pub(super) struct Maker {
    place: Place,
}

impl Maker {
    pub(super) fn new() -> Self {
        Self { place: Place::new(&Source::new("spack ci generate", ""), 0..0) }
    }

    pub(super) fn node(&self, value: Value) -> Node {
        Node { value, place: self.place.clone() }
    }

    pub(super) fn text(&self, text: impl Into<String>) -> Node {
        self.node(Value::String(text.into()))
    }

    pub(super) fn list<T: Into<String>>(&self, items: impl IntoIterator<Item = T>) -> Node {
        self.node(Value::Sequence(items.into_iter().map(|item| self.text(item)).collect()))
    }

    pub(super) fn put(&self, map: &mut Mapping, key: &str, node: Node) {
        map.insert(key.to_owned(), Entry { key: self.place.clone(), node });
    }

    /// Reads a constant of the program.
    pub(super) fn constant(&self, text: &'static str) -> Node {
        let read: Result<Node, Error> = yaml::read(&Source::new("spack ci generate", text));
        debug_assert!(read.is_ok(), "{text}: {read:?}");
        read.unwrap_or_else(|_| self.node(Value::Null))
    }
}

/// Returns the lines of a script, with lists in it laid flat, as Spack does one level deep.
pub(super) fn flat(script: &Node, change: impl Fn(&str) -> String) -> Node {
    let mut lines = Vec::new();
    let mut push = |line: &Node| {
        let value = match line.as_text() {
            Some(text) => Value::String(change(text)),
            None => line.value.clone(),
        };
        lines.push(Node { value, place: line.place.clone() });
    };
    for line in script.as_sequence().unwrap_or_default() {
        match &line.value {
            Value::Sequence(inner) => inner.iter().for_each(&mut push),
            _ => push(line),
        }
    }
    Node { value: Value::Sequence(lines), place: script.place.clone() }
}
