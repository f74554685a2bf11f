//! Pipelines of the spack-ci dialect: what jobs have, and what bears on it.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests fail like tests")]

mod common;
#[path = "common/small.rs"]
mod small;

use serde_json::Value;
use small::{parse, planned, release, with_rules};
use spackplan::environment::{Environment, Inputs, Texts};
use spackplan::finding::{Rule, Severity};
use spackplan::pipeline::spack_ci::settings::{PipelineType, Settings};
use spackplan::plan::prune::{Externals, Pruning, Reason};
use spackplan::release::{Release, Request};
use spackplan::source::Source;
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn document(release: &Release) -> Value {
    serde_yaml::from_str(&release.pipeline.to_text()).unwrap()
}

fn with_settings(text: &str, change: impl FnOnce(&mut Settings)) -> Release {
    let mut settings = Settings::default();
    change(&mut settings);
    planned(parse(text).unwrap(), Request { settings, ..Request::default() })
}

const APP: &str = "app@1.0 /aaaa";
const LIB: &str = "lib@1.0 /llll";

#[test]
fn a_job_needs_those_of_its_dependencies_and_the_one_that_generates() {
    let document = document(&release(&with_rules("- build-job: {needs: [mine], tags: [t]}\n")));
    let needs = document[APP]["needs"].as_array().unwrap();
    assert_eq!(needs[0], serde_json::json!({ "job": LIB, "artifacts": false }));
    assert_eq!(needs.len(), 2);
    assert_eq!(document[APP]["stage"], "stage-1");
    assert_eq!(document["stages"], serde_json::json!(["stage-0", "stage-1", "stage-rebuild-index"]));
    assert_eq!(document[APP]["variables"]["SPACK_JOB_SPEC_VARIANTS"], "~pic+shared build_system=cmake");
    assert_eq!(document[APP]["variables"]["SPACK_JOB_SPEC_COMPILER_NAME"], "gcc");
    assert_eq!(document["variables"]["SPACK_VERSION"], "1.1.0");
    assert_eq!(document["variables"]["SPACK_CHECKOUT_VERSION"], "v1.1.0");
}

#[test]
fn attributes_that_the_plan_decides_are_reported_when_sections_set_them() {
    let release = release(&with_rules("- build-job: {needs: [mine], variables: {SPACK_SPEC_NEEDS_REBUILD: x}}\n"));
    let rules: Vec<Rule> = release.findings.iter().map(|finding| finding.rule).collect();
    assert!(rules.contains(&Rule::DroppedKey) && rules.contains(&Rule::OverriddenVariable), "{:?}", release.findings);
}

#[test]
fn sections_win_over_variables_of_the_spec() {
    let rules = "- build-job: {variables: {SPACK_JOB_SPEC_PKG_NAME: mine}}\n";
    assert_eq!(document(&release(&with_rules(rules)))[APP]["variables"]["SPACK_JOB_SPEC_PKG_NAME"], "mine");
    let replaced = document(&release(&with_rules("- build-job: {variables:: {A: '1'}}\n")));
    let names: Vec<&String> = replaced[APP]["variables"].as_object().unwrap().keys().collect();
    assert_eq!(names, ["A", "SPACK_SPEC_NEEDS_REBUILD"]);
}

#[test]
fn sections_put_text_before_and_after_variables_of_the_spec() {
    let rules = "- build-job: {variables: {SPACK_JOB_SPEC_PKG_NAME+: pre-}}\n- build-job: {variables: {SPACK_JOB_SPEC_PKG_NAME-: -post, SPACK_JOB_SPEC_ARCH+: on-}}\n";
    let document = document(&release(&with_rules(rules)));
    assert_eq!(document[APP]["variables"]["SPACK_JOB_SPEC_PKG_NAME"], "pre-app-post");
    assert_eq!(document[LIB]["variables"]["SPACK_JOB_SPEC_PKG_NAME"], "pre-lib-post");
    assert_eq!(document[APP]["variables"]["SPACK_JOB_SPEC_ARCH"], "on-linux-centos7-x86_64");
}

