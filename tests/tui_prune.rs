//! Pruning in the terminal UI: planned at once without it, asked for in the background, and planned again with the answer.
#![allow(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

#[path = "common/asking.rs"]
mod asking;
mod common;
#[path = "common/http.rs"]
mod http;
#[path = "common/mirror.rs"]
mod mirror;
#[path = "common/pty.rs"]
mod pty;
#[path = "common/small.rs"]
mod small;
#[path = "common/tui.rs"]
mod tui;

use asking::{Waiting, opened};
use mirror::{Mirror, means};
use pty::Pty;
use spackplan::error::Error;
use spackplan::pipeline::spack_ci::settings::Asked;
use spackplan::pruning::choice::Choice;
use spackplan::pruning::{Progress, Question};
use spackplan::release::Request;
use spackplan::tui::Session;
use spackplan::tui::effect::{ASKING, Asking, Job, Lane, News, Outcome};
use spackplan::tui::message::Message;
use spackplan::tui::model::document::Document;
use spackplan::tui::worker;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;
use tui::Driver;

/// Writes the environment of [`small`] with a mirror, and a session that asks it.
fn session(directory: &Path, mirror: &str) -> Session {
    let text = small::with_rules(
        "- submapping:\n  - {match: [lib], build-job: {tags: [l]}}\n  - {match: [app], build-job: {tags: [a]}}",
    );
    let start = text.find("    buildcache-destination").unwrap();
    fs::write(directory.join("spack.yaml"), format!("{}    buildcache-destination: {mirror}\n", &text[..start]))
        .unwrap();
    fs::write(directory.join("spack.lock"), small::lockfile()).unwrap();
    let choice = Choice { up_to_date: Some(Asked::Yes), ..Choice::default() };
    let question = Some(Question { choice, means: means(None) });
    let request = Request { question, ..Request::default() };
    Session { request, ..tui::session(directory.join("spack.yaml"), directory.join(".gitlab-ci.yml")) }
}

fn with_mirror(hashes: &[&str]) -> (TempDir, Session) {
    let directory = tempfile::tempdir().unwrap();
    Mirror::third(hashes).write(&directory.path().join("mirror"));
    let session = session(directory.path(), &format!("file://{}/mirror", directory.path().display()));
    (directory, session)
}

fn jobs(driver: &Driver) -> Vec<&str> {
    driver.model.document.plan.graph.jobs.iter().map(|job| job.name.as_str()).collect()
}

#[test]
fn the_first_plan_asks_nobody_and_the_answer_takes_jobs_out_of_it() {
    let (_directory, session) = with_mirror(&["llll"]);
    let shared = Arc::new(session.clone());
    let document = Document::of(&shared, worker::reload(&shared).unwrap());
    assert_eq!(document.plan.graph.len(), 2);
    let driver = Driver::open(session);
    assert_eq!(jobs(&driver), ["app@1.0 /aaaa"]);
    assert_eq!(driver.status(), "1 of 2 jobs went: 1 up to date");
    assert_eq!(driver.model.document.plan.graph.pruned.len(), 2);
    assert!(driver.model.work.running.is_empty());
    assert!(driver.model.document.changes().is_empty(), "what mirrors have is no change of the user's");
}

#[test]
fn a_mirror_can_be_asked_again() {
    let (directory, session) = with_mirror(&["llll"]);
    let mut driver = Driver::open(session);
    Mirror::third(&["llll", "aaaa"]).write(&directory.path().join("mirror"));
    driver.keys("P");
    assert_eq!(jobs(&driver), [] as [&str; 0]);
    assert_eq!(driver.status(), "1 of 1 jobs went: 2 up to date");
    fs::remove_dir_all(directory.path().join("mirror")).unwrap();
    driver.keys("P");
    assert_eq!(driver.status(), "2 jobs came back: 2 in all");
    assert!(driver.model.document.plan.findings.iter().any(|finding| finding.message.contains("has no index")));
    let mut plain = Driver::new(&small::with_rules("- build-job: {tags: [t]}"));
    plain.keys("P");
    assert!(plain.status().contains("nobody is asked without --prune"), "{}", plain.status());
}

#[test]
fn edits_and_reading_again_keep_what_mirrors_said() {
    let (_directory, session) = with_mirror(&["llll"]);
    let mut driver = Driver::open(session);
    driver.keys("3 j J");
    assert_eq!(jobs(&driver), ["app@1.0 /aaaa"], "{}", driver.status());
    driver.keys("R");
    assert_eq!(jobs(&driver), ["app@1.0 /aaaa"]);
    driver.keys("u");
    assert_eq!(jobs(&driver), ["app@1.0 /aaaa"]);
    assert!(driver.model.document.changes().is_empty());
}

