//! The Specs screen: matrices as grids, and edits of lists of specs.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::expect_used, reason = "helpers of tests fail like tests")]

#[path = "common/tui.rs"]
mod tui;

use ratatui::style::Modifier;
use spackplan::tui::model::specs::Row;
use spackplan::tui::model::specs::section::{Answer, Content};
use tui::Driver;

/// Opens the Specs screen of the bootstrap example, with the first cell of its matrix selected.
fn example() -> Driver {
    let mut ui = Driver::example("bootstrap");
    ui.keys("1");
    ui
}

/// An environment whose specs are what is given; everything that has no runner is a finding.
fn environment(definitions: &str, specs: &str) -> String {
    format!(
        "spack:
  definitions: {definitions}
  specs:
{specs}
  mirrors: {{release: https://mirror.example.org/release}}
  gitlab-ci:
    bootstrap: []
    mappings:
    - match: [zlib]
      runner-attributes: {{tags: [small]}}
"
    )
}

fn opened(definitions: &str, specs: &str) -> Driver {
    let mut ui = Driver::new(&environment(definitions, specs));
    ui.keys("1");
    ui
}

fn content(ui: &Driver) -> Option<Content> {
    ui.model.specs.content(ui.model.specs.selected_row().unwrap(), ui.model.specs.column.selected)
}

/// Returns the lines of the inspector as one text.
fn origin(ui: &Driver) -> String {
    ui.model.specs.origin(&ui.model.document).join("\n")
}

fn roots(ui: &Driver) -> Vec<String> {
    ui.model.document.planned.specs.roots.iter().map(|root| root.spec.to_string()).collect()
}

/// Selects the row that shows a text.
fn select(ui: &mut Driver, text: &str) {
    ui.keys("g");
    for _ in 0..ui.model.specs.rows.len() {
        if ui.screen().lines().any(|line| line.starts_with('>') && line.contains(text)) {
            return;
        }
        ui.keys("j");
    }
    panic!("no row shows {text}:\n{}", ui.screen());
}

#[test]
fn the_screen_at_three_sizes() {
    for (width, height) in [(120, 40), (80, 24), (60, 20)] {
        let mut ui = Driver::example("bootstrap").sized(width, height);
        ui.keys("1 j");
        insta::assert_snapshot!(format!("specs_{width}x{height}"), ui.screen());
    }
}

#[test]
fn a_cell_shows_the_letter_of_the_runner_in_its_colour_and_that_it_is_predicted() {
    let ui = example();
    let Some(Content::Root(_, Answer::Job(id))) = content(&ui) else { panic!("no job is selected") };
    let number = ui.model.document.plan.mapping_number(id).unwrap();
    let buffer = ui.buffer();
    let row = (0..buffer.area.height).find(|y| buffer[(0, *y)].symbol() == ">").unwrap();
    let x = (0..buffer.area.width).find(|x| buffer[(*x, row)].symbol() == "B").unwrap();
    assert_eq!(buffer[(x, row)].fg, ui.theme.runner(number).fg.unwrap());
    assert_eq!(buffer[(x + 1, row)].symbol(), "~");
    assert!(buffer[(x, row)].modifier.contains(Modifier::REVERSED));
}

#[test]
fn the_origin_of_a_cell_names_the_value_of_each_axis_with_its_line() {
    let origin = origin(&example());
    for line in ["readline@7.0 (line 9)", "%gcc@5.5.0 (line 11)", "arch=linux-ubuntu18.04-x86_64 (line 12)"] {
        assert!(origin.contains(line), "{origin}");
    }
}

#[test]
fn an_excluded_cell_names_the_rule_with_its_line() {
    let mut ui = example();
    ui.keys("l");
    assert!(matches!(content(&ui), Some(Content::Excluded(_))));
    assert!(origin(&ui).contains("excluded by `%gcc@5.5.0 os=centos7` (line 20)"), "{}", origin(&ui));
    assert_eq!(ui.model.selected_job(), None);
}

#[test]
fn other_axes_can_be_the_rows_and_the_selection_stays_on_the_same_combination() {
    let mut ui = example();
    ui.keys("l l l");
    let before = content(&ui);
    for _ in 0..3 {
        ui.keys("x");
        assert_eq!(content(&ui), before);
    }
    ui.keys("x");
    assert!(ui.shows(">%gcc@5.5.0") || ui.shows(">%gcc@8.3.0"), "{}", ui.screen());
}

#[test]
fn the_selected_column_is_always_on_screen() {
    let rows = "[zlib, bzip2], ['@1', '@2', '@3', '@4', '@5', '@6'], [os=one, os=two, os=three, os=four]";
    let mut ui = opened("[]", &format!("  - matrix: [{rows}]")).sized(80, 24);
    for column in 0..24 {
        let specs = &ui.model.specs;
        assert_eq!(specs.column.selected, column);
        let shown = specs.grid(specs.selected_row().unwrap()).unwrap().widths(79).shown;
        assert!((specs.column.top..specs.column.top + shown).contains(&column));
        ui.keys("l");
    }
    assert!(ui.shows("of 24"), "{}", ui.screen());
}

#[test]
fn the_names_of_the_columns_stay_on_screen_above_a_long_grid() {
    let packages: Vec<String> = (0..60).map(|number| format!("p{number}")).collect();
    let rows = format!("[{}], [os=one, os=two]", packages.join(", "));
    let mut ui = opened("[]", &format!("  - matrix: [{rows}]")).sized(80, 24);
    for key in ["j", "ctrl-d", "pagedown", "G", "k", "pageup"] {
        ui.keys(key);
        let screen = ui.screen();
        assert!(screen.lines().any(|line| line.contains("one") && line.contains("two")), "{key}\n{screen}");
        assert!(screen.lines().any(|line| line.starts_with('>')), "{key}\n{screen}");
    }
}

#[test]
fn lines_that_name_columns_are_passed_over() {
    let mut ui = example();
    ui.keys("k");
    assert!(matches!(ui.model.specs.selected_row(), Some(Row::Matrix(0, 0))));
    ui.keys("j");
    assert!(matches!(ui.model.specs.selected_row(), Some(Row::Values(0, 0, 0))));
}

#[test]
fn going_round_the_found_cells_visits_each_of_them() {
    let mut ui = example();
    ui.keys("/").typed("bzip2 os=centos7").keys("enter");
    let found = ui.model.filter.as_ref().unwrap().count();
    let mut visited = Vec::new();
    for _ in 0..4 {
        ui.keys("n");
        visited.push(ui.model.selected_job().unwrap());
    }
    assert!(found >= 1 && visited.iter().all(|id| ui.model.filter.as_ref().unwrap().shows(*id)));
    assert_eq!(visited[0], visited[1], "one cell is found, and the search goes round");
    let buffer = ui.buffer();
    let underlined = buffer.content().iter().any(|cell| cell.modifier.contains(Modifier::UNDERLINED));
    assert!(underlined);
    let there = (ui.model.specs.cursor.selected, ui.model.specs.column.selected);
    ui.keys("N");
    assert_eq!((ui.model.specs.cursor.selected, ui.model.specs.column.selected), there);
}

#[test]
fn marks_are_made_on_cells() {
    let mut ui = example();
    let job = ui.model.selected_job().unwrap();
    ui.keys("space");
    assert!(ui.model.marks.contains(&job));
    assert!(ui.shows("*"), "{}", ui.screen());
}

#[test]
fn a_cell_without_a_runner_stands_out() {
    let ui = opened("[]", "  - matrix: [[zlib, bzip2], [os=centos7, os=rhel8]]");
    assert!(ui.shows("! 2 no runner"), "{}", ui.screen());
    let row = ui.screen().lines().find(|line| line.contains("bzip2")).unwrap().to_owned();
    assert_eq!(row.matches("!~").count(), 2, "{row}");
}

#[test]
fn a_root_that_cannot_be_concretized_says_what_lacks() {
    let mut ui = opened("[]", "  - zlib@1.2.11 ^zlib@1.2.13\n  - zlib");
    select(&mut ui, "^zlib");
    assert!(matches!(content(&ui), Some(Content::Root(_, Answer::Unknown))), "{}", ui.screen());
    assert!(origin(&ui).contains("not concretized"), "{}", origin(&ui));
    assert!(origin(&ui).contains("cannot be predicted"), "{}", origin(&ui));
    assert!(ui.shows("? 1 not concretized"));
}

#[test]
fn excluding_a_combination_takes_out_that_one_and_undo_brings_it_back() {
    let mut ui = example();
    let (before, text) = (roots(&ui), ui.text().to_owned());
    ui.keys("l l l E");
    assert!(ui.status().starts_with("exclude `readline@7.0 %gcc@8.3.0 arch=linux-cento"), "{}", ui.status());
    assert!(matches!(content(&ui), Some(Content::Excluded(_))));
    let gone: Vec<_> = before.iter().filter(|root| !roots(&ui).contains(root)).cloned().collect();
    assert_eq!(gone, ["readline@7.0 platform=linux os=centos7 target=x86_64 %gcc@8.3.0"]);
    assert!(ui.text().contains("# too old for the C library of the release"));
    ui.keys("u");
    assert_eq!((roots(&ui), ui.text()), (before, text.as_str()));
    assert!(ui.model.selected_job().is_some());
}

#[test]
fn an_exclusion_that_would_take_out_more_is_refused() {
    let mut ui = opened("[]", "  - matrix: [['zlib@1.2', 'zlib@1.2.11'], [os=centos7]]");
    let before = ui.text().to_owned();
    ui.keys("E");
    assert!(ui.status().starts_with("! a rule for it would take out 2 combinations"), "{}", ui.status());
    assert_eq!(ui.text(), before);
    ui.keys("j E");
    assert_eq!(roots(&ui), ["zlib@1.2 os=centos7"]);
}

#[test]
fn a_combination_whose_values_read_differently_one_after_another_is_excluded_as_merged() {
    let mut ui = opened("[]", "  - matrix: [[hdf5], [^mpich], ['%gcc@8', '%gcc@9']]");
    ui.keys("E");
    assert_eq!(roots(&ui).len(), 1, "{}", ui.status());
    assert!(roots(&ui)[0].contains("%gcc@9"));
}

#[test]
fn a_plain_spec_is_removed_from_the_list_it_is_written_in() {
    let mut ui = opened("[{tools: [xz, zlib]}]", "  - $tools\n  - bzip2");
    let before = ui.text().to_owned();
    select(&mut ui, " zlib");
    ui.keys("d");
    assert_eq!(ui.status(), "remove entry 2 from definition `tools`");
    assert_eq!(roots(&ui), ["xz", "bzip2"]);
    select(&mut ui, "bzip2");
    ui.keys("d");
    assert_eq!(roots(&ui), ["xz"]);
    ui.keys("u u");
    assert_eq!(ui.text(), before);
}

#[test]
fn a_matrix_is_removed_on_its_heading_and_not_on_a_cell() {
    let mut ui = example();
    ui.keys("d");
    assert!(ui.status().contains("on its heading"), "{}", ui.status());
    ui.keys("k d");
    assert_eq!(roots(&ui), ["hdf5@1.10.5+mpi ^mpich platform=linux os=centos7 target=x86_64 %gcc@8.3.0"]);
    assert!(ui.text().contains("compiler-agnostic: true"));
}

#[test]
fn a_spec_added_on_a_value_becomes_a_row_of_the_matrix_and_its_jobs_are_predicted() {
    let mut ui = example();
    let before = ui.text().to_owned();
    ui.keys("a");
    assert!(ui.shows("New spec in definition `pkgs`"), "{}", ui.screen());
    ui.typed("zlib@1.2.11").keys("enter");
    assert_eq!(ui.status(), "add `zlib@1.2.11` to definition `pkgs`");
    select(&mut ui, "zlib@1.2.11");
    let job = ui.model.selected_job().unwrap();
    assert!(ui.model.document.plan.graph.spec(job).is_predicted());
    ui.keys("u");
    assert_eq!(ui.text(), before);
}

#[test]
fn a_spec_added_on_the_heading_of_specs_stands_at_its_end() {
    let mut ui = example();
    ui.keys("g a").typed("bzip2").keys("enter");
    assert_eq!(roots(&ui).last().map(String::as_str), Some("bzip2"));
    ui.keys("a").typed("%gcc@9");
    assert!(ui.shows("name a package"), "{}", ui.screen());
}

#[test]
fn a_spec_that_a_group_holds_is_not_removed_with_its_group() {
    let mut ui = opened("[]", "  - {group: tools, specs: [xz, zlib]}");
    let before = ui.text().to_owned();
    select(&mut ui, " xz");
    ui.keys("d");
    assert!(ui.status().contains("only a part of entry 1"), "{}", ui.status());
    assert_eq!(ui.text(), before);
}

#[test]
fn an_environment_without_specs_and_one_with_an_empty_axis_can_be_looked_at() {
    for specs in ["  - []", "  - matrix: [[zlib], []]"] {
        let mut ui =
            Driver::new(&environment("[]", specs).replace("\n  - []", " []").replace("specs:\n []", "specs: []"));
        ui.keys("1 j k G l x E d");
        assert!(ui.shows("Specs: 0 roots"), "{}", ui.screen());
    }
}
