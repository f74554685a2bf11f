//! The Runners screen: sections and mappings in the order of the file, and the jobs of the selected one.

mod change;

use super::cursor::Cursor;
use super::document::Document;
use super::filter::Filter;
use crate::edit::{MappingAt, section_at};
use crate::environment::attributes::{JobKind, Merging, Section};
use crate::plan::assign::{AttributeSet, AttributeSetId, JobSet, MappingId};
use crate::plan::{JobId, Plan};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A row of the upper list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Row {
    /// A section that is no list of mappings, or the heading of one, by its index among the rules.
    Section(usize),
    /// A mapping.
    Mapping(MappingId),
    /// The jobs that no mapping takes.
    Unassigned,
}

/// What an edit of the selected row is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// A mapping.
    Mapping(MappingId),
    /// A section, by its index among the rules.
    Section(usize),
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
            Row::Section(_) | Row::Unassigned => Some(*row),
        };
        self.former = self.rows.iter().map(of_row).collect();
        let same_baseline =
            self.baseline.replace(Arc::clone(&document.loaded)).is_some_and(|old| Arc::ptr_eq(&old, &document.loaded));
        let found = self.former.iter().position(|row| selected.is_some() && *row == selected);
        self.cursor.selected = match found {
            Some(index) if same_baseline => index,
            _ => self.cursor.selected.min(self.rows.len().saturating_sub(1)),
        };
        self.changes = change::changes(document, &self.rows);
        self.list_members(document, filter);
    }

    /// Lists the jobs of the selected row.
    pub fn list_members(&mut self, document: &Document, filter: Option<&Filter>) {
        let plan = &document.plan;
        self.members.clear();
        self.rivals = self.selected_mapping().map(|id| rivals(document, id)).unwrap_or_default();
        let Some(row) = self.rows.get(self.cursor.selected).copied() else { return };
        let shown = |id: &JobId| filter.is_none_or(|filter| filter.shows(*id));
        let own: Vec<bool> = plan.assignments.sets.iter().map(|set| is_of(plan, row, set)).collect();
        let is_own = |id: &JobId| own[plan.assignments.set_of(*id).index()];
        self.members.extend(plan.graph.ids().filter(is_own).filter(shown));
    }

    /// Returns the selected mapping.
    pub fn selected_mapping(&self) -> Option<MappingId> {
        match self.rows.get(self.cursor.selected)? {
            Row::Mapping(id) => Some(*id),
            Row::Section(_) | Row::Unassigned => None,
        }
    }

    /// Returns what edits of the selected row are about.
    ///
    /// # Errors
    /// Says why it cannot be edited.
    pub fn target(&self, document: &Document) -> Result<Target, &'static str> {
        const INCLUDED: &str = "it stands in an included file, and is edited there";
        let (rules, manifest) = (&document.plan.rules, document.history.current().name());
        match self.rows.get(self.cursor.selected) {
            Some(Row::Mapping(id)) => {
                let at = MappingAt::of(rules, manifest, id.section, id.mapping);
                at.map(|_| Target::Mapping(*id)).ok_or(INCLUDED)
            }
            Some(Row::Section(_)) if rules.merging == Merging::Replace => {
                Err("what `gitlab-ci` says for all jobs is edited in the editor")
            }
            Some(Row::Section(index)) => {
                section_at(rules, manifest, *index).map(|_| Target::Section(*index)).ok_or(INCLUDED)
            }
            Some(Row::Unassigned) | None => Err("no mapping is selected"),
        }
    }

    /// Returns the attributes that most jobs of the selected row have, as the mappings that apply to them.
    pub fn usual_set(&self, document: &Document) -> Option<AttributeSetId> {
        let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
        for id in &self.members {
            *counts.entry(document.plan.assignments.set_of(*id).index()).or_default() += 1;
        }
        let most = counts.into_iter().max_by_key(|(set, count)| (*count, std::cmp::Reverse(*set)))?.0;
        u32::try_from(most).ok().map(AttributeSetId)
    }

    /// Selects a mapping.
    pub fn select(&mut self, id: MappingId) {
        self.select_row(Row::Mapping(id));
    }

    /// Selects a row.
    pub fn select_row(&mut self, row: Row) {
        if let Some(index) = self.rows.iter().position(|other| *other == row) {
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

/// Lists sections and mappings as they are written; what Spack itself adds is left out.
fn rows(document: &Document) -> Vec<Row> {
    let plan = &document.plan;
    let mut rows = Vec::new();
    for (index, section) in plan.rules.listed() {
        match section {
            Section::Submapping(list) => {
                // `gitlab-ci` has only one, which needs no heading.
                if plan.rules.merging == Merging::Prepend {
                    rows.push(Row::Section(index));
                }
                rows.extend(
                    (0..list.mappings.len()).map(|mapping| Row::Mapping(MappingId { section: index, mapping })),
                );
            }
            Section::Jobs { .. } | Section::Dynamic(_) => {
                if section.place().is_some_and(|place| document.planned.is_written(place)) {
                    rows.push(Row::Section(index));
                }
            }
        }
    }
    rows.push(Row::Unassigned);
    rows
}

/// Tells whether jobs to which these mappings apply are of a row.
fn is_of(plan: &Plan, row: Row, set: &AttributeSet) -> bool {
    match row {
        Row::Mapping(id) => set.mappings.contains(&id),
        Row::Unassigned => set.mappings.is_empty(),
        Row::Section(index) => match plan.rules.sections.get(index) {
            Some(Section::Submapping(_)) => set.mappings.iter().any(|id| id.section == index),
            Some(Section::Jobs { kind, .. }) => kind.includes(JobKind::Build),
            Some(Section::Dynamic(_)) => true,
            None => false,
        },
    }
}
