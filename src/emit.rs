//! Reports: everything the terminal UI shows, as text or data on standard output. Pure and read-only.

pub mod difference;
mod dot;
mod findings;
mod json;
mod pruning;
mod summary;
mod text;
mod why;

use crate::plan::assign::select;
use crate::plan::{JobId, Plan};
use crate::release::Release;
use crate::spec::Spec;
use std::io::{self, Write};

pub use crate::environment::attributes::letter as mapping_letter;
pub use crate::redact::shown;
pub use findings::write_finding;
pub use text::{counted, no_job};

/// What to print.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Report {
    /// The `.gitlab-ci.yml`.
    Pipeline,
    /// Phases, stages and runners with counts, as text.
    Summary,
    /// The whole plan as JSON.
    Json,
    /// The job graph for Graphviz.
    Dot,
    /// Why each job has its runner.
    Why,
    /// Which specs get no job, and why each is built or not.
    Pruning,
    /// Problems with their places, as text.
    Findings,
    /// Problems with their places, as JSON.
    FindingsJson,
}

/// Writes a report; `constraint` narrows those that speak of single jobs.
///
/// # Errors
/// Returns what `out` answers.
pub fn write(report: Report, release: &Release, constraint: Option<&Spec>, out: &mut impl Write) -> io::Result<()> {
    let selected = constraint.map(|spec| select(&release.plan.graph, spec));
    let ids = || release.plan.graph.ids().filter(|id| selected.as_ref().is_none_or(|set| set.contains(id.index())));
    match report {
        Report::Pipeline => release.pipeline.write_to(out),
        Report::Summary => summary::write(release, out),
        Report::Json => json::write(release, selected.as_ref(), out),
        Report::Dot => dot::write(release, ids(), out),
        Report::Why => why::write(release, ids(), constraint, out),
        Report::Pruning => pruning::write(release, out),
        Report::Findings => findings::write(&release.findings, out),
        Report::FindingsJson => findings::write_json(release, out),
    }
}

/// Returns `NAME@VERSION%COMPILER arch=ARCH` of the spec a job builds, as `spack release-jobs` printed it.
pub fn release_spec(plan: &Plan, id: JobId) -> String {
    use crate::plan::graph::{architecture, compiler};
    let graph = &plan.graph;
    let spec = graph.spec(id);
    let compiler = compiler(&graph.phase(id).specs, graph.job(id).spec);
    let compiler = compiler.map(|(name, version)| format!("%{name}@{version}")).unwrap_or_default();
    format!("{}@{}{compiler} arch={}", spec.name, spec.version, architecture(&spec.arch))
}
