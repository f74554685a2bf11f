//! What holds whatever is pressed: the plan follows the text, undoing leads back, nothing panics at any size, and what
//! the inputs say never steers the terminal.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::expect_used, reason = "helpers of tests fail like tests")]

#[path = "common/tui.rs"]
mod tui;

use proptest::prelude::*;
use spackplan::plan::Plan;
use spackplan::tui::message::Message;
use spackplan::tui::model::document::Planned;
use std::cell::RefCell;
use std::sync::Arc;
use tui::Driver;

const MANIFEST: &str = "\
spack:
  definitions:
  - tools: [gcc@8.3.0]
  specs:
  - matrix:
    - [zlib@1.2.11, bzip2@1.0.8]
    - ['%gcc@5.5.0', '%gcc@8.3.0']
  - readline@7.0
  mirrors: {release: https://mirror.example.org}
  gitlab-ci:
    bootstrap: [tools]
    mappings:
    - match: [gcc, zlib]   # first
      runner-attributes: {tags: [large]}
    - match: ['%gcc@5.5.0']
      runner-attributes:
        tags: [old]
    - match: ['@:']
      runner-attributes: {tags: [any], image: example/builder}
";

const SECTIONS: &str = "\
spack:
  specs: [app]
  mirrors: {buildcache-destination: https://mirror.example.org}
  ci:
    pipeline-gen:
    - build-job: {tags: [all]}   # everywhere
    # the large ones
    - submapping:
      - match: [app]
        build-job: {tags: [large], image: x}
      - match: ['@:']   # all
        build-job:
          variables:: {A: b}
    - any-job-remove: {tags: [none]}
    - submapping:
      - match: [lib]
      match_behavior: merge
    - signing-job: {script: [sign]}
";

/// What is pressed at random; letters are typed where a text is asked for.
const KEYS: [&str; 47] = [
    "1", "2", "3", "3", "3", "4", "5", "6", "j", "k", "j", "k", "g", "G", "h", "l", "J", "K", "D", "d", "a", "m", "M",
    "t", "i", "v", "A", "c", "x", "E", "s", "space", "tab", "enter", "enter", "esc", "esc", "down", "u", "ctrl-r", "R",
    "+", "/", "n", "`", "o", "S",
];

/// Returns all that a plan says of its jobs and mappings.
fn told(plan: &Plan) -> Vec<String> {
    let graph = &plan.graph;
    let job = |id| {
        let (job, mapping) = (graph.job(id), plan.assignments.mapping_of(id));
        format!("{} {} {mapping:?} {:?}", job.name, job.stage, graph.needs(id))
    };
    let findings = plan.findings.iter().map(|finding| format!("{:?} {}", finding.severity, finding.message));
    graph.ids().map(job).chain(findings).chain([format!("{:?}", plan.assignments.counts)]).collect()
}

fn afresh(ui: &Driver) -> Vec<String> {
    let (session, document) = (&ui.model.session, &ui.model.document);
    let environment = Arc::new(document.parse(document.history.current()).unwrap());
    told(&Planned::new(environment, &document.lockfiles, session).unwrap().plan)
}

fn check(ui: &mut Driver, manifest: &str, keys: &[&str]) -> Result<(), TestCaseError> {
    for key in keys {
        ui.keys(key);
    }
    prop_assert_eq!(told(&ui.model.document.plan), afresh(ui));
    ui.keys("esc esc esc esc esc esc esc esc");
    while ui.model.document.history.last().is_some() {
        ui.keys("u");
        prop_assert!(!ui.status().starts_with('!'), "{}", ui.status());
    }
    prop_assert_eq!(ui.text(), manifest);
    prop_assert_eq!(told(&ui.model.document.plan), told(&ui.model.document.loaded));
    Ok(())
}

#[test]
fn the_plan_is_always_that_of_the_text_and_undoing_everything_leads_back() {
    press_anything(Driver::new(MANIFEST), MANIFEST);
}

#[test]
fn so_it_is_where_there_are_sections() {
    let lock = std::fs::read_to_string("tests/fixtures/sections/spack.lock").unwrap();
    press_anything(Driver::with_lock(SECTIONS, Some(&lock)), SECTIONS);
}

fn press_anything(ui: Driver, manifest: &str) {
    let start = ui.model.clone();
    let ui = RefCell::new(ui);
    let keys = prop::collection::vec(prop::sample::select(KEYS.as_slice()), 1..40);
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(48));
    let checked = runner.run(&keys, |keys| {
        let mut ui = ui.borrow_mut();
        ui.model = start.clone();
        check(&mut ui, manifest, &keys)
    });
    checked.unwrap();
}

/// Keys that lead to every screen and over every kind of layer.
const PLACES: [&str; 13] = ["1", "2", "3", "3 tab", "4", "5", "6", "?", "/ z", "3 m", "2 G enter", "3 J q", "3 tab s"];

#[test]
fn no_size_of_the_terminal_makes_it_panic() {
    let mut ui = Driver::new(MANIFEST);
    let start = ui.model.clone();
    let odd = [38, 39, 40, 41, 99, 100, 101, 200];
    let widths: Vec<u16> = (1..=200).step_by(61).chain(odd).collect();
    let heights: Vec<u16> = (1..=60).step_by(17).chain([9, 10, 11, 60]).collect();
    for place in PLACES {
        for zoom in ["", "+ "] {
            ui.model = start.clone();
            ui.keys(zoom).keys(place);
            for (width, height) in widths.iter().flat_map(|width| heights.iter().map(move |height| (*width, *height))) {
                ui.send(Message::Resize(width, height));
                let buffer = ui.buffer();
                assert_eq!((buffer.area.width, buffer.area.height), (width, height));
            }
        }
    }
}

#[test]
fn what_the_inputs_say_never_steers_the_terminal() {
    let hostile = MANIFEST
        .replace("[old]", "[\"\\e[2J\\e]52;c;aGk=\\a\", \"\\u202Eevil\"]")
        .replace("example/builder", "\"b\\r\\n\\x9b31m\"");
    let mut ui = Driver::new(&hostile);
    let start = ui.model.clone();
    for place in PLACES {
        ui.model = start.clone();
        ui.keys(place);
        for _ in 0..4 {
            for cell in &ui.buffer().content {
                let harmless = |c: char| !c.is_control() && !('\u{202a}'..='\u{202e}').contains(&c);
                assert!(cell.symbol().chars().all(harmless), "{place}: {:?}", cell.symbol());
            }
            ui.keys("down");
        }
    }
    assert!(ui.effects.is_empty());
}

#[test]
fn pasted_text_is_typed_without_what_would_steer() {
    let mut ui = Driver::new(MANIFEST);
    ui.keys("/").send(Message::Paste("zl\u{1b}[31mib\r".to_owned()));
    assert!(ui.screen().contains("zl [31mib"), "{}", ui.screen());
    ui.keys("esc").send(Message::Paste("q".to_owned()));
    assert!(ui.model.leaving.is_none());
}
