//! The Pipeline screen: what it shows, and how one moves in it.
#![cfg(feature = "tui")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test ends, or says why it is skipped"
)]

#[path = "common/tui.rs"]
mod tui;

use spackplan::tui::message::Message;
use std::fs;
use tui::Driver;

const TWO_JOBS: &str = "spack:
  specs: [readline@7.0 %gcc@5.5.0 os=centos7]
  mirrors: {m: 'https://mirror.example.org'}
  gitlab-ci:
    mappings:
    - match: [readline]
      runner-attributes: {tags: [any]}
    - match: [ncurses, pkgconf]
      runner-attributes: {tags: [other]}
";

/// Returns an environment with the pipeline that it gives on disk.
fn written() -> Driver {
    let driver = Driver::new(TWO_JOBS);
    fs::write(driver.directory().join(".gitlab-ci.yml"), text(&driver)).unwrap();
    driver
}

fn text(driver: &Driver) -> String {
    driver.model.document.rendered.as_ref().unwrap().pipeline.to_text()
}

fn selected(driver: &Driver) -> String {
    let id = driver.model.selected_job().unwrap();
    driver.model.document.plan.graph.job(id).name.clone()
}

#[test]
fn every_line_of_the_file_can_be_scrolled_to() {
    let mut driver = Driver::example("locked").sized(200, 40);
    driver.keys("5");
    let text = text(&driver);
    for line in text.lines() {
        assert!(driver.shows(line), "{line}\n{}", driver.screen());
        driver.keys("j");
    }
    assert!(driver.shows(&format!("{} lines, a new file", text.lines().count())));
}

#[test]
fn the_selected_job_is_the_one_whose_text_the_line_is_in() {
    let mut driver = Driver::example("locked");
    driver.keys("5");
    assert_eq!(driver.model.selected_job(), None, "the head belongs to no job");
    driver.keys("]");
    let first = selected(&driver);
    driver.keys("j j j j");
    assert_eq!(selected(&driver), first);
    driver.keys("]");
    assert_ne!(selected(&driver), first);
    driver.keys("[");
    assert_eq!(selected(&driver), first);
    driver.keys("G");
    assert_eq!(driver.model.selected_job(), None, "the index is no job of the plan");
}

#[test]
fn the_next_match_is_the_next_job_that_the_filter_finds() {
    let mut driver = Driver::example("locked");
    driver.keys("5 /").typed("libpng").keys("enter n");
    assert!(selected(&driver).contains("libpng"));
    driver.keys("g N");
    assert!(selected(&driver).contains("libpng"));
}

#[test]
fn long_lines_are_scrolled_sideways() {
    let mut driver = Driver::example("locked").sized(60, 20);
    driver.keys("5 ] l l");
    assert!(!driver.shows("stage: stage-0"), "{}", driver.screen());
    driver.keys("h h h");
    assert!(driver.shows("stage: stage-0"), "{}", driver.screen());
}

#[test]
fn the_difference_says_in_words_when_there_is_none() {
    let mut driver = Driver::new(TWO_JOBS);
    driver.keys("5 d");
    assert!(driver.shows("there is no such file yet"), "{}", driver.screen());
    let mut driver = written();
    driver.keys("R 5");
    assert!(driver.shows("as on disk"), "{}", driver.screen());
    driver.keys("d");
    assert!(driver.shows("the file on disk is as it would be written"));
}

#[test]
fn an_edit_shows_in_the_difference_and_its_changes_are_gone_to() {
    let mut driver = written();
    driver.keys("3 t ctrl-u").typed("fast").keys("enter 5 d");
    assert!(driver.shows("against the file on disk"), "{}", driver.screen());
    assert!(driver.shows("fast"), "{}", driver.screen());
    driver.keys("g ]");
    let line = driver.model.pipeline.cursor.selected;
    assert!(driver.model.pipeline.compared.lines()[line].starts_with("@@"));
    driver.keys("[");
    assert_eq!(driver.model.pipeline.cursor.selected, line, "there is no change before the first");
}

#[test]
fn while_the_text_is_laid_out_the_place_in_it_is_kept() {
    let mut driver = Driver::example("locked");
    driver.keys("5 ] ] ]");
    let line = driver.model.pipeline.cursor.selected;
    driver.model.document.rendered = None;
    driver.send(Message::Tick);
    assert!(driver.shows("laying out the pipeline"), "{}", driver.screen());
    assert_eq!(driver.model.pipeline.cursor.selected, line);
}

#[test]
fn the_pipeline_screen_at_three_sizes() {
    for (width, height) in [(120, 40), (80, 24), (60, 20)] {
        let mut driver = Driver::example("locked").sized(width, height);
        driver.keys("5 ]");
        insta::assert_snapshot!(format!("pipeline_{width}x{height}"), driver.screen());
    }
}
