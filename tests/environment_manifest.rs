//! Manifests: their sections, what is reported about them, and what is refused.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests fail like tests")]

mod common;

use spackplan::environment::attributes::{JobKind, MatchBehavior, ReadingOrder, RunnerMapping, Section};
use spackplan::environment::{self, Dialect, Environment, MirrorContents, Signing};
use spackplan::error::{Error, ErrorKind};
use spackplan::finding::{Finding, Rule, Severity};
use spackplan::source::Source;

fn parse(text: &str) -> Result<Environment, Error> {
    Environment::parse(Source::new("/release/spack.yaml", text), &common::context())
}

/// Parses an environment with a `gitlab-ci:` section.
fn with_rules(rules: &str) -> Result<Environment, Error> {
    parse(&format!("spack:\n  mirrors: {{m: 'https://m'}}\n  definitions:\n  - gccs: [gcc@12]\n  gitlab-ci:\n{rules}"))
}

#[track_caller]
fn mappings(rules: &str) -> Vec<RunnerMapping> {
    let environment = with_rules(rules).unwrap();
    environment.rules.submappings().next().unwrap().1.mappings.clone()
}

fn found(environment: &Environment, rule: Rule) -> Vec<&Finding> {
    environment.findings.iter().filter(|finding| finding.rule == rule).collect()
}

const ANY: &str = "    mappings: [{match: ['@:'], runner-attributes: {tags: [any]}}]\n";

#[test]
fn an_environment_may_be_called_spack_or_env() {
    for name in ["spack", "env"] {
        let environment = parse(&format!("{name}:\n  specs: [zlib]\n  ci: {{}}\n")).unwrap();
        assert_eq!(environment.specs.roots.len(), 1);
    }
}

#[test]
fn a_file_that_is_no_environment_is_refused_with_a_hint() {
    for text in ["", "[]", "zlib", "specs: [zlib]", "spack: []", "spack: null", "spak: {}"] {
        let error = parse(text).unwrap_err();
        assert!(error.place.is_some(), "{text}");
    }
    assert_eq!(parse("spak: {}").unwrap_err().hints, ["is `spak` meant to be `spack`?"]);
}

#[test]
fn a_missing_file_is_refused_with_a_hint() {
    let directory = tempfile::tempdir().unwrap();
    for path in [directory.path().to_owned(), directory.path().join("nowhere")] {
        let error = environment::load(&path, &common::context()).unwrap_err();
        assert!(error.kind == ErrorKind::Io && error.hints[0].contains("spack.yaml"), "{error}");
    }
}

#[test]
fn a_file_that_is_not_utf_8_is_refused_with_the_line() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("spack.yaml"), b"spack:\n  specs: [\xff]\n").unwrap();
    let error = environment::load(directory.path(), &common::context()).unwrap_err();
    assert!(error.message.contains("line 2"), "{error}");
}

#[test]
fn a_key_that_nothing_reads_is_reported_at_every_level() {
    let environment = parse(
        "spak: 1
spack:
  spec: []
  view: false
  packages: {all: {}}
  repos:: [x]
  mirrors: {m: {url: 'https://m', sined: true}}
  cdash: {build-group: g, url: u, project: p, site: s, sites: t}
  gitlab-ci:
    tag: [x]
    bootstrap: []
    mappings:
    - {match: [zlib], runner-attributes: {anything: 1}, matches: [xz]}
",
    )
    .unwrap();
    let hints: Vec<_> = found(&environment, Rule::UnknownKey)
        .into_iter()
        .map(|finding| (finding.place.as_ref().unwrap().line(), finding.hint.as_deref().unwrap()))
        .collect();
    let expected = [
        (1, "did you mean `spack`?"),
        (3, "did you mean `specs`?"),
        (10, "did you mean `tags`?"),
        (13, "did you mean `match`?"),
        (7, "did you mean `signed`?"),
        (8, "did you mean `site`?"),
    ];
    assert_eq!(hints, expected);
}

