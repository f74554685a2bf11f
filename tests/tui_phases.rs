//! The Phases screen: the order in which compilers and the release are built, and who leans on what.

#[path = "common/tui.rs"]
mod tui;

use spackplan::plan::PhaseKind;
use tui::Driver;

fn example() -> Driver {
    let mut ui = Driver::example("bootstrap");
    ui.keys("4");
    ui
}

/// An environment with two phases, and a definition that could be a third.
const TWO_PHASES: &str = "spack:
  definitions:
  - first: [gcc@8.3.0 os=centos7]
  - second: [gcc@5.5.0 os=centos7]
  - third: [zlib]
  - compilers: ['%gcc@5.5.0']
  specs:
  - zlib %gcc@8.3.0 os=centos7
  - bzip2 %gcc@8.3.0 os=centos7
  - xz %gcc@5.5.0 os=centos7
  mirrors: {release: https://mirror.example.org/release}
  gitlab-ci:
    bootstrap:
    - first   # the old one
    - name: second
      compiler-agnostic: true
    mappings:
    - match: ['@:']
      runner-attributes: {tags: [any]}
";

fn opened() -> Driver {
    let mut ui = Driver::new(TWO_PHASES);
    ui.keys("4");
    ui
}

fn names(ui: &Driver) -> Vec<&str> {
    ui.model.phases.rows.iter().map(|row| row.name.as_str()).collect()
}

#[test]
fn the_screen_at_three_sizes() {
    for (width, height) in [(120, 40), (80, 24), (60, 20)] {
        let mut ui = Driver::example("bootstrap").sized(width, height);
        ui.keys("4 tab");
        insta::assert_snapshot!(format!("phases_{width}x{height}"), ui.screen());
    }
}

#[test]
fn a_compiler_job_counts_and_lists_the_main_jobs_that_are_built_with_it() {
    let mut ui = example();
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
    let line = ui.screen().lines().find(|line| line.starts_with('>') && line.contains("gcc")).unwrap().to_owned();
    assert!(line.contains(name.as_str()) && line.contains(&format!("{} main job", leaning.len())), "{line}");
    assert!(ui.shows(&format!("{} main jobs are built with its compiler", leaning.len())), "{}", ui.screen());
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
    assert!(ui.text().contains("- first   # the old one"));
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
    assert!(ui.text().contains("- first: [gcc@8.3.0 os=centos7]"));
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
