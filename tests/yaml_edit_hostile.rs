//! Changes of texts that nobody would write: they are made or refused, and never panic or say something else.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test ends, or says why it is skipped"
)]

use proptest::prelude::*;
use spackplan::source::Source;
use spackplan::yaml::edit::{Document, Operation, Path, invert, splice};
use spackplan::yaml::{Node, Value, read};

const PARTS: [&str; 40] = [
    "- ",
    "-\n",
    "a: ",
    "b:\n",
    "? ",
    ": ",
    "[",
    "]",
    "{",
    "}",
    ", ",
    ",",
    "&x ",
    "*x",
    "*x ",
    "<<: ",
    "!!str ",
    "!!map\n",
    "# note\n",
    " # note\n",
    "\n",
    "\r\n",
    "\n\n",
    "  ",
    "    ",
    "\t",
    "é",
    "\u{1f600}",
    "|\n",
    ">+\n",
    "|2-\n",
    "'",
    "\"",
    "zlib",
    "os=centos7:",
    "~",
    "---\n",
    "...\n",
    "\u{feff}",
    "\\",
];

const TEXTS: [&str; 6] = [
    "a: &x\n- b # note\n# above\n- c\nd: *x\n",
    "a: [b, {c: d, e}, \"f\":g] # note\n",
    "- - a\n  - |\n    text\n\n  -\n- b: 1\n  c:\n    d: é # ü\n",
    "x: {<<: &x {a: 1}, b: 2}\ny:\n  <<: *x\n  c: 3\n",
    "[\n  a, # one\n  # two\n  b\n  , c\n]",
    "? a\n: b\n? [c]\n: d\n",
];

fn mangled() -> impl Strategy<Value = String> {
    let changes = prop::collection::vec((any::<prop::sample::Index>(), prop::sample::select(&PARTS[..])), 0..5);
    (prop::sample::select(&TEXTS[..]), changes).prop_map(|(text, changes)| {
        let mut text = text.to_owned();
        for (at, part) in changes {
            let mut at = at.index(text.len() + 1);
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            text.insert_str(at, part);
        }
        text
    })
}

fn random() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(&PARTS[..]), 0..24).prop_map(|parts| parts.concat())
}

fn paths(node: &Node, path: &Path, out: &mut Vec<Path>) {
    out.push(path.clone());
    match &node.value {
        Value::Sequence(items) => items.iter().enumerate().for_each(|(i, item)| paths(item, &path.item(i), out)),
        Value::Mapping(map) => map.iter().for_each(|(key, entry)| paths(&entry.node, &path.key(key), out)),
        _ => {}
    }
}

fn operations() -> Vec<Operation> {
    let value = |text: &str| read(&Source::new("value", text)).unwrap();
    let mut all = vec![
        Operation::MoveItem { from: 0, to: 1 },
        Operation::MoveItem { from: 1, to: 0 },
        Operation::MoveItem { from: 0, to: usize::MAX },
        Operation::RemoveItem(usize::MAX),
        Operation::CopyItem(usize::MAX),
    ];
    all.extend((0..3).flat_map(|at| [Operation::RemoveItem(at), Operation::CopyItem(at)]));
    all.extend(["a", "b", "<<"].map(|key| Operation::RemoveEntry(key.to_owned())));
    for text in ["new", "[a, {b: c}]", "{b: [c]}", "\"x\\ny\\n\"", "[]", "'é # :'"] {
        all.push(Operation::Replace(value(text)));
        all.push(Operation::InsertItem { at: 1, item: value(text) });
        all.push(Operation::InsertItem { at: 0, item: value(text) });
        all.push(Operation::InsertEntry { key: "new".to_owned(), value: value(text) });
    }
    all
}

fn try_all(text: &str) {
    let Ok(document) = Document::read(&Source::new("f", text)) else { return };
    let mut all = Vec::new();
    paths(document.tree(), &Path::default(), &mut all);
    for path in &all {
        for operation in operations() {
            if let Ok((splices, _)) = document.edit(path, &operation) {
                let changed = splice(text, &splices);
                assert_eq!(splice(&changed, &invert(text, &splices)), text);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn a_mangled_text_is_changed_rightly_or_not_at_all(text in mangled()) {
        try_all(&text);
    }

    #[test]
    fn a_random_text_is_changed_rightly_or_not_at_all(text in random()) {
        try_all(&text);
    }
}

#[test]
fn deep_nesting_is_changed_at_the_bottom() {
    let deep = format!("{}a{}", "[".repeat(99), "]".repeat(99));
    let document = Document::read(&Source::new("f", deep.as_str())).unwrap();
    let path = (0..98).fold(Path::default(), |path, _| path.item(0));
    let item = read(&Source::new("value", "b")).unwrap();
    let (splices, _) = document.edit(&path, &Operation::InsertItem { at: 1, item }).unwrap();
    assert!(splice(&deep, &splices).contains("[a, b]"));
}