#[test]
fn pruned_specs_get_no_job_and_needs_lead_through_them() {
    let mut pruning = Pruning::of_externals(Externals::Built);
    pruning.add(&"llll".into(), Reason::UpToDate(vec!["https://get".to_owned()]));
    pruning.add(&"aaaa".into(), Reason::Missing);
    let request = Request { pruning: Arc::new(pruning), ..Request::default() };
    let release = planned(parse(&with_rules("- build-job: {tags: [t]}\n")).unwrap(), request);
    let document = document(&release);
    assert!(document.get(LIB).is_none());
    assert_eq!(document[APP]["needs"][0]["job"], "gcc@1.0 /gggg");
    assert_eq!(document[APP]["stage"], "stage-1");
    let pruned = &release.plan.graph.pruned;
    assert_eq!(pruned.len(), 1);
    assert_eq!(pruned[0].reason, Reason::UpToDate(vec!["https://get".to_owned()]));
}

#[test]
fn where_all_is_pruned_one_job_says_so() {
    let mut pruning = Pruning::default();
    for hash in ["aaaa", "llll"] {
        pruning.add(&hash.into(), Reason::Untouched);
    }
    let request = Request { pruning: Arc::new(pruning), ..Request::default() };
    let release = planned(parse(&with_rules("- noop-job: {tags: [small]}\n")).unwrap(), request);
    let document = document(&release);
    assert_eq!(document.as_object().unwrap().keys().collect::<Vec<_>>(), ["no-specs-to-rebuild", "workflow"]);
    assert_eq!(document["no-specs-to-rebuild"]["retry"], 0);
    assert!(!release.has_errors(), "{:?}", release.findings);
}

#[test]
fn the_type_of_the_pipeline_gives_the_reserved_tag_and_the_job_that_signs() {
    let rules = "- build-job: {tags: [t, public]}\n- signing-job: {script: [[sign]]}\n";
    let of = |kind| document(&with_settings(&with_rules(rules), |settings| settings.pipeline_type = Some(kind)));
    let protected = of(PipelineType::ProtectedBranch);
    assert_eq!(protected[APP]["tags"], serde_json::json!(["t", "protected"]));
    assert_eq!(protected["sign-pkgs"]["script"], serde_json::json!(["sign"]));
    assert_eq!(protected["sign-pkgs"]["variables"]["SPACK_BUILDCACHE_DESTINATION"], "https://put");
    let proposed = of(PipelineType::PullRequest);
    assert_eq!(proposed[APP]["tags"], serde_json::json!(["t", "public"]));
    assert!(proposed.get("sign-pkgs").is_none());
}

#[test]
fn names_from_variables_are_escaped() {
    let name = "a\nb: [x]\n\u{1b}[2J";
    let release = with_settings(&with_rules("- build-job: {tags: [t]}\n"), |settings| {
        settings.generate_job = name.to_owned();
        settings.stack = Some(name.to_owned());
        settings.forwarded = vec![(name.to_owned(), name.to_owned())];
    });
    assert!(!release.pipeline.to_text().contains('\u{1b}'));
    let document = document(&release);
    assert_eq!(document[LIB]["needs"][0]["job"], name);
    assert_eq!(document["variables"][name], name);
}

#[test]
fn a_name_of_several_lines_stays_one_name() {
    let release = with_settings(&with_rules("- build-job: {tags: [t]}\n"), |settings| {
        settings.generate_job = "a\nb".to_owned();
    });
    assert_eq!(document(&release)[LIB]["needs"][0]["job"], "a\nb");
}

#[test]
fn a_pipeline_that_copies_needs_a_mirror_to_copy_from() {
    let release = with_settings(&with_rules("- copy-job: {script: [copy]}\n"), |s| {
        s.pipeline_type = Some(PipelineType::CopyOnly);
    });
    assert!(release.findings.iter().any(|found| found.message.contains("buildcache-source")));
    let document = document(&release);
    assert_eq!(document["stages"], serde_json::json!(["copy", "stage-rebuild-index"]));
    assert!(document.get(APP).is_none());
}

#[test]
fn without_a_mirror_to_push_to_nothing_is_written() {
    let text = with_rules("- build-job: {tags: [t]}\n").replace("buildcache-destination", "other");
    let found = release(&text).findings;
    assert!(found.iter().any(|f| f.severity == Severity::Error && f.message.contains("buildcache-destination")));
}

