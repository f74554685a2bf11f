//! The Runners screen of an environment with `ci:`: sections, mappings and what included files say; specs without a job.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::expect_used, reason = "helpers of tests fail like tests")]

#[path = "common/tui.rs"]
mod tui;

use insta::assert_snapshot;
use spackplan::tui::model::runners::Row;
use std::path::Path;
use tui::{Driver, session};

fn open() -> Driver {
    let manifest = Path::new("tests/fixtures/sections/spack.yaml");
    Driver::open(session(manifest.into(), Path::new("none").join(".gitlab-ci.yml")))
}

/// Presses keys, then types a text into what they open and accepts it.
fn type_in<'a>(ui: &'a mut Driver, keys: &str, text: &str) -> &'a mut Driver {
    ui.keys(keys).keys("ctrl-u").typed(text).keys("enter")
}

#[test]
fn sections_at_two_sizes() {
    for (width, height) in [(120, 40), (80, 24)] {
        let mut ui = open().sized(width, height);
        ui.keys("3");
        assert_snapshot!(format!("section-{width}x{height}"), ui.screen());
        ui.keys("j j");
        assert_snapshot!(format!("mapping-{width}x{height}"), ui.screen());
    }
}

#[test]
fn specs_without_a_job_at_two_sizes() {
    for (width, height) in [(120, 40), (80, 24)] {
        let mut ui = open().sized(width, height);
        ui.keys("2 o G");
        assert_snapshot!(format!("pruned-{width}x{height}"), ui.screen());
    }
}

#[test]
fn rows_stand_as_they_are_written_and_included_ones_last() {
    let mut ui = open();
    ui.keys("3");
    let is_section = |row: &Row| matches!(row, Row::Section(_));
    let kinds: Vec<bool> = ui.model.runners.rows.iter().map(is_section).collect();
    assert_eq!(kinds, [true, true, false, false, true, true, true, false, false]);
    assert!(ui.shows("submapping       the last that matches takes the job"), "{}", ui.screen());
    assert!(ui.shows("any-job          [site.yaml] {tags: [site]}"), "{}", ui.screen());
    assert!(ui.shows("C      1            no tags        [site.yaml] lib"), "{}", ui.screen());
    assert!(ui.shows("without a mapping") && !ui.shows("without a runner  "), "{}", ui.screen());
}

#[test]
fn a_value_is_shown_with_the_section_that_gave_it() {
    let mut ui = open();
    ui.keys("2 g j j");
    let job = ui.model.selected_job().map(|id| ui.model.document.plan.graph.job(id).name.clone());
    assert_eq!(job.as_deref(), Some("lib@1.0 /llll"));
    for line in [
        "- fast (line 10, build-job)",
        "- site (tests/fixtures/sections/site.yaml:5,",
        "WHO: all (line 11, build-job)",
        "image: example/base (line 21, build-job)",
        "(tests/fixtures/sections/site.yaml:9,",
    ] {
        assert!(ui.shows(line), "{line}\n{}", ui.screen());
    }
    let screen = ui.screen();
    let applied = screen.split_once("applied in order").unwrap().1;
    let order = ["mapping C", "any-job (tests", "build-job (line 21)", "mapping B", "build-job (line 10)"];
    let places: Vec<usize> = order.iter().filter_map(|text| applied.find(text)).collect();
    assert!(places.len() == order.len() && places.is_sorted(), "{screen}");
}

#[test]
fn attributes_of_a_section_are_edited_like_those_of_a_mapping() {
    let mut ui = open();
    type_in(&mut ui, "3 t", "slow, cheap");
    assert_eq!(ui.status(), "set `tags` of section 1 to `[slow, cheap]`");
    assert!(ui.text().contains("tags: [slow, cheap]   # the usual runners"), "{}", ui.text());
    type_in(&mut ui, "v", "WHO=everyone");
    assert!(ui.text().contains("variables: {WHO: everyone}"), "{}", ui.text());
    type_in(&mut ui, "i", "example/other");
    type_in(&mut ui, "A", "retry: {max: 1}");
    assert!(ui.text().contains("        image: example/other\n"), "{}", ui.text());
    type_in(&mut ui, "A", "retry:");
    assert!(!ui.text().contains("retry"), "{}", ui.text());
    let before = std::fs::read_to_string("tests/fixtures/sections/spack.yaml").unwrap();
    ui.keys("u u u u u");
    assert_eq!(ui.text(), before);
}

#[test]
fn sections_are_added_moved_and_removed_and_stay_selected() {
    let mut ui = open();
    type_in(&mut ui, "3 S", "any-job: {image: new}");
    assert_eq!(ui.status(), "add section 2 `any-job: {image: new}`");
    assert_eq!(ui.model.runners.cursor.selected, 1);
    ui.keys("K");
    assert_eq!(ui.status(), "move section 2 up to 1");
    assert_eq!(ui.model.runners.cursor.selected, 0);
    ui.keys("K");
    assert_eq!(ui.status(), "it is at the end of the list already");
    ui.keys("J J");
    assert_eq!(ui.status(), "move section 2 down to 3");
    assert!(ui.shows(">any-job          {image: new}"), "{}", ui.screen());
    ui.keys("d");
    assert_eq!(ui.status(), "remove section 3");
    assert!(ui.shows(">build-job        {image: example/base}"), "{}", ui.screen());
}

