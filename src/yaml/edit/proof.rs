//! Proves that a changed text means what was asked for.

use super::layout::{PairKind, Shape};
use super::path::{Target, refuse_used};
use super::rewrite::touched;
use super::splice::{Splice, splice};
use super::{Document, Operation, Path, Step};
use crate::error::{Error, Result};
use crate::source::Source;
use crate::yaml::{Entry, Mapping, Node, Value};

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
) -> Result<Document> {
    let new = Source::new(document.source.name(), splice(document.source.text(), splices));
    let mut wanted = target.node.clone();
    if perform(&mut wanted, own_entries(target), operation)
        && let Ok(changed) = Document::read(&new)
        && is_changed_to(&document.tree.value, &changed.tree.value, path.steps(), &wanted.value)
    {
        return Ok(changed);
    }
    if let Some(range) = touched(target, operation) {
        refuse_used(document, &range)?;
    }
    Err(Error::input("this cannot be changed without changing the meaning of other parts of the file")
        .at(&document.first_line(target.block.start..target.block.end))
        .hint("edit the file by hand"))
}

/// Tells whether `new` is `old` with the value that `steps` lead to being `wanted`.
fn is_changed_to(old: &Value, new: &Value, steps: &[Step], wanted: &Value) -> bool {
    let Some((step, rest)) = steps.split_first() else { return same(new, wanted) };
    match (old, new, step) {
        (Value::Sequence(old), Value::Sequence(new), Step::Item(index)) => {
            let is_right = |(at, (a, b)): (usize, (&Node, &Node))| {
                if at == *index { is_changed_to(&a.value, &b.value, rest, wanted) } else { same(&a.value, &b.value) }
            };
            old.len() == new.len() && *index < old.len() && old.iter().zip(new).enumerate().all(is_right)
        }
        (Value::Mapping(old), Value::Mapping(new), Step::Key(key)) => {
            let is_right = |((a, x), (b, y)): ((&String, &Entry), (&String, &Entry))| {
                let (x, y) = (&x.node.value, &y.node.value);
                a == b && if a == key { is_changed_to(x, y, rest, wanted) } else { same(x, y) }
            };
            old.len() == new.len() && old.contains_key(key) && old.iter().zip(new).all(is_right)
        }
        _ => false,
    }
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