#[test]
fn a_service_that_is_not_asked_is_reported_unless_it_is_to_be_skipped() {
    let text = with_rules("- dynamic-mapping: {name: gantry, endpoint: 'http://x'}\n");
    let asked = |release: &Release| release.findings.iter().any(|found| found.message.contains("http://x"));
    assert!(asked(&release(&text)));
    assert!(!asked(&with_settings(&text, |settings| settings.skip_dynamic = Some("gan".to_owned()))));
}

#[test]
fn jobs_find_manifest_lockfile_and_what_is_to_be_copied() {
    let text = with_rules("- build-job: {tags: [t]}\n")
        .replace("  specs", "  include:\n  - 'a b.yaml' # shared\n  - /x\n  specs");
    let release = with_settings(&text, |settings| {
        settings.copy_to = Some("s3://there".to_owned());
        settings.project = PathBuf::from("/p");
        settings.environment = PathBuf::from("/e");
    });
    let extras = release.pipeline.extras();
    let paths: Vec<&Path> = extras.iter().map(|extra| extra.path.as_path()).collect();
    let root = Path::new("/p/jobs_scratch_dir");
    assert_eq!(
        paths[..2],
        [root.join("concrete_environment/spack.yaml"), root.join("concrete_environment/spack.lock")]
    );
    assert_eq!(paths[2], root.join("specs_to_copy/copy_rebuilt_specs.json"));
    let manifest = std::str::from_utf8(&extras[0].bytes).unwrap();
    assert!(manifest.contains("  - '../../../e/a b.yaml' # shared\n  - /x\n"), "{manifest}");
    let copies: Value = serde_json::from_slice(&extras[2].bytes).unwrap();
    assert_eq!(copies["aaaa"]["dest"], "s3://there/v3/manifests/spec/app/app-1.0-aaaa.spec.manifest.json");
}

#[test]
fn a_mirror_at_a_path_is_named_to_jobs_by_a_url_that_holds_anywhere() {
    let mut context = common::context();
    for assignment in ["env.MIRRORS=/srv/my mirrors", "env.HOME=/home/me"] {
        context.set(assignment).unwrap();
    }
    for (written, url) in [
        ("./m/../n", "file:///here/e/n"),
        ("$env/m", "file:///here/e/m"),
        ("$MIRRORS/x", "file:///srv/my%20mirrors/x"),
        ("~/x", "file:///home/me/x"),
        ("$UNKNOWN/x", "$UNKNOWN/x"),
        ("file:///a b", "file:///a b"),
    ] {
        let text = with_rules("- build-job: {tags: [t]}\n");
        let text = text.replace("{fetch: 'https://get', push: 'https://put'}", &format!("'{written}'"));
        let inputs = Inputs { context: &context, files: &Texts::default(), dialect: None };
        let environment = Environment::read(Source::new("e/spack.yaml", text), inputs).unwrap();
        let settings = Settings { here: PathBuf::from("/here"), ..Settings::default() };
        let document = document(&planned(environment, Request { settings, ..Request::default() }));
        let script = document["rebuild-index"]["script"][0].as_str().unwrap();
        assert_eq!(script.strip_prefix("spack buildcache update-index --keys "), Some(url), "{written}");
    }
}

#[test]
fn a_mirror_that_is_only_fetched_from_is_none_to_push_to() {
    let text = with_rules("- build-job: {tags: [t]}\n").replace(", push: 'https://put'", "");
    let found = release(&text).findings;
    let finding = found.iter().find(|finding| finding.message.contains("no URL for the jobs to push to")).unwrap();
    assert!(finding.severity == Severity::Error && finding.place.is_some());
}

#[test]
fn a_variable_that_is_forwarded_again_has_its_last_value() {
    let release = with_settings(&with_rules("- build-job: {tags: [t]}\n"), |settings| {
        settings.forwarded = [("A", "1"), ("SPACK_PIPELINE_TYPE", "mine"), ("A", "2")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec();
    });
    let document = document(&release);
    assert_eq!(document["variables"]["A"], "2");
    assert_eq!(document["variables"]["SPACK_PIPELINE_TYPE"], "mine");
}

#[test]
fn an_empty_build_group_is_no_part_of_names() {
    let text = with_rules("- build-job: {tags: [t]}\n") + "  cdash: {build-group: ''}\n";
    assert!(document(&release(&text)).get(APP).is_some());
}
