//! Predicting root specs without an environment file.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses a part")]

use spackplan::concretize::{Lockfiles, concretize};
use spackplan::environment::condition::Context;
use spackplan::environment::{Environment, Origin, RootSpec, SpecList};
use spackplan::finding::Finding;
use spackplan::source::{Place, Source};
use spackplan::spec::Spec;
use spackplan::spec::concrete::{Architecture, ConcreteSpecs};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The specs of the one phase, and what was said of them.
pub struct Phase {
    pub specs: Arc<ConcreteSpecs>,
    pub findings: Vec<Finding>,
}

/// Returns the host that tests predict for.
pub fn architecture() -> Architecture {
    Architecture { platform: "linux".into(), os: "centos7".into(), target: "x86_64".into() }
}

/// Returns an environment whose roots are these, one a line.
pub fn environment(roots: &[&str]) -> Environment {
    let source = Source::new("spack.yaml", roots.join("\n"));
    let mut start = 0;
    let root = |text: &&str| {
        let place = Place::new(&source, start..start + text.len());
        start += text.len() + 1;
        RootSpec { spec: Spec::parse(text).unwrap(), origin: Origin::Plain(place), group: None }
    };
    let roots = roots.iter().map(root).collect();
    let text = "spack:\n  gitlab-ci: {mappings: []}\n";
    let empty = Environment::parse(Source::new("spack.yaml", text), &Context::default()).unwrap();
    Environment { specs: SpecList { roots, matrices: Vec::new() }, source, ..empty }
}

/// Concretizes root specs with the lockfiles at hand.
pub fn with_lockfiles(roots: &[&str], lockfiles: &Lockfiles) -> Phase {
    let mut concretization = concretize(&environment(roots), lockfiles, &architecture()).unwrap();
    let specs = concretization.phases.pop().unwrap().specs;
    Phase { specs, findings: concretization.findings }
}

/// Predicts root specs.
pub fn predicted(roots: &[&str]) -> Phase {
    with_lockfiles(roots, &Lockfiles::default())
}

/// Returns the names of all nodes, sorted.
pub fn names(phase: &Phase) -> Vec<String> {
    let mut names: Vec<String> = phase.specs.iter().map(|(_, spec)| spec.name.to_string()).collect();
    names.sort();
    names
}

/// Returns the edges as pairs of names.
pub fn edges(phase: &Phase) -> BTreeSet<(String, String)> {
    let name = |id| phase.specs.spec(id).name.to_string();
    let below =
        |(id, _)| phase.specs.dependencies(id).iter().map(move |edge| (name(id), name(edge.spec))).collect::<Vec<_>>();
    phase.specs.iter().flat_map(below).collect()
}

/// Returns the findings that fit.
pub fn findings(phase: &Phase, fits: impl Fn(&Finding) -> bool) -> Vec<&Finding> {
    phase.findings.iter().filter(|finding| fits(finding)).collect()
}
