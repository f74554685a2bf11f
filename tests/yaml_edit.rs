//! How a YAML text is changed in place: what moves along, what stays, and what is refused.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test ends, or says why it is skipped"
)]

use spackplan::error::Result;
use spackplan::source::Source;
use spackplan::yaml::edit::{Document, Operation, Path, splice};
use spackplan::yaml::{Node, read};

fn value(text: &str) -> Node {
    read(&Source::new("value", text)).unwrap()
}

/// Reads a path like `a:b.0`.
fn path(text: &str) -> Path {
    text.split('.').filter(|step| !step.is_empty()).fold(Path::default(), |path, step| match step.parse() {
        Ok(index) => path.item(index),
        Err(_) => path.key(step),
    })
}

fn edit(text: &str, at: &str, operation: &Operation) -> Result<String> {
    let document = Document::read(&Source::new("f.yaml", text))?;
    Ok(splice(text, &document.edit(&path(at), operation)?.0))
}

fn check(cases: &[(&str, &str, Operation, &str)]) {
    for (text, at, operation, expected) in cases {
        let result = edit(text, at, operation).unwrap_or_else(|error| panic!("{text}\n{operation:?}: {error}"));
        assert_eq!(result, *expected, "{operation:?}\nat {at} of\n{text}");
    }
}

fn insert(at: usize, item: &str) -> Operation {
    Operation::InsertItem { at, item: value(item) }
}

fn replace(text: &str) -> Operation {
    Operation::Replace(value(text))
}

fn entry(key: &str, text: &str) -> Operation {
    Operation::InsertEntry { key: key.to_owned(), value: value(text) }
}

fn without(key: &str) -> Operation {
    Operation::RemoveEntry(key.to_owned())
}

fn shift(from: usize, to: usize) -> Operation {
    Operation::MoveItem { from, to }
}

#[test]
fn an_item_moves_with_its_comments() {
    check(&[
        ("- a\n- b\n- c\n", "", shift(2, 0), "- c\n- a\n- b\n"),
        ("- a\n- b\n- c\n", "", shift(0, 2), "- b\n- c\n- a\n"),
        ("k:\n# on a\n- a # tail\n- b\n", "k", shift(0, 1), "k:\n- b\n# on a\n- a # tail\n"),
        ("k:\n  - a\n    # of a\n  - b\n", "k", shift(1, 0), "k:\n  - b\n  - a\n    # of a\n"),
        ("- a\n\n- b\n\n- c\n", "", shift(2, 0), "- c\n\n- a\n\n- b\n"),
        ("- a\n- b\n\n# part two\n\n- c\n- d\n", "", shift(3, 0), "- d\n- a\n- b\n\n# part two\n\n- c\n"),
        ("- a\n- b", "", shift(1, 0), "- b\n- a"),
        ("- a\r\n# on b\r\n- b\r\n", "", shift(1, 0), "# on b\r\n- b\r\n- a\r\n"),
        ("k:\n- - a\n  - b\n", "k.0", shift(0, 1), "k:\n- - b\n  - a\n"),
        ("k:\n- - a\n  # on b\n  - b\n", "k.0", shift(1, 0), "k:\n-\n  # on b\n  - b\n  - a\n"),
        ("- m: 1\n  n: 2\n- |\n  text\n\n- c\n", "", shift(1, 0), "- |\n  text\n- m: 1\n  n: 2\n\n- c\n"),
        ("\u{feff}---\n- a\n- b\n...\n", "", shift(1, 0), "\u{feff}---\n- b\n- a\n...\n"),
    ]);
}

#[test]
fn an_item_of_a_flow_list_moves() {
    check(&[
        ("k: [a, b, c]", "k", shift(2, 0), "k: [c, a, b]"),
        ("k: [ a,b , c ]", "k", shift(0, 2), "k: [ b , c,a ]"),
        ("k: [\n  a, # on a\n  b\n]\n", "k", shift(1, 0), "k: [\n  b,\n  a # on a\n]\n"),
        ("k: [\n  a,\n  # above b\n  b,\n]\n", "k", shift(1, 0), "k: [\n  # above b\n  b,\n  a,\n]\n"),
        ("[target=x86_64:, b]", "", shift(1, 0), "[b, target=x86_64:]"),
    ]);
}

