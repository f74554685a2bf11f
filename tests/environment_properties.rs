//! Whatever the text, reading an environment ends with an environment or with one error at a place.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests fail like tests")]

mod common;

use proptest::prelude::*;
use spackplan::environment::Environment;
use spackplan::environment::condition;
use spackplan::source::Source;

const MANIFEST: &str = r#"spack:
  definitions:
  - compilers: ['%gcc@12', '%clang@17 os=centos7']
  - mpis: [mpich, openmpi@4:]
    when: platform == 'linux' and re.search(r"^cent", os)
  - grid:
    - matrix: [[hdf5, petsc+cuda], [$compilers], [$^mpis]]
      exclude: ['%clang ^mpich']
  specs:
  - $grid
  - {group: tools, specs: [cmake@3.20:]}
  - 'zlib target=x86_64_v3: cflags="-O2 -g"'
  mirrors: {m: {fetch: https://m, push: /m, signed: false}}
  cdash: {build-group: g, url: u, project: p, site: s}
  gitlab-ci:
    bootstrap: [{name: mpis, compiler-agnostic: true}]
    tags: [all]
    mappings:
    - match: [hdf5, os=centos7]
      runner-attributes: {tags: [a], image: {name: i, entrypoint: ['']}}
    - label:
      match: ['@:']
"#;

/// Reads a text; what matters is that this returns.
fn read(text: &str) {
    if let Err(error) = Environment::parse(Source::new("spack.yaml", text), &common::context()) {
        assert!(error.place.is_some(), "{error}\n{text}");
        assert!(error.message.len() < 10_000);
    }
}

/// Returns the manifest with some bytes of it replaced, at boundaries of characters.
fn mutated(edits: &[(usize, usize, String)]) -> String {
    let mut text = MANIFEST.to_owned();
    for (at, length, with) in edits {
        let start = at % (text.len() + 1);
        let end = (start + length).min(text.len());
        if text.is_char_boundary(start) && text.is_char_boundary(end) {
            text.replace_range(start..end, with);
        }
    }
    text
}

/// Pieces of manifests, to be thrown together.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(vec![
            "$",
            "$^",
            "$%",
            "grid",
            "matrix:",
            "exclude:",
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
            "null",
            "when: ",
            "match: ",
            "~",
            "&a ",
            "*a",
            "@",
            "%",
            "^",
            "=",
            "#",
            "\u{1b}[2J",
            "ü",
            "specs",
            "spack",
        ])
        .prop_map(str::to_owned),
        "\\PC{0,6}",
    ]
}

#[test]
fn the_manifest_that_is_mutated_is_a_good_one() {
    let environment = Environment::parse(Source::new("spack.yaml", MANIFEST), &common::context()).unwrap();
    assert_eq!((environment.specs.roots.len(), environment.specs.matrices[0].excluded.len()), (8, 2));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        read(&text);
        read(&format!("spack:\n  specs:\n  - {text}"));
    }

    #[test]
    fn a_mutated_manifest_is_read_or_refused(edits in prop::collection::vec((any::<usize>(), 0usize..20, piece()), 1..5)) {
        read(&mutated(&edits));
    }

    #[test]
    fn any_condition_is_decided_or_refused_within_its_text(text in any::<String>(), words in prop::collection::vec(prop::sample::select(
        vec!["os", "env", ".get", "(", ")", "[", "]", "'a'", "not", "in", "and", "or", "==", "re", ".match", ",", "arch", ".satisfies", "True"]), 0..12)) {
        for text in [text, words.join(" ")] {
            if let Err(refusal) = condition::holds(&text, &common::context()) {
                prop_assert!(text.get(refusal.span.clone()).is_some(), "{refusal:?}");
            }
        }
    }
}
