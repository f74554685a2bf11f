//! `why`: for every job its place in the plan, each mapping tried with each match spec's verdict, and where its attributes come from.

use super::shown;
use crate::plan::attributes::merged;
use crate::plan::explain::{Outcome, Step};
use crate::plan::{JobId, MatchOn};
use crate::release::Release;
use crate::yaml::inline;
use std::io::{self, Write};

pub(super) fn write(release: &Release, ids: impl Iterator<Item = JobId>, out: &mut impl Write) -> io::Result<()> {
    let mut any = false;
    for id in ids {
        if any {
            writeln!(out)?;
        }
        any = true;
        job(release, id, out)?;
    }
    if !any {
        writeln!(out, "no job satisfies the constraint")?;
    }
    Ok(())
}

fn job(release: &Release, id: JobId, out: &mut impl Write) -> io::Result<()> {
    let plan = &release.plan;
    let graph = &plan.graph;
    let (job, phase, spec) = (graph.job(id), graph.phase(id), graph.spec(id));
    let predicted = if spec.is_predicted() { "  ~ predicted" } else { "" };
    writeln!(out, "{}", shown(&job.name))?;
    writeln!(out, "  spec    {}/{:.7}{predicted}", shown(&super::release_spec(&release.plan, id)), shown(&spec.hash))?;
    writeln!(out, "  root    {}", shown(&phase.specs.roots[job.root].text))?;
    let longest = graph.needs(id).iter().copied().max_by_key(|need| (graph.job(*need).stage, std::cmp::Reverse(*need)));
    match longest {
        None => writeln!(out, "  stage   {}: it needs nothing", job.stage)?,
        Some(need) => writeln!(out, "  stage   {}: right after `{}`", job.stage, shown(&graph.job(need).name))?,
    }
    for compiler in graph.compilers(id) {
        writeln!(out, "  built   with the compiler of `{}`", shown(&graph.job(*compiler).name))?;
    }
    runner(release, id, out)?;
    if plan.options.match_on == MatchOn::Root {
        writeln!(out, "  tested  on its root, not on its own spec")?;
    }
    for step in plan.explain(id).steps {
        self::step(&step, out)?;
    }
    Ok(())
}

fn runner(release: &Release, id: JobId, out: &mut impl Write) -> io::Result<()> {
    let plan = &release.plan;
    let set = &plan.assignments.sets[plan.assignments.set_of(id).index()];
    if plan.assignments.is_unassigned(id) {
        return writeln!(out, "  runner  ! none: no mapping matches");
    }
    let attributes = merged(&plan.rules, set);
    for (key, entry) in &attributes {
        writeln!(
            out,
            "  {:<7} {}  ({}:{})",
            shown(key),
            shown(&inline(&entry.node)),
            shown(entry.key.source().name()),
            entry.key.line()
        )?;
    }
    Ok(())
}

fn step(step: &Step<'_>, out: &mut impl Write) -> io::Result<()> {
    let number = step.id.mapping + 1;
    let place = &step.mapping.place;
    let label = step.mapping.label.as_ref().map(|label| format!(" {}", shown(label))).unwrap_or_default();
    let outcome = match step.outcome {
        Outcome::PassedOver => "does not match",
        Outcome::Applies => "TAKES IT",
        Outcome::WouldAlsoMatch => "would also match, but comes too late",
    };
    writeln!(out, "  mapping {number}{label} ({}:{}) {outcome}", shown(place.source().name()), place.line())?;
    for (wanted, verdict) in &step.verdicts {
        match verdict {
            Ok(()) => writeln!(out, "    + {}", shown(&wanted.text))?,
            Err(mismatch) => {
                let mismatch = mismatch.to_string();
                // A match spec of one clause is that clause; it need not be said twice.
                let whole = mismatch.starts_with(&format!("{}, ", wanted.text));
                let wanted = if whole { String::new() } else { format!("{}: ", wanted.text) };
                writeln!(out, "    - {}{}", shown(&wanted), shown(&mismatch))?;
            }
        }
    }
    Ok(())
}