#[test]
fn the_dialect_follows_the_section() {
    let dialect = |section: &str| parse(&format!("spack:\n  specs: []\n{section}")).unwrap().dialect;
    assert_eq!(dialect("  gitlab-ci: {mappings: []}\n"), Dialect::ReleaseJobs);
    assert_eq!(dialect("  ci: {pipeline-gen: []}\n"), Dialect::SpackCi);
    assert_eq!(dialect("  include: [ci.yaml]\n"), Dialect::SpackCi);
    assert_eq!(dialect(""), Dialect::ReleaseJobs);
}

#[test]
fn an_environment_without_runner_rules_or_mirrors_is_planned_with_errors() {
    let environment = parse("spack:\n  specs: [zlib]\n").unwrap();
    let missing = found(&environment, Rule::MissingSection);
    assert_eq!(missing.len(), 2);
    assert!(missing.iter().all(|finding| finding.severity == Severity::Error));
}

#[test]
fn mappings_keep_every_attribute_and_the_order() {
    let mappings = mappings(
        "    mappings:
    - match: [zlib, '%gcc@12']
      runner-attributes:
        tags: [a]
        image: {name: i, entrypoint: ['']}
        retry: {max: 2}
    - match: ['@:']
      remove-attributes: {tags: [a]}
",
    );
    assert_eq!(mappings.len(), 2);
    assert_eq!(mappings[0].matches.iter().map(|spec| spec.text.as_str()).collect::<Vec<_>>(), ["zlib", "%gcc@12"]);
    let keys: Vec<_> = mappings[0].attributes.as_ref().unwrap().as_mapping().unwrap().keys().collect();
    assert_eq!(keys, ["tags", "image", "retry"]);
    assert!(mappings[1].attributes.is_none() && mappings[1].removes.is_some());
}

#[test]
fn the_early_form_of_a_mapping_has_a_label() {
    let mappings = mappings(
        "    mappings:\n    - spack-cloud-ubuntu:\n      match: [zlib]\n      runner-attributes: {tags: [a]}\n",
    );
    assert_eq!(mappings[0].label.as_deref(), Some("spack-cloud-ubuntu"));
}

#[test]
fn what_stands_beside_the_mappings_becomes_sections_of_their_own() {
    let rules = "    tags: [all]\n    image: i\n    match_behavior: merge\n    service-job-attributes: {tags: [s]}\n    rebuild-index: false\n";
    let environment = with_rules(&format!("{rules}{ANY}")).unwrap();
    let [
        Section::Jobs { kind: JobKind::Build, attributes: Some(defaults), .. },
        Section::Submapping(list),
        Section::Jobs { kind: JobKind::Reindex, .. },
        Section::Jobs { kind: JobKind::Noop, .. },
        Section::Jobs { kind: JobKind::Cleanup, .. },
    ] = &environment.rules.sections[..]
    else {
        panic!("{:?}", environment.rules.sections);
    };
    assert_eq!(defaults.as_mapping().unwrap().keys().collect::<Vec<_>>(), ["tags", "image"]);
    assert_eq!((list.behavior, list.order, list.required), (MatchBehavior::Merge, ReadingOrder::TopDown, true));
    assert_eq!(found(&environment, Rule::DroppedKey).len(), 1);
}

#[test]
fn an_operating_system_after_a_compiler_is_that_of_the_package() {
    let mappings = mappings("    mappings: [{match: ['%gcc@12 os=centos7']}]\n");
    assert_eq!(mappings[0].matches[0].spec.architecture().os.as_deref(), Some("centos7"));
}

#[test]
fn bootstrap_entries_are_names_or_maps() {
    let rules = "    bootstrap: [gccs, {name: gccs, compiler-agnostic: true}, specs]\n";
    let environment = with_rules(&format!("{rules}{ANY}")).unwrap();
    assert_eq!(environment.bootstrap.len(), 1);
    assert!(!environment.bootstrap[0].compiler_agnostic);
    assert_eq!(found(&environment, Rule::NoEffect).len(), 2);
    let environment = with_rules(&format!("    bootstrap: [{{name: gccs, compiler-agnostic: true}}]\n{ANY}")).unwrap();
    assert!(environment.bootstrap[0].compiler_agnostic);
}

