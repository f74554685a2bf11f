//! The Phases screen: the order in which compilers and the release are built, and who leans on what.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test ends, or says why it is skipped"
)]

#[path = "common/tui.rs"]
mod tui;

use spackplan::plan::PhaseKind;
use std::path::Path;
use tui::Driver;

/// An environment with two phases, and a definition that could be a third.
const TWO_PHASES: &str = include_str!("fixtures/two-phases/spack.yaml");

fn opened() -> Driver {
    let directory = Path::new("tests/fixtures/two-phases");
    let mut ui = Driver::open(tui::session(directory.join("spack.yaml"), Path::new("none").join(".gitlab-ci.yml")));
    ui.keys("4");
    ui
}

fn names(ui: &Driver) -> Vec<&str> {
    ui.model.phases.rows.iter().map(|row| row.name.as_str()).collect()
}

#[test]
fn the_screen_at_three_sizes() {
    for (width, height) in [(120, 40), (80, 24), (60, 20)] {
        let mut ui = opened().sized(width, height);
        ui.keys("tab G");
        insta::assert_snapshot!(format!("phases_{width}x{height}"), ui.screen());
    }
}

#[test]
fn a_compiler_job_counts_and_lists_the_main_jobs_that_are_built_with_it() {
    let mut ui = opened();
    ui.keys("tab");
    let graph = std::sync::Arc::clone(&ui.model.document.plan.graph);
    let compiler = graph.ids().find(|id| !ui.model.phases.built_with(*id).is_empty()).unwrap();
    let leaning = ui.model.phases.built_with(compiler).to_vec();
    assert_eq!(leaning, graph.ids().filter(|id| graph.compilers(*id).contains(&compiler)).collect::<Vec<_>>());
    let name = &graph.job(compiler).name;
    for _ in 0..ui.model.phases.members.len() {
        if ui.model.selected_job() == Some(compiler) {
            break;
        }
        ui.keys("j");
    }
    let line = format!("↓{} {name}", leaning.len());
    assert!(ui.screen().lines().any(|row| row.starts_with('>') && row.contains(&line)), "{}", ui.screen());
    assert!(ui.shows("main jobs are built with its compiler"), "{}", ui.screen());
    assert!(ui.shows("(specs) zlib 1.3.1 gcc@13.2.0"), "{}", ui.screen());
}

#[test]
fn moving_a_phase_keeps_it_selected_and_undo_moves_it_back() {
    let mut ui = opened();
    assert_eq!(names(&ui), ["first", "second", "specs"]);
    ui.keys("J");
    assert_eq!(names(&ui), ["second", "first", "specs"]);
    assert_eq!(ui.model.phases.cursor.selected, 1);
    assert!(ui.model.phases.members.iter().all(|id| ui.model.document.plan.graph.phase(*id).name == "first"));
    assert_eq!(ui.model.document.plan.graph.phases[0].name, "second");
    assert!(ui.text().contains("- first   # the new one"));
    ui.keys("J");
    assert_eq!(ui.status(), "it is at the end of the list already");
    ui.keys("u");
    assert_eq!(ui.text(), TWO_PHASES);
    assert_eq!(names(&ui), ["first", "second", "specs"]);
}

#[test]
fn a_phase_is_made_compiler_agnostic_and_back() {
    let mut ui = opened();
    ui.keys("c");
    assert_eq!(ui.model.phases.rows[0].kind, PhaseKind::AgnosticBootstrap);
    assert_eq!(ui.model.document.plan.graph.phases[0].kind, PhaseKind::AgnosticBootstrap);
    ui.keys("c");
    assert_eq!(ui.model.document.plan.graph.phases[0].kind, PhaseKind::Bootstrap);
}

#[test]
fn commands_work_with_the_jobs_focused_too() {
    let mut ui = opened();
    ui.keys("j tab c");
    assert_eq!(ui.model.phases.rows[1].kind, PhaseKind::Bootstrap);
}

#[test]
fn a_phase_is_added_from_the_definitions_that_no_phase_builds() {
    let mut ui = opened();
    ui.keys("a");
    assert!(ui.shows("third  1 specs: zlib") && !ui.shows("first  1 specs"), "{}", ui.screen());
    ui.typed("third").keys("enter");
    assert_eq!(names(&ui), ["first", "third", "second", "specs"]);
    assert_eq!(ui.model.document.plan.graph.phases[1].name, "third");
    assert!(!ui.model.document.plan.graph.phases[1].jobs.is_empty());
    ui.keys("u");
    assert_eq!(ui.text(), TWO_PHASES);
}

#[test]
fn a_definition_of_compilers_without_a_package_cannot_be_a_phase() {
    let mut ui = opened();
    ui.keys("a").typed("compilers").keys("enter");
    assert!(ui.shows("not all of its specs name a package"), "{}", ui.screen());
    assert_eq!(names(&ui).len(), 3);
}

#[test]
fn removing_a_phase_takes_its_jobs_away_and_leaves_its_definition() {
    let mut ui = opened();
    ui.keys("d");
    assert_eq!(names(&ui), ["second", "specs"]);
    assert!(ui.model.document.plan.graph.phases.iter().all(|phase| phase.name != "first"));
    assert!(ui.text().contains("- first: [gcc@13.2.0 os=centos7]"));
}

#[test]
fn the_main_phase_is_not_moved_or_removed() {
    let mut ui = opened();
    for key in ["d", "K", "J", "c"] {
        ui.keys("G").keys(key);
        assert!(ui.status().contains("no bootstrap phase"), "{key}: {}", ui.status());
    }
    assert_eq!(ui.text(), TWO_PHASES);
}
