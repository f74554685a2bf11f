//! Services in the terminal UI: asked in the background, and planned with what they answer, through edits too.
#![allow(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

#[path = "common/asking.rs"]
mod asking;
mod common;
#[path = "common/http.rs"]
mod http;
#[path = "common/pty.rs"]
mod pty;
#[path = "common/small.rs"]
mod small;
#[path = "common/tui.rs"]
mod tui;

use asking::Waiting;
use http::{Reply, Request as Question, Server};
use pty::Pty;
use spackplan::pruning::Patience;
use spackplan::tui::Session;
use spackplan::tui::effect::{Asking, Lane, News};
use spackplan::tui::message::Message;
use std::fs;
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;
use tui::Driver;

/// Answers with tags for `app`, and with nothing of use for others.
fn gantry() -> Server {
    Server::start(|question: &Question| {
        let answer = if question.target.contains("spec=app") { r#"{"tags": ["dyn"]}"# } else { "no" };
        Reply::new("200 OK", &[], answer.as_bytes())
    })
}

/// Writes an environment with a service between two sections, and a session that asks it.
fn session(directory: &Path, server: &Server) -> Session {
    let text = small::with_rules(&format!(
        "- build-job: {{tags: [high]}}
- dynamic-mapping:
    name: gantry
    endpoint: http://user:hush@127.0.0.1:{}/allocation
- submapping:
  - {{match: [lib], build-job: {{tags: [l]}}}}
  - {{match: [app], build-job: {{tags: [a]}}}}",
        server.port
    ));
    fs::write(directory.join("spack.yaml"), text).unwrap();
    fs::write(directory.join("spack.lock"), small::lockfile()).unwrap();
    let services = Some(Patience { answer: Duration::from_secs(5), ..Patience::default() });
    Session { services, ..tui::session(directory.join("spack.yaml"), directory.join(".gitlab-ci.yml")) }
}

fn opened(server: &Server) -> (TempDir, Driver) {
    let directory = tempfile::tempdir().unwrap();
    let driver = Driver::open(session(directory.path(), server));
    (directory, driver)
}

/// Returns the tags of a job as the pipeline has them.
fn tags(driver: &Driver, job: &str) -> serde_json::Value {
    let text = driver.model.document.rendered.as_ref().unwrap().pipeline.to_text();
    let pipeline: serde_json::Value = serde_yaml::from_str(&text).unwrap();
    pipeline[job]["tags"].clone()
}

fn messages(driver: &Driver) -> Vec<String> {
    driver.model.document.findings().iter().map(|finding| finding.message.clone()).collect()
}

#[test]
fn the_answer_is_planned_with_and_its_source_is_shown() {
    let server = gantry();
    let (_directory, mut driver) = opened(&server);
    assert_eq!(driver.status(), "services were asked, and gave 1 of 2 jobs attributes");
    assert_eq!(tags(&driver, "app@1.0 /aaaa"), serde_json::json!(["high", "dyn", "a"]));
    assert_eq!(tags(&driver, "lib@1.0 /llll"), serde_json::json!(["high", "l"]));
    let messages = messages(&driver);
    assert!(messages.iter().any(|message| message.contains("gives 1 of 2 jobs no attributes")), "{messages:?}");
    assert!(!messages.iter().any(|message| message.contains("is not asked")), "{messages:?}");
    assert!(!messages.iter().any(|message| message.contains("hush")), "{messages:?}");
    driver.keys("2 G");
    assert!(driver.shows("- dyn (answer of") && !driver.shows("hush"), "{}", driver.screen());
    driver.keys("3 j");
    assert!(driver.shows("allocation gave 1 job") && !driver.shows("hush"), "{}", driver.screen());
    assert!(driver.model.document.changes().is_empty(), "what services say is no change of the user's");
}

#[test]
fn edits_undoing_and_reading_again_keep_what_services_said() {
    let server = gantry();
    let (_directory, mut driver) = opened(&server);
    for keys in ["3 G k J", "u", "R"] {
        driver.keys(keys);
        assert_eq!(tags(&driver, "app@1.0 /aaaa"), serde_json::json!(["high", "dyn", "a"]), "{keys}");
    }
    assert_eq!(driver.model.document.history.unsaved(), 0);
}

#[test]
fn jobs_that_came_after_the_question_are_found_until_it_is_asked_again() {
    let server = gantry();
    let (_directory, mut driver) = opened(&server);
    let late = |driver: &Driver| messages(driver).iter().any(|message| message.contains("come into the plan since"));
    assert!(!late(&driver));
    driver.keys("1 a").typed("zlib").keys("enter");
    assert!(driver.model.document.plan.graph.len() > 2, "{}", driver.screen());
    assert!(late(&driver), "{:?}", messages(&driver));
    let before = server.requests().len();
    driver.keys("P");
    assert!(!late(&driver), "{:?}", messages(&driver));
    assert!(server.requests().len() > before);
    assert!(driver.status().starts_with("services were asked"), "{}", driver.status());
}

#[test]
fn a_section_that_asks_otherwise_than_before_has_no_answers() {
    let server = gantry();
    let (_directory, mut driver) = opened(&server);
    let path = driver.model.session.manifest.clone();
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("name: gantry", "name: gantry\n        ignore: [tags]")).unwrap();
    let asked = driver.model.document.questions;
    driver.keys("R");
    assert_eq!(driver.model.document.questions, asked + 1, "it is asked when the file is read again");
    assert_eq!(tags(&driver, "app@1.0 /aaaa"), serde_json::json!(["high", "a"]));
}

#[test]
fn nobody_is_asked_without_the_option_or_without_a_service() {
    let server = gantry();
    let directory = tempfile::tempdir().unwrap();
    let session = Session { services: None, ..session(directory.path(), &server) };
    let mut driver = Driver::open(session);
    assert!(messages(&driver).iter().any(|message| message.contains("is not asked")));
    driver.keys("P");
    assert!(driver.status().contains("nobody is asked"), "{}", driver.status());
    assert!(server.requests().is_empty());
}

#[test]
fn a_service_that_hangs_is_named_and_can_be_given_up() {
    let server = Server::start(|_| Reply::Hang);
    let directory = tempfile::tempdir().unwrap();
    let session = session(directory.path(), &server);
    let waiting = Waiting::new(session.clone());
    let news = waiting.next();
    let Message::News(News::Asking(asking @ Asking::Service { .. })) = news else { panic!("{news:?}") };
    assert_eq!(asking.to_string(), format!("asking http://***@127.0.0.1:{}/allocation about 2 jobs", server.port));
    waiting.worker.cancel(Lane::Questions);
    let mut driver = Driver::open(Session { services: None, ..session });
    driver.model = waiting.model.clone();
    driver.send(waiting.next());
    assert_eq!(driver.status(), "! cancelled");
    waiting.worker.finish();
}

#[test]
fn a_real_terminal_asks_with_the_option() {
    let server = gantry();
    let directory = tempfile::tempdir().unwrap();
    session(directory.path(), &server);
    let home = tempfile::tempdir().unwrap();
    let mut pty = Pty::start(&[directory.path().to_str().unwrap(), "--ask-dynamic-mapping"], home.path());
    pty.wait_for("services were asked, and gave 1 of 2 jobs attributes");
    pty.press("q");
    assert!(pty.end().0.success());
}
