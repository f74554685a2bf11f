//! How many jobs came to each row of the Runners screen, and how many left it, since the environment was loaded or saved.

use super::{Change, Row, is_of};
use crate::plan::Plan;
use crate::plan::assign::AttributeSet;
use crate::plan::change::Counterparts;
use crate::tui::model::document::Document;
use rustc_hash::FxHashMap;

/// The numbers of the rows that jobs of one combination of mappings are in.
type Rows = Vec<usize>;

/// Compares the rows of every job with those of the same mappings when the environment was loaded or saved last.
pub(super) fn changes(document: &Document, rows: &[Row]) -> Vec<Change> {
    let (now, before) = (&document.plan, &document.loaded);
    let former = document.former_mappings();
    // Sections take all jobs or none, whatever is edited.
    let mapped: Vec<(usize, Row)> =
        rows.iter().copied().enumerate().filter(|(_, row)| !matches!(row, Row::Section(_))).collect();
    let original = |row: Row| match row {
        Row::Mapping(id) => former.get(&id).copied().map(Row::Mapping),
        Row::Section(_) | Row::Unassigned => Some(row),
    };
    let older: Vec<(usize, Row)> = mapped.iter().filter_map(|(number, row)| Some((*number, original(*row)?))).collect();
    let (is, was) = (numbers(now, &mapped), numbers(before, &older));
    // All jobs of a combination are in the same rows: jobs are many, combinations few.
    let mut pairs: FxHashMap<(Option<usize>, Option<usize>), usize> = FxHashMap::default();
    let counterparts = Counterparts::new(&now.graph, &before.graph);
    let mut met = vec![false; before.graph.len()];
    for id in now.graph.ids() {
        let old = counterparts.of(id);
        if let Some(old) = old {
            met[old.index()] = true;
        }
        let old = old.map(|old| before.assignments.set_of(old).index());
        *pairs.entry((old, Some(now.assignments.set_of(id).index()))).or_default() += 1;
    }
    for old in before.graph.ids().filter(|old| !met[old.index()]) {
        *pairs.entry((Some(before.assignments.set_of(old).index()), None)).or_default() += 1;
    }
    let mut changes = vec![Change::default(); rows.len()];
    for ((old, new), count) in pairs {
        let rows = |numbers: &[Rows], set: Option<usize>| set.map(|set| numbers[set].clone()).unwrap_or_default();
        let (old, new) = (rows(&was, old), rows(&is, new));
        new.iter().filter(|row| !old.contains(row)).for_each(|row| changes[*row].gained += count);
        old.iter().filter(|row| !new.contains(row)).for_each(|row| changes[*row].lost += count);
    }
    changes
}

/// Returns for each combination of mappings that a plan has the numbers of the rows its jobs are in.
fn numbers(plan: &Plan, rows: &[(usize, Row)]) -> Vec<Rows> {
    let of =
        |set: &AttributeSet| rows.iter().filter(|(_, row)| is_of(plan, *row, set)).map(|(number, _)| *number).collect();
    plan.assignments.sets.iter().map(of).collect()
}
