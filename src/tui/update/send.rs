//! Sends jobs to a runner by the narrowest match specs that do it, and says what came of it.

use super::super::effect::Effect;
use super::super::model::Model;
use super::{edit, runners};
use crate::edit::{Edit, MappingAt, Origins};
use crate::emit::mapping_letter;
use crate::plan::assign::{JobSet, MappingId};
use crate::plan::narrowest::{Narrowest, Placement, missing, narrowest, placement};
use crate::plan::{JobId, Plan};

/// Match specs that the status line shows by their text.
const MOST_SHOWN: usize = 3;

/// Sends the marked jobs, or else the selected one, to a mapping.
pub(super) fn send(model: &mut Model, target: MappingId, effects: &mut Vec<Effect>) {
    let wanted = wanted(model);
    let plan = std::sync::Arc::clone(&model.document.plan);
    let jobs = missing(&plan, &wanted, target);
    if jobs.is_clear() {
        return model.done("that runner has them already");
    }
    let Some(placement) = placement(&plan, &jobs, target) else { return };
    let found = narrowest(&plan, &jobs, &wanted);
    if found.matches.is_empty() {
        return model.done("no match spec can be written for them");
    }
    let mapping = match runners::address(model, target) {
        Ok(mapping) => mapping,
        Err(error) => return model.failed(&error),
    };
    let edit = compose(model, &jobs, (target, mapping), placement, &found);
    let origins = Origins::new([&edit]);
    if edit::make(model, edit, effects) {
        let manifest = model.document.history.current().name().to_owned();
        let moved = strays(&manifest, &plan, &model.document.plan, &wanted, &origins);
        let message = outcome(&plan, target, placement, &found, &moved, &wanted);
        model.marks.clear();
        model.done(message);
    }
}

/// Returns the marked jobs, or else the selected one.
fn wanted(model: &Model) -> JobSet {
    let mut jobs = JobSet::with_capacity(model.document.plan.graph.len());
    if model.marks.is_empty() {
        jobs.extend(model.selected_job().map(JobId::index));
    } else {
        jobs.extend(model.marks.iter().map(|id| id.index()));
    }
    jobs
}

/// Returns the one edit that lets the mapping, or a copy of it where it comes too late, take the jobs.
fn compose(
    model: &Model,
    jobs: &JobSet,
    (target, mapping): (MappingId, MappingAt),
    placement: Placement,
    found: &Narrowest,
) -> Edit {
    let plan = &model.document.plan;
    let edits = match placement {
        Placement::Extend => {
            let count = plan.mapping(target).map_or(0, |mapping| mapping.matches.len());
            let add = |(at, text): (usize, &String)| Edit::AddMatch { mapping, at, text: text.clone() };
            (count..).zip(&found.matches).map(add).collect()
        }
        Placement::CopyTo { index, .. } => {
            let (copy, place) = (MappingAt { index: mapping.index + 1, ..mapping }, MappingAt { index, ..mapping });
            vec![
                Edit::DuplicateMapping { mapping },
                Edit::MoveMapping { mapping: copy, to: index },
                Edit::SetMatches { mapping: place, matches: found.matches.clone() },
            ]
        }
    };
    let what = match (jobs.count_ones(..), jobs.ones().next()) {
        (1, Some(job)) => format!("`{}`", plan.graph.job(JobId::from_index(job)).name),
        (count, _) => format!("{count} jobs"),
    };
    Edit::Several { purpose: format!("send {what} to {mapping}"), edits }
}

/// Returns the jobs that were not meant and yet have another mapping than before.
fn strays(manifest: &str, before: &Plan, now: &Plan, wanted: &JobSet, origins: &Origins) -> Vec<JobId> {
    let origin = |id: MappingId| {
        let at = MappingAt::of(&now.rules, manifest, id.section, id.mapping)?;
        origins.of(at).map(|at| MappingId { mapping: at.index, ..id })
    };
    let has_moved = |id: &JobId| {
        let (was, is) = (before.assignments.mapping_of(*id), now.assignments.mapping_of(*id));
        match is {
            None => was.is_some(),
            Some(is) => was.is_none() || origin(is) != was,
        }
    };
    now.graph.ids().filter(|id| !wanted.contains(id.index())).filter(has_moved).collect()
}

fn outcome(
    plan: &Plan,
    target: MappingId,
    placement: Placement,
    found: &Narrowest,
    strays: &[JobId],
    wanted: &JobSet,
) -> String {
    let letter = |id| mapping_letter(plan.number_of(id));
    let mut matches: Vec<String> = found.matches.iter().take(MOST_SHOWN).map(|text| format!("`{text}`")).collect();
    if found.matches.len() > MOST_SHOWN {
        matches.push(format!("{} more", found.matches.len() - MOST_SHOWN));
    }
    let matches = matches.join(", ");
    let mut message = match placement {
        Placement::Extend => format!("sent to {} by {matches}", letter(target)),
        Placement::CopyTo { index, before } => {
            let side = if index > before.mapping { "behind" } else { "before" };
            let (target, before) = (letter(target), letter(before));
            format!("sent to a copy of {target} put {side} {before}, which has taken them so far, by {matches}")
        }
    };
    if let Some(stray) = strays.first() {
        let name = &plan.graph.job(*stray).name;
        let more = if strays.len() > 1 { format!(" and {} more", strays.len() - 1) } else { String::new() };
        message = format!("{name}{more} moved along: no match tells them apart; {message}");
    }
    if !found.left_out.is_empty() {
        let (left, all) = (found.left_out.len(), wanted.count_ones(..));
        message = format!("{left} of {all} stay where they are: no match spec can be written for them; {message}");
    }
    message
}
