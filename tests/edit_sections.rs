//! What edits do to sections of `pipeline-gen` in the text of a manifest.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "tests may end where they stand")]

use spackplan::edit::{Edit, History, Journal, MappingAt, ValueText, apply};
use spackplan::source::Source;

const TEXT: &str = "\
spack:
  ci:
    pipeline-gen:
    # for all
    - any-job:
        tags:: [all]   # only these
    - submapping:
      - match: [gcc]
        build-job: {tags: [large]}
    - build-job-remove: {tags: [none]}
    - submapping: []
";

fn words(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn value(text: &str) -> ValueText {
    ValueText(text.to_owned())
}

fn lines(old: &str, new: &str) -> String {
    let diff = similar::TextDiff::from_lines(old, new);
    let changed = diff.iter_all_changes().filter(|change| change.tag() != similar::ChangeTag::Equal);
    changed.flat_map(|change| [change.tag().to_string(), change.value().to_owned()]).collect()
}

fn check(edit: &Edit, description: &str, expected: &str) {
    let source = Source::new("spack.yaml", TEXT);
    let change = apply(&source, edit).unwrap_or_else(|error| panic!("{edit}: {error}"));
    let new = change.apply_to(TEXT);
    assert_eq!((edit.to_string().as_str(), lines(TEXT, &new).as_str()), (description, expected));
    assert_eq!(change.inverse().apply_to(&new), TEXT, "{edit}");
    let line = serde_json::to_string(edit).unwrap();
    assert_eq!(&serde_json::from_str::<Edit>(&line).unwrap(), edit, "{line}");
}

#[test]
fn an_attribute_is_found_by_its_name_whatever_mark_its_key_has() {
    let set = |section, path: &[&str], text: &str| Edit::SetSectionAttribute {
        section,
        path: words(path),
        value: value(text),
    };
    check(
        &set(0, &["tags"], "[a, b]"),
        "set `tags` of section 1 to `[a, b]`",
        "-        tags:: [all]   # only these\n+        tags:: [a, b]   # only these\n",
    );
    check(
        &set(0, &["variables", "A"], "x"),
        "set `variables:A` of section 1 to `x`",
        "+        variables:\n+          A: x\n",
    );
    check(&set(2, &["image"], "i"), "set `image` of section 3 to `i`", "+      build-job:\n+        image: i\n");
    let remove = Edit::RemoveSectionAttribute { section: 0, path: words(&["tags"]) };
    let source = Source::new("spack.yaml", TEXT);
    let new = apply(&source, &remove).unwrap().apply_to(TEXT);
    assert!(!new.contains("tags::") && new.contains("any-job"), "{new}");
}

#[test]
fn sections_come_go_and_move_with_their_comments() {
    check(
        &Edit::AddSection { at: 1, section: value("build-job: {image: i}") },
        "add section 2 `build-job: {image: i}`",
        "+    - build-job:\n+        image: i\n",
    );
    check(
        &Edit::RemoveSection { section: 0 },
        "remove section 1",
        "-    # for all\n-    - any-job:\n-        tags:: [all]   # only these\n",
    );
    check(
        &Edit::MoveSection { from: 0, to: 1 },
        "move section 1 down to 2",
        "+    - submapping:\n+      - match: [gcc]\n+        build-job: {tags: [large]}\n-    - submapping:\n-      - match: [gcc]\n-        build-job: {tags: [large]}\n",
    );
}

#[test]
fn lists_of_mappings_come_go_and_move_like_other_sections() {
    check(
        &Edit::MoveSection { from: 1, to: 3 },
        "move section 2 down to 4",
        "+    - build-job-remove: {tags: [none]}\n+    - submapping: []\n-    - build-job-remove: {tags: [none]}\n-    - submapping: []\n",
    );
    check(
        &Edit::RemoveSection { section: 1 },
        "remove section 2",
        "-    - submapping:\n-      - match: [gcc]\n-        build-job: {tags: [large]}\n",
    );
    let section = value("submapping: [{match: [zlib]}]");
    let added = "+    - submapping:\n+      - match: [zlib]\n";
    check(&Edit::AddSection { at: 2, section }, "add section 3 `submapping: [{match: [zlib]}]`", added);
}

#[test]
fn what_is_no_section_is_refused() {
    let source = Source::new("spack.yaml", TEXT);
    let set = |section| Edit::SetSectionAttribute { section, path: words(&["image"]), value: value("i") };
    for (edit, message) in [
        (set(1), "gives no attributes to a kind of job"),
        (Edit::RemoveMapping { mapping: MappingAt { section: 0, index: 0 } }, "this section lists no mappings"),
        (Edit::RemoveMapping { mapping: MappingAt { section: 4, index: 0 } }, "there is no section 5, only 4"),
        (Edit::MoveSection { from: 0, to: 4 }, "there is no section 5, only 4"),
        (Edit::AddSection { at: 0, section: value("[x]") }, "a section is a map"),
        (Edit::RemoveSection { section: 9 }, "there is no section 10, only 4"),
        (Edit::RemoveSectionAttribute { section: 0, path: words(&["image"]) }, "this section has no attribute `image`"),
    ] {
        let error = apply(&source, &edit).unwrap_err();
        assert!(error.message.contains(message), "{edit}: {error}");
    }
}

#[test]
fn edits_follow_their_section_when_the_file_changes_and_survive_the_journal() {
    let mut history = History::new(Source::new("spack.yaml", TEXT));
    let edits = [
        Edit::SetSectionAttribute { section: 0, path: words(&["image"]), value: value("i") },
        Edit::MoveSection { from: 2, to: 0 },
        Edit::AddMatch { mapping: MappingAt { section: 2, index: 0 }, at: 1, text: "llvm".to_owned() },
    ];
    for edit in edits {
        history.push(edit).unwrap();
    }
    let journal = Journal::read(&Source::new("j", Journal::of(&history, "spack.yaml").to_lines())).unwrap();
    let disk = TEXT.replace("    # for all\n", "    - build-job: {tags: [new]}\n    # for all\n");
    let recovery = journal.recover(&Source::new("spack.yaml", disk)).unwrap();
    assert!(recovery.unfit.is_empty(), "{:?}", recovery.unfit);
    let edits: Vec<_> = recovery.history.edits().map(ToString::to_string).collect();
    let expected =
        ["set `image` of section 2 to `i`", "move section 4 up to 2", "add match `llvm` to mapping 1 of section 4"];
    assert_eq!(edits, expected);
}
