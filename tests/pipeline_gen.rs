//! `ci: pipeline-gen`: which sections are refused, and what jobs get.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests fail like tests")]

mod common;
#[path = "common/small.rs"]
mod small;

use small::{parse, release, with_rules};
use spackplan::emit::Report;
use spackplan::environment::attributes::JobKind;
use spackplan::plan::Plan;
use spackplan::plan::attributes::{merged, of_kind};
use spackplan::yaml::{Mapping, Node};

fn attributes(plan: &Plan, package: &str) -> Mapping {
    let id = plan.graph.ids().find(|id| &*plan.graph.spec(*id).name == package).unwrap();
    merged(&plan.rules, &plan.assignments.sets[plan.assignments.set_of(id).index()])
}

fn texts(map: &Mapping, key: &str) -> Vec<String> {
    let items = map.get(key).and_then(|entry| entry.node.as_sequence()).unwrap_or_default();
    items.iter().map(|item| item.as_text().unwrap_or("…").to_owned()).collect()
}

#[test]
fn malformed_sections_are_refused_at_their_place() {
    for (text, line, message) in [
        ("- build-job: {tags: [t]}\n  any-job: {tags: [u]}\n", 3, "`build-job` and `any-job`"),
        ("- deploy-job: {tags: [t]}\n", 2, "no kind of job"),
        ("- submapping:\n  - build-job: {tags: [t]}\n", 3, "has no `match`"),
        ("- submapping:\n  - match: [x]\n    job: {tags: [t]}\n", 4, "has no `job`"),
        ("- submapping: []\n  match_behavior: last\n", 3, "`first` or `merge`"),
        ("- submapping: []\n  build-job: {}\n", 3, "has no `build-job`"),
        ("- build-job: {image: [x]}\n", 2, "`image` has to be"),
        ("- build-job: {tags: x}\n", 2, "`tags` has to be a list"),
        ("- build-job: {variables: {A: true}}\n", 2, "variable `A`"),
        ("- build-job:\n    script:\n    - echo a: b\n", 4, "a line of a script"),
        ("- dynamic-mapping: {name: x}\n", 2, "no `endpoint`"),
        ("- submapping:\n  - match: ['a@@1']\n", 3, "no spec"),
    ] {
        let error = parse(&with_rules(text)).unwrap_err();
        assert!(error.message.contains(message), "{text}: {error}");
        // The rules begin in the line after `pipeline-gen:`, which is the fourth.
        assert_eq!(error.place.unwrap().line(), line + 3, "{text}");
    }
}

#[test]
fn the_last_entry_that_matches_takes_the_job() {
    let rules = "- submapping:\n  - match: [app]\n    build-job: {tags: [first]}\n  - match: ['@1:']\n    build-job: {tags: [last]}\n";
    let plan = release(&with_rules(rules)).plan;
    assert_eq!(texts(&attributes(&plan, "app"), "tags"), ["last"]);
}

#[test]
fn with_merge_all_entries_apply_and_the_first_wins() {
    let rules = "- match_behavior: merge\n  submapping:\n  - match: [app]\n    build-job: {tags: [first], image: a}\n  - match: ['@1:']\n    build-job: {tags: [last], image: b}\n";
    let plan = release(&with_rules(rules)).plan;
    let app = attributes(&plan, "app");
    assert_eq!(texts(&app, "tags"), ["first", "last"]);
    assert_eq!(app["image"].node.as_text(), Some("a"));
    assert_eq!(attributes(&plan, "lib")["image"].node.as_text(), Some("b"));
}

#[test]
fn higher_sections_win_and_lists_are_joined() {
    let rules = "- build-job: {variables: {A: high}, script: [mine], tags: [x]}\n- any-job: {variables: {A: low, B: low}, tags: [y, x]}\n- build-job: {tags: [z]}\n- build-job-remove: {tags: [z]}\n";
    let plan = release(&with_rules(rules)).plan;
    let app = attributes(&plan, "app");
    assert_eq!(texts(&app, "tags"), ["x", "y", "z"]);
    assert_eq!(texts(&app, "script")[0], "mine");
    assert_eq!(texts(&app, "script").len(), 4, "Spack's own lines follow");
    let variables = app["variables"].node.as_mapping().unwrap();
    assert_eq!(variables["A"].node.as_text(), Some("high"));
    assert_eq!(variables["B"].node.place.to_string().split(':').next(), Some("/e/spack.yaml"));
}

