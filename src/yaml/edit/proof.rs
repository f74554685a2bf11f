//! Proves that a changed text means what was asked for.

use super::layout::{PairKind, Shape};
use super::path::{Target, refuse_used};
use super::rewrite::touched;
use super::splice::{Splice, splice};
use super::{Document, Operation, Path, Step};
use crate::error::{Error, Result};
use crate::source::Source;
use crate::yaml::{Entry, Mapping, Node, Value, read};

/// Tells whether two values are the same, in the same order, wherever they stand.
pub fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Sequence(a), Value::Sequence(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(&a.value, &b.value))
        }
        (Value::Mapping(a), Value::Mapping(b)) => {
            let same_entry =
                |((a, x), (b, y)): ((&String, &Entry), (&String, &Entry))| a == b && same(&x.node.value, &y.node.value);
            a.len() == b.len() && a.iter().zip(b).all(same_entry)
        }
        (Value::Sequence(_) | Value::Mapping(_), _) | (_, Value::Sequence(_) | Value::Mapping(_)) => false,
        (a, b) => a == b,
    }
}

/// Reads the changed text and compares; anything but the wanted value is refused.
pub(super) fn prove(
    document: &Document,
    path: &Path,
    target: &Target<'_>,
    operation: &Operation,
    splices: &[Splice],
) -> Result<()> {
    let new = Source::new(document.source.name(), splice(document.source.text(), splices));
    let mut expected = document.tree.clone();
    let is_done = at(&mut expected, path.steps()).is_some_and(|node| perform(node, own_entries(target), operation));
    let is_proven = is_done && read(&new).is_ok_and(|tree| same(&tree.value, &expected.value));
    if is_proven {
        return Ok(());
    }
    if let Some(range) = touched(target, operation) {
        refuse_used(document, &range)?;
    }
    Err(Error::input("this cannot be changed without changing the meaning of other parts of the file")
        .at(&document.first_line(target.block.start..target.block.end))
        .hint("edit the file by hand"))
}

fn at<'a>(tree: &'a mut Node, steps: &[Step]) -> Option<&'a mut Node> {
    steps.iter().try_fold(tree, |node, step| match (&mut node.value, step) {
        (Value::Sequence(items), Step::Item(index)) => items.get_mut(*index),
        (Value::Mapping(map), Step::Key(key)) => map.get_mut(key).map(|entry| &mut entry.node),
        _ => None,
    })
}

/// Counts the entries that are not brought in by a merge key.
fn own_entries(target: &Target<'_>) -> usize {
    match &target.block.shape {
        Shape::Map(_, pairs) => pairs.iter().filter(|pair| pair.kind != PairKind::Merge).count(),
        _ => 0,
    }
}

/// Does to a value what its text is meant to go through.
fn perform(node: &mut Node, own: usize, operation: &Operation) -> bool {
    match (operation, &mut node.value) {
        (Operation::Replace(new), value) => *value = new.value.clone(),
        (Operation::InsertItem { at, item }, Value::Sequence(items)) if *at <= items.len() => {
            items.insert(*at, item.clone());
        }
        (Operation::InsertItem { at: 0, item }, value @ Value::Null) => *value = Value::Sequence(vec![item.clone()]),
        (Operation::CopyItem(at), Value::Sequence(items)) if *at < items.len() => {
            items.insert(*at + 1, items[*at].clone());
        }
        (Operation::RemoveItem(at), Value::Sequence(items)) if *at < items.len() => {
            items.remove(*at);
        }
        (Operation::MoveItem { from, to }, Value::Sequence(items)) if (*from).max(*to) < items.len() => {
            let item = items.remove(*from);
            items.insert(*to, item);
        }
        (Operation::InsertEntry { key, value }, Value::Mapping(map)) if !map.contains_key(key) => {
            let entry = Entry { key: value.place.clone(), node: value.clone() };
            map.shift_insert(own.min(map.len()), key.clone(), entry);
        }
        (Operation::InsertEntry { key, value }, old @ Value::Null) => {
            let entry = Entry { key: value.place.clone(), node: value.clone() };
            *old = Value::Mapping(Mapping::from_iter([(key.clone(), entry)]));
        }
        (Operation::RemoveEntry(key), Value::Mapping(map)) => return map.shift_remove(key).is_some(),
        _ => return false,
    }
    true
}
