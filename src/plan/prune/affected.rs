//! Which specs a change of packages affects: those of the packages, what depends on them, and what all of these need.

use super::Reason;
use crate::spec::concrete::{ConcreteSpecs, SpecId};
use std::collections::BTreeSet;

/// Returns for each spec why it is built, or that no change touches it.
///
/// As Spack does, dependents are followed up to `depth` edges (without end if there is none, and nothing is affected by
/// a negative one), and then the dependencies of all that was met.
pub fn affected(specs: &ConcreteSpecs, changed: &BTreeSet<String>, depth: Option<i64>) -> Vec<Reason> {
    let mut reasons = vec![Reason::Untouched; specs.len()];
    let mut level: Vec<SpecId> =
        specs.iter().filter(|(_, spec)| changed.contains(&*spec.name)).map(|(id, _)| id).collect();
    let dependents = dependents(specs);
    let mut met = Vec::new();
    let mut distance = 0;
    let mut reason = Reason::ChangedPackage;
    while !level.is_empty() && depth.is_none_or(|depth| distance <= depth) {
        let mut next = Vec::new();
        for id in level {
            if reasons[id.index()] == Reason::Untouched {
                reasons[id.index()] = reason.clone();
                met.push(id);
                next.extend(&dependents[id.index()]);
            }
        }
        (level, reason) = (next, Reason::DependentOfChanged);
        distance += 1;
    }
    while let Some(id) = met.pop() {
        for edge in specs.dependencies(id) {
            if reasons[edge.spec.index()] == Reason::Untouched {
                reasons[edge.spec.index()] = Reason::DependencyOfChanged;
                met.push(edge.spec);
            }
        }
    }
    reasons
}

fn dependents(specs: &ConcreteSpecs) -> Vec<Vec<SpecId>> {
    let mut dependents = vec![Vec::new(); specs.len()];
    for (id, _) in specs.iter() {
        for edge in specs.dependencies(id) {
            dependents[edge.spec.index()].push(id);
        }
    }
    dependents
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::concretize::lockfile;
    use crate::source::Source;

    /// `app` needs `lib` needs `zlib`; `tool` needs `zlib`; `app` needs `doc`.
    const LOCK: &str = r#"{
        "_meta": {"file-type": "spack-lockfile", "lockfile-version": 6, "specfile-version": 5},
        "roots": [{"hash": "a", "spec": "app"}, {"hash": "t", "spec": "tool"}],
        "concrete_specs": {
            "a": {"name": "app", "version": "1", "dependencies": [DEP(l), DEP(d)], "hash": "a"},
            "l": {"name": "lib", "version": "1", "dependencies": [DEP(z)], "hash": "l"},
            "d": {"name": "doc", "version": "1", "hash": "d"},
            "t": {"name": "tool", "version": "1", "dependencies": [DEP(z)], "hash": "t"},
            "z": {"name": "zlib", "version": "1", "hash": "z"}
        }
    }"#;

    fn built(changed: &[&str], depth: Option<i64>) -> Vec<(String, Reason)> {
        let names = [("l", "lib"), ("d", "doc"), ("z", "zlib")];
        let text = names.iter().fold(LOCK.to_owned(), |text, (hash, name)| {
            let edge = format!(
                r#"{{"name": "{name}", "hash": "{hash}", "parameters": {{"deptypes": ["link"], "virtuals": []}}}}"#
            );
            text.replace(&format!("DEP({hash})"), &edge)
        });
        let text = text.replace(
            r#""version": "1","#,
            r#""version": "1", "arch": {"platform": "linux", "platform_os": "debian12", "target": "x86_64"},
               "namespace": "builtin", "parameters": {},"#,
        );
        let specs = lockfile::parse(&Source::new("spack.lock", text)).unwrap().specs;
        let changed = changed.iter().map(|name| (*name).to_owned()).collect();
        let reasons = affected(&specs, &changed, depth);
        let mut built: Vec<(String, Reason)> = specs
            .iter()
            .map(|(id, spec)| (spec.name.to_string(), reasons[id.index()].clone()))
            .filter(|(_, reason)| !reason.prunes())
            .collect();
        built.sort_by(|a, b| a.0.cmp(&b.0));
        built
    }

    fn names(changed: &[&str], depth: Option<i64>) -> Vec<String> {
        built(changed, depth).into_iter().map(|(name, _)| name).collect()
    }

    #[test]
    fn a_changed_package_affects_its_dependents_and_all_that_those_need() {
        let found = built(&["lib"], None);
        let expected = [
            ("app", Reason::DependentOfChanged),
            ("doc", Reason::DependencyOfChanged),
            ("lib", Reason::ChangedPackage),
            ("zlib", Reason::DependencyOfChanged),
        ];
        assert_eq!(found, expected.map(|(name, reason)| (name.to_owned(), reason)));
    }

    #[test]
    fn the_depth_limits_how_far_dependents_are_followed() {
        assert_eq!(names(&["zlib"], Some(0)), ["zlib"]);
        assert_eq!(names(&["zlib"], Some(1)), ["lib", "tool", "zlib"]);
        assert_eq!(names(&["zlib"], Some(2)), ["app", "doc", "lib", "tool", "zlib"]);
    }

    #[test]
    fn nothing_is_affected_by_a_negative_depth_or_a_package_that_is_not_there() {
        assert_eq!(names(&["zlib"], Some(-1)), [] as [&str; 0]);
        assert_eq!(names(&["other"], None), [] as [&str; 0]);
    }
}
