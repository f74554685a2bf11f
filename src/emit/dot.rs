//! `dot`: the job graph for Graphviz, one cluster a stage; edges run from a job to what it needs.

use crate::plan::JobId;
use crate::release::Release;
use std::collections::BTreeMap;
use std::io::{self, Write};

pub(super) fn write(release: &Release, ids: impl Iterator<Item = JobId>, out: &mut impl Write) -> io::Result<()> {
    let graph = &release.plan.graph;
    let mut by_stage: BTreeMap<usize, Vec<JobId>> = BTreeMap::new();
    for id in ids {
        by_stage.entry(graph.job(id).stage).or_default().push(id);
    }
    writeln!(out, "digraph release {{")?;
    writeln!(out, "  rankdir=RL;\n  node [shape=box];")?;
    for (stage, jobs) in &by_stage {
        writeln!(out, "  subgraph cluster_{stage} {{\n    label=\"stage-{stage}\";")?;
        for id in jobs {
            let style = match (graph.spec(*id).is_predicted(), release.plan.assignments.is_unassigned(*id)) {
                (_, true) => ", style=bold, color=red, xlabel=\"no runner\"",
                (true, false) => ", style=dashed, xlabel=predicted",
                (false, false) => "",
            };
            writeln!(out, "    {} [label={}{style}];", id.0, quoted(&graph.job(*id).name))?;
        }
        writeln!(out, "  }}")?;
    }
    for id in by_stage.values().flatten() {
        for need in graph.needs(*id) {
            writeln!(out, "  {} -> {};", id.0, need.0)?;
        }
        for compiler in graph.compilers(*id) {
            writeln!(out, "  {} -> {} [style=dotted, label=compiler];", id.0, compiler.0)?;
        }
    }
    writeln!(out, "}}")
}

/// Returns a string as a DOT identifier in quotes.
fn quoted(text: &str) -> String {
    format!("\"{}\"", super::shown(text).replace('\\', "\\\\").replace('"', "\\\""))
}
