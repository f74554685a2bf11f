//! What release-jobs matched in 2019, against what today's rules answer on the same lockfiles (version 2).
//!
//! Every row on which the two differ must fall into one of the classes below; the test prints how many each covers.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "tests may end where they stand")]

#[path = "common/oracle.rs"]
mod oracle;

use serde_json::Value;
use spackplan::spec::concrete::{ConcreteSpecs, SpecId};
use spackplan::spec::{DependencyClause, Reach, Spec};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// One row, with what is needed to tell why it differs.
struct Row<'a> {
    specs: &'a ConcreteSpecs,
    id: SpecId,
    constraint: &'a Spec,
    expected: bool,
    error: Option<&'a str>,
    /// The virtual packages that 2019's recipes know, which lockfiles of version 2 do not record.
    virtuals: &'a BTreeSet<String>,
}

impl Row<'_> {
    /// Returns the `^` clauses that fail if each is asked alone; nothing if another clause fails too.
    fn failing(&self) -> Option<Vec<&DependencyClause>> {
        let ask = |text: String| self.specs.satisfies(self.id, &Spec::parse(&text).unwrap()).is_ok();
        let node = self.constraint.without_dependencies();
        let (direct, transitive): (Vec<_>, Vec<_>) =
            self.constraint.dependencies().iter().partition(|d| d.reach == Reach::Direct);
        let own = direct.iter().fold(node.to_string(), |text, d| format!("{text} {d}"));
        let failing = transitive.into_iter().filter(|d| !ask(format!("{node} {d}"))).collect();
        ask(own).then_some(failing)
    }

    /// Returns the names of all dependencies, of any kind at any depth.
    fn all_dependencies(&self) -> BTreeSet<&str> {
        let mut seen = BTreeSet::new();
        let mut open = vec![self.id];
        while let Some(id) = open.pop() {
            open.extend(self.specs.dependencies(id).iter().map(|edge| edge.spec).filter(|child| seen.insert(*child)));
        }
        seen.into_iter().map(|id| &*self.specs.spec(id).name).collect()
    }

    /// Tells whether 2019 said yes and today only `^` clauses fail, all of them of one kind.
    fn only_fails_in(&self, kind: impl Fn(&str) -> bool) -> bool {
        let failing = self.failing().unwrap_or_default();
        self.expected && !failing.is_empty() && failing.iter().all(|d| d.spec.name().is_some_and(&kind))
    }
}

/// 2019's lexer stumbled over an empty string (`cflags=""`), and its ranges over a lower bound below the upper one's
/// prefix (`@1.10.4:1.10`): it has no answer.
fn has_no_answer(row: &Row<'_>) -> bool {
    row.error.is_some_and(|e| {
        e.starts_with("SpecParseError: Unexpected end") || e.starts_with("ValueError: Invalid Version")
    })
}

/// The dependency is there, but only below a build dependency, where today's `^` does not look and 2019's did.
fn is_below_a_build_dependency(row: &Row<'_>) -> bool {
    let all = row.all_dependencies();
    row.only_fails_in(|name| all.contains(name))
}

/// The dependency is a virtual package; lockfiles of version 2 do not say who provides what, 2019's recipes did.
fn is_a_virtual_dependency(row: &Row<'_>) -> bool {
    row.only_fails_in(|name| row.virtuals.contains(name))
}

/// A named constraint on a dependency that is not there: 2019 passed over it (defect D8).
fn is_an_ignored_dependency(row: &Row<'_>) -> bool {
    let all = row.all_dependencies();
    row.constraint.name().is_some() && row.only_fails_in(|name| !all.contains(name) && !row.virtuals.contains(name))
}

/// Several `^` in an anonymous constraint, all of them there, which 2019 only found in the order of its walk (defect D8).
fn depends_on_the_walk(row: &Row<'_>) -> bool {
    let several = row.constraint.dependencies().iter().filter(|d| d.reach == Reach::Transitive).count() > 1;
    !row.expected && row.error.is_none() && row.constraint.name().is_none() && several
}

