//! `gitlab-ci:` of Spack 0.13 to 0.22 in the spack-ci dialect, key by key.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests fail like tests")]

mod common;
#[path = "common/small.rs"]
mod small;

use serde_json::{Value, json};
use small::{parse_as, planned};
use spackplan::environment::Dialect;
use spackplan::finding::{Rule, Severity};
use spackplan::pipeline::spack_ci::settings::{BrokenList, PipelineType, Settings};
use spackplan::plan::prune::{Pruning, Reason};
use spackplan::release::{Release, Request};
use std::sync::Arc;

const APP: &str = "app@1.0 /aaaa";
const LIB: &str = "lib@1.0 /llll";

/// Mappings as every era has them: the first one that matches takes the job.
const MAPPINGS: &str = "mappings:
- match: [app]
  runner-attributes: {tags: [first], variables: {A: of app}}
- match: ['@:']
  runner-attributes: {tags: [last], image: other}
";

fn text(section: &str) -> String {
    let section = section.lines().map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n");
    format!("spack:\n  specs: [app]\n  mirrors: {{buildcache-destination: 'https://m'}}\n  gitlab-ci:\n{section}\n")
}

fn with(section: &str, request: Request) -> Release {
    planned(parse_as(&text(section), Some(Dialect::SpackCi)).unwrap(), request)
}

fn document(release: &Release) -> Value {
    serde_yaml::from_str(&release.pipeline.to_text()).unwrap()
}

/// Returns the pipeline of a section with [`MAPPINGS`] and `more`.
fn pipeline(more: &str) -> Value {
    document(&with(&format!("{more}{MAPPINGS}"), Request::default()))
}

#[test]
fn the_first_mapping_that_matches_takes_the_job() {
    let document = pipeline("");
    assert_eq!(document[APP]["tags"], json!(["first"]));
    assert_eq!(document[LIB]["tags"], json!(["last"]));
    assert!(document[APP].get("image").is_none());
}

#[test]
fn what_the_section_itself_says_is_the_default_of_build_jobs() {
    let document =
        pipeline("image: common\nscript: [build it]\nbefore_script: [[one, two]]\nafter_script: [clean up]\n");
    assert_eq!(document[APP]["image"], "common");
    assert_eq!(document[LIB]["image"], "other");
    assert_eq!(document[APP]["script"], json!(["build it"]), "Spack's own script is not run besides");
    assert_eq!(document[APP]["before_script"], json!(["one", "two"]));
    assert_eq!(document[LIB]["after_script"], json!(["clean up"]));
    assert!(document["rebuild-index"].get("image").is_none(), "it is no build job");
}

#[test]
fn tags_are_united_with_those_of_the_section_and_variables_merged_by_name() {
    let document = pipeline("tags: [all, first]\nvariables: {A: of all, B: b}\n");
    assert_eq!(document[APP]["tags"], json!(["all", "first"]));
    assert_eq!(document[LIB]["tags"], json!(["all", "first", "last"]));
    assert_eq!(document[APP]["variables"]["A"], "of app");
    assert_eq!(document[LIB]["variables"]["A"], "of all");
    assert_eq!(document[APP]["variables"]["B"], "b");
}

#[test]
fn a_script_of_a_mapping_replaces_that_of_the_section() {
    let section = "script: [one]\nmappings:\n- match: [app]\n  runner-attributes: {tags: [t], script: [other]}\n- match: ['@:']\n  runner-attributes: {tags: [t]}\n";
    let document = document(&with(section, Request::default()));
    assert_eq!(document[APP]["script"], json!(["other"]));
    assert_eq!(document[LIB]["script"], json!(["one"]));
}

#[test]
fn with_merge_later_mappings_win_and_tags_are_united() {
    let document = pipeline("match_behavior: merge\n");
    assert_eq!(document[APP]["tags"], json!(["first", "last"]));
    assert_eq!(document[APP]["image"], "other");
    assert_eq!(document[APP]["variables"]["A"], "of app");
}

#[test]
fn attributes_are_taken_away_before_a_mapping_gives_its_own() {
    let section = "tags: [a, b]\nmappings:\n- match: [app]\n  remove-attributes: {tags: [a, c]}\n  runner-attributes: {tags: [c]}\n- match: ['@:']\n  runner-attributes: {tags: [d]}\n";
    let document = document(&with(section, Request::default()));
    assert_eq!(document[APP]["tags"], json!(["b", "c"]));
    assert_eq!(document[LIB]["tags"], json!(["a", "b", "d"]));
}