#[test]
fn removing_comes_before_adding_in_one_section() {
    let rules = "- build-job: {tags: [a]}\n  build-job-remove: {tags: [a, b], image:: x}\n- build-job: {tags: [b, c], image: i}\n";
    let app = attributes(&release(&with_rules(rules)).plan, "app");
    assert_eq!(texts(&app, "tags"), ["a", "c"]);
    assert!(!app.contains_key("image"));
}

#[test]
fn tags_that_runners_are_trusted_by_cannot_be_had_by_asking() {
    let plan = release(&with_rules("- any-job: {tags: [public, protected, notary, mine]}\n")).plan;
    assert_eq!(texts(&attributes(&plan, "app"), "tags"), ["mine"]);
    assert_eq!(texts(&of_kind(&plan.rules, JobKind::Signing), "tags"), ["aws", "protected", "notary", "mine"]);
}

#[test]
fn the_script_of_the_index_job_is_spacks_own() {
    let plan = release(&with_rules("- reindex-job: {script: [mine], image: i}\n")).plan;
    let reindex = of_kind(&plan.rules, JobKind::Reindex);
    assert_eq!(texts(&reindex, "script"), ["spack buildcache update-index --keys {index_target_mirror}"]);
    assert_eq!(reindex["script"].node.place.source().name(), "overrides of spack ci generate");
    assert_eq!(reindex["image"].node.as_text(), Some("i"));
}

#[test]
fn a_job_without_a_mapping_is_no_error() {
    let release = release(&with_rules("- submapping: [{match: [nothing], build-job: {tags: [t]}}]\n"));
    assert!(!release.has_errors(), "{:?}", release.findings);
    assert_eq!(release.pipeline.jobs().count(), 2);
}

#[test]
fn a_why_names_the_file_and_line_of_every_value() {
    let rules = "- build-job: {variables: {A: high}}\n- build-job:\n    variables: {B: low}\n";
    let release = release(&with_rules(rules));
    let mut out = Vec::new();
    spackplan::emit::write(spackplan::emit::Report::Why, &release, None, &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    assert!(text.contains("A     high  (/e/spack.yaml:5, build-job)"), "{text}");
    assert!(text.contains("B     low  (/e/spack.yaml:7, build-job)"), "{text}");
    assert!(text.contains("spack ci rebuild]  (defaults of spack ci generate)"), "{text}");
}

#[test]
fn mappings_have_one_letter_everywhere_counted_as_they_are_listed() {
    let rules = "- submapping:\n  - match: [app]\n    build-job: {tags: [a]}\n  - match: [none]\n- build-job: {tags: [all]}\n- submapping:\n  - match: ['@1:']\n    build-job:\n      variables: {V: c}\n";
    let release = release(&with_rules(rules));
    let report = |report| {
        let mut out = Vec::new();
        spackplan::emit::write(report, &release, None, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    };
    let why = report(Report::Why);
    assert!(why.contains("- a  (/e/spack.yaml:7, mapping A)"), "{why}");
    assert!(why.contains("- all  (/e/spack.yaml:9, build-job)"), "{why}");
    assert!(why.contains("V: c}  (/e/spack.yaml:13, mapping C)"), "{why}");
    assert!(why.contains("mapping C (/e/spack.yaml:11) TAKES IT"), "{why}");
    let summary = report(Report::Summary);
    assert!(summary.contains("arch=linux-centos7-x86_64  [A+C]") && summary.contains("[C]"), "{summary}");
    assert!(summary.contains("  A       1 job  [a]  app\n  B      0 jobs  []  none\n  C      2 jobs"), "{summary}");
    assert!(release.findings.iter().any(|found| found.message == "mapping B matches no job"));
    let json: serde_json::Value = serde_json::from_str(&report(Report::Json)).unwrap();
    let letters: Vec<&str> =
        json["mappings"].as_array().unwrap().iter().map(|mapping| mapping["letter"].as_str().unwrap()).collect();
    assert_eq!(letters, ["C", "A", "B"], "they stand in the order in which they are applied");
}

#[test]
fn a_range_of_targets_keeps_its_colon_and_a_note_says_that_spack_drops_it() {
    let environment = parse(&with_rules("- submapping: [{match: ['target=x86_64:', '@1:']}]\n")).unwrap();
    let notes: Vec<_> = environment.findings.iter().filter(|finding| finding.message.contains("last colon")).collect();
    assert_eq!(notes.len(), 1, "{notes:?}");
}

#[test]
fn a_node_of_the_rules_has_the_place_it_was_written_at() {
    let app = attributes(&release(&with_rules("- build-job: {tags: [t]}\n")).plan, "app");
    let tag: &Node = &app["tags"].node.as_sequence().unwrap()[0];
    assert_eq!(tag.place.to_string(), "/e/spack.yaml:5:26");
}