#[test]
fn mappings_of_a_submapping_are_edited_where_they_stand() {
    let mut ui = open();
    ui.keys("3 j j J");
    assert_eq!(ui.status(), "move mapping 1 of section 2 down to 2");
    assert!(ui.text().contains("    - submapping:\n      - match: ['@1:']"), "{}", ui.text());
    type_in(&mut ui, "M", "lib");
    assert!(ui.text().contains("match: [app, lib]"), "{}", ui.text());
    type_in(&mut ui, "a", "gcc");
    assert!(ui.text().contains("      - match: ['gcc']\n        build-job:\n          tags: []\n"), "{}", ui.text());
}

#[test]
fn what_is_included_cannot_be_edited_here_but_overridden() {
    let mut ui = open();
    let before = ui.text().to_owned();
    ui.keys("3 G k");
    for key in ["t", "d", "K", "m", "D"] {
        ui.keys(key);
        assert!(ui.status().contains("it stands in an included file"), "{key}: {}", ui.status());
    }
    assert_eq!(ui.text(), before);
    assert!(ui.shows("what spack.yaml says wins over it"), "{}", ui.screen());
    ui.keys("a").typed("lib").keys("enter");
    assert!(ui.text().contains("- match: [lib]"), "{}", ui.text());
    assert_eq!(ui.status(), "add mapping 3 of section 2 for `lib`");
}

#[test]
fn without_any_submapping_the_first_mapping_makes_one() {
    let manifest = "spack:\n  specs: [app]\n  mirrors: {buildcache-destination: 'https://m'}\n  ci:\n    pipeline-gen:\n    - build-job: {tags: [t]}\n";
    let lock = std::fs::read_to_string("tests/fixtures/sections/spack.lock").unwrap();
    let mut ui = Driver::with_lock(manifest, Some(&lock));
    ui.keys("3 a").typed("lib@1:").keys("enter");
    assert!(
        ui.text().contains("    - submapping:\n      - match: ['lib@1:']\n        build-job:\n          tags: []\n"),
        "{}",
        ui.text()
    );
    assert!(ui.shows("A      1    +1      no tags        lib@1:"), "{}", ui.screen());
    ui.keys("u");
    assert_eq!(ui.text(), manifest);
}

#[test]
fn a_list_of_mappings_has_no_attributes_itself() {
    let mut ui = open();
    ui.keys("3 j t");
    assert!(ui.status().contains("has no attributes itself"), "{}", ui.status());
    ui.keys("m");
    assert!(ui.status().contains("no mapping is selected"), "{}", ui.status());
}

#[test]
fn a_list_of_mappings_is_removed_and_moved_whole_and_its_jobs_are_followed() {
    let mut ui = open();
    let before = ui.text().to_owned();
    ui.keys("3 j d");
    assert_eq!(ui.status(), "remove section 2");
    assert!(!ui.text().contains("submapping") && ui.text().contains("image: example/base"), "{}", ui.text());
    assert!(ui.shows("without a mapping") && ui.shows(">build-job        {image: example/base}"), "{}", ui.screen());
    ui.keys("u");
    assert_eq!(ui.text(), before);
    type_in(&mut ui, "g j S", "submapping: [{match: [lib], build-job: {tags: [other]}}]");
    assert_eq!(ui.status(), "add section 3 `submapping: [{match: [lib], build-job: {…`");
    assert!(ui.shows("C      1    +1      other"), "{}", ui.screen());
    ui.keys("K");
    assert_eq!(ui.status(), "move section 3 up to 2");
    assert!(ui.shows("A      1    +1      other"), "{}", ui.screen());
    // The mappings of the list that it has passed are the same as before, under other letters.
    assert!(ui.shows("B      0            large") && ui.shows("C      2            no tags"), "{}", ui.screen());
}

#[test]
fn specs_without_a_job_are_listed_with_the_reason_when_asked_for() {
    let mut ui = open();
    ui.keys("2");
    assert!(ui.shows("2 jobs in 2 stages, 1 spec gets no job"), "{}", ui.screen());
    assert!(!ui.shows("gcc@1.0 /gggg"), "{}", ui.screen());
    ui.keys("o G");
    assert!(ui.shows("gcc@1.0 /gggg: it is an external"), "{}", ui.screen());
    assert!(ui.shows("no job: it is an external, there already, and"), "{}", ui.screen());
    assert!(ui.shows("jobs that depend on it directly") && ui.model.selected_job().is_none());
    ui.keys("o");
    assert!(!ui.shows("gcc@1.0 /gggg"), "{}", ui.screen());
}

#[test]
fn an_environment_that_lost_its_last_spec_gets_its_jobs_back() {
    let mut ui = open();
    ui.keys("1 d 3");
    assert!(ui.shows("Jobs of build-job: 0"), "{}", ui.screen());
    ui.keys("u");
    assert!(ui.shows("Jobs of build-job: 2"), "{}", ui.screen());
}

#[test]
fn a_job_is_sent_to_a_mapping_behind_the_one_that_has_taken_it() {
    let mut ui = open();
    let app = ui.job("app@1.0");
    ui.model.stages.reveal(&ui.model.document, None, app);
    ui.keys("2 s").typed("A").keys("enter");
    assert!(ui.status().starts_with("sent to a copy of A put behind B"), "{}", ui.status());
    let plan = &ui.model.document.plan;
    assert_eq!(plan.mapping_number(ui.job("app@1.0")), Some(2), "{}", ui.text());
    assert_eq!(plan.mapping_number(ui.job("lib@1.0")), Some(1));
    let behind = ui.text().find("match: ['@1:']").unwrap();
    assert!(ui.text()[behind..].contains("- match: [app]"), "{}", ui.text());
}

#[test]
fn jobs_are_not_sent_to_a_mapping_of_an_included_file() {
    let mut ui = open();
    ui.keys("2 G s").typed("lib").keys("enter");
    assert!(ui.shows("this mapping stands in an included file"), "{}", ui.screen());
}
