//! The review, what is written after it, and files that change meanwhile.
#![cfg(feature = "tui")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test ends, or says why it is skipped"
)]

#[path = "common/tui.rs"]
mod tui;

use assert_cmd::Command;
use spackplan::tui::message::Message;
use spackplan::tui::model::overlay::Overlay;
use spackplan::tui::{Access, Session};
use std::fs;
use std::path::Path;
use tui::Driver;

const NO_RUNNER: &str = "spack:
  specs: [readline@7.0 %gcc@5.5.0 os=centos7]
  mirrors: {m: 'https://mirror.example.org'}
  gitlab-ci:
    mappings:
    - match: [readline]
      runner-attributes: {tags: [any]}
";

/// Returns the example with a compiler that can be predicted.
fn bootstrap() -> String {
    include_str!("../assets/examples/bootstrap/spack.yaml").replace("gcc@8.3.0", "gcc@10.2.0")
}

fn read(driver: &Driver, name: &str) -> String {
    fs::read_to_string(driver.directory().join(name)).unwrap()
}

/// Lets so much time pass that the file is looked at a few times.
fn wait(driver: &mut Driver) {
    for _ in 0..40 {
        driver.send(Message::Tick);
    }
}

fn notice(driver: &Driver) -> Option<(&str, String)> {
    match driver.model.overlays.last() {
        Some(Overlay::Notice(notice)) => Some((&notice.title, notice.lines.join("\n"))),
        _ => None,
    }
}

#[test]
fn moved_jobs_are_told_with_both_runners() {
    let mut driver = Driver::new(&bootstrap());
    driver.keys("3 J w");
    assert!(driver.shows("moved to another runner"), "{}", driver.screen());
    assert!(driver.shows("~ A large → A ubuntu"), "{}", driver.screen());
    assert!(driver.shows("replaced: +"), "{}", driver.screen());
    assert!(driver.shows("created: "), "{}", driver.screen());
    driver.keys("G");
    assert!(driver.shows("+    - match: [os=ubuntu18.04]"), "{}", driver.screen());
}

#[test]
fn both_files_are_written_and_the_pipeline_is_what_emit_prints() {
    let mut driver = Driver::new(&bootstrap());
    driver.keys("3 J w y");
    let (title, lines) = notice(&driver).unwrap();
    assert_eq!(title, "Written");
    assert!(lines.contains("spack.yaml saved") && lines.contains(".gitlab-ci.yml written"), "{lines}");
    let saved = read(&driver, "spack.yaml");
    assert_eq!(saved, driver.text());
    assert!(saved.contains("# Compilers take hours"));
    assert_ne!(saved, bootstrap());
    let manifest = driver.directory().join("spack.yaml");
    let context = ["platform=linux", "os=centos7", "target=x86_64", "hostname=planner"];
    let context = context.iter().flat_map(|fact| ["--context", fact]);
    let mut command = Command::cargo_bin("spackplan").unwrap();
    let output = command.env_clear().arg(&manifest).arg("--emit").args(context).output().unwrap();
    assert_eq!(read(&driver, ".gitlab-ci.yml"), String::from_utf8(output.stdout).unwrap());
}

#[test]
fn after_saving_nothing_is_unsaved_changes_count_from_there_and_undo_still_works() {
    let mut driver = Driver::new(&bootstrap());
    driver.keys("3 J w y esc");
    assert!(!driver.shows("unsaved"), "{}", driver.screen());
    assert_eq!(driver.kept, None);
    assert!(driver.model.document.changes().is_empty());
    driver.keys("u");
    assert_eq!(driver.text(), bootstrap());
    assert!(driver.shows("1 unsaved edit"), "{}", driver.screen());
    assert!(driver.kept.is_some());
    assert!(!driver.model.document.changes().moved.is_empty());
    driver.keys("w y esc");
    assert_eq!(read(&driver, "spack.yaml"), bootstrap());
    assert!(driver.model.document.changes().is_empty());
}

#[test]
fn an_edit_after_saving_is_compared_with_what_was_saved() {
    let mut driver = Driver::new(&bootstrap());
    driver.keys("3 g D w y esc");
    driver.keys("g J");
    let moved = driver.model.document.changes().moved;
    assert!(!moved.is_empty(), "the copy takes what its original took");
    driver.keys("K");
    assert!(driver.model.document.changes().is_empty(), "all is as it was saved");
    driver.keys("u u u");
    assert_eq!(driver.text(), bootstrap());
    assert!(driver.model.document.changes().is_empty(), "the copy never took anything");
}

#[test]
fn what_is_not_wanted_is_not_written() {
    let mut driver = Driver::new(&bootstrap());
    driver.keys("3 J w s");
    assert!(driver.shows("left as it is"), "{}", driver.screen());
    assert!(driver.shows("which is not saved"), "the pipeline would not fit the file: {}", driver.screen());
    driver.keys("s p y");
    assert_ne!(read(&driver, "spack.yaml"), bootstrap());
    assert!(!driver.directory().join(".gitlab-ci.yml").exists());
}

