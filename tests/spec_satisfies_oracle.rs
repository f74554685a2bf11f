//! Which concrete specs Spack 1.1 takes for which constraints, row by row.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "tests may end where they stand")]

#[path = "common/oracle.rs"]
mod oracle;

use serde_json::Value;
use spackplan::spec::Spec;
use std::collections::{BTreeMap, BTreeSet};

/// The constraint names a virtual package at its root: only recipes tell who provides it, the lockfile merely who
/// provides it to some other spec of the same lockfile.
fn names_a_virtual_root(constraint: &Value) -> bool {
    constraint["virtual_root"] == true
}

#[test]
fn constraints_select_what_spack_selects() {
    let Some(folder) = oracle::folder() else { return };
    let mut wrong = Vec::new();
    let (mut rows, mut exceptions) = (0, 0);
    for name in ["build_systems", "c07-matrix", "data-vis-sdk", "tutorial"] {
        let folder = folder.join("satisfies");
        let specs = oracle::lockfile(&folder.join(format!("{name}.lock")));
        let ids: BTreeMap<String, _> = specs.iter().map(|(id, spec)| (spec.hash.to_string(), id)).collect();
        let notes: Value =
            serde_json::from_str(&std::fs::read_to_string(folder.join(format!("{name}.constraints.json"))).unwrap())
                .unwrap();
        let recipes: BTreeSet<&str> = notes
            .as_array()
            .unwrap()
            .iter()
            .filter(|note| names_a_virtual_root(note))
            .map(|note| note["constraint"].as_str().unwrap())
            .collect();
        let mut parsed = BTreeMap::new();
        for row in oracle::rows(&folder.join(format!("{name}.jsonl"))) {
            rows += 1;
            let text = row["constraint"].as_str().unwrap().to_owned();
            let constraint = parsed.entry(text.clone()).or_insert_with_key(|text| {
                Spec::parse(text).map(|spec| {
                    let selected = specs.select(&spec);
                    (spec, selected)
                })
            });
            let found = match constraint {
                Ok((constraint, selected)) => {
                    let id = ids[row["hash"].as_str().unwrap()];
                    let answer = specs.satisfies(id, constraint);
                    assert_eq!(answer.is_ok(), selected.contains(id.index()), "{name}: {text} on {}", row["hash"]);
                    answer.map_or_else(|mismatch| (Some(false), mismatch.to_string()), |()| (Some(true), String::new()))
                }
                Err(error) => (None, error.to_string()),
            };
            // Spack raises an error where a range of targets cannot be decided; here that is a mismatch.
            let expected = match row["error"].as_str() {
                Some("ValueError") if constraint.is_ok() => Some(false),
                _ => row["satisfies"].as_bool(),
            };
            if found.0 == expected {
                continue;
            }
            if recipes.contains(text.as_str()) {
                exceptions += 1;
                continue;
            }
            wrong.push(format!("{name} {} {text:?}: {found:?} instead of {}", row["hash"], row["satisfies"]));
        }
    }
    println!("{rows} rows, {exceptions} of a virtual package at the root");
    assert!(wrong.is_empty(), "{} of {rows} rows differ:\n{}", wrong.len(), wrong.join("\n"));
}
