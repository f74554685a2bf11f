//! How near the catalogue comes to what Spack itself concretized: figures, and a floor under them.
//!
//! The recorded lockfiles are of 2019, the catalogue's facts of years later: names and edges agree more than versions.

#[path = "common/oracle.rs"]
mod oracle;
#[path = "common/prediction.rs"]
mod prediction;

use prediction::{Phase, predicted};
use spackplan::concretize::lockfile::parse;
use spackplan::finding::Rule;
use spackplan::source::Source;
use spackplan::spec::Spec;
use spackplan::spec::concrete::{ConcreteSpecs, SpecId};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Packages that 2019 knew by another name.
const RENAMED: [(&str, &str); 2] = [("netcdf", "netcdf-c"), ("zlib", "zlib-ng")];

/// The packages below a root with their versions, and the dependencies among them.
#[derive(Default)]
struct Facts {
    versions: BTreeMap<String, String>,
    edges: BTreeSet<(String, String)>,
}

fn facts(specs: &ConcreteSpecs, root: SpecId) -> Facts {
    let name = |id| {
        let name = &*specs.spec(id).name;
        RENAMED.iter().find(|(old, _)| *old == name).map_or(name, |(_, new)| new).to_owned()
    };
    let (mut facts, mut open) = (Facts::default(), vec![root]);
    while let Some(id) = open.pop() {
        if facts.versions.insert(name(id), specs.spec(id).version.to_string()).is_none() {
            let edges = specs.dependencies(id);
            facts.edges.extend(edges.iter().map(|edge| (name(id), name(edge.spec))));
            open.extend(edges.iter().map(|edge| edge.spec));
        }
    }
    facts
}

/// Counts of what is in both of two sets, and in each.
#[derive(Default)]
struct Agreement {
    both: usize,
    predicted: usize,
    real: usize,
}

impl Agreement {
    fn add<T: Ord>(&mut self, predicted: &BTreeSet<T>, real: &BTreeSet<T>) {
        self.both += predicted.intersection(real).count();
        self.predicted += predicted.len();
        self.real += real.len();
    }

    fn percent(&self) -> (usize, usize) {
        (100 * self.both / self.predicted.max(1), 100 * self.both / self.real.max(1))
    }
}

#[test]
fn predictions_come_near_to_what_spack_chose() {
    let Some(oracle) = oracle::folder() else { return };
    let (mut names, mut versions, mut edges) = (Agreement::default(), Agreement::default(), Agreement::default());
    let (mut roots, mut unknown, mut missing) = (0, BTreeSet::new(), 0);
    let mut differing: BTreeMap<String, usize> = BTreeMap::new();
    for path in lockfiles(&oracle.join("release-jobs")) {
        let lock = parse(&Source::new("spack.lock", std::fs::read_to_string(&path).unwrap())).unwrap();
        // The writer names no target, which it spells `None`.
        let texts: Vec<String> = lock.roots.iter().map(|root| root.text.replace("-None", "-x86_64")).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).filter(|text| Spec::parse(text).is_ok()).collect();
        let phase: Phase = predicted(&texts);
        unknown.extend(
            phase.findings.iter().filter(|finding| finding.rule == Rule::UnknownPackage).map(|f| f.message.clone()),
        );
        for f in phase.findings.iter().filter(|f| f.rule == Rule::Unpredictable) { println!("{}", f.message); }
        missing += texts.len() - phase.specs.roots.len();
        for root in &phase.specs.roots {
            let (ours, real) = (facts(&phase.specs, root.spec), facts(&lock.specs, lock.roots[root.root].spec));
            let set = |facts: &Facts| facts.versions.keys().cloned().collect::<BTreeSet<_>>();
            let versioned = |facts: &Facts| facts.versions.clone().into_iter().collect::<BTreeSet<_>>();
            for name in set(&ours).symmetric_difference(&set(&real)) {
                let sign = if ours.versions.contains_key(name) { '+' } else { '-' };
                *differing.entry(format!("{sign}{name}")).or_default() += 1;
            }
            names.add(&set(&ours), &set(&real));
            versions.add(&versioned(&ours), &versioned(&real));
            edges.add(&ours.edges, &real.edges);
            roots += 1;
        }
    }
    println!("{roots} roots, {missing} not predicted; unknown: {unknown:#?}");
    println!("share of predicted ones that are real, and of real ones that are predicted, in percent:");
    println!("names {:?} with versions {:?} edges {:?}", names.percent(), versions.percent(), edges.percent());
    println!("{differing:?}");
    assert!(roots > 100 && names.percent().0 >= 60 && names.percent().1 >= 60);
}

/// Returns the lockfiles of all cases, sorted.
fn lockfiles(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = |folder: &Path| std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let cases = entries(folder).filter(|path| path.is_dir());
    let files = cases.flat_map(|case| entries(&case).collect::<Vec<_>>());
    let mut files: Vec<_> =
        files.filter(|path| path.extension().is_some_and(|extension| extension == "lock")).collect();
    files.sort();
    files
}