#[test]
fn malformed_rules_are_refused_at_their_place() {
    for (rules, line) in [
        ("    tags: [a]\n", 6),
        ("    mappings: x\n", 6),
        ("    mappings: [x]\n", 6),
        ("    mappings: [{runner-attributes: {tags: [a]}}]\n", 6),
        ("    mappings: [{match: zlib}]\n", 6),
        ("    mappings: [{match: ['']}]\n", 6),
        ("    mappings:\n    - match: [zlib,\n        xz@@]\n", 8),
        ("    mappings: [{match: [zlib], runner-attributes: [a]}]\n", 6),
        ("    mappings: [{match: [zlib], runner-attributes: {image: 17}}]\n", 6),
        ("    mappings: [{match: [zlib], runner-attributes: {tags: a}}]\n", 6),
        ("    mappings: []\n    match_behavior: last\n", 7),
        ("    mappings: []\n    bootstrap: [nope]\n", 7),
        ("    mappings: []\n    bootstrap: [{compiler-agnostic: true}]\n", 7),
        ("    mappings: []\n    bootstrap: [{name: gccs, compiler-agnostic: 1}]\n", 7),
    ] {
        let error = with_rules(rules).unwrap_err();
        assert_eq!(error.place.as_ref().map(spackplan::source::Place::line), Some(line), "{rules}: {error}");
    }
}

#[test]
fn a_bad_match_spec_is_refused_at_its_column_even_if_it_is_never_reached() {
    let error = with_rules("    mappings: [{match: ['@:', 'zlib@@']}]\n").unwrap_err();
    assert_eq!(error.place.unwrap().column(), 36);
}

#[test]
fn mirrors_are_urls_maps_or_a_list() {
    let mirrors = |text: &str| parse(&format!("spack:\n  ci: {{}}\n  mirrors: {text}\n")).unwrap().mirrors;
    let read = mirrors(
        "{b: 's3://b', a: {fetch: 'https://f', push: {url: 's3://p'}, source: false}, c: {url: /srv/c, signed: false}}",
    );
    assert_eq!(read.iter().map(|mirror| mirror.name.as_str()).collect::<Vec<_>>(), ["b", "a", "c"]);
    assert_eq!((read[0].fetch_url.as_str(), read[0].push_url.as_str()), ("s3://b", "s3://b"));
    assert_eq!((read[1].fetch_url.as_str(), read[1].push_url.as_str()), ("https://f", "s3://p"));
    assert_eq!((read[1].contents, read[2].signing), (MirrorContents::Binaries, Signing::Unsigned));
    assert_eq!(read[2].fetch_url, "file:///srv/c");
    let read = mirrors("['https://a', {name: b, url: 'https://b'}, {c: ./d}, {url: $HOME/e}]");
    assert_eq!(read.iter().map(|mirror| mirror.name.as_str()).collect::<Vec<_>>(), ["mirror-1", "b", "c", "mirror-4"]);
    assert_eq!((read[2].push_url.as_str(), read[3].push_url.as_str()), ("file:///release/d", "$HOME/e"));
}

#[test]
fn malformed_mirrors_are_refused() {
    for text in ["https://m", "{m: [x]}", "{m: {}}", "{m: ''}", "{m: {url: u, signed: 1}}", "[[x]]"] {
        let error = parse(&format!("spack:\n  mirrors: {text}\n")).unwrap_err();
        assert_eq!(error.place.map(|place| place.line()), Some(2), "{text}");
    }
}

#[test]
fn cdash_needs_all_its_keys_beside_gitlab_ci() {
    let parse =
        |keys: &str, rules: &str| parse(&format!("spack:\n  mirrors: {{m: u}}\n  cdash: {{{keys}}}\n  {rules}\n"));
    let complete = parse("build-group: g, url: u, project: p, site: s", "gitlab-ci: {mappings: []}").unwrap();
    assert_eq!(complete.cdash.unwrap().site, "s");
    let error = parse("build-group: g, url: u, project: p", "gitlab-ci: {mappings: []}").unwrap_err();
    assert!(error.message.contains("`site`") && error.place.unwrap().line() == 3);
    let partly = parse("build-group: g", "ci: {pipeline-gen: []}").unwrap();
    assert_eq!(found(&partly, Rule::MissingSection).len(), 1);
    assert!(parse("url: u", "ci: {pipeline-gen: []}").unwrap_err().message.contains("build-group"));
}
