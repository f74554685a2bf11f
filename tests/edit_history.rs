//! How edits are taken back, and how they survive a changed file and a killed terminal.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test ends, or says why it is skipped"
)]

use spackplan::edit::journal::Event;
use spackplan::edit::{Edit, History, Journal, MappingAt, ValueText};
use spackplan::source::Source;
use std::sync::Arc;

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

fn mapping(index: usize) -> MappingAt {
    MappingAt { section: 0, index }
}

fn words(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

/// Returns the lines that go and those that come.
fn lines(old: &str, new: &str) -> String {
    let diff = similar::TextDiff::from_lines(old, new);
    let changed = diff.iter_all_changes().filter(|change| change.tag() != similar::ChangeTag::Equal);
    changed.flat_map(|change| [change.tag().to_string(), change.value().to_owned()]).collect()
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
    let saved = Arc::clone(history.current());
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
    assert_eq!(edits, ["remove match 1 from mapping C", "set `tags` of mapping B to `[huge]`"]);
}

#[test]
fn mappings_that_are_alike_are_told_apart_by_their_order() {
    let history = history(&[
        Edit::DuplicateMapping { mapping: mapping(1) },
        Edit::MoveMapping { mapping: mapping(2), to: 0 },
        Edit::SetMatches { mapping: mapping(0), matches: words(&["zlib"]) },
    ]);
    let first = "    mappings:\n    - match: [xz]\n      runner-attributes: {tags: [x]}\n";
    let disk = Source::new("spack.yaml", RELEASE.replace("    mappings:\n", first));
    let (rebased, unfit) = history.rebase(&disk);
    assert!(unfit.is_empty(), "{unfit:?}");
    let edits: Vec<_> = rebased.edits().map(ToString::to_string).collect();
    assert_eq!(edits, ["duplicate mapping C", "move mapping D up to B", "let mapping B match `zlib`"]);
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
            "spack.yaml:18:7: mapping B is not what it was when this edit was made",
        ]
    );
    assert_eq!(lines(&disk, rebased.current().text()), "-    - compilers\n");
}

#[test]
fn saved_edits_are_not_made_twice_when_the_file_changes() {
    let mut history = history(&three_edits()[..2]);
    let saved = Arc::clone(history.current());
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
        Event::Done(Edit::RemovePhase { phase: 0 }),
        Event::Undone,
    ];
    let mut lines = Journal::of(&history(&[]), "/release/spack.yaml").to_lines();
    lines.extend(events.iter().map(Event::to_line));
    lines.push_str("{\"done\": {\"edit\": \"remo");
    let journal = Journal::read(&Source::new("journal", lines)).unwrap();
    assert_eq!((journal.environment(), journal.events()), ("/release/spack.yaml", events.as_slice()));
    let recovery = journal.recover(&Source::new("spack.yaml", RELEASE)).unwrap();
    let expected = [three_edits()[0].clone(), three_edits()[2].clone()];
    assert_eq!(recovery.history.edits().cloned().collect::<Vec<_>>(), expected);
    assert_eq!(recovery.history.next(), Some(&Edit::RemovePhase { phase: 0 }));
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
        (good.replace("journal\":2", "journal\":3"), "journal:1:1: this journal has format 3, but 2 is known"),
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
