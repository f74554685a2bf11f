//! Changes of random YAML texts: each means exactly what was asked for, loses no foreign comment, touches no line it
//! need not, and can be undone to the byte.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test ends, or says why it is skipped"
)]

use proptest::prelude::*;
use spackplan::source::Source;
use spackplan::yaml::edit::{Document, Operation, Path, invert, same, splice};
use spackplan::yaml::{Node, Value, read};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// How a text is written.
#[derive(Clone, Debug)]
struct Layout {
    list: usize,
    map: usize,
    newline: &'static str,
    ends: bool,
    start: &'static str,
}

/// A value with the manner in which it is written.
#[derive(Clone, Debug)]
enum Tree {
    Scalar(String),
    /// Two lines, in a block with this header.
    Text(&'static str),
    List {
        flow: bool,
        items: Vec<(Tree, Around)>,
    },
    Map {
        flow: bool,
        entries: Vec<(String, Tree, Around)>,
    },
}

/// What stands around an item.
#[derive(Clone, Debug)]
struct Around {
    blank: bool,
    above: bool,
    tail: bool,
}

fn around() -> impl Strategy<Value = Around> {
    let rarely = || prop::bool::weighted(0.2);
    (rarely(), rarely(), rarely()).prop_map(|(blank, above, tail)| Around { blank, above, tail })
}

fn scalar() -> impl Strategy<Value = Tree> {
    prop::sample::select(vec![
        "zlib",
        "'%gcc@5.5.0'",
        "\"os=centos7\"",
        "$pkgs",
        "17",
        "true",
        "~",
        "''",
        "hdf5 +mpi ^mpich",
        "'it''s'",
        "\"a\\tb\"",
    ])
    .prop_map(|text| Tree::Scalar(text.to_owned()))
}

fn leaf() -> impl Strategy<Value = Tree> {
    prop_oneof![6 => scalar(), 1 => prop::sample::select(vec!["|", "|-", ">"]).prop_map(Tree::Text)]
}

fn tree() -> impl Strategy<Value = Tree> {
    leaf().prop_recursive(4, 40, 4, |inner| {
        let list = (any::<bool>(), prop::collection::vec((inner.clone(), around()), 0..4))
            .prop_map(|(flow, items)| Tree::List { flow: flow || items.is_empty(), items });
        let map =
            (any::<bool>(), prop::collection::vec((inner, around()), 0..4)).prop_map(|(flow, values)| Tree::Map {
                flow: flow || values.is_empty(),
                entries: values
                    .into_iter()
                    .enumerate()
                    .map(|(i, (tree, around))| (format!("k{i}"), tree, around))
                    .collect(),
            });
        prop_oneof![list, map]
    })
}

fn layout() -> impl Strategy<Value = Layout> {
    (0..3_usize, 1..4_usize, any::<bool>(), any::<bool>(), 0..4_usize).prop_map(|(list, map, crlf, ends, start)| {
        Layout {
            list,
            map,
            newline: if crlf { "\r\n" } else { "\n" },
            ends,
            start: ["", "", "---\n", "\u{feff}"][start],
        }
    })
}

struct Printer<'a> {
    layout: &'a Layout,
    out: String,
    comments: usize,
}