#[test]
fn nothing_can_be_written_when_nothing_is_chosen_or_nothing_differs() {
    let mut driver = Driver::new(&bootstrap());
    driver.keys("w p");
    assert!(driver.shows("nothing is chosen"), "{}", driver.screen());
    driver.keys("y");
    assert!(driver.status().contains("nothing is chosen"), "{}", driver.status());
    driver.keys("p y esc w");
    assert!(driver.shows("there is nothing to write"), "{}", driver.screen());
    driver.keys("esc");
    assert!(driver.model.overlays.is_empty());
}

#[test]
fn errors_block_the_pipeline_and_are_shown() {
    let mut driver = Driver::new(NO_RUNNER);
    driver.keys("w");
    assert!(driver.shows("in the way"), "{}", driver.screen());
    assert!(driver.shows("no mapping takes"), "{}", driver.screen());
    driver.keys("y");
    assert!(driver.status().contains("errors stand in the way"), "{}", driver.status());
    assert!(!driver.directory().join(".gitlab-ci.yml").exists());
    driver.keys("esc 3 t").keys("ctrl-u").typed("slow").keys("enter w y");
    assert!(read(&driver, "spack.yaml").contains("slow"), "edits can be saved all the same");
    assert!(!driver.directory().join(".gitlab-ci.yml").exists());
}

#[test]
fn read_only_refuses_the_review_and_says_why() {
    let directory = tempfile::tempdir().unwrap();
    let manifest = directory.path().join("spack.yaml");
    fs::write(&manifest, bootstrap()).unwrap();
    let session = tui::session(manifest, directory.path().join("out.yml"));
    let mut driver = Driver::open(Session { access: Access::ReadOnly, ..session });
    driver.keys("w");
    assert!(driver.status().contains("--read-only"), "{}", driver.status());
    assert!(driver.model.overlays.is_empty());
}

#[test]
fn a_file_that_changed_since_it_was_read_is_not_written_over() {
    let mut driver = Driver::new(&bootstrap());
    driver.keys("3 J w");
    let theirs = bootstrap().replace("Weekly", "Monthly");
    fs::write(driver.directory().join("spack.yaml"), &theirs).unwrap();
    driver.keys("y");
    let (title, lines) = notice(&driver).unwrap();
    assert_eq!(title, "Nothing was written");
    assert!(lines.contains("has changed on disk"), "{lines}");
    assert_eq!(read(&driver, "spack.yaml"), theirs);
    assert!(!driver.directory().join(".gitlab-ci.yml").exists());
    driver.keys("esc");
    wait(&mut driver);
    assert!(driver.text().contains("Monthly"), "{}", driver.screen());
    driver.keys("w y");
    assert_eq!(notice(&driver).unwrap().0, "Written");
    assert!(read(&driver, "spack.yaml").contains("Monthly"));
}

#[test]
fn if_one_target_cannot_be_written_the_other_is_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let manifest = directory.path().join("spack.yaml");
    fs::write(&manifest, bootstrap()).unwrap();
    let output = directory.path().join("out.yml");
    let mut driver = Driver::open(tui::session(manifest.clone(), output.clone()));
    driver.keys("3 J w");
    fs::create_dir(&output).unwrap();
    let job = confirmed(&mut driver);
    let outcome = spackplan::tui::worker::perform(&driver.model.session, job);
    driver.send(Message::Done(outcome));
    assert_eq!(notice(&driver).unwrap().0, "Nothing was written");
    assert_eq!(fs::read_to_string(&manifest).unwrap(), bootstrap());
    assert_eq!(leftovers(directory.path()), Vec::<String>::new());
}

/// Confirms the review and returns the work that this asks for.
fn confirmed(driver: &mut Driver) -> spackplan::tui::effect::Job {
    use spackplan::tui::effect::Effect;
    let key = spackplan::tui::key::Key::parse("y").unwrap();
    let effects = spackplan::tui::update::update(&mut driver.model, &driver.keymap, Message::Key(key));
    let jobs = effects.into_iter().find_map(|effect| match effect {
        Effect::Work(job) => Some(job),
        _ => None,
    });
    jobs.unwrap_or_else(|| panic!("nothing is written: {}", driver.status()))
}

#[test]
fn a_failure_after_the_first_file_is_told_with_what_was_done() {
    use spackplan::tui::effect::{Job, Outcome, Receipt};
    let mut driver = Driver::new(&bootstrap());
    driver.keys("3 J w");
    let Job::Write(writing) = confirmed(&mut driver) else { panic!("something else is done than writing") };
    let lines = vec!["spack.yaml saved".to_owned(), ".gitlab-ci.yml NOT written: it is as it was".to_owned()];
    let failure = Some(spackplan::error::Error::refused("the disk is on fire"));
    driver.send(Message::Done(Outcome::Written(Ok(Receipt {
        lines,
        saved: writing.manifest,
        failure,
        ..Receipt::default()
    }))));
    let (title, lines) = notice(&driver).unwrap();
    assert_eq!(title, "Only a part was written");
    assert_eq!(lines, "spack.yaml saved\n.gitlab-ci.yml NOT written: it is as it was\nthe disk is on fire");
    assert!(!driver.shows("unsaved"), "{}", driver.screen());
}

