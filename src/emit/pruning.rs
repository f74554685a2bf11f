//! `pruning`: which specs get jobs, which do not, and why, in the words and the order of `spack ci generate`.

use super::shown;
use crate::plan::JobId;
use crate::release::Release;
use crate::spec::concrete::{ConcreteSpecs, SpecId};
use std::collections::BTreeMap;
use std::io::{self, Write};

pub(super) fn write(release: &Release, out: &mut impl Write) -> io::Result<()> {
    let graph = &release.plan.graph;
    let jobs = graph.ids().map(|id: JobId| (graph.job(id).phase, graph.job(id).spec));
    let pruned = graph.pruned.iter().map(|pruned| (pruned.phase, pruned.spec));
    writeln!(out, "Pipeline pruning summary:")?;
    list(release, "Rebuild list", "[x] ", jobs, out)?;
    list(release, "Prune list", " -  ", pruned, out)
}

fn list(
    release: &Release,
    title: &str,
    mark: &str,
    specs: impl Iterator<Item = (usize, SpecId)>,
    out: &mut impl Write,
) -> io::Result<()> {
    let mut lines = BTreeMap::new();
    for (phase, id) in specs {
        let specs = &release.plan.graph.phases[phase].specs;
        let spec = specs.spec(id);
        let key = (phase, format!("{}/{:.7}", spec.name, spec.hash), id);
        let words = release.plan.pruning.words(spec).join(", ");
        let line = format!("{}@{}/{:.7}{}", spec.name, spec.version, spec.hash, compilers(specs, id));
        lines.insert(key, format!("{} ({})", shown(&line), shown(&words)));
    }
    if lines.is_empty() {
        return Ok(());
    }
    writeln!(out, "  {title}:")?;
    lines.values().try_for_each(|line| writeln!(out, "  {mark} {line}"))
}

/// Returns the compilers of a spec with what they compile: ` %c,cxx=gcc@12.2.0`.
fn compilers(specs: &ConcreteSpecs, id: SpecId) -> String {
    let mut texts = Vec::new();
    for edge in specs.dependencies(id) {
        let languages = ["c", "cxx", "fortran"];
        let provided = languages.into_iter().filter(|name| edge.virtuals.iter().any(|provided| &**provided == *name));
        let provided: Vec<&str> = provided.collect();
        if !provided.is_empty() {
            let compiler = specs.spec(edge.spec);
            texts.push(format!(" %{}={}@{}", provided.join(","), compiler.name, compiler.version));
        }
    }
    texts.sort();
    texts.concat()
}
