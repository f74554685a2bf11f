//! How near the catalogue comes to what Spack itself concretized: figures, and floors under them.
//!
//! The catalogue's facts are of 2026. In 2019 packages needed fewer others and had older versions; since 2025 compilers
//! and what they bring along are nodes, which the catalogue leaves out by design.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests fail like tests")]

#[path = "common/prediction.rs"]
mod prediction;

use prediction::predicted;
use spackplan::concretize::catalogue::Catalogue;
use spackplan::concretize::lockfile::{Lockfile, parse};
use spackplan::finding::Rule;
use spackplan::source::Source;
use spackplan::spec::Spec;
use spackplan::spec::concrete::{ConcreteSpecs, SpecId};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Packages that were renamed, or whose place another provider has taken.
const RENAMED: [(&str, &str); 2] = [("netcdf", "netcdf-c"), ("zlib", "zlib-ng")];
/// What the catalogue takes from the host.
const OF_THE_HOST: [&str; 6] = ["compiler-wrapper", "gcc", "gcc-runtime", "glibc", "gmake", "gnuconfig"];

/// The packages below a root with their versions, and the dependencies among them.
#[derive(Default)]
struct Facts {
    names: BTreeSet<String>,
    versions: BTreeSet<(String, String)>,
    edges: BTreeSet<(String, String)>,
}

impl Facts {
    fn of(specs: &ConcreteSpecs, root: SpecId) -> Self {
        let name = |id| {
            let name = &*specs.spec(id).name;
            RENAMED.iter().find(|(old, _)| *old == name).map_or(name, |(_, new)| new).to_owned()
        };
        let (mut facts, mut open) = (Self::default(), vec![root]);
        while let Some(id) = open.pop() {
            if !facts.versions.insert((name(id), specs.spec(id).version.to_string())) {
                continue;
            }
            facts.names.insert(name(id));
            for edge in specs.dependencies(id) {
                let is_of_host = OF_THE_HOST.contains(&&*specs.spec(edge.spec).name);
                if !is_of_host {
                    facts.edges.insert((name(id), name(edge.spec)));
                    open.push(edge.spec);
                }
            }
        }
        facts
    }
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

    /// Returns the share of what is predicted that is real, and of what is real that is predicted, in percent.
    fn percent(&self) -> (usize, usize) {
        (100 * self.both / self.predicted.max(1), 100 * self.both / self.real.max(1))
    }
}

/// How predictions compare with lockfiles.
#[derive(Default)]
struct Figures {
    roots: usize,
    unpredictable: Vec<String>,
    names: Agreement,
    versions: Agreement,
    edges: Agreement,
    /// How often a package is predicted and not real (`+`), or the reverse (`-`).
    differing: BTreeMap<String, usize>,
}

impl Figures {
    fn add(&mut self, lock: &Lockfile) {
        // The first lockfiles had no names for targets and wrote `None`.
        let text = |text: &str| text.replace("-None", "-x86_64");
        let is_known = |spec: &Spec| {
            spec.name().is_some_and(|name| Catalogue::embedded().unwrap().package(name).unwrap().is_some())
        };
        let (indices, texts): (Vec<usize>, Vec<String>) = (0..)
            .zip(lock.roots.iter().map(|root| text(&root.text)))
            .filter(|(_, text)| Spec::parse(text).is_ok_and(|spec| is_known(&spec)))
            .unzip();
        let phase = predicted(&texts.iter().map(String::as_str).collect::<Vec<_>>());
        let unpredictable = phase.findings.iter().filter(|finding| finding.rule == Rule::Unpredictable);
        self.unpredictable.extend(unpredictable.map(|finding| finding.message.clone()));
        for root in &phase.specs.roots {
            let real = Facts::of(&lock.specs, lock.roots[indices[root.root]].spec);
            let ours = Facts::of(&phase.specs, root.spec);
            for name in ours.names.symmetric_difference(&real.names) {
                let sign = if ours.names.contains(name) { '+' } else { '-' };
                *self.differing.entry(format!("{sign}{name}")).or_default() += 1;
            }
            self.names.add(&ours.names, &real.names);
            self.versions.add(&ours.versions, &real.versions);
            self.edges.add(&ours.edges, &real.edges);
            self.roots += 1;
        }
    }

    fn print(&self, era: &str) {
        println!("{era}: {} roots, percent of predicted that are real, and of real that are predicted:", self.roots);
        let (names, versions, edges) = (self.names.percent(), self.versions.percent(), self.edges.percent());
        println!("  names {names:?}, names with versions {versions:?}, edges {edges:?}");
        println!("  {:?}\n  {:#?}", self.differing, self.unpredictable);
    }
}

/// Returns the lockfiles in the folders below one, sorted.
fn lockfiles(folder: &Path) -> Vec<PathBuf> {
    let entries = |folder: &Path| std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let cases = entries(folder).filter(|path| path.is_dir());
    let files = cases.flat_map(|case| entries(&case).collect::<Vec<_>>());
    let mut files: Vec<_> =
        files.filter(|path| path.extension().is_some_and(|extension| extension == "lock")).collect();
    files.sort();
    files
}

fn figures(folder: &Path) -> Figures {
    let mut figures = Figures::default();
    for path in lockfiles(folder) {
        let text = std::fs::read_to_string(&path).unwrap();
        figures.add(&parse(&Source::new(path.display().to_string(), text)).unwrap());
    }
    figures
}

#[test]
fn predictions_come_near_to_what_spack_chose() {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/oracle");
    let oracle = std::env::var_os("SPACKPLAN_ORACLE").map_or_else(beside, PathBuf::from);
    if !oracle.is_dir() {
        println!("skipped: no recorded answers in {}", oracle.display());
        return;
    }
    let (first, today) = (figures(&oracle.join("release-jobs")), figures(&oracle.join("stacks")));
    first.print("2019");
    today.print("2025");
    assert!(first.unpredictable.is_empty() && first.names.percent().0 >= 50 && first.names.percent().1 >= 80);
    assert!(today.names.percent().0 >= 85 && today.names.percent().1 >= 85);
}