#[test]
fn a_small_screen_shows_the_ends_of_long_lines_when_scrolled() {
    let mut driver = Driver::new(NO_RUNNER).sized(60, 20);
    driver.keys("w j");
    let before = driver.screen();
    driver.keys("l l");
    assert_ne!(driver.screen(), before);
    driver.keys("h h");
    assert_eq!(driver.screen(), before);
}

fn leftovers(directory: &Path) -> Vec<String> {
    let names = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.starts_with(".spackplan")).collect()
}

#[test]
fn a_file_that_changes_is_read_again_and_the_edits_are_made_on_it() {
    let mut driver = Driver::new(&bootstrap());
    driver.keys("3 J");
    fs::write(driver.directory().join("spack.yaml"), bootstrap().replace("Weekly", "Monthly")).unwrap();
    wait(&mut driver);
    assert!(driver.text().contains("Monthly"));
    assert!(driver.shows("1 unsaved edit"), "{}", driver.screen());
    assert!(driver.model.overlays.is_empty(), "all edits fit");
}

#[test]
fn edits_that_no_longer_fit_are_listed() {
    let mut driver = Driver::new(&bootstrap());
    driver.keys("3 t").keys("ctrl-u").typed("huge").keys("enter");
    let theirs = bootstrap().replace("- match: [gcc]", "- match: [gcc@8:]");
    fs::write(driver.directory().join("spack.yaml"), &theirs).unwrap();
    wait(&mut driver);
    let (title, lines) = notice(&driver).unwrap();
    assert_eq!(title, "Edits that no longer fit");
    assert!(lines.contains("huge"), "{lines}");
    assert_eq!(driver.text(), theirs);
}

#[test]
fn a_broken_file_is_complained_of_once_and_the_edits_are_kept() {
    let mut driver = Driver::new(&bootstrap());
    driver.keys("3 J");
    let edited = driver.text().to_owned();
    fs::write(driver.directory().join("spack.yaml"), "spack:\n  specs: [readline\n").unwrap();
    wait(&mut driver);
    let (_, lines) = notice(&driver).unwrap();
    assert!(lines.contains("spack.yaml:"), "the place is named: {lines}");
    driver.keys("esc");
    wait(&mut driver);
    assert!(driver.model.overlays.is_empty(), "it is said once");
    assert_eq!(driver.text(), edited);
    fs::write(driver.directory().join("spack.yaml"), bootstrap()).unwrap();
    wait(&mut driver);
    assert_eq!(driver.text(), edited, "the file is as it was");
}

#[test]
fn a_file_that_is_missing_for_a_moment_changes_nothing() {
    let mut driver = Driver::new(&bootstrap());
    driver.keys("3 J");
    let edited = driver.text().to_owned();
    let path = driver.directory().join("spack.yaml");
    fs::remove_file(&path).unwrap();
    for _ in 0..8 {
        driver.send(Message::Tick);
    }
    assert!(!driver.status().starts_with('!'), "{}", driver.status());
    wait(&mut driver);
    assert!(driver.status().contains("cannot read"), "{}", driver.status());
    driver.keys("j");
    wait(&mut driver);
    assert_eq!(driver.status(), "", "it is said once");
    fs::write(&path, bootstrap()).unwrap();
    wait(&mut driver);
    assert_eq!(driver.text(), edited);
}

#[test]
fn what_was_saved_is_not_read_again() {
    let mut driver = Driver::new(&bootstrap());
    driver.keys("3 J w y esc");
    let generation = driver.model.document.generation;
    wait(&mut driver);
    assert_eq!(driver.model.document.generation, generation);
}

#[test]
fn a_changed_file_waits_while_something_is_being_typed() {
    let mut driver = Driver::new(&bootstrap());
    driver.keys("3 t");
    fs::write(driver.directory().join("spack.yaml"), bootstrap().replace("Weekly", "Monthly")).unwrap();
    wait(&mut driver);
    assert!(!driver.text().contains("Monthly"));
    driver.keys("esc");
    assert!(driver.text().contains("Monthly"));
}

#[test]
fn leaving_with_unsaved_edits_asks_and_a_second_interrupt_leaves_and_keeps_them() {
    let mut driver = Driver::new(&bootstrap());
    driver.keys("3 J q");
    assert!(driver.shows("1 edit is not saved"), "{}", driver.screen());
    driver.keys("n q ctrl-c");
    assert!(driver.model.leaving.is_some());
    assert!(driver.kept.is_some());
}

#[test]
fn the_review_at_three_sizes() {
    for (width, height) in [(120, 40), (80, 24), (60, 20)] {
        let mut driver = Driver::example("locked").sized(width, height);
        driver.keys("3 J w");
        insta::assert_snapshot!(format!("review_{width}x{height}"), driver.screen());
    }
}
