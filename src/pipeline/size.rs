//! An estimate of the size that GitLab measures: of the parsed objects in Ruby's memory, not of the file.
//!
//! GitLab adds up `ObjectSpace.memsize_of` of every object (`Gitlab::Utils::DeepSize`) and compares with
//! `max_yaml_size_bytes`. On a 64-bit Ruby an object takes a slot of 40 bytes; a string of more than 23 bytes, a list of
//! more than 3 items and every map have memory of their own beside it. Aliases count each time, comments never.

use crate::yaml::Value;

const SLOT: usize = 40;

/// Returns the size of a string of `length` bytes.
pub(super) fn text(length: usize) -> usize {
    if length <= 23 { SLOT } else { SLOT + length + 1 }
}

/// Returns the size of a list without its items.
pub(super) fn list(length: usize) -> usize {
    if length <= 3 { SLOT } else { SLOT + 8 * length }
}

/// Returns the size of a map without its keys and values.
pub(super) fn map(length: usize) -> usize {
    match length {
        0 => SLOT,
        1..=8 => SLOT + 128,
        _ => SLOT + 56 + 32 * length.next_power_of_two(),
    }
}

/// Returns the size of a value with all in it.
pub(super) fn value(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
        Value::String(string) => text(string.len()),
        Value::Sequence(items) => list(items.len()) + items.iter().map(|item| self::value(&item.value)).sum::<usize>(),
        Value::Mapping(entries) => {
            let inner = entries.iter().map(|(key, entry)| text(key.len()) + self::value(&entry.node.value));
            map(entries.len()) + inner.sum::<usize>()
        }
    }
}