impl Printer<'_> {
    fn comment(&mut self) -> String {
        self.comments += 1;
        format!("# note {}", self.comments)
    }

    fn end(&mut self, column: usize) {
        self.out.push_str(self.layout.newline);
        self.out.push_str(&" ".repeat(column));
    }

    /// Writes a value behind a key or dash; `column` is where that stands.
    fn value(&mut self, column: usize, tree: &Tree, in_flow: bool, behind_dash: bool) {
        match tree {
            Tree::Scalar(text) => self.out.extend([" ", text]),
            Tree::Text(_) if in_flow => self.out.push_str(" \"set -e\\nmake\""),
            Tree::Text(header) => {
                let inner = column + if behind_dash { 2 } else { self.layout.map };
                self.out.extend([" ", header]);
                for line in ["set -e", "make # all"] {
                    self.end(inner);
                    self.out.push_str(line);
                }
            }
            Tree::List { flow, items } if *flow || in_flow => {
                self.out.push_str(" [");
                for (i, (item, around)) in items.iter().enumerate() {
                    self.before_flow(column, i, around, in_flow);
                    self.value(column, item, true, false);
                }
                self.out.push(']');
            }
            Tree::Map { flow, entries } if *flow || in_flow => {
                self.out.push_str(" {");
                for (i, (key, item, around)) in entries.iter().enumerate() {
                    self.before_flow(column, i, around, in_flow);
                    let _ = write!(self.out, "{key}:");
                    self.value(column, item, true, false);
                }
                self.out.push('}');
            }
            Tree::List { items, .. } => {
                let inner = column + if behind_dash { 2 } else { self.layout.list };
                for (i, (item, around)) in items.iter().enumerate() {
                    self.before(inner, i, around, behind_dash);
                    self.out.push('-');
                    self.value(inner, item, false, true);
                    self.after(item, around);
                }
            }
            Tree::Map { entries, .. } => {
                let inner = column + if behind_dash { 2 } else { self.layout.map };
                for (i, (key, item, around)) in entries.iter().enumerate() {
                    self.before(inner, i, around, behind_dash);
                    let _ = write!(self.out, "{key}:");
                    self.value(inner, item, false, false);
                    self.after(item, around);
                }
            }
        }
    }

    fn before_flow(&mut self, column: usize, i: usize, around: &Around, in_flow: bool) {
        if i > 0 {
            self.out.push(',');
        }
        if around.blank && !in_flow {
            if around.tail && i > 0 {
                let comment = self.comment();
                let _ = write!(self.out, " {comment}");
            }
            self.end(column + 4);
            if around.above {
                let comment = self.comment();
                self.out.push_str(&comment);
                self.end(column + 4);
            }
        } else if i > 0 {
            self.out.push(' ');
        }
    }

    fn before(&mut self, column: usize, i: usize, around: &Around, behind_dash: bool) {
        if i == 0 && behind_dash {
            self.out.push(' ');
            return;
        }
        if around.blank {
            self.end(0);
        }
        if around.above {
            self.end(column);
            let comment = self.comment();
            self.out.push_str(&comment);
        }
        self.end(column);
    }

    fn after(&mut self, tree: &Tree, around: &Around) {
        if around.tail && matches!(tree, Tree::Scalar(_)) {
            let comment = self.comment();
            let _ = write!(self.out, "  {comment}");
        }
    }
}

fn print(tree: &Tree, layout: &Layout) -> String {
    let mut printer = Printer { layout, out: format!("{}top:", layout.start), comments: 0 };
    printer.value(0, tree, false, false);
    if layout.ends {
        printer.out.push_str(layout.newline);
    }
    printer.out
}

/// Returns the ways to all values of a text.
fn paths(node: &Node, path: &Path, out: &mut Vec<Path>) {
    out.push(path.clone());
    match &node.value {
        Value::Sequence(items) => items.iter().enumerate().for_each(|(i, item)| paths(item, &path.item(i), out)),
        Value::Mapping(map) => map.iter().for_each(|(key, entry)| paths(&entry.node, &path.key(key), out)),
        _ => {}
    }
}

/// Chooses one of the operations that the value admits.
fn operation(node: &Node, choice: (u8, usize, usize), new: &Node) -> Operation {
    let (kind, a, b) = choice;
    match &node.value {
        Value::Sequence(items) if !items.is_empty() && kind % 5 > 0 => match kind % 5 {
            1 => Operation::RemoveItem(a % items.len()),
            2 => Operation::MoveItem { from: a % items.len(), to: b % items.len() },
            3 => Operation::CopyItem(a % items.len()),
            _ => Operation::InsertItem { at: a % (items.len() + 1), item: new.clone() },
        },
        Value::Mapping(map) if !map.is_empty() && kind % 3 > 0 => match kind % 3 {
            1 => Operation::RemoveEntry(map.get_index(a % map.len()).unwrap().0.clone()),
            _ => Operation::InsertEntry { key: "new".to_owned(), value: new.clone() },
        },
        Value::Sequence(_) | Value::Null if kind % 2 > 0 => Operation::InsertItem { at: 0, item: new.clone() },
        Value::Mapping(_) | Value::Null => Operation::InsertEntry { key: "new".to_owned(), value: new.clone() },
        _ => Operation::Replace(new.clone()),
    }
}

