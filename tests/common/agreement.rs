//! How near predictions come to what Spack itself concretized: packages, versions and edges below roots, compared.
#![allow(dead_code, unreachable_pub, reason = "each user uses a part")]
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests fail like tests")]

use super::prediction::{Phase, predicted, with_lockfiles};
use spackplan::concretize::Lockfiles;
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
    /// How many specs there are, and how many of them are guesses.
    nodes: usize,
    guessed: usize,
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
            facts.nodes += 1;
            facts.guessed += usize::from(specs.spec(id).is_predicted());
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
pub struct Agreement {
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
    pub fn percent(&self) -> (usize, usize) {
        (100 * self.both / self.predicted.max(1), 100 * self.both / self.real.max(1))
    }
}

/// How predictions compare with lockfiles.
#[derive(Default)]
pub struct Figures {
    pub roots: usize,
    pub unpredictable: Vec<String>,
    pub names: Agreement,
    pub versions: Agreement,
    pub edges: Agreement,
    /// How many specs below roots are predicted, of how many.
    pub guessed: (usize, usize),
    /// How often a package is predicted and not real (`+`), or the reverse (`-`).
    differing: BTreeMap<String, usize>,
}

impl Figures {
    /// Predicts all roots of a lockfile from the catalogue alone.
    pub fn add_catalogue(&mut self, lock: &Lockfile) {
        let (indices, texts): (Vec<usize>, Vec<String>) = (0..)
            .zip(lock.roots.iter().map(|root| text(&root.text)))
            .filter(|(_, text)| Spec::parse(text).is_ok_and(|spec| is_known(&spec)))
            .unzip();
        let phase = predicted(&texts.iter().map(String::as_str).collect::<Vec<_>>());
        self.compare(&phase, lock, &indices);
    }

    /// Adds what was predicted of one root of a lockfile.
    pub fn add_one(&mut self, lock: &Lockfile, index: usize, phase: &Phase) {
        self.compare(phase, lock, &[index]);
    }

    fn compare(&mut self, phase: &Phase, lock: &Lockfile, indices: &[usize]) {
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
            self.guessed.0 += ours.guessed;
            self.guessed.1 += ours.nodes;
            self.roots += 1;
        }
    }

    /// Prints the shares.
    pub fn print(&self, title: &str) {
        let (names, versions, edges) = (self.names.percent(), self.versions.percent(), self.edges.percent());
        println!("{title}: {} roots, {} of {} specs are guesses", self.roots, self.guessed.0, self.guessed.1);
        println!("  right of what is predicted, and predicted of what is right, in percent:");
        println!("  packages {names:?}, with versions {versions:?}, edges {edges:?}");
    }

    /// Prints what differs.
    pub fn print_differences(&self) {
        println!("  {:?}\n  {:#?}", self.differing, self.unpredictable);
    }
}

/// Predictions of every root of lockfiles from what is left of those without that root.
#[derive(Default)]
pub struct Others {
    /// Of roots that have a relative among the others.
    pub relatives: Figures,
    /// Of roots that have none, and that the catalogue knows.
    pub catalogue: Figures,
}

impl Others {
    /// Predicts every root of a lockfile.
    pub fn add(&mut self, lock: &Lockfile, json: &str) {
        let document: serde_json::Value = serde_json::from_str(json).unwrap();
        for index in 0..lock.roots.len() {
            let root = text(&lock.roots[index].text);
            let rest = Source::new("rest.lock", without(&document, lock, index).to_string());
            let phase = with_lockfiles(&[&root], &Lockfiles::of_main(rest));
            if phase.findings.iter().any(|finding| finding.message.contains("nearest locked relative")) {
                self.relatives.add_one(lock, index, &phase);
            } else if Spec::parse(&root).is_ok_and(|spec| is_known(&spec)) {
                self.catalogue.add_one(lock, index, &phase);
            }
        }
    }
}

/// The first lockfiles had no names for targets and wrote `None`.
fn text(text: &str) -> String {
    text.replace("-None", "-x86_64")
}

fn is_known(spec: &Spec) -> bool {
    spec.name().is_some_and(|name| Catalogue::embedded().unwrap().package(name).unwrap().is_some())
}

/// Returns a lockfile without a root and all that only this root needs.
fn without(document: &serde_json::Value, lock: &Lockfile, index: usize) -> serde_json::Value {
    let mut open: Vec<SpecId> =
        (0..).zip(&lock.roots).filter(|(at, _)| *at != index).map(|(_, root)| root.spec).collect();
    let mut kept: BTreeSet<SpecId> = BTreeSet::new();
    while let Some(id) = open.pop() {
        if kept.insert(id) {
            open.extend(lock.specs.dependencies(id).iter().map(|edge| edge.spec));
        }
    }
    let keys: BTreeSet<&str> = kept.iter().map(|id| &*lock.specs.spec(*id).key).collect();
    let mut rest = document.clone();
    rest["roots"].as_array_mut().unwrap().remove(index);
    rest["concrete_specs"].as_object_mut().unwrap().retain(|key, _| keys.contains(key.as_str()));
    rest
}

/// Returns the lockfiles in the folders below one, sorted.
pub fn lockfiles(folder: &Path) -> Vec<PathBuf> {
    let entries = |folder: &Path| std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let cases = entries(folder).filter(|path| path.is_dir());
    let files = cases.flat_map(|case| entries(&case).collect::<Vec<_>>());
    let mut files: Vec<_> =
        files.filter(|path| path.extension().is_some_and(|extension| extension == "lock")).collect();
    files.sort();
    files
}

/// Reads a lockfile, and its text.
pub fn read(path: &Path) -> (Lockfile, String) {
    let text = std::fs::read_to_string(path).unwrap();
    (parse(&Source::new(path.display().to_string(), text.as_str())).unwrap(), text)
}