#[test]
fn service_jobs_have_attributes_of_their_own_but_not_their_script() {
    let service = "service-job-attributes: {tags: [service], image: small, script: [mine]}\n";
    let release = with(&format!("{service}{MAPPINGS}"), Request::default());
    let index = document(&release)["rebuild-index"].clone();
    assert_eq!((&index["tags"], &index["image"]), (&json!(["service"]), &json!("small")));
    assert_eq!(index["script"], json!(["spack buildcache update-index --keys https://m"]));
    let script = release.findings.iter().find(|found| found.message.contains("`script` of `service-job-attributes`"));
    assert_eq!(script.map(|found| found.rule), Some(Rule::DroppedKey));
    let mut pruning = Pruning::default();
    for hash in ["aaaa", "llll"] {
        pruning.add(&hash.into(), Reason::Untouched);
    }
    let request = Request { pruning: Arc::new(pruning), ..Request::default() };
    let nothing = document(&with(&format!("{service}{MAPPINGS}"), request))["no-specs-to-rebuild"].clone();
    assert_eq!(nothing["tags"], json!(["service"]));
    assert_eq!(nothing["script"], json!(["echo \"All specs already up to date, nothing to rebuild.\""]));
}

#[test]
fn the_index_is_rebuilt_at_the_end_unless_it_is_not_to_be() {
    let index = "final-stage-rebuild-index: {tags: [index], image: small}\n";
    assert_eq!(pipeline(index)["rebuild-index"]["tags"], json!(["index"]));
    assert_eq!(pipeline(index)["rebuild-index"]["image"], "small");
    assert!(pipeline("rebuild-index: false\n").get("rebuild-index").is_none());
}

#[test]
fn the_job_that_signs_is_there_on_protected_branches_only() {
    let section = format!("signing-job-attributes: {{script: [sign it], tags: [s]}}\n{MAPPINGS}");
    let settings = Settings { pipeline_type: Some(PipelineType::ProtectedBranch), ..Settings::default() };
    let protected = document(&with(&section, Request { settings, ..Request::default() }));
    assert_eq!(protected["sign-pkgs"]["script"], json!(["sign it"]));
    assert_eq!(protected["sign-pkgs"]["tags"], json!(["s", "aws", "protected", "notary"]));
    assert_eq!(protected[APP]["tags"], json!(["first", "protected"]));
    assert!(document(&with(&section, Request::default())).get("sign-pkgs").is_none());
}

#[test]
fn specs_known_not_to_build_are_an_error() {
    let settings = Settings { broken: BrokenList::Read(["llll".to_owned()].into()), ..Settings::default() };
    let section = format!("broken-specs-url: /broken\n{MAPPINGS}");
    let release = with(&section, Request { settings, ..Request::default() });
    assert!(release.findings.iter().any(|found| found.rule == Rule::BrokenSpec), "{:?}", release.findings);
}

#[test]
fn what_has_no_counterpart_today_is_named() {
    let section = "enable-artifacts-buildcache: true\ntemporary-storage-url-prefix: s3://t\nbootstrap: [gccs]\n";
    let release = with(&format!("{section}{MAPPINGS}"), Request::default());
    for (key, severity) in [
        ("enable-artifacts-buildcache", Severity::Note),
        ("temporary-storage-url-prefix", Severity::Note),
        ("bootstrap", Severity::Warning),
    ] {
        let found = release.findings.iter().find(|found| found.message.starts_with(&format!("`{key}`")));
        assert_eq!(found.map(|found| found.severity), Some(severity), "{key}: {:?}", release.findings);
    }
    assert_eq!(release.plan.graph.phases.len(), 1);
}

#[test]
fn a_job_without_a_mapping_is_left_out_or_an_error() {
    let release = with("mappings:\n- match: [app]\n  runner-attributes: {tags: [t]}\n", Request::default());
    assert!(release.findings.iter().any(|found| found.rule == Rule::NoRunner && found.severity == Severity::Error));
    assert!(document(&release).get(LIB).is_none());
}
