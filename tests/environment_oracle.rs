//! Environments against what Spack made of them: which load, and to which roots they expand.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests fail like tests")]

mod common;

use serde_json::Value;
use spackplan::concretize::{self, Lockfiles, lockfile};
use spackplan::environment::condition::Context;
use spackplan::environment::{self, Environment};
use spackplan::finding::{Rule, Severity};
use spackplan::source::Source;
use spackplan::spec::Spec;
use spackplan::spec::concrete::ConcreteRoot;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Returns the YAML files below `directory`, sorted.
fn manifests(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(manifests(&path));
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Tells whether a file is an environment, and not a part that others include.
fn is_environment(path: &Path) -> bool {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().any(|line| ["spack:", "env:"].contains(&line.split('#').next().unwrap_or_default().trim_end()))
}

#[test]
fn environments_of_real_projects_load() {
    let Some(oracle) = common::oracle() else { return };
    let mut failures = String::new();
    let mut findings: BTreeMap<String, usize> = BTreeMap::new();
    let mut loaded = 0;
    for path in manifests(&oracle.join("environments")).iter().filter(|path| is_environment(path)) {
        match environment::load(path, &common::context()) {
            Ok(environment) => {
                loaded += 1;
                for finding in &environment.findings {
                    *findings.entry(format!("{:?} {:?}", finding.severity, finding.rule)).or_default() += 1;
                    // Spack accepted these files, some of them with runner rules given on its command line, and where
                    // the files they include were.
                    let elsewhere = matches!(finding.rule, Rule::MissingSection | Rule::MissingInclude);
                    let is_error = finding.severity == Severity::Error && !elsewhere;
                    assert!(!is_error, "{finding:?}");
                    assert_ne!(finding.rule, Rule::UnknownKey, "{finding:?}");
                }
            }
            Err(error) => writeln!(failures, "{error} {:?}", error.hints).unwrap(),
        }
    }
    println!("{loaded} loaded, with findings {findings:?}");
    assert!(failures.is_empty(), "{failures}");
    assert!(loaded > 90, "{loaded}");
}

/// Why a broken input of 2019 is judged otherwise here.
fn judged_otherwise(case: &str) -> Option<&'static str> {
    Some(match case {
        "e06" | "e07" => "`$^x` and `$%x` exist today",
        "e13" | "e15" | "e16" | "e46" | "e52" => "only concretizing shows it",
        "e19" => "a bad match spec is reported although it is never reached",
        "e22" | "e24" | "e55" => "a key that nothing reads is a finding",
        "e28" => "`env:` is accepted",
        "e33" => "conditions are not run as Python",
        "e37" => "today a compiler is a dependency, and a spec may have several",
        "e64" => "`@1.2` and `@1.2.11` meet in `@1.2.11` today",
        _ => return None,
    })
}

