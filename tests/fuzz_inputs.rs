//! Damaged inputs of every kind: each gives an error with its place, or a plan that every report can print; nothing
//! panics, and nothing takes long. It stands in for fuzz targets and runs on stable Rust.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "tests may end where they stand")]

mod common;

use proptest::prelude::*;
use spackplan::concretize::{self, Lockfiles};
use spackplan::emit::{self, Report};
use spackplan::environment::Environment;
use spackplan::error::Error;
use spackplan::plan::{MatchOn, Options, Unassigned};
use spackplan::release::Release;
use spackplan::source::Source;
use spackplan::spec::Spec;

const MANIFEST: &str = r#"spack:
  definitions:
  - compilers: [gcc@12.1, 'clang@15:']
  - os: [os=centos7, os=ubuntu18.04]
    when: platform == 'linux' and not re.match(r'x', hostname)
  - roots: [zlib@1.2.11, readline]
  - more: [gcc@9]
  specs:
  - matrix:
    - [$roots]
    - [$os]
    - [$%compilers]
    exclude: ['readline os=centos7']
  - "gcc@9 languages=c,c++"
  mirrors: {m: {url: 's3://bucket/é', connection: {}}}
  cdash: {build-group: G, url: 'https://c', project: P, site: S}
  gitlab-ci:
    bootstrap: [{name: roots, compiler-agnostic: true}, more]
    mappings:
    - match: [os=centos7, '@1.2:']
      runner-attributes:
        tags: &tags [a, "b"]
        image: {name: i, entrypoint: ['']}
        variables: {A: 1:30, B: "x\ny"}
    - match: [platform=linux]
      runner-attributes: {tags: *tags, before_script: [echo]}
"#;

const LOCKFILES: [&str; 2] = [
    r#"{"_meta":{"file-type":"spack-lockfile","lockfile-version":6,"specfile-version":5},
"roots":[{"hash":"aaa","spec":"zlib@1.2.11 os=centos7 %gcc@12.1"},{"hash":"bbb","spec":"readline os=ubuntu18.04 %clang@15:"}],
"concrete_specs":{
"aaa":{"name":"zlib","version":"1.2.11","arch":{"platform":"linux","platform_os":"centos7","target":{"name":"zen2","features":[]}},
 "namespace":"builtin","parameters":{"shared":true,"libs":["a","b"],"cflags":["-O2"]},"annotations":{"compiler":"gcc@=12.1"},"hash":"aaa"},
"bbb":{"name":"readline","version":"8.1","arch":{"platform":"linux","platform_os":"ubuntu18.04","target":"x86_64"},
 "namespace":"builtin","parameters":{"n":1},"dependencies":[{"name":"zlib","hash":"aaa","parameters":{"deptypes":["build","link"],"virtuals":["z"]}}],"hash":"bbb"}}}"#,
    r#"{"_meta":{"file-type":"spack-lockfile","lockfile-version":2},
"roots":[{"hash":"kkk","spec":"zlib@1.2.11%gcc@12.1 os=centos7"}],
"concrete_specs":{"kkk":{"zlib":{"version":"1.2.11","arch":{"platform":"linux","platform_os":"centos7","target":"x86_64"},
 "compiler":{"name":"gcc","version":"12.1"},"namespace":"builtin","parameters":{"é":"ü"},"dependencies":{"m4":{"hash":"lll","type":["build"]}},"hash":"hhh"}},
"lll":{"m4":{"version":"1","arch":{"platform":"linux","platform_os":"centos7","target":"x86_64"},"namespace":"builtin","parameters":{},"hash":"nnn"}}}}"#,
];

const SPECS: [&str; 5] = [
    "builtin.zlib@1.2,1.4:=2 +pic~shared x:=a,b y==* cflags=\"-O2 -g\" %gcc@12: ^[virtuals=mpi] mpich@3: /abc",
    "%c,cxx=gcc@12 platform=linux os=centos7 target=x86_64_v3:zen2",
    "hdf5@git.main=1.2 ++mpi %[when='+mpi' virtuals=c] gcc %% clang",
    "arch=linux-centos7-x86_64 'name=\"quoted\"'",
    "@=1.2:1.4,:3 ~~x -y",
];

