//! An estimate of the size that GitLab measures: of the parsed objects in Ruby's memory, not of the file.
//!
//! GitLab adds up `ObjectSpace.memsize_of` of every object (`Gitlab::Utils::DeepSize`) and compares with
//! `max_yaml_size_bytes`; aliases count each time, comments never. This follows a 64-bit Ruby: a slot of 40 bytes an
//! object, beside it the memory of a string of more than 23 bytes, of a list of more than 3 items as it grew, and of a
//! map's table. On 23 pipelines of 0 to 1693 jobs it gave exactly what Ruby 3.1 measured, which was 1.4 to 3.7 times the
//! file.

use crate::source::Source;
use crate::yaml::{self, Value};

const SLOT: usize = 40;
/// Longest string that fits into its slot.
const LONGEST_EMBEDDED: usize = 23;
/// Most items of a list that fit into its slot.
const MOST_EMBEDDED: usize = 3;
/// Most entries of a map without a hash table.
const MOST_LINEAR: usize = 8;

/// Returns the size of a string of `length` bytes.
pub(super) fn text(length: usize) -> usize {
    if length <= LONGEST_EMBEDDED { SLOT } else { SLOT + length + 1 }
}

/// Returns the size of a list that was filled one by one, without its items.
pub(super) fn list(length: usize) -> usize {
    if length <= MOST_EMBEDDED {
        return SLOT;
    }
    let mut capacity = MOST_EMBEDDED;
    while capacity < length {
        capacity += 1 + (capacity / 2).max(16);
    }
    SLOT + 8 * capacity
}

/// Returns the size of a map without its keys and values.
pub(super) fn map(length: usize) -> usize {
    match length {
        0 => SLOT,
        1..=MOST_LINEAR => SLOT + 16 * MOST_LINEAR,
        _ => {
            // A table has entries of 24 bytes, and twice as many bins as wide as an index into them.
            let capacity = length.next_power_of_two().max(32);
            let bin = if capacity < 1 << 8 {
                1
            } else if capacity < 1 << 16 {
                2
            } else {
                4
            };
            SLOT + 56 + (24 + 2 * bin) * capacity
        }
    }
}

/// Returns the number of entries of a map that is written as YAML, and the size of their keys and values.
pub(super) fn entries(yaml: &str) -> (usize, usize) {
    let Ok(node) = yaml::read(&Source::new("", yaml)) else { return (0, 0) };
    let entries = node.as_mapping().into_iter().flatten();
    entries.fold((0, 0), |(count, size), (key, entry)| (count + 1, size + text(key.len()) + value(&entry.node.value)))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_those_that_ruby_tells() {
        assert_eq!([0, 23, 24, 100].map(text), [40, 40, 65, 141]);
        assert_eq!([0, 3, 4, 20, 21, 38].map(list), [40, 40, 200, 200, 336, 488]);
        assert_eq!([0, 1, 8, 9, 17, 300].map(map), [40, 168, 168, 928, 928, 14432]);
    }

    #[test]
    fn entries_count_with_all_that_is_in_them() {
        assert_eq!(entries("  a: [x, y]\n  b: {c: true}\n"), (2, 40 + 3 * 40 + 40 + 168 + 40));
    }
}
