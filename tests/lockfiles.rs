//! Lockfiles: every version is read, and what is broken gives one error with its place.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "tests may end where they stand")]

mod common;
#[path = "common/lockfile.rs"]
mod lockfile;

use proptest::prelude::*;
use spackplan::concretize::lockfile::parse;
use spackplan::source::Source;
use spackplan::spec::concrete::{DepTypes, VariantValue};

const V1: &str = r#"{"_meta":{"file-type":"spack-lockfile","lockfile-version":1},
 "roots":[{"hash":"aaa","spec":"readline@7.0"}],
 "concrete_specs":{
  "aaa":{"readline":{"version":"7.0","arch":{"platform":"linux","platform_os":"centos7","target":"x86_64"},
    "compiler":{"name":"gcc","version":"5.5.0"},"namespace":"builtin","parameters":{"cflags":["-O2"]},
    "dependencies":{"ncurses":{"hash":"bbb","type":["build","link"]}}}},
  "bbb":{"ncurses":{"version":"6.1","arch":{"platform":"linux","platform_os":"centos7","target":{"name":"zen2","features":[]}},
    "compiler":{"name":"gcc","version":"5.5.0"},"namespace":"builtin","parameters":{"termlib":false,"libs":["a","b"],"abi":"none"}}}}}"#;

const V2: &str = r#"{"_meta":{"file-type":"spack-lockfile","lockfile-version":2},
 "roots":[{"hash":"kkk","spec":"zlib"}],
 "concrete_specs":{"kkk":{"zlib":{"version":"1.2","arch":{"platform":"linux","platform_os":"os","target":"x"},
   "namespace":"builtin","parameters":{},"hash":"hhh"}}}}"#;

const V3: &str = r#"{"_meta":{"file-type":"spack-lockfile","lockfile-version":3,"specfile-version":2},
 "roots":[{"hash":"kkk","spec":"zlib"}],
 "concrete_specs":{"kkk":{"name":"zlib","version":"1.2","arch":{"platform":"linux","platform_os":"os","target":"x"},
   "namespace":"builtin","parameters":{},"dependencies":[{"name":"m4","build_hash":"lll","hash":"nnn","type":["build"]}],"hash":"hhh","build_hash":"kkk"},
  "lll":{"name":"m4","version":"1","arch":{"platform":"linux","platform_os":"os","target":"x"},"namespace":"builtin","parameters":{},
   "external":{"path":"/usr","module":null},"hash":"nnn"}}}"#;

const V6: &str = r#"{"_meta":{"file-type":"spack-lockfile","lockfile-version":6,"specfile-version":5},
 "spack":{"version":"1.1.0","type":"release"},
 "roots":[{"hash":"hhh","spec":"zlib"}],
 "concrete_specs":{"hhh":{"name":"zlib","version":"1.2","arch":{"platform":"linux","platform_os":"os","target":"x"},
   "namespace":"builtin","parameters":{"shared":true},
   "dependencies":[{"name":"gcc","hash":"ggg","parameters":{"deptypes":["build"],"virtuals":["c","cxx"],"direct":true}}],
   "annotations":{"original_specfile_version":4,"compiler":"gcc@=11.2"},"hash":"hhh"},
  "ggg":{"name":"gcc","version":"12","arch":{"platform":"linux","platform_os":"os","target":"x"},"namespace":"builtin","parameters":{},"hash":"ggg"}}}"#;

fn message(text: &str) -> String {
    let error = parse(&Source::new("spack.lock", text)).unwrap_err();
    format!("{error}")
}

#[test]
fn version_1_wraps_nodes_in_their_names() {
    let lock = parse(&Source::new("spack.lock", V1)).unwrap();
    let root = lock.specs.spec(lock.roots[0].spec);
    assert_eq!((&*root.name, root.version.to_string().as_str(), &*root.hash), ("readline", "7.0", "aaa"));
    assert_eq!(root.compiler.as_ref().unwrap().version.to_string(), "5.5.0");
    assert_eq!(root.parameters.flags["cflags"].len(), 1);
    let edge = &lock.specs.dependencies(lock.roots[0].spec)[0];
    assert_eq!(edge.types, DepTypes::BUILD.union(DepTypes::LINK));
    let ncurses = lock.specs.spec(edge.spec);
    assert_eq!(&*ncurses.arch.target, "zen2", "a described target counts by its name");
    assert_eq!(ncurses.parameters.variants["termlib"], VariantValue::Bool(false));
    assert_eq!(ncurses.parameters.variants["abi"], VariantValue::Single("none".into()));
}

#[test]
fn version_2_keeps_key_and_hash_apart() {
    let lock = parse(&Source::new("spack.lock", V2)).unwrap();
    let root = lock.specs.spec(lock.roots[0].spec);
    assert_eq!((&*root.key, &*root.hash), ("kkk", "hhh"));
}

#[test]
fn version_3_links_by_build_hash() {
    let lock = parse(&Source::new("spack.lock", V3)).unwrap();
    let edge = &lock.specs.dependencies(lock.roots[0].spec)[0];
    assert!(lock.specs.spec(edge.spec).external);
}