#[test]
fn a_removed_item_takes_its_comments_along() {
    check(&[
        ("k:\n# on a\n- a\n- b # tail\n# on c\n- c\n", "k", Operation::RemoveItem(1), "k:\n# on a\n- a\n# on c\n- c\n"),
        ("k:\n# on a\n- a\n- b\n", "k", Operation::RemoveItem(0), "k:\n- b\n"),
        ("k:\n\n# of k\n\n- a\n- b\n", "k", Operation::RemoveItem(0), "k:\n\n# of k\n\n- b\n"),
        ("- a\n\n- b\n\n- c\n", "", Operation::RemoveItem(2), "- a\n\n- b\n"),
        ("- a\n\n- b\n\n- c\n", "", Operation::RemoveItem(1), "- a\n\n- c\n"),
        ("- a\n\n# part\n\n- b\n", "", Operation::RemoveItem(0), "# part\n\n- b\n"),
        ("- a\n\n# part\n\n- b\n", "", Operation::RemoveItem(1), "- a\n\n# part\n"),
        ("k:\n  s:\n  - a\n  - |\n    x\n\n  t: 1\n", "k.s", Operation::RemoveItem(1), "k:\n  s:\n  - a\n\n  t: 1\n"),
        ("k:\n  s: >-\n    x\n  t: 1\n", "k", without("s"), "k:\n  t: 1\n"),
        ("- - a\n  - b\n", "0", Operation::RemoveItem(0), "- - b\n"),
        ("- a: 1\n  b: 2\n", "0", without("a"), "- b: 2\n"),
        ("[a, b, c]", "", Operation::RemoveItem(0), "[b, c]"),
        ("[a, b, c]", "", Operation::RemoveItem(2), "[a, b]"),
        ("[a, b, c,]", "", Operation::RemoveItem(2), "[a, b,]"),
        ("[\n  a,\n  b, # on b\n  c\n]", "", Operation::RemoveItem(1), "[\n  a,\n  c\n]"),
        ("[\n  a,\n  b # on b\n]", "", Operation::RemoveItem(1), "[\n  a\n]"),
        ("{a: 1, b: 2}", "", without("a"), "{b: 2}"),
    ]);
}

#[test]
fn what_loses_its_last_item_is_empty() {
    check(&[
        ("k:\n- a\nl: 1\n", "k", Operation::RemoveItem(0), "k: []\nl: 1\n"),
        ("k: # of k\n  # on a\n  - a # tail\nl: 1\n", "k", Operation::RemoveItem(0), "k: [] # of k\nl: 1\n"),
        ("k:\n  a: 1", "k", without("a"), "k: {}"),
        ("k: &x\n  a: 1\n", "k", without("a"), "k: &x {}\n"),
        ("- - a # tail\n- b\n", "0", Operation::RemoveItem(0), "- [] # tail\n- b\n"),
        ("k: [ a ] # tail", "k", Operation::RemoveItem(0), "k: [] # tail"),
        ("a: 1\n", "", without("a"), "{}\n"),
    ]);
}