/// Counts the comments of a text.
fn comments(text: &str) -> BTreeMap<&str, usize> {
    let mut found = BTreeMap::new();
    for (at, _) in text.match_indices("# note ") {
        let rest = &text[at..];
        *found.entry(rest[..rest.find(['\r', '\n']).unwrap_or(rest.len())].trim_end()).or_default() += 1;
    }
    found
}

fn meaning(text: &str) -> Node {
    read(&Source::new("f", text)).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, ..ProptestConfig::default() })]

    #[test]
    fn a_change_does_what_it_says_and_is_undone_to_the_byte(
        tree in tree(),
        layout in layout(),
        at in any::<prop::sample::Index>(),
        choice in any::<(u8, usize, usize)>(),
        new in tree(),
    ) {
        let text = print(&tree, &layout);
        let source = Source::new("f", text.clone());
        let document = Document::read(&source).unwrap();
        let mut all = Vec::new();
        paths(document.tree(), &Path::default(), &mut all);
        let path = at.get(&all);
        let new = meaning(print(&new, &Layout { start: "", ..layout.clone() }).as_str());
        let new = new.get("top").unwrap();
        let operation = operation(path.of(document.tree()).unwrap(), choice, new);
        let splices = match document.edit(path, &operation) {
            Ok((splices, _)) => splices,
            Err(error) => panic!("refused: {error}\n{operation:?} at {path} of\n{text}"),
        };
        let changed = splice(&text, &splices);
        prop_assert_eq!(splice(&changed, &invert(&text, &splices)), text.clone());

        let (before, after) = (comments(&text), comments(&changed));
        match operation {
            Operation::MoveItem { .. } | Operation::InsertItem { .. } | Operation::InsertEntry { .. } => {
                prop_assert_eq!(&before, &after, "{:?} at {} of\n{}\ngives\n{}", operation, path, text, changed);
            }
            _ => prop_assert!(after.keys().all(|comment| before.contains_key(comment))),
        }
        let lines = |text: &str| text.lines().count();
        if matches!(operation, Operation::MoveItem { .. }) && !text.contains('[') {
            prop_assert!(lines(&text).abs_diff(lines(&changed)) <= 1);
        }
    }

    #[test]
    fn operations_one_after_the_other_add_up(
        tree in tree(),
        layout in layout(),
        steps in prop::collection::vec((any::<prop::sample::Index>(), any::<(u8, usize, usize)>(), tree()), 1..12),
    ) {
        let first = print(&tree, &layout);
        let mut text = first.clone();
        let mut undo = Vec::new();
        for (at, choice, new) in steps {
            let document = Document::read(&Source::new("f", text.clone())).unwrap();
            let mut all = Vec::new();
            paths(document.tree(), &Path::default(), &mut all);
            let path = at.get(&all);
            let new = meaning(&print(&new, &layout));
            let operation = operation(path.of(document.tree()).unwrap(), choice, new.get("top").unwrap());
            let Ok((splices, _)) = document.edit(path, &operation) else { continue };
            undo.push(invert(&text, &splices));
            text = splice(&text, &splices);
        }
        for splices in undo.into_iter().rev() {
            text = splice(&text, &splices);
        }
        prop_assert_eq!(text, first);
    }
}

#[test]
fn the_same_value_in_another_order_is_another() {
    assert!(same(&meaning("{a: 1, b: [2]}").value, &meaning("a: 1\nb:\n- 2\n").value));
    assert!(!same(&meaning("{a: 1, b: 2}").value, &meaning("{b: 2, a: 1}").value));
}