#[test]
fn an_answer_that_comes_while_the_document_changes_is_planned_with_afterwards() {
    let (_directory, session) = with_mirror(&["llll"]);
    let (model, question) = opened(session.clone());
    let Job::Ask { number, .. } = question else { unreachable!() };
    let answer = worker::perform(&model.session, question);
    let mut driver = Driver::open(session);
    driver.model = model;
    driver.keys("3 j J");
    assert_eq!(jobs(&driver).len(), 2);
    driver.send(Message::Done(Outcome::Asked(number - 1, Err(Error::refused("too late")))));
    assert_eq!(jobs(&driver).len(), 2, "only the answer to the last question counts");
    driver.send(Message::Done(answer));
    assert_eq!(jobs(&driver), ["app@1.0 /aaaa"]);
    assert_eq!(driver.model.document.history.unsaved(), 1);
}

#[test]
fn asking_is_shown_with_its_progress_and_can_be_given_up() {
    let server = http::Server::start(|_| http::Reply::Hang);
    let directory = tempfile::tempdir().unwrap();
    let waiting = Waiting::new(session(directory.path(), &format!("http://127.0.0.1:{}", server.port)));
    let first = waiting.next();
    assert!(
        matches!(&first, Message::News(News::Asking(Asking::Mirrors(Progress::Index { mirror }))) if mirror == "buildcache-destination")
    );
    let mut driver = Driver::open(tui::session(directory.path().join("spack.yaml"), "none".into()));
    driver.model = waiting.model.clone();
    driver.send(first).send(Message::Tick);
    driver.model.work.running.retain(|label| *label == ASKING);
    assert!(driver.shows("asking the mirror buildcache-des"), "{}", driver.screen());
    waiting.worker.cancel(Lane::Questions);
    driver.send(waiting.next());
    assert_eq!(driver.status(), "! cancelled");
    assert_eq!(jobs(&driver).len(), 2);
    waiting.worker.finish();
}

#[test]
fn other_work_does_not_wait_for_a_mirror_that_hangs_nor_the_end_of_the_program() {
    let server = http::Server::start(|_| http::Reply::Hang);
    let directory = tempfile::tempdir().unwrap();
    let waiting = Waiting::new(session(directory.path(), &format!("http://127.0.0.1:{}", server.port)));
    let Waiting { model, worker, messages } = waiting;
    worker.give(Job::Look(Arc::clone(model.document.history.saved())));
    let mut answers = messages.iter().filter(|message| matches!(message, Message::Done(_)));
    assert!(matches!(answers.next(), Some(Message::Done(Outcome::Looked(_)))));
    worker.finish();
}

#[test]
fn a_real_terminal_shows_the_plan_and_then_the_one_without_what_mirrors_have() {
    let (directory, _) = with_mirror(&["llll"]);
    let home = tempfile::tempdir().unwrap();
    let mut pty = Pty::start(
        &[
            directory.path().to_str().unwrap(),
            "--prune",
            "--lock",
            directory.path().join("spack.lock").to_str().unwrap(),
        ],
        home.path(),
    );
    pty.wait_for("1 of 2 jobs went: 1 up to date");
    pty.press("q");
    assert!(pty.end().0.success());
}

#[test]
fn specs_that_are_listed_as_broken_are_the_same_error_as_without_a_terminal() {
    let (directory, session) = with_mirror(&[]);
    let list = directory.path().join("broken");
    fs::create_dir(&list).unwrap();
    fs::write(list.join("llll"), "").unwrap();
    let text = fs::read_to_string(&session.manifest).unwrap();
    let (before, after) = text.split_once("  ci:\n").unwrap();
    let url = format!("  ci:\n   broken-specs-url: file://{}\n", list.display());
    fs::write(&session.manifest, [before, &url, after].concat()).unwrap();
    let mut driver = Driver::open(session);
    let broken = |driver: &Driver| {
        let findings = &driver.model.document.rendered.as_ref().unwrap().findings;
        findings.iter().filter(|finding| finding.message.contains("listed as broken")).count()
    };
    assert_eq!(broken(&driver), 1);
    fs::remove_file(list.join("llll")).unwrap();
    driver.keys("R");
    assert_eq!(broken(&driver), 0);
}
