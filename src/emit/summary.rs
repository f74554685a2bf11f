//! `summary`: the facts that `spack release-jobs --print-summary` printed, with stage numbers as in the file, and which
//! runner takes how many jobs.

use super::{counted, mapping_letter, release_spec, shown};
use crate::environment::attributes::RunnerMapping;
use crate::plan::JobId;
use crate::plan::prune::Reason;
use crate::release::Release;
use crate::spec::concrete::Provenance;
use crate::yaml::Node;
use std::io::{self, Write};

pub(super) fn write(release: &Release, out: &mut impl Write) -> io::Result<()> {
    let graph = &release.plan.graph;
    for phase in &graph.phases {
        writeln!(out, "Stages for phase \"{}\"", shown(&phase.name))?;
        for index in phase.stages.clone() {
            let stage = &graph.stages[index];
            writeln!(out, "  stage {index} ({}):", counted(stage.jobs.len(), "job"))?;
            let mut lines: Vec<String> = stage.jobs.clone().map(|job| line(release, job)).collect();
            lines.sort();
            for line in lines {
                writeln!(out, "    {line}")?;
            }
        }
    }
    runners(release, out)?;
    let emitted = release.pipeline.jobs().count();
    writeln!(
        out,
        "{} in {}, {} without a runner",
        counted(emitted, "build job"),
        counted(graph.stages.len(), "stage"),
        graph.len() - emitted
    )?;
    let predicted = release.plan.graph.predicted();
    if predicted > 0 {
        let is_derived = |id: &JobId| graph.spec(*id).provenance == Provenance::Derived;
        let from = match graph.ids().filter(is_derived).count() {
            0 => "from the catalogue".to_owned(),
            derived if derived == predicted => "from locked relatives".to_owned(),
            derived => format!("from the catalogue and, {derived} of them, from locked relatives"),
        };
        writeln!(out, "{} predicted {from}", counted(predicted, "job"))?;
    }
    if release.plan.pruning.knows_anything() {
        writeln!(out, "{}", pruned(release))?;
    }
    Ok(())
}

/// Returns how many specs get no job, and why.
fn pruned(release: &Release) -> String {
    let pruned = &release.plan.graph.pruned;
    let count = |kind: fn(&Reason) -> bool, words: &str| {
        let count = pruned.iter().filter(|pruned| kind(&pruned.reason)).count();
        (count > 0).then(|| format!("{count} {words}"))
    };
    let reasons = [
        count(|reason| matches!(reason, Reason::UpToDate(_)), "up to date"),
        count(|reason| *reason == Reason::Untouched, "untouched"),
        count(|reason| *reason == Reason::External, "external"),
    ];
    let reasons: Vec<String> = reasons.into_iter().flatten().collect();
    let colon = if reasons.is_empty() { "" } else { ": " };
    format!("{} without a job{colon}{}", counted(pruned.len(), "spec"), reasons.join(", "))
}

fn line(release: &Release, job: usize) -> String {
    let graph = &release.plan.graph;
    let id = JobId::from_index(job);
    let spec = graph.spec(id);
    let runner = letters_of(release, id);
    let predicted = if spec.is_predicted() { "  ~ predicted" } else { "" };
    format!(
        "{}/{:.7} -> {}  [{runner}]{predicted}",
        shown(&spec.name),
        shown(&spec.hash),
        shown(&release_spec(&release.plan, id))
    )
}

/// Returns the letters of a job's mappings; `!` where it has no runner, `-` where sections for all jobs give it one.
fn letters_of(release: &Release, id: JobId) -> String {
    let plan = &release.plan;
    if plan.assignments.is_unassigned(id) {
        return "!".to_owned();
    }
    let set = &plan.assignments.sets[plan.assignments.set_of(id).index()];
    let mut numbers: Vec<usize> = set.mappings.iter().map(|mapping| plan.number_of(*mapping)).collect();
    numbers.sort_unstable();
    let letters: Vec<String> = numbers.into_iter().map(mapping_letter).collect();
    if letters.is_empty() { "-".to_owned() } else { letters.join("+") }
}

fn runners(release: &Release, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "Runners")?;
    for (number, id) in release.plan.mappings().enumerate() {
        let Some(mapping) = release.plan.mapping(id) else { continue };
        let letter = mapping_letter(number);
        let takes = counted(release.plan.assignments.counts[id.section][id.mapping].takes, "job");
        writeln!(out, "  {letter}  {takes:>10}  [{}]  {}", tags(mapping), matches(mapping))?;
    }
    let unassigned = release.plan.assignments.unassigned.count_ones(..);
    if unassigned > 0 {
        writeln!(out, "  !  {:>10}  no runner", counted(unassigned, "job"))?;
    }
    Ok(())
}

fn tags(mapping: &RunnerMapping) -> String {
    let tags =
        mapping.attributes.as_ref().and_then(|node| node.get("tags")).and_then(Node::as_sequence).unwrap_or_default();
    let tags: Vec<_> = tags.iter().filter_map(Node::as_text).map(shown).collect();
    tags.join(", ")
}

/// Returns the match specs of a mapping, the first few of many.
fn matches(mapping: &RunnerMapping) -> String {
    const MOST: usize = 4;
    let texts: Vec<_> = mapping.matches.iter().take(MOST).map(|wanted| shown(&wanted.text)).collect();
    let more = mapping.matches.len().saturating_sub(MOST);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", texts.join(" | "))
}
