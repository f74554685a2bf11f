//! `why`: for every job its place in the plan, each mapping tried with each match spec's verdict, and where its attributes come from.

use super::{mapping_letter, no_job, shown};
use crate::plan::attributes::merged;
use crate::plan::explain::{Giver, Outcome, Step};
use crate::plan::prune::Pruned;
use crate::plan::{JobGraph, JobId, MatchOn};
use crate::release::Release;
use crate::source::Place;
use crate::spec::{Mismatch, Spec};
use crate::yaml::{Mapping, Value, inline};
use std::io::{self, Write};

/// More match specs than this that only name another package share one line.
const MOST_OTHERS: usize = 6;

/// Writes why each job has its runner, and where specs are asked for, why those that get no job do not.
pub(super) fn write(
    release: &Release,
    ids: impl Iterator<Item = JobId>,
    constraint: Option<&Spec>,
    out: &mut impl Write,
) -> io::Result<()> {
    let mut any = false;
    for id in ids {
        if any {
            writeln!(out)?;
        }
        any = true;
        job(release, id, out)?;
    }
    let graph = &release.plan.graph;
    for pruned in constraint.map(|constraint| pruned(graph, constraint)).unwrap_or_default() {
        if any {
            writeln!(out)?;
        }
        any = true;
        let spec = graph.phases[pruned.phase].specs.spec(pruned.spec);
        writeln!(out, "{}@{}/{:.7}", shown(&spec.name), spec.version, shown(&spec.hash))?;
        writeln!(out, "  no job  {}", shown(&no_job(&pruned.reason)))?;
    }
    if !any {
        writeln!(out, "no job satisfies the constraint")?;
    }
    Ok(())
}

/// Returns the specs without a job that satisfy a constraint.
fn pruned<'a>(graph: &'a JobGraph, constraint: &Spec) -> Vec<&'a Pruned> {
    let selected: Vec<_> = graph.phases.iter().map(|phase| phase.specs.select(constraint)).collect();
    graph.pruned.iter().filter(|pruned| selected[pruned.phase].contains(pruned.spec.index())).collect()
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
    let reasons: Vec<String> = plan.pruning.reasons(spec).iter().map(ToString::to_string).collect();
    if !reasons.is_empty() {
        writeln!(out, "  build   {}", shown(&reasons.join(", ")))?;
    }
    for compiler in graph.compilers(id) {
        writeln!(out, "  built   with the compiler of `{}`", shown(&graph.job(*compiler).name))?;
    }
    runner(release, id, out)?;
    if plan.options.match_on == MatchOn::Root {
        writeln!(out, "  tested  on its root, not on its own spec")?;
    }
    for step in plan.explain(id).steps {
        let letter = mapping_letter(plan.number_of(step.id));
        self::step(&letter, &step, out)?;
    }
    Ok(())
}

fn runner(release: &Release, id: JobId, out: &mut impl Write) -> io::Result<()> {
    let plan = &release.plan;
    let set = &plan.assignments.sets[plan.assignments.set_of(id).index()];
    if plan.assignments.is_unassigned(id) {
        return writeln!(out, "  runner  ! none: no mapping matches");
    }
    attributes(release, &merged(&plan.rules, set), 2, out)
}

/// Writes attributes, each with the place that gave it; maps and lists that several places gave, value by value.
fn attributes(release: &Release, map: &Mapping, indent: usize, out: &mut impl Write) -> io::Result<()> {
    for (key, entry) in map {
        let (key, width) = (shown(key), 9usize.saturating_sub(indent));
        match &entry.node.value {
            Value::Mapping(inner) if several(inner.values().map(|entry| &entry.key)) => {
                writeln!(out, "{:indent$}{key}", "")?;
                attributes(release, inner, indent + 2, out)?;
            }
            Value::Sequence(items) if several(items.iter().map(|item| &item.place)) => {
                writeln!(out, "{:indent$}{key}", "")?;
                for item in items {
                    writeln!(out, "{:indent$}  - {}  ({})", "", shown(&inline(item)), given(release, &item.place))?;
                }
            }
            _ => {
                let value = inline(&entry.node);
                writeln!(out, "{:indent$}{key:<width$} {}  ({})", "", shown(&value), given(release, &entry.key))?;
            }
        }
    }
    Ok(())
}

/// Tells whether values come from more than one file, or from lines that do not follow one another.
fn several<'a>(places: impl Iterator<Item = &'a Place>) -> bool {
    let lines: Vec<(&str, usize)> = places.map(|place| (place.source().name(), place.line())).collect();
    lines.windows(2).any(|pair| pair[0].0 != pair[1].0 || !(pair[0].1..=pair[0].1 + 1).contains(&pair[1].1))
}

/// Returns where a value stands, and which section or mapping that is.
fn given(release: &Release, place: &Place) -> String {
    if !release.environment.is_written(place) {
        return shown(place.source().name()).into_owned();
    }
    let rules = &release.plan.rules;
    let by = Giver::of(rules, place).map(|giver| format!(", {}", giver.name(rules))).unwrap_or_default();
    format!("{}:{}{by}", shown(place.source().name()), place.line())
}

fn step(letter: &str, step: &Step<'_>, out: &mut impl Write) -> io::Result<()> {
    let place = &step.mapping.place;
    let label = step.mapping.label.as_ref().map(|label| format!(" {}", shown(label))).unwrap_or_default();
    let outcome = match step.outcome {
        Outcome::PassedOver => "does not match",
        Outcome::Applies => "TAKES IT",
        Outcome::WouldAlsoMatch => "would also match, but comes too late",
    };
    writeln!(out, "  mapping {letter}{label} ({}:{}) {outcome}", shown(place.source().name()), place.line())?;
    let others = || step.verdicts.iter().filter(|(_, verdict)| matches!(verdict, Err(Mismatch::Name { .. })));
    let joined = others().count() > MOST_OTHERS;
    if joined {
        let names: Vec<_> = others().take(MOST_OTHERS).map(|(wanted, _)| shown(&wanted.text)).collect();
        writeln!(out, "    - {} other packages: {}, …", others().count(), names.join(", "))?;
    }
    for (wanted, verdict) in &step.verdicts {
        match verdict {
            Err(Mismatch::Name { .. }) if joined => {}
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