#[test]
fn a_new_item_looks_like_its_neighbours() {
    check(&[
        ("k:\n  - a\n  - b\nl: 1\n", "k", insert(2, "c"), "k:\n  - a\n  - b\n  - c\nl: 1\n"),
        ("k:\n-   a\n", "k", insert(0, "c"), "k:\n-   c\n-   a\n"),
        ("- 'a'\n- 'b'\n", "", insert(1, "c"), "- 'a'\n- 'c'\n- 'b'\n"),
        ("[\"a\", \"b\"]", "", insert(2, "c"), "[\"a\", \"b\", \"c\"]"),
        ("[a, \"%b\"]", "", insert(2, "'%c'"), "[a, \"%b\", \"%c\"]"),
        ("[\n  a,\n  b,\n]", "", insert(2, "c"), "[\n  a,\n  b,\n  c,\n]"),
        ("[\n  a # on a\n]", "", insert(1, "c"), "[\n  a, # on a\n  c\n]"),
        ("- a\n\n- b\n", "", insert(1, "c"), "- a\n\n- c\n\n- b\n"),
        ("- a\n- b # tail", "", insert(2, "c"), "- a\n- b # tail\n- c"),
        ("- - a\n", "0", insert(0, "c"), "- - c\n  - a\n"),
        ("- a\r\n", "", insert(1, "{m: 1, o: 2}"), "- a\r\n- m: 1\r\n  o: 2\r\n"),
        (
            "k:\n- match: [a]\n  tags: [t]\n",
            "k",
            insert(1, "{match: [b, c], tags: [u]}"),
            "k:\n- match: [a]\n  tags: [t]\n- match: [b, c]\n  tags: [u]\n",
        ),
        (
            "k:\n  - match:\n      - \"a\"\n",
            "k",
            insert(1, "{match: [b]}"),
            "k:\n  - match:\n      - \"a\"\n  - match:\n      - \"b\"\n",
        ),
        ("- a\n", "", insert(1, "\"x\\ny\\n\""), "- a\n- |\n  x\n  y\n"),
    ]);
}

#[test]
fn nothing_and_the_empty_list_take_a_first_item() {
    check(&[
        ("k: []\n", "k", insert(0, "a"), "k: [a]\n"),
        ("k: [] # none\n", "k", insert(0, "{m: 1}"), "k: # none\n  - m: 1\n"),
        ("k:\nl: 1\n", "k", insert(0, "a"), "k: [a]\nl: 1\n"),
        ("k: ~\n", "k", insert(0, "{m: 1}"), "k:\n  - m: 1\n"),
        ("k:", "k", entry("m", "1"), "k:\n  m: 1"),
        ("k: {}\n", "k", entry("m", "1"), "k:\n  m: 1\n"),
        ("- # c\n- b\n", "0", entry("m", "1"), "- m: 1 # c\n- b\n"),
        ("{k}", "k", insert(0, "a"), "{k: [a]}"),
        ("", "", insert(0, "a"), "- a"),
    ]);
}

#[test]
fn a_new_entry_goes_last() {
    check(&[
        ("k:\n  a: 1\nl: 2\n", "k", entry("b", "[x, z]"), "k:\n  a: 1\n  b: [x, z]\nl: 2\n"),
        ("- a: 1\n- b\n", "0", entry("b", "{c: {d: e}}"), "- a: 1\n  b:\n    c:\n      d: e\n- b\n"),
        ("k: {a: 1}", "k", entry("b", "2"), "k: {a: 1, b: 2}"),
        ("a: 1", "", entry("no", "yes"), "a: 1\n'no': 'yes'"),
        ("<<: {a: 1}\n", "", entry("b", "2"), "<<: {a: 1}\nb: 2\n"),
    ]);
}

#[test]
fn a_value_is_replaced_where_it_stands() {
    check(&[
        ("a: old # why\n", "a", replace("new"), "a: new # why\n"),
        ("a:  'old'\n", "a", replace("new"), "a:  'new'\n"),
        ("a: # why\n", "a", replace("new"), "a: new # why\n"),
        ("a:\n  old\nb: 1\n", "a", replace("new"), "a:\n  new\nb: 1\n"),
        ("a: |\n  x\n  y\nb: 1\n", "a", replace("new"), "a: new\nb: 1\n"),
        ("a: old # why\nb: 1\n", "a", replace("\"x\\ny\""), "a: |- # why\n  x\n  y\nb: 1\n"),
        ("- old\n  # more\n", "0", replace("\"x\\ny\""), "- \"x\\ny\"\n  # more\n"),
        ("a: old # why\nb: 1\n", "a", replace("{c: 1}"), "a: # why\n  c: 1\nb: 1\n"),
        ("a: # why\n  c: 1\n  # d\nb: 1\n", "a", replace("x"), "a: x # why\n  # d\nb: 1\n"),
        ("a:\n- c\n\nb: 1\n", "a", replace("{d: e}"), "a:\n  d: e\n\nb: 1\n"),
        ("- a\n- b\n", "1", replace("{d: e, f: g}"), "- a\n- d: e\n  f: g\n"),
        ("- a: 1 # why\n", "0", replace("x"), "- x # why\n"),
        ("[a, b]", "1", replace("{d: e}"), "[a, {d: e}]"),
        ("{a, b: c}", "a", replace("1"), "{a: 1, b: c}"),
        ("a: !!str 1\n", "a", replace("2"), "a: 2\n"),
        ("a: &x old\n", "a", replace("new"), "a: &x new\n"),
        ("a: &x old\nb: *x\n", "b", replace("new"), "a: &x old\nb: new\n"),
    ]);
}

