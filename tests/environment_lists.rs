//! Spec lists: definitions, references, matrices, what is excluded, and where every root comes from.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests fail like tests")]

mod common;

use spackplan::environment::condition::Context;
use spackplan::environment::{Environment, Origin, SpecList};
use spackplan::error::Error;
use spackplan::finding::{Rule, Severity};
use spackplan::source::Source;
use std::fmt::Write as _;

fn parse_on(context: &Context, text: &str) -> Result<Environment, Error> {
    let text = format!("spack:\n{text}  ci: {{}}\n");
    Environment::parse(Source::new("spack.yaml", text), context)
}

fn parse(text: &str) -> Result<Environment, Error> {
    parse_on(&common::context(), text)
}

fn texts(list: &SpecList) -> Vec<String> {
    list.roots.iter().map(|root| root.spec.to_string()).collect()
}

#[track_caller]
fn roots(text: &str) -> Vec<String> {
    texts(&parse(text).unwrap().specs)
}

/// Returns the error with line and column.
#[track_caller]
fn refused(text: &str) -> (usize, usize, Error) {
    let error = parse(text).unwrap_err();
    let place = error.place.clone().unwrap();
    assert!(!error.hints.is_empty(), "{error}");
    (place.line(), place.column(), error)
}

#[test]
fn the_last_row_of_a_matrix_runs_fastest() {
    let roots = roots("  specs:\n  - matrix:\n    - [zlib, xz]\n    - ['%gcc@12', '%clang@17']\n  - bzip2\n");
    assert_eq!(roots, ["zlib %gcc@12", "zlib %clang@17", "xz %gcc@12", "xz %clang@17", "bzip2"]);
}