#[test]
fn version_6_has_virtuals_on_edges_and_old_compilers_in_annotations() {
    let lock = parse(&Source::new("spack.lock", V6)).unwrap();
    let edge = &lock.specs.dependencies(lock.roots[0].spec)[0];
    assert_eq!(edge.virtuals.iter().map(|name| &**name).collect::<Vec<_>>(), ["c", "cxx"]);
    assert_eq!(lock.specs.spec(lock.roots[0].spec).compiler.as_ref().unwrap().version.to_string(), "11.2");
}

#[test]
fn broken_lockfiles_are_refused_at_the_place() {
    let dangling = V6.replace("\"hash\":\"ggg\",\"parameters\"", "\"hash\":\"xxx\",\"parameters\"");
    assert!(message(&dangling).starts_with("spack.lock:6:"), "{}", message(&dangling));
    assert!(message(&dangling).contains("`xxx`"));
    let twice = V6.replace("\"ggg\":{", "\"hhh\":{");
    assert!(message(&twice).contains("twice"), "{}", message(&twice));
    let root = V6.replace("{\"hash\":\"hhh\",\"spec\"", "{\"hash\":\"zzz\",\"spec\"");
    assert!(message(&root).starts_with("spack.lock:3:"), "{}", message(&root));
    assert!(
        message(&V6.replace("\"name\":\"gcc\",\"version\"", "\"name\":\"g\\ncc\",\"version\""))
            .contains("is not a package name")
    );
    assert!(message(&V6.replace("\"version\":\"1.2\"", "\"version\":\"$(id)\"")).contains("is not a version"));
    assert!(message(&V6.replace("\"platform_os\":\"os\"", "\"platform_os\":\"../x\"")).contains("architecture"));
    assert!(message(&V6[..V6.len() - 3]).contains("EOF"), "{}", message(&V6[..V6.len() - 3]));
    let variant = V6.replace("\"shared\":true", "\"shared\":true,\"shared\":false");
    assert!(message(&variant).contains("`shared` occurs twice"), "{}", message(&variant));
    let edge = V1.replace("\"dependencies\":{", "\"dependencies\":{\"ncurses\":{\"hash\":\"bbb\",\"type\":[]},");
    assert!(message(&edge).contains("`ncurses` occurs twice"), "{}", message(&edge));
    let huge = V6.replace("version\":6,", "version\":99999999999999999999,");
    assert!(message(&huge).starts_with("spack.lock:1:"), "{}", message(&huge));
    assert!(message("").contains("EOF"));
    assert!(message("[]").contains("not a lockfile"));
    assert!(message(&V6.replace("version\":6", "version\":0")).contains("version 0"));
}

#[test]
fn bytes_that_are_no_text_are_named_by_their_place() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("spack.yaml"), "spack: {specs: [zlib], mirrors: {m: /m}}\n").unwrap();
    std::fs::write(directory.path().join("spack.lock"), b"{\n\"a\xff\": 1}").unwrap();
    let error = common::plan(directory.path(), spackplan::plan::Options::default()).unwrap_err();
    assert!(error.to_string().contains("spack.lock:2:3: this is not UTF-8"), "{error}");
}

#[test]
fn a_cycle_is_an_error_that_names_it() {
    let cycle = V6.replace(
        "\"namespace\":\"builtin\",\"parameters\":{},\"hash\":\"ggg\"",
        "\"namespace\":\"builtin\",\"parameters\":{},\"dependencies\":[{\"name\":\"zlib\",\"hash\":\"hhh\"}],\"hash\":\"ggg\"",
    );
    assert!(message(&cycle).contains("cycle: "), "{}", message(&cycle));
}

#[test]
fn deep_nesting_does_not_overflow_the_stack() {
    let deep = format!("{}{}", "[".repeat(1_000_000), "]".repeat(1_000_000));
    message(&deep);
    message(&V6.replace("\"parameters\":{\"shared\":true}", &format!("\"parameters\":{deep}")));
    let unread = V6.replace("\"spack\":{", &format!("\"other\":{deep},\"spack\":{{"));
    assert!(parse(&Source::new("spack.lock", unread)).is_ok(), "what planning does not need is skipped");
}

#[test]
fn generated_lockfiles_are_read() {
    let lock = parse(&Source::new("spack.lock", lockfile::generate(1000, 1))).unwrap();
    assert_eq!(lock.specs.len(), 1000);
}

#[test]
fn all_recorded_lockfiles_are_read() {
    let Some(oracle) = common::oracle() else { return };
    let mut pending = vec![oracle];
    let mut read = 0;
    while let Some(directory) = pending.pop() {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                pending.push(path);
            } else if path.extension().is_some_and(|extension| extension == "lock") {
                let source = Source::new(path.display().to_string(), std::fs::read_to_string(&path).unwrap());
                parse(&source).unwrap_or_else(|error| panic!("{error}"));
                read += 1;
            }
        }
    }
    println!("{read} lockfiles");
    assert!(read > 40);
}

proptest! {
    #[test]
    fn damage_gives_an_error_or_a_lockfile_but_no_panic(at in 0usize..1400, with in ".{0,3}", cut in 0usize..6) {
        for text in [V1, V2, V3, V6] {
            let at = text.floor_char_boundary(at.min(text.len()));
            let end = text.floor_char_boundary((at + cut).min(text.len()));
            let damaged = format!("{}{with}{}", &text[..at], &text[end..]);
            if let Err(error) = parse(&Source::new("spack.lock", damaged)) {
                prop_assert!(error.place.is_some());
            }
        }
    }
}
