//! Whatever the texts, they end in a pipeline that is YAML, or in one error at a place.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests fail like tests")]

mod common;
#[path = "common/small.rs"]
mod small;

use proptest::prelude::*;
use spackplan::environment::{Environment, Inputs, Texts};
use spackplan::release::Request;
use spackplan::source::Source;

const MANIFEST: &str = r#"spack:
  include: [{path: more.yaml, when: platform == "linux"}, dir, ~/x, $env/y.yaml]
  specs: [app]
  ci:
    rebuild-index: true
    pipeline-gen:
    - build-job: {tags: [a], variables: {A: 1, B+: 'x'}, script+: [[one, two], three]}
      build-job-remove: {tags: [b], image:: x}
    - match_behavior: merge
      submapping:
      - match: [app, '@1:']
        build-job: {retry: {max: 1, when:: [always]}, artifacts: {paths: [x]}, image: {name: i}}
    - any-job: {before_script-: [last], variables:: {C: c}}
    - signing-job: {script: [sign]}
    - noop-job: {tags: [n]}
  mirrors::
    buildcache-destination: https://m
  cdash: {build-group: g}
"#;

const INCLUDED: &str = "include: [more.yaml]\nci::\n  pipeline-gen: [{any-job: {tags: [low]}}]\ncdash: {site: s}\n";

/// Returns a text with some bytes of it replaced, at boundaries of characters.
fn mutated(text: &str, edits: &[(usize, usize, String)]) -> String {
    let mut text = text.to_owned();
    for (at, length, with) in edits {
        let start = at % (text.len() + 1);
        let end = (start + length).min(text.len());
        if text.is_char_boundary(start) && text.is_char_boundary(end) {
            text.replace_range(start..end, with);
        }
    }
    text
}

fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(vec![
            "- ",
            "[",
            "]",
            "{",
            "}",
            "\n",
            "\n  ",
            "'",
            "\"",
            ": ",
            ":: ",
            "+: ",
            "-: ",
            "null",
            "&a ",
            "*a",
            "@",
            "#",
            "submapping: ",
            "build-job: ",
            "-remove",
            "match: ",
            "include: ",
            "more.yaml",
            "\\n",
            "\u{1b}[2J",
            "ü",
        ])
        .prop_map(str::to_owned),
        "\\PC{0,6}",
    ]
}

fn check(manifest: &str, included: &str) {
    let context = common::context();
    let files = ["/e/more.yaml", "/e/dir/ci.yaml", "/e/dir/include.yaml", "/e/y.yaml"];
    let texts = Texts::new(files.map(|name| Source::new(name, included)));
    let inputs = Inputs { context: &context, files: &texts, dialect: None };
    let environment = match Environment::read(Source::new("/e/spack.yaml", manifest), inputs) {
        Ok(environment) => environment,
        Err(error) => {
            assert!(error.place.is_some() && error.message.len() < 10_000, "{error}\n{manifest}");
            return;
        }
    };
    let release = small::planned(environment, Request::default());
    let text = release.pipeline.to_text();
    let document: serde_yaml::Value = serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert!(document.is_mapping());
    for extra in release.pipeline.extras() {
        let text = std::str::from_utf8(&extra.bytes).unwrap();
        // The manifest is copied; what only the reader of this program accepts stays so.
        assert!(serde_yaml::from_str::<serde_yaml::Value>(text).is_ok() || manifest != MANIFEST);
    }
}

#[test]
fn the_texts_that_are_mutated_give_a_pipeline() {
    let context = common::context();
    let texts = Texts::new([Source::new("/e/dir/ci.yaml", "ci: {pipeline-gen: []}")]);
    let inputs = Inputs { context: &context, files: &texts, dialect: None };
    assert!(Environment::read(Source::new("/e/spack.yaml", MANIFEST), inputs).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(800))]

    #[test]
    fn mutated_texts_give_a_pipeline_or_an_error(
        edits in prop::collection::vec((any::<usize>(), 0usize..20, piece()), 0..5),
        more in prop::collection::vec((any::<usize>(), 0usize..20, piece()), 0..3),
    ) {
        check(&mutated(MANIFEST, &edits), &mutated(INCLUDED, &more).replacen("include: [more.yaml]\n", "", 1));
    }
}
