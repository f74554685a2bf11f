//! How YAML is read: what values mean, where they stand, and what is refused.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "tests may end where they stand")]

use proptest::prelude::*;
use spackplan::error::Error;
use spackplan::source::Source;
use spackplan::yaml::{Node, Value, read};
use std::fmt::Write;

fn value(text: &str) -> Node {
    read(&Source::new("f.yaml", text)).unwrap()
}

fn failure(text: &str) -> Error {
    read(&Source::new("f.yaml", text)).unwrap_err()
}

fn covered(node: &Node) -> &str {
    &node.place.source().text()[node.place.span()]
}

#[test]
fn an_empty_text_is_null() {
    assert_eq!(value("").value, Value::Null);
    assert_eq!(value("# only a comment\n").value, Value::Null);
    assert_eq!(value("---\n").value, Value::Null);
}

#[test]
fn quotes_make_a_string_of_anything() {
    let list = value("[17, '17', \"true\", true, yes, !!str 17]");
    let kinds: Vec<_> = list.as_sequence().unwrap().iter().map(Node::kind).collect();
    assert_eq!(kinds, ["a number", "a string", "a string", "a boolean", "a string", "a string"]);
}

#[test]
fn a_scalar_covers_exactly_what_is_written() {
    let root = value("a:\n- zlib@1.2 %gcc  # note\n- 'quo ted'\n- \"x\"\nb: {c: d e}\n");
    let items = root.get("a").unwrap().as_sequence().unwrap();
    assert_eq!(covered(&items[0]), "zlib@1.2 %gcc");
    assert_eq!(covered(&items[1]), "'quo ted'");
    assert_eq!(covered(&items[2]), "\"x\"");
    assert_eq!(covered(root.get("b").unwrap().get("c").unwrap()), "d e");
    assert_eq!(covered(root.get("b").unwrap()), "{c: d e}");
    assert_eq!((items[0].place.line(), items[0].place.column()), (2, 3));
}

#[test]
fn a_block_list_ends_where_its_last_value_ends() {
    let root = value("a:\n- b\n- c: d\n\n# trailing\ne: f\n");
    assert!(covered(root.get("a").unwrap()).ends_with("b\n- c: d"));
}

#[test]
fn a_key_knows_its_place() {
    let root = value("one: 1\ntwo:\n");
    let entry = &root.as_mapping().unwrap()["two"];
    assert_eq!(&entry.key.source().text()[entry.key.span()], "two");
    assert_eq!(entry.node.value, Value::Null);
    assert_eq!(entry.node.place.line(), 2);
}

#[test]
fn a_target_range_in_a_flow_list_is_a_plain_string() {
    let list = value("[target=x86_64:, c, 'd']");
    let texts: Vec<_> = list.as_sequence().unwrap().iter().map(|n| n.as_text().unwrap()).collect();
    assert_eq!(texts, ["target=x86_64:", "c", "d"]);
    for text in ["[target=x86_64:]", "[ target=x86_64: ]", "[target=x86_64:, ]"] {
        let list = value(text);
        let only = &list.as_sequence().unwrap()[0];
        if text.contains(": ]") {
            assert_eq!(only.kind(), "a map");
        } else {
            assert_eq!((only.as_text(), covered(only)), (Some("target=x86_64:"), "target=x86_64:"));
        }
    }
    assert!(value("[{a:,}]").as_sequence().unwrap()[0].as_mapping().is_some());
}

#[test]
fn aliases_stand_for_their_anchors() {
    let root = value("a: &x [b, c]\nd: *x\n");
    assert_eq!(root.get("d").unwrap().value, root.get("a").unwrap().value);
    assert_eq!(root.get("d").unwrap().place.line(), 1);
}

#[test]
fn merge_keys_add_what_is_missing() {
    let root = value("a: &x {k: 1, l: 2}\nb: &y {m: 3}\nc: {<<: *x, l: 9}\nd: {<<: [*x, *y]}\n");
    let c = root.get("c").unwrap();
    assert_eq!(c.get("k").unwrap().as_text(), Some("1"));
    assert_eq!(c.get("l").unwrap().as_text(), Some("9"));
    assert_eq!(root.get("d").unwrap().as_mapping().unwrap().len(), 3);
    assert!(failure("{<<: 1}").message.contains("merges maps"));
}

#[test]
fn a_quoted_merge_sign_is_an_ordinary_key() {
    assert_eq!(value("{'<<': 1}").get("<<").unwrap().as_text(), Some("1"));
}

#[test]
fn a_key_that_stands_twice_names_both_places() {
    let error = failure("a: 1\nb: 2\na: 3\n");
    assert_eq!(error.to_string(), "f.yaml:3:1: the key `a` stands twice in this map");
    assert_eq!(error.related[0].0.line(), 1);
}

#[test]
fn a_second_document_is_refused() {
    assert_eq!(failure("a: 1\n---\nb: 2\n").place.unwrap().line(), 2);
}

#[test]
fn keys_have_to_be_scalars() {
    for text in ["{[a]: b}", "? {a: b}\n: c\n", "{~: a}", "&x [a]: b"] {
        assert!(failure(text).message.contains("has to be a scalar"), "{text}");
    }
}

#[test]
fn tags_of_ones_own_are_refused_where_they_stand() {
    let error = failure("a: !reference [x, y]\n");
    assert_eq!(error.place.unwrap().column(), 4);
    assert!(error.message.contains("!reference"), "{}", error.message);
}

#[test]
fn anchors_that_multiply_are_refused() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..30 {
        let below = format!("*a{}, ", level - 1).repeat(10);
        writeln!(text, "a{level}: &a{level} [{below}]").unwrap();
    }
    assert!(failure(&text).message.contains("expand to more than"));
}

#[test]
fn an_alias_inside_its_own_anchor_is_refused() {
    assert!(failure("a: &x [1, *x]").message.contains("inside the value it stands for"));
}

#[test]
fn nesting_without_end_is_refused() {
    for text in ["[".repeat(100_000), "- ".repeat(100_000), "{a: ".repeat(100_000), "[".repeat(101) + &"]".repeat(101)]
    {
        assert!(failure(&text).message.contains("levels deep"));
    }
    let mut text = "a0: &a0 [x]\n".to_owned();
    for level in 1..200 {
        writeln!(text, "a{level}: &a{level} [*a{}]", level - 1).unwrap();
    }
    assert!(failure(&text).message.contains("levels deep"));
}

#[test]
fn malformed_yaml_names_its_place() {
    let error = failure("a:\n\t- b\n");
    assert_eq!(error.place.as_ref().unwrap().line(), 2);
    assert!(!error.hints.is_empty());
    for text in ["a: [b", "a: 'b", "a: b: c", "a: *nowhere", "- a\nb: c", "%", "a: @b", "\"\\q\""] {
        assert!(failure(text).place.is_some(), "{text}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in "[-a-c:{}\\[\\],&*!|>'\"#%@`~<? \n\t\u{1b}é0]{0,80}") {
        let _ = read(&Source::new("f", text));
    }

    #[test]
    fn every_place_lies_in_the_text(text in "([-?:,&*]|[ab]|\n|  |\\[|\\]|\\{|\\}|: |- |&a |\\*a|<<: ){0,30}") {
        fn check(node: &Node, text: &str) {
            assert!(text.get(node.place.span()).is_some());
            for item in node.as_sequence().unwrap_or_default() { check(item, text); }
            for entry in node.as_mapping().into_iter().flat_map(|m| m.values()) { check(&entry.node, text); }
        }
        if let Ok(node) = read(&Source::new("f", text.clone())) { check(&node, &text); }
    }
}
