//! What is written means the same to every reader: our own, `serde_yaml`'s and, where they are installed, PyYAML
//! (YAML 1.1), ruamel.yaml (1.1 and 1.2) and Ruby's Psych, which is what GitLab reads with.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "tests may end where they stand")]

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use spackplan::source::Source;
use spackplan::yaml::{Writer, read};
use std::io::Write as _;
use std::process::{Command, Stdio};

/// Texts that one reader or another takes for something else.
const WORDS: [&str; 45] = [
    "yes",
    "No",
    "on",
    "OFF",
    "y",
    "N",
    "true",
    "~",
    "null",
    "NULL",
    "1e3",
    "1.5e+3",
    "0o17",
    "017",
    "0x1f",
    "0b11",
    "1:30",
    "12:30:45",
    "2024-01-15",
    "2024-01-15 10:00:00",
    "1_000",
    ".5",
    "+1",
    "-0",
    ".inf",
    "-.INF",
    ".nan",
    "=",
    "<<",
    "",
    " ",
    "- a",
    "? a",
    "a: b",
    "a:",
    ":a",
    "a #b",
    "#a",
    "[a]",
    "{a",
    "!!int 1",
    "*a",
    "&a",
    "---",
    "...",
];

fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(&WORDS[..]).prop_map(str::to_owned),
        "[-+.:_0-9eExXoObBTZ ]{1,8}",
        "[a-z:#\\-?,\\[\\]{}&*!|>'\"%@`~<=\\\\ \t\n$]{0,12}",
        "(set -e|  make|# x|\t|a: b|é|)(\n(echo|  y|\n| )){0,4}\n{0,2}",
        "\\PC{0,6}",
        any::<String>().prop_map(|text| text.chars().take(8).collect()),
    ]
}

/// Writes every text as an entry, as an item and as a key.
fn document(texts: &[String]) -> String {
    let mut writer = Writer::new();
    writer.list_entry(0, "items", texts.iter().map(String::as_str));
    writer.key(0, "entries");
    writer.end_line();
    for (index, text) in texts.iter().enumerate() {
        writer.text_entry(1, &format!("k{index}"), text);
    }
    writer.key(0, "keys");
    writer.end_line();
    for (index, text) in texts.iter().enumerate() {
        writer.key(1, &format!("{text}{index}"));
        writer.raw(" x\n");
        writer.text_entry(1, &format!("{index}{text}"), text);
    }
    writer.finish()
}

/// Returns what every reader has to understand.
fn meaning(texts: &[String]) -> serde_json::Value {
    let entries: serde_json::Map<_, _> =
        texts.iter().enumerate().map(|(index, text)| (format!("k{index}"), text.clone().into())).collect();
    let keys = texts.iter().enumerate().flat_map(|(index, text)| {
        [(format!("{text}{index}"), "x".into()), (format!("{index}{text}"), serde_json::Value::from(text.clone()))]
    });
    serde_json::json!({ "items": texts, "entries": entries, "keys": keys.collect::<serde_json::Map<_, _>>() })
}

/// Tells whether two keys of the document would be equal, as with the text `1` in front of an empty twelfth one.
fn keys_clash(texts: &[String]) -> bool {
    meaning(texts)["keys"].as_object().unwrap().len() < 2 * texts.len()
}

fn as_json(node: &spackplan::yaml::Node) -> serde_json::Value {
    if let Some(items) = node.as_sequence() {
        return items.iter().map(as_json).collect();
    }
    if let Some(map) = node.as_mapping() {
        return map
            .iter()
            .map(|(key, entry)| (key.clone(), as_json(&entry.node)))
            .collect::<serde_json::Map<_, _>>()
            .into();
    }
    match &node.value {
        spackplan::yaml::Value::String(text) => text.as_str().into(),
        other => format!("not a string: {other:?}").into(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_text_is_read_back_as_it_was(texts in prop::collection::vec(texts(), 1..6)) {
        prop_assume!(!keys_clash(&texts));
        let (written, meant) = (document(&texts), meaning(&texts));
        let ours = read(&Source::new("f", written.as_str()));
        prop_assert!(ours.is_ok(), "{:?}\n{}", ours, written);
        prop_assert_eq!(as_json(&ours.unwrap()), meant.clone(), "ours\n{}", &written);
        let theirs: Result<serde_json::Value, _> = serde_yaml::from_str(&written);
        prop_assert!(theirs.is_ok(), "{:?}\n{}", theirs, written);
        prop_assert_eq!(theirs.unwrap(), meant, "serde_yaml\n{}", written);
    }
}

/// Compares documents with their meaning; reads `[[yaml, meaning], …]`, prints how many agree.
const PYTHON: &str = "
import json, sys, warnings
cases = json.load(sys.stdin)
if sys.argv[1] == 'pyyaml':
    import yaml
    load = yaml.safe_load
else:
    from ruamel.yaml import YAML
    def load(text):
        reader = YAML(typ='safe', pure=True)
        reader.version = (1, 1) if sys.argv[1] == '1.1' else (1, 2)
        return reader.load(text)
for text, meaning in cases:
    found = load(text)
    if found != meaning:
        sys.exit('%r\\n%r\\n%s' % (found, meaning, text))
";

const RUBY: &str = "
require 'json'; require 'yaml'
JSON.parse(STDIN.read).each do |text, meaning|
  found = YAML.safe_load(text)
  abort \"#{found.inspect}\\n#{meaning.inspect}\\n#{text}\" if found != meaning
end
";

/// Runs a reader over many documents, if it is installed.
fn compare(program: &str, available: &[&str], arguments: &[&str], cases: &str) {
    let quiet = |command: &mut Command| command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !quiet(Command::new(program).args(available)).is_ok_and(|status| status.success()) {
        println!("skipped: {program} {}", available.join(" "));
        return;
    }
    let mut command = Command::new(program);
    let command = command.args(arguments).env("PYTHONIOENCODING", "utf-8").env("LANG", "C.UTF-8");
    let mut child = command.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A reader that stops early closes its input; its message says why.
    let _ = child.stdin.take().unwrap().write_all(cases.as_bytes());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    println!("{program} agrees ({})", available.join(" "));
}

#[test]
fn readers_of_both_versions_of_yaml_agree() {
    let mut runner = TestRunner::deterministic();
    let lists = prop::collection::vec(texts(), 1..6);
    let mut cases: Vec<(String, serde_json::Value)> = Vec::new();
    while cases.len() < 300 {
        let texts = lists.new_tree(&mut runner).unwrap().current();
        if !keys_clash(&texts) {
            cases.push((document(&texts), meaning(&texts)));
        }
    }
    let cases = serde_json::to_string(&cases).unwrap();
    compare("python3", &["-c", "import yaml"], &["-c", PYTHON, "pyyaml"], &cases);
    for version in ["1.1", "1.2"] {
        compare("python3", &["-c", "import ruamel.yaml"], &["-c", PYTHON, version], &cases);
    }
    compare("ruby", &["-e", "require 'yaml'"], &["-e", RUBY], &cases);
}