/// The constraint's own name is that of a virtual package, which only recipes tell.
fn is_a_virtual_root(row: &Row<'_>) -> bool {
    row.expected && row.constraint.name().is_some_and(|name| row.virtuals.contains(name))
}

/// In 2019 the flags of a list had to be exactly those of the spec; today they must be among them.
fn compares_flag_lists_whole(row: &Row<'_>) -> bool {
    let flags = &row.specs.spec(row.id).parameters.flags;
    let wanted = row.constraint.flags();
    !row.expected && wanted.iter().any(|(list, all)| flags.get(list).is_some_and(|found| found.len() > all.len()))
}

type Class = (&'static str, fn(&Row<'_>) -> bool);

const CLASSES: [Class; 7] = [
    ("no answer in 2019", has_no_answer),
    ("below a build dependency", is_below_a_build_dependency),
    ("virtual dependency", is_a_virtual_dependency),
    ("ignored dependency", is_an_ignored_dependency),
    ("order of the walk", depends_on_the_walk),
    ("virtual root", is_a_virtual_root),
    ("whole flag lists", compares_flag_lists_whole),
];

/// Returns the names of the virtual packages that a case's nodes provide.
fn virtuals(case: &Path) -> BTreeSet<String> {
    fn collect(value: &Value, into: &mut BTreeSet<String>) {
        match value {
            Value::Object(map) => {
                for (key, value) in map {
                    if key == "virtuals_provided" {
                        let names = value.as_array().into_iter().flatten().filter_map(Value::as_str);
                        into.extend(names.map(|name| name.split('@').next().unwrap().to_owned()));
                    } else {
                        collect(value, into);
                    }
                }
            }
            Value::Array(all) => all.iter().for_each(|value| collect(value, into)),
            _ => {}
        }
    }
    let mut names = BTreeSet::new();
    if let Ok(text) = std::fs::read_to_string(case.join("dag.json")) {
        collect(&serde_json::from_str(&text).unwrap(), &mut names);
    }
    names
}

#[test]
fn today_differs_from_2019_only_where_2019_was_loose() {
    let Some(folder) = oracle::folder() else { return };
    let mut covered = BTreeMap::<&str, usize>::new();
    let mut wrong = Vec::new();
    let mut total = 0;
    let entries = std::fs::read_dir(folder.join("release-jobs")).unwrap();
    let mut cases: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    for case in cases.iter().filter(|case| case.join("satisfies.jsonl").is_file()) {
        let virtuals = virtuals(case);
        let mut locks = BTreeMap::new();
        for row in oracle::rows(&case.join("satisfies.jsonl")) {
            total += 1;
            let phase = row["phase"].as_str().unwrap();
            let (specs, ids) = locks.entry(phase.to_owned()).or_insert_with(|| {
                let name = if phase == "specs" { "spack.lock".to_owned() } else { format!("bootstrap.{phase}.lock") };
                let specs = oracle::lockfile(&case.join(name));
                let ids: BTreeMap<String, _> = specs.iter().map(|(id, spec)| (spec.key.to_string(), id)).collect();
                (specs, ids)
            });
            let text = row["constraint"].as_str().unwrap();
            let constraint = Spec::parse(text).unwrap();
            let id = ids[row["build_hash"].as_str().unwrap()];
            let answer = specs.satisfies(id, &constraint);
            assert_eq!(answer.is_ok(), specs.select(&constraint).contains(id.index()), "{text}");
            let expected = row["satisfies"] == true;
            if answer.is_ok() == expected {
                continue;
            }
            let error = row["error"].as_str();
            let row = Row { specs, id, constraint: &constraint, expected, error, virtuals: &virtuals };
            match CLASSES.iter().find(|(_, is_class)| is_class(&row)) {
                Some((name, _)) => *covered.entry(name).or_default() += 1,
                None => wrong.push(format!(
                    "{} {text:?} {}: {answer:?} instead of {expected}",
                    case.display(),
                    specs.spec(id).name
                )),
            }
        }
    }
    println!("{total} rows; exceptions: {covered:?}");
    assert!(wrong.is_empty(), "{} of {total} rows differ:\n{}", wrong.len(), wrong.join("\n"));
}
