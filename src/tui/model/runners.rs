//! The Runners screen: the mappings in the order of the file, and the jobs of the selected one.

use super::cursor::Cursor;
use super::document::Document;
use super::filter::Filter;
use crate::plan::assign::{AttributeSet, JobSet, MappingId};
use crate::plan::change::Counterparts;
use crate::plan::{JobId, Plan};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A row of the upper list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Row {
    /// A mapping.
    Mapping(MappingId),
    /// The jobs that no mapping takes.
    Unassigned,
}

/// How the jobs of a row have changed since loading.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// Jobs that came.
    pub gained: usize,
    /// Jobs that went.
    pub lost: usize,
}

/// The state of the screen.
#[derive(Clone, Debug, Default)]
pub struct Runners {
    /// The selected mapping.
    pub cursor: Cursor,
    /// The selected job of the lower list.
    pub jobs: Cursor,
    /// The rows of the upper list.
    pub rows: Vec<Row>,
    /// How each row changed since loading.
    pub changes: Vec<Change>,
    /// The jobs of the selected row that the filter shows.
    pub members: Vec<JobId>,
    /// The mappings that take jobs which the selected one matches too, in order, with how many.
    pub rivals: Vec<(MappingId, usize)>,
    /// What each row was in the plan that changes are counted from.
    former: Vec<Option<Row>>,
    /// That plan.
    baseline: Option<Arc<Plan>>,
}

impl Runners {
    /// Lays the rows out anew, keeping the selection on the same mapping wherever an edit or its undoing has moved it.
    pub fn refresh(&mut self, document: &Document, filter: Option<&Filter>) {
        let selected = self.former.get(self.cursor.selected).copied().flatten();
        self.rows = rows(document);
        let former = document.former_mappings();
        let of_row = |row: &Row| match row {
            Row::Mapping(id) => former.get(id).copied().map(Row::Mapping),
            Row::Unassigned => Some(Row::Unassigned),
        };
        self.former = self.rows.iter().map(of_row).collect();
        let same_baseline =
            self.baseline.replace(Arc::clone(&document.loaded)).is_some_and(|old| Arc::ptr_eq(&old, &document.loaded));
        let found = self.former.iter().position(|row| selected.is_some() && *row == selected);
        self.cursor.selected = match found {
            Some(index) if same_baseline => index,
            _ => self.cursor.selected.min(self.rows.len().saturating_sub(1)),
        };
        self.changes = changes(document, &self.rows);
        self.list_members(document, filter);
    }

    /// Lists the jobs of the selected row.
    pub fn list_members(&mut self, document: &Document, filter: Option<&Filter>) {
        let plan = &document.plan;
        self.members.clear();
        self.rivals = self.selected_mapping().map(|id| rivals(document, id)).unwrap_or_default();
        let Some(row) = self.rows.get(self.cursor.selected).copied() else { return };
        let shown = |id: &JobId| filter.is_none_or(|filter| filter.shows(*id));
        let own = numbers(plan, |other| (other == row).then_some(0));
        let is_own = |id: &JobId| own[plan.assignments.set_of(*id).index()].is_some();
        self.members.extend(plan.graph.ids().filter(is_own).filter(shown));
    }

    /// Returns the selected mapping.
    pub fn selected_mapping(&self) -> Option<MappingId> {
        match self.rows.get(self.cursor.selected)? {
            Row::Mapping(id) => Some(*id),
            Row::Unassigned => None,
        }
    }

    /// Selects a mapping.
    pub fn select(&mut self, id: MappingId) {
        if let Some(index) = self.rows.iter().position(|row| *row == Row::Mapping(id)) {
            self.cursor.selected = index;
        }
    }

    /// Returns the selected job of the lower list.
    pub fn selected_job(&self) -> Option<JobId> {
        self.members.get(self.jobs.selected).copied()
    }
}

/// Counts the jobs that a mapping matches and others of its section take.
fn rivals(document: &Document, id: MappingId) -> Vec<(MappingId, usize)> {
    let assignments = &document.plan.assignments;
    let mut matched = JobSet::with_capacity(document.plan.graph.len());
    for wanted in document.plan.mapping(id).iter().flat_map(|mapping| &mapping.matches) {
        document.selected_by(wanted).into_iter().for_each(|jobs| matched.union_with(jobs));
    }
    let mut by_set = vec![0; assignments.sets.len()];
    matched.ones().for_each(|job| by_set[assignments.set_of(JobId::from_index(job)).index()] += 1);
    let mut counts = BTreeMap::new();
    for (set, count) in assignments.sets.iter().zip(by_set) {
        let others = set.mappings.iter().filter(|rival| rival.section == id.section && count > 0);
        if !set.mappings.contains(&id) {
            others.for_each(|rival| *counts.entry(*rival).or_default() += count);
        }
    }
    counts.into_iter().collect()
}

fn rows(document: &Document) -> Vec<Row> {
    mappings(&document.plan).map(Row::Mapping).chain([Row::Unassigned]).collect()
}

/// Returns the mappings of a plan in order.
fn mappings(plan: &Plan) -> impl Iterator<Item = MappingId> {
    let lists = plan.rules.submappings();
    lists.flat_map(|(section, list)| (0..list.mappings.len()).map(move |mapping| MappingId { section, mapping }))
}

/// Returns for each combination of mappings that a plan has the number of its jobs' row, by what `number` says of rows.
fn numbers(plan: &Plan, number: impl Fn(Row) -> Option<usize>) -> Vec<Option<usize>> {
    let row = |set: &AttributeSet| set.mappings.last().map_or(Row::Unassigned, |id| Row::Mapping(*id));
    plan.assignments.sets.iter().map(|set| number(row(set))).collect()
}

/// Compares the row of every job with that of the same mapping when the environment was loaded or saved last.
fn changes(document: &Document, rows: &[Row]) -> Vec<Change> {
    let (now, before) = (&document.plan, &document.loaded);
    let former = document.former_mappings();
    let current: FxHashMap<Row, usize> = rows.iter().enumerate().map(|(index, row)| (*row, index)).collect();
    let original: FxHashMap<Row, usize> = rows
        .iter()
        .enumerate()
        .filter_map(|(index, row)| match row {
            Row::Mapping(id) => Some((Row::Mapping(*former.get(id)?), index)),
            Row::Unassigned => Some((Row::Unassigned, index)),
        })
        .collect();
    // All jobs of a combination are in one row: jobs are many, combinations few.
    let is = numbers(now, |row| current.get(&row).copied());
    let was = numbers(before, |row| original.get(&row).copied());
    let mut changes = vec![Change::default(); rows.len()];
    let counterparts = Counterparts::new(&now.graph, &before.graph);
    let mut met = JobSet::with_capacity(before.graph.len());
    for id in now.graph.ids() {
        let old = counterparts.of(id);
        met.extend(old.map(JobId::index));
        let was = old.and_then(|old| was[before.assignments.set_of(old).index()]);
        let is = is[now.assignments.set_of(id).index()];
        if was != is {
            if let Some(row) = is {
                changes[row].gained += 1;
            }
            if let Some(row) = was {
                changes[row].lost += 1;
            }
        }
    }
    for old in before.graph.ids().filter(|old| !met.contains(old.index())) {
        if let Some(row) = was[before.assignments.set_of(old).index()] {
            changes[row].lost += 1;
        }
    }
    changes
}