#[test]
fn entries_of_one_name_are_joined_whatever_stands_between_them() {
    let text = "  definitions:
  - a: [zlib]
  - b: [$a]
  - a: [xz]
    when: platform == 'linux'
  - a: [bzip2]
    when: platform == 'darwin'
  specs: [$b]
";
    let environment = parse(text).unwrap();
    assert_eq!(texts(&environment.specs), ["zlib", "xz"]);
    assert_eq!(environment.definitions.keys().collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(texts(&environment.definitions["a"]), ["zlib", "xz"]);
}

#[test]
fn a_sigil_is_put_before_every_spec_of_the_list() {
    let text = "  definitions:
  - mpis: [mpich, openmpi@4]
  - compilers: [gcc@12]
  - some: [$mpis]
  specs:
  - matrix: [[hdf5], [$^some], [$%compilers]]
";
    assert_eq!(roots(text), ["hdf5 %gcc@12 ^mpich", "hdf5 %gcc@12 ^openmpi@4"]);
}

#[test]
fn a_sigil_before_a_matrix_goes_to_the_first_value_of_each_combination() {
    let text = "  definitions:
  - mpis:
    - matrix: [[mpich], ['+slurm', '~slurm']]
  specs:
  - matrix: [[hdf5], [$^mpis]]
";
    assert_eq!(roots(text), ["hdf5 ^mpich+slurm", "hdf5 ^mpich~slurm"]);
}

#[test]
fn a_matrix_in_a_row_gives_one_value_for_each_of_its_combinations() {
    let text = "  definitions:
  - pairs:
    - matrix: [[zlib, xz], ['%gcc@12', '%gcc@13']]
      exclude: [xz %gcc@13]
  specs:
  - matrix: [[$pairs], [target=zen3, target=zen4]]
";
    let environment = parse(text).unwrap();
    assert_eq!(environment.specs.roots.len(), 6);
    let matrix = &environment.specs.matrices[0];
    assert_eq!(matrix.axes[0].values[2].text, "xz %gcc@12");
    assert_eq!(matrix.axes[0].values[2].place.line(), 4);
}

#[test]
fn an_excluded_combination_is_kept_aside_with_the_rule() {
    let text = "  specs:
  - matrix: [[zlib, xz], ['%gcc@12', '%gcc@13']]
    exclude: [bzip2, zlib %gcc@13]
";
    let environment = parse(text).unwrap();
    let matrix = &environment.specs.matrices[0];
    assert_eq!(environment.specs.roots.len(), 3);
    assert_eq!(matrix.excluded.len(), 1);
    assert_eq!((matrix.excluded[0].rule, &matrix.excluded[0].values[..]), (1, &[0, 1][..]));
    assert_eq!(matrix.excluded[0].spec.to_string(), "zlib %gcc@13");
}

#[test]
fn an_exclude_is_strict_about_what_a_combination_is_silent_on() {
    assert_eq!(roots("  specs:\n  - {matrix: [[zlib, zlib@1.2]], exclude: ['@1.2']}\n"), ["zlib"]);
}

#[test]
fn every_root_knows_its_line_or_its_combination() {
    let environment = parse("  specs:\n  - zlib\n  - matrix: [[xz], [+pic, ~pic]]\n").unwrap();
    let roots = &environment.specs.roots;
    assert!(matches!(&roots[0].origin, Origin::Plain(place) if place.line() == 3));
    assert!(matches!(&roots[2].origin, Origin::Combination { matrix: 0, values } if *values == [0, 1]));
    assert_eq!(environment.specs.place_of(&roots[2]).unwrap().line(), 4);
}

#[test]
fn groups_are_read_as_their_specs() {
    let text = "  specs:
  - zlib
  - {group: tools, specs: [cmake, ninja]}
  - {group: apps, needs: [tools], specs: [hdf5], override: {packages: {}}, explicit: false}
";
    let environment = parse(text).unwrap();
    assert_eq!(texts(&environment.specs), ["zlib", "cmake", "ninja", "hdf5"]);
    let groups: Vec<_> = environment.specs.roots.iter().map(|root| root.group.as_deref()).collect();
    assert_eq!(groups, [None, Some("tools"), Some("tools"), Some("apps")]);
    assert!(environment.findings.iter().all(|finding| finding.rule != Rule::UnknownKey));
}

#[test]
fn a_reference_to_itself_is_refused() {
    let (line, column, error) = refused("  definitions:\n  - a: [zlib]\n  - a: [$a]\n  specs: [$a]\n");
    assert_eq!((line, column), (4, 9));
    assert!(error.message.contains("itself") && error.related[0].0.line() == 3, "{error:?}");
}

#[test]
fn a_reference_to_a_later_definition_is_refused_and_names_both_places() {
    let (line, _, error) = refused("  definitions:\n  - a: [$b]\n  - b: [zlib]\n  specs: [$a]\n");
    assert_eq!((line, error.related[0].0.line()), (3, 4));
}

#[test]
fn a_name_that_is_not_defined_is_refused_with_the_nearest_one() {
    let (_, _, error) = refused("  definitions:\n  - compilers: []\n  specs: [$compiler]\n");
    assert_eq!(error.hints, ["did you mean `$compilers`?"]);
}

#[test]
fn a_name_that_an_included_file_may_define_is_only_reported() {
    let environment = parse("  include: [definitions.yaml]\n  specs: [zlib, $more]\n").unwrap();
    assert_eq!(texts(&environment.specs), ["zlib"]);
    assert!(environment.findings.iter().any(|finding| finding.message.contains("`more`")));
}

#[test]
fn a_list_whose_conditions_do_not_hold_is_empty_with_a_finding() {
    let text = "  definitions:\n  - a: [zlib]\n    when: os == 'beos'\n  specs: [$a]\n";
    let environment = parse(text).unwrap();
    assert!(environment.specs.roots.is_empty() && environment.definitions.is_empty());
    assert!(environment.findings.iter().any(|finding| finding.message.contains("line 4")));
}

#[test]
fn facts_of_the_host_can_be_set() {
    let text = "  definitions:\n  - a: [zlib]\n    when: env.get('SITE') == 'lab' and os == 'beos'\n  specs: [$a]\n";
    let mut context = common::context();
    context.set("env.SITE=lab").unwrap();
    context.set("os=beos").unwrap();
    assert_eq!(texts(&parse_on(&context, text).unwrap().specs), ["zlib"]);
}

#[test]
fn a_condition_that_is_not_understood_is_refused_at_its_place() {
    let (line, column, _) = refused("  definitions:\n  - a: [zlib]\n    when: \"open('/etc') and True\"\n");
    assert_eq!((line, column), (4, 12));
}

#[test]
fn a_combination_that_contradicts_itself_names_both_values() {
    let text = "  specs:\n  - matrix:\n    - [hdf5+mpi]\n    - ['%gcc']\n    - [~mpi]\n    exclude: [hdf5]\n";
    let (line, column, error) = refused(text);
    assert_eq!((line, column), (6, 8));
    assert_eq!(error.related[0].0.line(), 4);
    assert!(error.message.contains("`~mpi` does not go with `hdf5+mpi`"), "{error}");
}

#[test]
fn specs_that_are_no_specs_are_refused_at_their_column() {
    for (text, column) in [
        ("  specs:\n  - zlib@@1\n", 9),
        ("  specs:\n  - {matrix: [[zlib], ['@@1']]}\n", 25),
        ("  specs:\n  - {matrix: [[zlib]], exclude: ['+']}\n", 35),
        ("  specs:\n  - '%gcc'\n", 5),
    ] {
        assert_eq!(refused(text).1, column, "{text}");
    }
}

#[test]
fn malformed_lists_are_refused() {
    for text in [
        "  specs: zlib\n",
        "  specs: [[zlib]]\n",
        "  specs: [{matrix: [zlib]}]\n",
        "  specs: [{matrix: []}]\n",
        "  specs: [{matrix: [[zlib]], excludes: []}]\n",
        "  specs: [{exclude: [zlib]}]\n",
        "  specs: [{matrix: [[{matrix: [[zlib]]}]]}]\n",
        "  definitions: {a: [zlib]}\n",
        "  definitions: [{a: [zlib], b: [xz]}]\n",
        "  definitions: [{when: 'True'}]\n",
        "  definitions: [{a: [null]}]\n",
    ] {
        assert!(parse(text).unwrap_err().place.is_some(), "{text}");
    }
}

#[test]
fn a_definition_that_makes_no_sense_and_is_not_used_is_only_reported() {
    let environment = parse("  definitions:\n  - a: [zlib@@]\n  specs: [xz]\n").unwrap();
    let finding = environment.findings.iter().find(|finding| finding.message.contains("`a`")).unwrap();
    assert_eq!((finding.severity, finding.place.as_ref().unwrap().line()), (Severity::Warning, 3));
}

#[test]
fn definitions_that_multiply_without_end_are_refused_before_they_do() {
    let mut doubling = String::from("  definitions:\n  - d0: [zlib, xz]\n");
    let mut empty = String::from("  definitions:\n  - d0: [{matrix: [[]]}]\n");
    for level in 1..40 {
        for text in [&mut doubling, &mut empty] {
            writeln!(text, "  - d{level}: [$d{0}, $d{0}]", level - 1).unwrap();
        }
    }
    let row = format!("[{}]", (0..1000).map(|i| format!("p{i}")).collect::<Vec<_>>().join(", "));
    let wide = format!("  specs:\n  - matrix: [{row}, {row}, {row}, {row}, {row}, {row}, {row}]\n");
    let mut deep = String::from("  definitions:\n  - d0: [zlib]\n");
    for level in 1..10_000 {
        writeln!(deep, "  - d{level}: [$d{}]", level - 1).unwrap();
    }
    for text in [doubling, empty, wide, deep] {
        refused(&text);
    }
}

#[test]
fn a_matrix_of_a_hundred_thousand_roots_is_expanded() {
    let row = |prefix: &str, count: usize| (0..count).map(|i| format!("{prefix}{i}")).collect::<Vec<_>>().join(", ");
    let text = format!(
        "  specs:\n  - matrix: [[{}], [{}], [{}]]\n",
        row("p", 100),
        row("'@", 100).replace(',', "',") + "'",
        row("os=o", 10)
    );
    assert_eq!(parse(&text).unwrap().specs.roots.len(), 100_000);
}