#[test]
fn a_replaced_list_keeps_the_lines_that_stay() {
    check(&[
        ("- a # on a\n# on b\n- b\n- c\n", "", replace("[a, x, c]"), "- a # on a\n# on b\n- x\n- c\n"),
        ("- a # on a\n- c\n", "", replace("[{b: 1, d: 2}, c]"), "- b: 1 # on a\n  d: 2\n- c\n"),
        ("- a # on a\n- c\n", "", replace("[a, b, c]"), "- a # on a\n- b\n- c\n"),
        ("- a # on a\n- b\n- c\n", "", replace("[a]"), "- a # on a\n"),
        ("[a, b, c]", "", replace("[b, c, d]"), "[b, c, d]"),
        ("- - a\n", "0", replace("[x, z]"), "- - x\n  - z\n"),
    ]);
}

#[test]
fn a_copy_stands_behind_the_original_without_its_comments() {
    check(&[
        ("# on a\n- a\n- b\n", "", Operation::CopyItem(0), "# on a\n- a\n- a\n- b\n"),
        (
            "- m: 1\n  # in m\n  n: 2\n",
            "",
            Operation::CopyItem(0),
            "- m: 1\n  # in m\n  n: 2\n- m: 1\n  # in m\n  n: 2\n",
        ),
        ("- &x a\n- *x\n", "", Operation::CopyItem(0), "- &x a\n- a\n- *x\n"),
        ("[a, b]", "", Operation::CopyItem(1), "[a, b, b]"),
    ]);
}

#[test]
fn what_is_shared_by_an_anchor_is_refused() {
    for (text, at, operation, expected) in [
        ("a: &x [1]\nb: *x\n", "a", insert(0, "2"), "f.yaml:1:4: this is anchored as `&x` and used again on line 2"),
        ("a: &x [1]\nb: *x\n", "b", insert(0, "2"), "f.yaml:2:4: this is an alias, `*x`"),
        (
            "- &x a\n- *x\n",
            "",
            Operation::RemoveItem(0),
            "f.yaml:1:3: this is anchored as `&x` and used again on line 2",
        ),
        ("- &x a\n- *x\n", "", shift(0, 1), "f.yaml:1:3: this is anchored as `&x` and used again on line 2"),
        ("- {k: &x a}\n- *x\n", "0.k", replace("b"), "f.yaml:1:7: this is anchored as `&x` and used again on line 2"),
        ("a: &x {m: 1}\nb:\n  <<: *x\n", "b.m", replace("2"), "f.yaml:3:3: `b:m` comes from a merge key (`<<`)"),
        ("? a\n: 1\n", "", entry("b", "2"), "f.yaml:1:1: a key of this map is written with `?`"),
        ("[a]", "", Operation::RemoveItem(1), "f.yaml:1:1: there is no item 2 in this list of 1"),
        ("a: 1", "", entry("a", "2"), "f.yaml:1:1: there is a `a` already"),
        ("a: 1", "a", insert(0, "2"), "f.yaml:1:4: a list is expected here, but this is a number"),
        ("a: 1", "b", insert(0, "2"), "f.yaml:1:1: there is no `b`"),
    ] {
        let error = edit(text, at, &operation).unwrap_err();
        assert_eq!(error.to_string(), expected, "{text}");
    }
}
