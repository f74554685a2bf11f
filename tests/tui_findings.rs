//! The Findings screen: from a problem to the job, mapping, phase or line it is about.
#![cfg(feature = "tui")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test ends, or says why it is skipped"
)]

#[path = "common/tui.rs"]
mod tui;

use spackplan::tui::effect::Effect;
use spackplan::tui::model::Screen;
use std::fs;
use std::path::{Path, PathBuf};
use tui::Driver;

const FLAWED: &str = "spack:
  specs: [readline@7.0 %gcc@5.5.0 os=centos7]
  mirrors: {m: 'https://mirror.example.org'}
  gitlab-ci:
    mappings:
    - match: [readline]
      runner-attributes: {tags: [any]}
    - match: [cmake]
      runner-attributes: {tags: [other]}
";

/// Selects the finding whose message holds a text.
fn select(driver: &mut Driver, text: &str) {
    driver.keys("6 g");
    let findings = driver.model.document.findings();
    let index = findings.iter().position(|finding| finding.message.contains(text));
    let index = index.unwrap_or_else(|| panic!("no finding says {text}: {findings:?}"));
    for _ in 0..index {
        driver.keys("j");
    }
}

fn edited_at(driver: &Driver) -> (PathBuf, usize) {
    match driver.effects.last() {
        Some(Effect::Edit(path, line)) => (path.clone(), *line),
        other => panic!("no editor was asked for: {other:?}"),
    }
}

#[test]
fn enter_goes_to_the_job_even_if_the_filter_hides_it() {
    let mut driver = Driver::new(FLAWED);
    driver.keys("/").typed("readline").keys("enter");
    driver.keys("esc 6");
    select(&mut driver, "no mapping takes");
    driver.keys("enter");
    assert_eq!(driver.model.screen, Screen::Stages);
    let job = driver.model.selected_job().unwrap();
    assert!(driver.model.document.plan.assignments.is_unassigned(job));
}

#[test]
fn enter_goes_to_the_mapping_that_matches_nothing() {
    let mut driver = Driver::new(FLAWED);
    select(&mut driver, "mapping B matches no job");
    driver.keys("enter");
    assert_eq!(driver.model.screen, Screen::Runners);
    assert_eq!(driver.model.runners.cursor.selected, 1);
}

#[test]
fn the_editor_opens_at_the_line_of_the_finding() {
    let mut driver = Driver::new(FLAWED);
    select(&mut driver, "mapping B matches no job");
    driver.keys("e");
    assert_eq!(edited_at(&driver), (driver.directory().join("spack.yaml"), 8));
}

#[test]
fn the_editor_opens_at_the_line_of_the_file_not_of_the_edited_text() {
    let mut driver = Driver::new(FLAWED);
    driver.keys("3 D");
    select(&mut driver, "mapping C matches no job");
    driver.keys("e");
    assert_eq!(edited_at(&driver).1, 8, "{}", driver.text());
}

#[test]
fn a_finding_in_a_lockfile_names_its_file_and_the_editor_opens_that() {
    let example = Path::new("assets/examples/locked");
    let manifest = fs::read_to_string(example.join("spack.yaml")).unwrap();
    let manifest = manifest.replace("  - libpng@1.6.39 target=x86_64_v3\n", "");
    let mut driver = Driver::with_lock(&manifest, Some(&fs::read_to_string(example.join("spack.lock")).unwrap()));
    select(&mut driver, "libpng");
    assert!(driver.shows("spack.lock:"), "{}", driver.screen());
    driver.keys("e");
    assert_eq!(edited_at(&driver).0, driver.directory().join("spack.lock"));
}

#[test]
fn the_findings_screen_at_three_sizes() {
    for (width, height) in [(120, 40), (80, 24), (60, 20)] {
        let mut driver = Driver::example("locked").sized(width, height);
        driver.keys("3 g D 6");
        insta::assert_snapshot!(format!("findings_{width}x{height}"), driver.screen());
    }
}
