//! What edits do to a manifest, how they are taken back, and how they survive a changed file and a killed terminal.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test ends, or says why it is skipped"
)]

use spackplan::edit::journal::Event;
use spackplan::edit::{Edit, History, Journal, ListName, MappingAt, ValueText, apply};
use spackplan::error::Result;
use spackplan::source::Source;

const RELEASE: &str = "\
# A release.
spack:
  definitions:
  - compilers: ['%gcc@8', '%gcc@9']   # both
  - old: []
  specs:
  - matrix:
    - [hdf5, zlib]
    - [$compilers]
  - cmake
  gitlab-ci:
    bootstrap:
    - compilers
    - name: old
      compiler-agnostic: true
    mappings:
    # Large things first.
    - match: [gcc, llvm]
      runner-attributes:
        tags: [large]
    - cloud:
      match:
      - os=centos7   # most of it
      - os=ubuntu18.04
      runner-attributes:
        tags: [cloud]
        image: {name: example/builder, entrypoint: [\"\"]}
";

const CI: &str = "\
spack:
  ci:
    pipeline-gen:
    - build-job:
        tags: [all]
    - submapping:
      - match: [gcc]
        build-job:
          tags: [large]
";

fn mapping(index: usize) -> MappingAt {
    MappingAt { list: 0, index }
}

fn words(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn change(text: &str, edit: &Edit) -> Result<String> {
    Ok(apply(&Source::new("spack.yaml", text), edit)?.apply_to(text))
}

/// Returns the lines that go and those that come.
fn lines(old: &str, new: &str) -> String {
    let diff = similar::TextDiff::from_lines(old, new);
    let changed = diff.iter_all_changes().filter(|change| change.tag() != similar::ChangeTag::Equal);
    changed.map(|change| format!("{}{}", change.tag(), change.value())).collect()
}

fn check(text: &str, edit: &Edit, description: &str, expected: &str) {
    let new = change(text, edit).unwrap_or_else(|error| panic!("{edit}: {error}"));
    assert_eq!(lines(text, &new), expected, "{edit}");
    assert_eq!(edit.to_string(), description);
    let made = apply(&Source::new("spack.yaml", text), edit).unwrap();
    assert_eq!(made.inverse().apply_to(&new), text);
}

#[test]
fn mappings_are_added_copied_moved_and_removed() {
    let add = Edit::AddMapping {
        at: mapping(1),
        matches: words(&["hdf5", "%gcc@8"]),
        attributes: ValueText("{tags: [mid], image: {name: x/b, entrypoint: ['']}}".into()),
    };
    let added = "+    - match: [hdf5, '%gcc@8']\n+      runner-attributes:\n+        tags: [mid]\n\
                 +        image:\n+          name: x/b\n+          entrypoint: [\"\"]\n";
    check(RELEASE, &add, "add mapping 2 for `hdf5`, `%gcc@8`", added);
    let copy = Edit::DuplicateMapping { mapping: mapping(0) };
    let copied = "+    - match: [gcc, llvm]\n+      runner-attributes:\n+        tags: [large]\n";
    check(RELEASE, &copy, "duplicate mapping 1", copied);
    let moved = change(RELEASE, &Edit::MoveMapping { mapping: mapping(1), to: 0 }).unwrap();
    let cloud = moved.find("- cloud:").unwrap();
    assert!(cloud < moved.find("# Large things first.\n    - match: [gcc, llvm]").unwrap());
    let remove = Edit::RemoveMapping { mapping: mapping(0) };
    let removed =
        "-    # Large things first.\n-    - match: [gcc, llvm]\n-      runner-attributes:\n-        tags: [large]\n";
    check(RELEASE, &remove, "remove mapping 1", removed);
}

#[test]
fn match_specs_change_line_by_line() {
    let (one, two) = (mapping(0), mapping(1));
    for (edit, description, expected) in [
        (
            Edit::AddMatch { mapping: one, at: 2, text: "^mpich".into() },
            "add match `^mpich` to mapping 1",
            "-    - match: [gcc, llvm]\n+    - match: [gcc, llvm, '^mpich']\n",
        ),
        (
            Edit::AddMatch { mapping: two, at: 1, text: "zlib".into() },
            "add match `zlib` to mapping 2",
            "+      - zlib\n",
        ),
        (
            Edit::ReplaceMatch { mapping: two, index: 0, text: "os=centos8".into() },
            "change match 1 of mapping 2 to `os=centos8`",
            "-      - os=centos7   # most of it\n+      - os=centos8   # most of it\n",
        ),
        (
            Edit::RemoveMatch { mapping: two, index: 0 },
            "remove match 1 from mapping 2",
            "-      - os=centos7   # most of it\n",
        ),
        (
            Edit::SetMatches { mapping: two, matches: words(&["os=centos7", "zlib"]) },
            "let mapping 2 match `os=centos7`, `zlib`",
            "-      - os=ubuntu18.04\n+      - zlib\n",
        ),
        (Edit::SetMatches { mapping: one, matches: words(&["gcc", "llvm"]) }, "let mapping 1 match `gcc`, `llvm`", ""),
    ] {
        check(RELEASE, &edit, description, expected);
    }
}

#[test]
fn attributes_are_set_at_any_depth() {
    let set = |index, path: &[&str], value: &str| Edit::SetAttribute {
        mapping: mapping(index),
        path: words(path),
        value: ValueText(value.into()),
    };
    for (edit, description, expected) in [
        (
            set(0, &["tags"], "[huge, fast]"),
            "set `tags` of mapping 1 to `[huge, fast]`",
            "-        tags: [large]\n+        tags: [huge, fast]\n",
        ),
        (
            set(0, &["variables", "MAKEFLAGS"], "-j4"),
            "set `variables:MAKEFLAGS` of mapping 1 to `-j4`",
            "+        variables:\n+          MAKEFLAGS: '-j4'\n",
        ),
        (
            set(1, &["image", "name"], "example/other"),
            "set `image:name` of mapping 2 to `example/other`",
            "-        image: {name: example/builder, entrypoint: [\"\"]}\n\
             +        image: {name: example/other, entrypoint: [\"\"]}\n",
        ),
        (
            Edit::RemoveAttribute { mapping: mapping(1), path: words(&["image", "entrypoint"]) },
            "remove `image:entrypoint` from mapping 2",
            "-        image: {name: example/builder, entrypoint: [\"\"]}\n+        image: {name: example/builder}\n",
        ),
        (
            Edit::RemoveAttribute { mapping: mapping(0), path: words(&["tags"]) },
            "remove `tags` from mapping 1",
            "-      runner-attributes:\n-        tags: [large]\n+      runner-attributes: {}\n",
        ),
    ] {
        check(RELEASE, &edit, description, expected);
    }
}

#[test]
fn phases_are_strings_or_maps_as_needed() {
    for (edit, description, expected) in [
        (
            Edit::AddPhase { at: 0, definition: "new".into(), compiler_agnostic: false },
            "add phase 1 for `new`",
            "+    - name: new\n",
        ),
        (Edit::RemovePhase { phase: 0 }, "remove phase 1", "-    - compilers\n"),
        (Edit::MovePhase { from: 1, to: 0 }, "move phase 2 up to 1", "-    - compilers\n+    - compilers\n"),
        (
            Edit::SetCompilerAgnostic { phase: 0, compiler_agnostic: true },
            "make phase 1 compiler-agnostic",
            "-    - compilers\n+    - name: compilers\n+      compiler-agnostic: true\n",
        ),
        (
            Edit::SetCompilerAgnostic { phase: 1, compiler_agnostic: false },
            "make phase 2 not compiler-agnostic",
            "-      compiler-agnostic: true\n+      compiler-agnostic: false\n",
        ),
        (Edit::SetCompilerAgnostic { phase: 0, compiler_agnostic: false }, "make phase 1 not compiler-agnostic", ""),
    ] {
        check(RELEASE, &edit, description, expected);
    }
    let first = Edit::AddPhase { at: 0, definition: "new".into(), compiler_agnostic: true };
    let text = "spack:\n  gitlab-ci:\n    mappings: []\n";
    let expected = "+    bootstrap:\n+      - name: new\n+        compiler-agnostic: true\n";
    check(text, &first, "add phase 1 for `new`", expected);
}

#[test]
fn specs_join_and_leave_lists_and_matrices() {
    let old = ListName::Definition { name: "old".into(), nth: 0 };
    for (edit, description, expected) in [
        (
            Edit::AddSpec { list: old, spec: "gcc@4".into() },
            "add `gcc@4` to definition `old`",
            "-  - old: []\n+  - old: [gcc@4]\n",
        ),
        (Edit::AddSpec { list: ListName::Specs, spec: "xz".into() }, "add `xz` to specs", "+  - xz\n"),
        (Edit::RemoveSpec { list: ListName::Specs, index: 1 }, "remove entry 2 from specs", "-  - cmake\n"),
        (
            Edit::ExcludeCombination { list: ListName::Specs, index: 0, constraint: "zlib %gcc@8".into() },
            "exclude `zlib %gcc@8` from matrix 1 of specs",
            "+    exclude: [zlib %gcc@8]\n",
        ),
    ] {
        check(RELEASE, &edit, description, expected);
    }
}

#[test]
fn the_mappings_of_todays_pipelines_are_found() {
    let list = Edit::AddMatch { mapping: mapping(0), at: 1, text: "llvm".into() };
    check(CI, &list, "add match `llvm` to mapping 1", "-      - match: [gcc]\n+      - match: [gcc, llvm]\n");
    let image = Edit::SetAttribute { mapping: mapping(0), path: words(&["image"]), value: ValueText("x/b".into()) };
    check(CI, &image, "set `image` of mapping 1 to `x/b`", "+          image: x/b\n");
}

#[test]
fn an_edit_that_names_nothing_is_refused() {
    for (text, edit, expected) in [
        (RELEASE, Edit::RemoveMapping { mapping: mapping(7) }, "spack.yaml:18:7: there is no mapping 8, only 2"),
        (
            RELEASE,
            Edit::RemoveMapping { mapping: MappingAt { list: 1, index: 0 } },
            "spack.yaml:12:5: `gitlab-ci` has only one list of mappings",
        ),
        (
            RELEASE,
            Edit::RemoveMatch { mapping: mapping(0), index: 2 },
            "spack.yaml:18:14: there is no match spec 3, only 2",
        ),
        (
            RELEASE,
            Edit::RemoveAttribute { mapping: mapping(0), path: words(&["image"]) },
            "spack.yaml:18:7: this mapping has no attribute `image`",
        ),
        (
            RELEASE,
            Edit::AddSpec { list: ListName::Definition { name: "nope".into(), nth: 0 }, spec: "x".into() },
            "spack.yaml:3:3: there is no definition `nope`",
        ),
        (
            RELEASE,
            Edit::ExcludeCombination { list: ListName::Specs, index: 1, constraint: "x".into() },
            "spack.yaml:10:5: entry 2 of specs is no matrix",
        ),
        (
            RELEASE,
            Edit::AddMapping { at: mapping(0), matches: vec![], attributes: ValueText("[a]".into()) },
            "the value:1:1: the attributes of a mapping are a map, but this is a list",
        ),
        (
            RELEASE,
            Edit::AddMapping { at: mapping(usize::MAX), matches: vec![], attributes: ValueText("{}".into()) },
            "spack.yaml:18:5: there is no item 18446744073709551615 in this list of 2",
        ),
        (CI, Edit::RemovePhase { phase: 0 }, "spack.yaml:2:3: there are no phases without a `gitlab-ci` section"),
        ("a: 1", Edit::RemovePhase { phase: 0 }, "spack.yaml:1:1: this is no environment: it has no `spack:`"),
    ] {
        assert_eq!(change(text, &edit).unwrap_err().to_string(), expected, "{edit}");
    }
}

fn history(edits: &[Edit]) -> History {
    let mut history = History::new(Source::new("spack.yaml", RELEASE));
    for edit in edits {
        history.push(edit.clone()).unwrap();
    }
    history
}

fn three_edits() -> Vec<Edit> {
    vec![
        Edit::MoveMapping { mapping: mapping(1), to: 0 },
        Edit::AddMatch { mapping: mapping(0), at: 0, text: "zlib".into() },
        Edit::RemoveMapping { mapping: mapping(1) },
    ]
}

#[test]
fn undoing_everything_gives_the_loaded_text_back() {
    let mut history = history(&three_edits());
    let last = history.current().text().to_owned();
    assert!(history.is_changed());
    while history.undo().is_some() {}
    assert_eq!(history.current().text(), RELEASE);
    assert!(!history.is_changed());
    while history.redo().is_some() {}
    assert_eq!(history.current().text(), last);
    assert_eq!(history.edits().cloned().collect::<Vec<_>>(), three_edits());
}

#[test]
fn a_refused_edit_changes_nothing_and_a_needless_one_is_forgotten() {
    let mut history = history(&three_edits()[..1]);
    history.undo();
    assert!(history.push(Edit::RemovePhase { phase: 9 }).is_err());
    assert!(history.next().is_some());
    let needless = Edit::SetMatches { mapping: mapping(0), matches: words(&["gcc", "llvm"]) };
    assert!(history.push(needless).unwrap().is_none());
    assert!(history.next().is_some());
    history.push(Edit::RemovePhase { phase: 0 }).unwrap();
    assert!(history.next().is_none());
}

#[test]
fn a_saved_text_is_unchanged_until_the_next_undo() {
    let mut history = history(&three_edits());
    let saved = std::sync::Arc::clone(history.current());
    history.mark_saved(&saved);
    assert!(!history.is_changed());
    history.undo();
    assert!(history.is_changed());
    history.redo();
    assert!(!history.is_changed());
}

#[test]
fn edits_follow_their_mapping_when_the_file_changes() {
    let history = history(&[
        Edit::RemoveMatch { mapping: mapping(1), index: 0 },
        Edit::SetAttribute { mapping: mapping(0), path: words(&["tags"]), value: ValueText("[huge]".into()) },
    ]);
    let disk = RELEASE.replace(
        "    # Large things first.\n",
        "    - match: [xz]\n      runner-attributes: {tags: [x]}\n    # Large.\n",
    );
    let (rebased, unfit) = history.rebase(&Source::new("spack.yaml", disk.clone()));
    assert!(unfit.is_empty(), "{unfit:?}");
    let expected = "-        tags: [large]\n+        tags: [huge]\n-      - os=centos7   # most of it\n";
    assert_eq!(lines(&disk, rebased.current().text()), expected);
    let edits: Vec<_> = rebased.edits().map(ToString::to_string).collect();
    assert_eq!(edits, ["remove match 1 from mapping 3", "set `tags` of mapping 2 to `[huge]`"]);
}

#[test]
fn edits_that_no_longer_fit_are_reported() {
    let history = history(&[
        Edit::SetAttribute { mapping: mapping(0), path: words(&["tags"]), value: ValueText("[huge]".into()) },
        Edit::RemoveMapping { mapping: mapping(1) },
        Edit::RemovePhase { phase: 0 },
    ]);
    let disk = RELEASE.replace("[large]", "[larger]").replace("- os=ubuntu18.04", "- os=ubuntu20.04");
    let (rebased, unfit) = history.rebase(&Source::new("spack.yaml", disk.clone()));
    let reasons: Vec<_> = unfit.iter().map(|unfit| unfit.error.to_string()).collect();
    assert_eq!(
        reasons,
        [
            "spack.yaml:20:15: `tags` has been changed in the file too",
            "spack.yaml:18:7: mapping 2 is not what it was when this edit was made",
        ]
    );
    assert_eq!(lines(&disk, rebased.current().text()), "-    - compilers\n");
}

#[test]
fn saved_edits_are_not_made_twice_when_the_file_changes() {
    let mut history = history(&three_edits()[..2]);
    let saved = std::sync::Arc::clone(history.current());
    history.mark_saved(&saved);
    let disk = Source::new("spack.yaml", history.current().text().replace("# A release.", "# The release."));
    history.push(three_edits()[2].clone()).unwrap();
    let (rebased, unfit) = history.rebase(&disk);
    assert!(unfit.is_empty());
    assert_eq!(rebased.edits().cloned().collect::<Vec<_>>(), three_edits()[2..]);
    while history.undo().is_some() {}
    history.push(Edit::RemovePhase { phase: 0 }).unwrap();
    let (rebased, unfit) = history.rebase(&disk);
    assert_eq!((rebased.edits().len(), unfit.len()), (0, 1));
}

#[test]
fn a_journal_gives_the_session_back() {
    let events = [
        Event::Done(three_edits()[0].clone()),
        Event::Done(three_edits()[1].clone()),
        Event::Undone,
        Event::Redone,
        Event::Undone,
        Event::Done(three_edits()[2].clone()),
    ];
    let mut lines = Journal::of(&history(&[]), "/release/spack.yaml").to_lines();
    lines.extend(events.iter().map(Event::to_line));
    lines.push_str("{\"done\": {\"edit\": \"remo");
    let journal = Journal::read(&Source::new("journal", lines)).unwrap();
    assert_eq!((journal.environment(), journal.events()), ("/release/spack.yaml", events.as_slice()));
    let recovery = journal.recover(&Source::new("spack.yaml", RELEASE)).unwrap();
    let expected = [three_edits()[0].clone(), three_edits()[2].clone()];
    assert_eq!(recovery.history.edits().cloned().collect::<Vec<_>>(), expected);
    assert_eq!(recovery.history.current().name(), "spack.yaml");
    assert!(recovery.history.is_changed() && recovery.unfit.is_empty());
}

#[test]
fn a_journal_of_a_saved_file_knows_what_was_saved() {
    let mut session = history(&three_edits()[..2]);
    let saved = Source::new("spack.yaml", session.current().text());
    session.push(three_edits()[2].clone()).unwrap();
    let text = Journal::of(&session, "spack.yaml").to_lines();
    let recovery = Journal::read(&Source::new("journal", text)).unwrap().recover(&saved).unwrap();
    assert_eq!(recovery.history.edits().len(), 3);
    assert!(recovery.history.is_changed());
    let disk = Source::new("spack.yaml", format!("{}# more\n", saved.text()));
    let (rebased, unfit) = recovery.history.rebase(&disk);
    assert_eq!((rebased.edits().len(), unfit.len()), (1, 0));
}

#[test]
fn a_journal_is_offered_on_a_changed_file_as_far_as_it_fits() {
    let text = Journal::of(&history(&three_edits()), "spack.yaml").to_lines();
    let journal = Journal::read(&Source::new("journal", text)).unwrap();
    let disk = Source::new("spack.yaml", RELEASE.replace("[gcc, llvm]", "[gcc]"));
    let recovery = journal.recover(&disk).unwrap();
    assert_eq!((recovery.history.edits().len(), recovery.unfit.len()), (2, 1));
}

#[test]
fn a_damaged_journal_is_refused_with_its_line() {
    let good = Journal::of(&history(&three_edits()), "spack.yaml").to_lines();
    for (text, expected) in [
        (String::new(), "journal:1:1: this journal of edits is empty"),
        ("\u{0}\n".to_owned(), "journal:1:1: this line is no part of a journal of edits"),
        (good.replace("A release", "Another"), "journal:1:1: the text in this journal has been damaged"),
        (good.replace("journal\":1", "journal\":2"), "journal:1:1: this journal has format 2, but 1 is known"),
        (good.replace("move-mapping", "mv"), "journal:2:1: this line is no part of a journal of edits"),
        (good.replace("\"at\":0", "\"at\":-1"), "journal:3:1: this line is no part of a journal of edits"),
        (format!("{good}{}\n", "[".repeat(100_000)), "journal:5:1: this line is no part of a journal of edits"),
    ] {
        let error = Journal::read(&Source::new("journal", text)).unwrap_err();
        assert!(error.to_string().starts_with(expected), "{error}");
    }
    let impossible = good.replace("\"index\":1},\"to\":0", "\"index\":1},\"to\":99");
    let journal = Journal::read(&Source::new("journal", impossible)).unwrap();
    assert!(journal.recover(&Source::new("spack.yaml", RELEASE)).is_err());
}