/// Pieces that mean something to one of the readers.
const PIECES: [&str; 34] = [
    "{",
    "}",
    "[",
    "]",
    "\"",
    "'",
    ":",
    ",",
    "\n",
    "  ",
    "- ",
    "null",
    "1e999",
    "-1",
    "99999999999999999999",
    "&a ",
    "*a",
    "<<: ",
    "..",
    "$(id)",
    "é",
    "\u{1b}[2J",
    "\u{202e}",
    "@",
    "%",
    "^",
    "~",
    "=",
    "/",
    "$os",
    "\\u0000",
    "aaa",
    "bbb",
    "#",
];

/// One damage: where (in thousandths of the text), how many bytes go, and what comes in their place.
type Damage = (usize, usize, Option<usize>, bool);

fn damages() -> impl Strategy<Value = Vec<Damage>> {
    let piece = prop::option::of(0..PIECES.len());
    prop::collection::vec((0usize..1000, 0usize..9, piece, any::<bool>()), 1..4)
}

fn damaged(text: &str, damages: &[Damage]) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for &(at, gone, piece, again) in damages {
        let at = at * bytes.len() / 1000;
        let cut: Vec<u8> = bytes.drain(at..(at + gone).min(bytes.len())).collect();
        let mut new = piece.map(|piece| PIECES[piece].as_bytes().to_vec()).unwrap_or_default();
        if again {
            new.extend(cut.iter().chain(&cut));
        }
        bytes.splice(at..at, new);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Checks that an error can be shown: a place inside its text, a message on it.
fn can_be_shown(error: &Error) -> Result<(), TestCaseError> {
    prop_assert!(!error.message.is_empty());
    for place in error.place.iter().chain(error.related.iter().map(|(place, _)| place)) {
        prop_assert!(place.source().text().get(place.span()).is_some(), "{error}");
        prop_assert!(place.line() > 0 && place.column() > 0);
    }
    prop_assert!(error.place.is_some(), "no place: {}", error.message);
    Ok(())
}

/// Plans a manifest with a lockfile and prints every report.
fn plan(manifest: &str, lockfile: &str) -> Result<(), TestCaseError> {
    let environment = match Environment::parse(Source::new("spack.yaml", manifest), &common::context()) {
        Ok(environment) => environment,
        Err(error) => return can_be_shown(&error),
    };
    let lockfiles = Lockfiles::of_main(Source::new("spack.lock", lockfile));
    let concretization = match concretize::concretize(&environment, &lockfiles, &common::architecture()) {
        Ok(concretization) => concretization,
        Err(error) => return can_be_shown(&error),
    };
    let options = Options { match_on: MatchOn::Job, unassigned: Unassigned::LeaveOut };
    let release = Release::new(environment, concretization, options);
    let constraint = Spec::parse("zlib").unwrap();
    for report in [Report::Summary, Report::Json, Report::Dot, Report::Why, Report::Findings, Report::FindingsJson] {
        emit::write(report, &release, Some(&constraint), &mut std::io::sink()).unwrap();
    }
    let pipeline = release.pipeline.to_text();
    let read: Result<serde_yaml::Value, _> = serde_yaml::from_str(&pipeline);
    prop_assert!(read.is_ok(), "{read:?}\n{pipeline}");
    Ok(())
}

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config(600))]

    #[test]
    fn damaged_lockfiles_give_an_error_or_a_plan(damages in damages(), which in 0usize..2) {
        plan(MANIFEST, &damaged(LOCKFILES[which], &damages))?;
    }

    #[test]
    fn damaged_manifests_give_an_error_or_a_plan(damages in damages()) {
        plan(&damaged(MANIFEST, &damages), LOCKFILES[0])?;
    }
}

proptest! {
    #![proptest_config(config(4000))]

    #[test]
    fn damaged_specs_give_an_error_or_a_spec(damages in damages(), which in 0usize..5) {
        let text = damaged(SPECS[which], &damages);
        match Spec::parse(&text) {
            Ok(spec) => drop(Spec::parse(&spec.to_string())),
            Err(error) => prop_assert!(error.column() > 0 && error.column() <= text.chars().count() + 1, "{}", text),
        }
    }
}

#[test]
fn the_undamaged_inputs_are_planned() {
    for lockfile in LOCKFILES {
        let environment = Environment::parse(Source::new("spack.yaml", MANIFEST), &common::context()).unwrap();
        let lockfiles = Lockfiles::of_main(Source::new("spack.lock", lockfile));
        let concretization = concretize::concretize(&environment, &lockfiles, &common::architecture()).unwrap();
        let release = Release::new(environment, concretization, Options::default());
        assert!(!release.plan.graph.is_empty(), "{:#?}", release.findings);
    }
}