#[test]
fn broken_environments_are_refused_as_spack_refused_them() {
    let Some(oracle) = common::oracle() else { return };
    let mut entries: Vec<PathBuf> = std::fs::read_dir(oracle.join("release-jobs/errors"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("spack.yaml").is_file())
        .collect();
    entries.sort();
    for path in entries {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let expected = std::fs::read_to_string(path.join("expected.exit-code")).unwrap().trim() == "0";
        let result = environment::load(&path, &common::context());
        let accepted = match &result {
            Ok(environment) => environment.findings.iter().all(|finding| finding.severity != Severity::Error),
            Err(error) => {
                assert!(error.place.is_some() && !error.message.is_empty(), "{name}: {error}");
                println!("{name}: {error} {:?}", error.hints);
                false
            }
        };
        let exception = judged_otherwise(&name[..3]);
        assert_eq!(accepted == expected, exception.is_none(), "{name}: {result:?}");
    }
}

/// Expands the environment of a recorded case and compares its roots with those of its lockfile.
fn compare_roots(directory: &Path, context: &Context) -> Vec<String> {
    let environment = environment::load(directory, context).unwrap();
    let lockfiles = Lockfiles::load(&environment, directory, &[]).unwrap();
    let concretization = concretize::concretize(&environment, &lockfiles, &context.architecture()).unwrap();
    let mut differences: Vec<String> = concretization
        .findings
        .iter()
        .filter(|finding| finding.rule == Rule::StaleLockfile)
        .map(|finding| finding.message.clone())
        .collect();
    for phase in &concretization.phases {
        let file =
            if phase.name == "specs" { "spack.lock".to_owned() } else { format!("bootstrap.{}.lock", phase.name) };
        let text = std::fs::read_to_string(directory.join(&file)).unwrap();
        let lockfile = lockfile::parse(&Source::new(&file, text)).unwrap();
        let recorded: Vec<_> = lockfile.roots.iter().map(|root| root.spec).collect();
        // Roots that the lockfile lacks may be answered by other specs of it.
        let key = |text: &str| Spec::parse(text).unwrap().with_bare_compilers().without_platform().to_string();
        let asked: BTreeSet<String> = lockfile.roots.iter().map(|root| key(&root.text)).collect();
        let locked = |root: &&ConcreteRoot| asked.contains(&key(&root.text));
        let ours: Vec<_> = phase.specs.roots.iter().filter(locked).map(|root| root.spec).collect();
        if ours != recorded {
            differences.push(format!("{file}: the order of the roots differs"));
        }
    }
    differences
}

#[test]
fn release_environments_expand_to_the_roots_that_spack_recorded() {
    let Some(oracle) = common::oracle() else { return };
    for case in common::cases(&oracle.join("release-jobs")) {
        let name = case.file_name().unwrap().to_string_lossy().into_owned();
        let differences = compare_roots(&case, &common::context());
        match &name[..2] {
            // Excludes were loose: they dropped specs that are silent on what they name; those stay here.
            "02" | "03" | "14" => {
                assert!(differences.len() == 1 && differences[0].contains("lacks"), "{differences:?}");
            }
            _ => assert!(differences.is_empty(), "{name}: {differences:?}"),
        }
    }
}

#[test]
fn stacks_of_today_expand_to_the_roots_that_spack_recorded() {
    let Some(oracle) = common::oracle() else { return };
    let mut context = common::context();
    context.set("os=debian12").unwrap();
    let (mut compared, mut failures) = (0, Vec::new());
    for parent in ["ci", "stacks"] {
        for entry in std::fs::read_dir(oracle.join(parent)).unwrap() {
            let directory = entry.unwrap().path();
            let name = directory.file_name().unwrap().to_string_lossy().into_owned();
            if !directory.join("spack.lock").is_file() {
                continue;
            }
            let mut differences = compare_roots(&directory, &context);
            let text = std::fs::read_to_string(directory.join("spack.yaml")).unwrap();
            if !text.contains("unify: false") {
                // The order is then that of a Python set.
                differences.retain(|difference| !difference.contains("order"));
            }
            compared += 1;
            failures.extend(differences.into_iter().map(|difference| format!("{name}: {difference}")));
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
    assert!(compared > 10, "{compared}");
}

/// Returns the canonical texts of specs as their writer, Spack of 2019, understood them.
fn legacy(texts: impl Iterator<Item = String>) -> Vec<String> {
    let canonical = |text: String| {
        // What an architecture was silent on was printed as `None`.
        let text = match text.split_once("arch=linux-None-") {
            Some((rest, target)) => format!("{rest}target={target}"),
            None if text.ends_with("-None") => text.replace("arch=linux-", "os=").replace("-None", ""),
            None => text,
        };
        let spec = Spec::parse(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
        spec.with_bare_compilers().without_platform().to_string()
    };
    texts.map(canonical).collect()
}

#[test]
fn lists_expand_as_spack_expanded_them() {
    let Some(oracle) = common::oracle() else { return };
    let text = std::fs::read_to_string(oracle.join("release-jobs/units/spec-lists.jsonl")).unwrap();
    for (number, line) in text.lines().enumerate().map(|(index, line)| (index + 1, line)) {
        let row: Value = serde_json::from_str(line).unwrap();
        let definitions: Vec<Value> = row["definitions"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, list)| serde_json::json!({ name: list }))
            .collect();
        let gitlab_ci = serde_json::json!({ "mappings": [] });
        let manifest = serde_json::json!({ "spack": {
            "definitions": definitions, "specs": row["list"], "mirrors": { "m": "/m" }, "gitlab-ci": gitlab_ci,
        }});
        let result = Environment::parse(Source::new("spack.yaml", manifest.to_string()), &common::context());
        let ours = result.map(|environment| legacy(environment.specs.roots.iter().map(|root| root.spec.to_string())));
        let expected =
            row["specs"].as_array().map(|specs| legacy(specs.iter().map(|spec| spec.as_str().unwrap().to_owned())));
        let equal = match (&ours, &expected) {
            (Ok(ours), Some(expected)) => ours == expected,
            (Err(_), None) => true,
            _ => false,
        };
        assert_eq!(equal, expands_otherwise(number).is_none(), "row {number}: {ours:?}, and not {expected:?}");
    }
}

/// Why a list of 2019 expands otherwise here, by its row.
fn expands_otherwise(row: usize) -> Option<&'static str> {
    Some(match row {
        8 | 9 | 11..=13 | 15 => "excludes were loose: they dropped specs that are silent on what they name",
        14 => "that mpich provides mpi is knowledge of package recipes",
        37 | 38 => "saying the same twice is no contradiction",
        39 | 40 => "`@1.2` and `@1.2.11` meet in `@1.2.11` today",
        45 => "the order of a row's values no longer matters",
        48 => "no installed specs are looked up",
        _ => return None,
    })
}
