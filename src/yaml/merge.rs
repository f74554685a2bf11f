//! Spack's merging of YAML (`spack.schema.merge_yaml`, Spack 1.1): maps entry by entry, lists one before the other, and
//! keys that say with a trailing `::`, `+:` or `-:` that they replace, come before or come after what is there.
//!
//! A value keeps the place of the file that it came from. Marks stay on keys until [`unmarked`] takes them off, since
//! Spack heeds them again when a merged value is merged once more.

use super::{Entry, Mapping, Node, Value};
use rustc_hash::{FxBuildHasher, FxHashSet};
use std::hash::{BuildHasher as _, Hash, Hasher};

/// How a key wants its value merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    /// Lists of higher precedence come first, other values replace what is there.
    Absent,
    /// `+:` puts strings first as well.
    Prepend,
    /// `-:` puts lists and strings last.
    Append,
    /// `::` replaces what is there.
    Replace,
}

const MARKS: [char; 3] = [':', '+', '-'];

/// Returns a key without its mark.
pub fn bare(key: &str) -> &str {
    if mark(key) == Mark::Absent { key } else { key.strip_suffix(MARKS).unwrap_or(key) }
}

fn mark(key: &str) -> Mark {
    match key.chars().next_back() {
        // A colon ends the range of versions of a spec, too.
        Some(':') if !key.contains('@') => Mark::Replace,
        Some('+') => Mark::Prepend,
        Some('-') => Mark::Append,
        _ => Mark::Absent,
    }
}

/// Returns the entry of a key, whatever mark either carries.
pub fn entry<'a>(map: &'a Mapping, key: &str) -> Option<&'a Entry> {
    map.get_index(written(map, bare(key))?).map(|(_, entry)| entry)
}

/// Returns the index of the key of a map that differs from `name` in its mark at most.
fn written(map: &Mapping, name: &str) -> Option<usize> {
    let marked = || {
        let mut key = String::with_capacity(name.len() + 1);
        key.push_str(name);
        MARKS.into_iter().find_map(|mark| {
            key.push(mark);
            let index = map.get_index_of(&key);
            key.pop();
            index
        })
    };
    map.get_index_of(name).or_else(marked)
}

/// Merges a value of higher precedence over one of lower precedence.
pub fn merge(low: Node, high: Node) -> Node {
    merge_marked(low, high, Mark::Absent)
}

/// Merges a map of higher precedence over one of lower precedence; its keys come first.
pub fn merge_maps(mut low: Mapping, high: Mapping) -> Mapping {
    // Keys below are seldom marked; where none is, each is found as it is written.
    let marked = low.keys().any(|key| mark(key) != Mark::Absent);
    let mut taken = vec![false; low.len()];
    let mut result = Mapping::with_capacity(low.len() + high.len());
    for (key, entry) in high {
        let mark = mark(&key);
        let name = bare(&key);
        let below = if marked { written(&low, name) } else { low.get_index_of(name) };
        let below = below.and_then(|index| {
            taken[index] = true;
            take(&mut low, index)
        });
        let node = match below {
            Some(below) if mark != Mark::Replace => merge_marked(below, entry.node, mark),
            _ => entry.node,
        };
        result.insert(key, Entry { key: entry.key, node });
    }
    let rest = low.into_iter().zip(taken).filter(|(_, taken)| !taken).map(|(entry, _)| entry);
    let rest: Vec<_> = rest.filter(|(key, _)| !marked || written(&result, bare(key)).is_none()).collect();
    result.extend(rest);
    result
}

/// Takes a value out of a map without moving the others.
fn take(map: &mut Mapping, index: usize) -> Option<Node> {
    let node = &mut map.get_index_mut(index)?.1.node;
    let place = node.place.clone();
    Some(std::mem::replace(node, Node { value: Value::Null, place }))
}

fn merge_marked(low: Node, high: Node, mark: Mark) -> Node {
    let value = match (low.value, high.value) {
        (Value::Sequence(below), Value::Sequence(above)) => Value::Sequence(merge_lists(below, above, mark)),
        (Value::Mapping(below), Value::Mapping(above)) => Value::Mapping(merge_maps(below, above)),
        (Value::String(below), Value::String(above)) => Value::String(match mark {
            Mark::Prepend => format!("{above}{below}"),
            Mark::Append => format!("{below}{above}"),
            Mark::Absent | Mark::Replace => above,
        }),
        (_, above) => above,
    };
    Node { value, place: high.place }
}

fn merge_lists(mut below: Vec<Node>, mut above: Vec<Node>, mark: Mark) -> Vec<Node> {
    #[expect(clippy::mutable_key_type, reason = "the places, which look up lines once, are no part of the key")]
    let known: FxHashSet<Content<'_>> = above.iter().map(Content).collect();
    below.retain(|item| !known.contains(&Content(item)));
    drop(known);
    if mark == Mark::Append {
        below.append(&mut above);
        below
    } else {
        above.append(&mut below);
        above
    }
}

/// Takes out of a map what `removes` names (`spack.schema.remove_yaml`): equal items of lists, entries whose key is
/// marked with `::`. Scalars stay.
pub fn remove(map: &mut Mapping, removes: &Mapping) {
    for (key, entry) in removes {
        let Some(written) = written(map, bare(key)) else { continue };
        if mark(key) == Mark::Replace {
            map.shift_remove_index(written);
            continue;
        }
        let Some((_, Entry { node, .. })) = map.get_index_mut(written) else { continue };
        match (&mut node.value, &entry.node.value) {
            (Value::Sequence(items), Value::Sequence(gone)) => {
                #[expect(
                    clippy::mutable_key_type,
                    reason = "the places, which look up lines once, are no part of the key"
                )]
                let gone: FxHashSet<Content<'_>> = gone.iter().map(Content).collect();
                items.retain(|item| !gone.contains(&Content(item)));
            }
            (Value::Mapping(inner), Value::Mapping(gone)) => remove(inner, gone),
            _ => {}
        }
    }
}

/// Takes the marks off the keys of a map and of the maps in it, but not of maps in lists.
pub fn unmarked(map: Mapping) -> Mapping {
    let clean = |(key, mut entry): (String, Entry)| {
        if let Value::Mapping(inner) = entry.node.value {
            entry.node.value = Value::Mapping(unmarked(inner));
        }
        (bare(&key).to_owned(), entry)
    };
    map.into_iter().map(clean).collect()
}

/// A value without its place: equal where Spack takes two values for equal.
pub struct Content<'a>(pub &'a Node);

impl PartialEq for Content<'_> {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0.value, &other.0.value) {
            (Value::Sequence(a), Value::Sequence(b)) => {
                a.len() == b.len() && a.iter().map(Content).eq(b.iter().map(Content))
            }
            (Value::Mapping(a), Value::Mapping(b)) => {
                let same = |(key, entry): (&String, &Entry)| {
                    b.get(key).is_some_and(|other| Content(&entry.node) == Content(&other.node))
                };
                a.len() == b.len() && a.iter().all(same)
            }
            (a, b) => a == b,
        }
    }
}

impl Eq for Content<'_> {}

impl Hash for Content<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match &self.0.value {
            Value::Null => 0.hash(state),
            Value::Bool(value) => value.hash(state),
            Value::Number(text) | Value::String(text) => text.hash(state),
            Value::Sequence(items) => items.iter().for_each(|item| Content(item).hash(state)),
            // The order of the entries does not count.
            Value::Mapping(map) => {
                let hash = |(key, entry): (&String, &Entry)| FxBuildHasher.hash_one((key, Content(&entry.node)));
                map.iter().map(hash).fold(0, u64::wrapping_add).hash(state);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Source;
    use crate::yaml::read;

    fn map(text: &str) -> Mapping {
        read(&Source::new("f", text)).unwrap().as_mapping().unwrap().clone()
    }

    fn merged(low: &str, high: &str) -> Mapping {
        unmarked(merge_maps(map(low), map(high)))
    }

    fn assert_merges(low: &str, high: &str, expected: &str) {
        let place = crate::source::Place::new(&Source::new("f", ""), 0..0);
        let [ours, theirs] =
            [merged(low, high), map(expected)].map(|map| Node { value: Value::Mapping(map), place: place.clone() });
        assert!(Content(&ours) == Content(&theirs), "{ours:#?}");
    }

    #[test]
    fn lists_of_higher_precedence_come_first_and_equal_items_once() {
        assert_merges("a: [x, y, [p, q]]", "a: [y, z, [p, q]]", "a: [y, z, [p, q], x]");
        assert_merges("a: [x, y]", "a-: [y, z]", "a: [x, y, z]");
        assert_merges("a: [x, y]", "a+: [z]", "a: [z, x, y]");
        assert_merges("a: [x, y]", "a:: [z]", "a: [z]");
    }

    #[test]
    fn strings_replace_unless_a_mark_joins_them() {
        assert_merges("a: base", "a: new", "a: new");
        assert_merges("a: base", "a+: pre-", "a: pre-base");
        assert_merges("a: base", "a-: -post", "a: base-post");
    }

    #[test]
    fn maps_merge_entry_by_entry_with_the_new_keys_first() {
        let result = merged("m: {a: 1, b: 2}", "m: {c: 3, b: 4}");
        let Value::Mapping(inner) = &result["m"].node.value else { panic!() };
        assert_eq!(inner.keys().collect::<Vec<_>>(), ["c", "b", "a"]);
        assert_eq!(inner["b"].node.as_text(), Some("4"));
        assert_merges("m: {a: 1}", "m: []", "m: []");
        assert_merges("m: {a: 1}", "m: null", "m: null");
    }

    #[test]
    fn a_mark_is_heeded_again_when_the_result_is_merged() {
        let once = merge_maps(map("b: 1"), map("retry: {when:: [x]}"));
        assert_eq!(unmarked(merge_maps(map("retry: {when: [y], max: 2}"), once))["retry"].node, {
            let result = merged("retry: {when: [y], max: 2}", "retry: {when:: [x]}");
            result["retry"].node.clone()
        });
    }

    #[test]
    fn removing_takes_items_and_marked_keys_but_no_scalars() {
        let mut from = map("tags: [a, b]\nimage: i\nvariables: {X: 1}\nscript: [s]\n");
        remove(&mut from, &map("tags: [b]\nimage: i\nvariables: {X: 1}\nscript:: []\nnothing: [x]\n"));
        assert_eq!(from.keys().collect::<Vec<_>>(), ["tags", "image", "variables"]);
        assert_eq!(from["tags"].node.as_sequence().unwrap().len(), 1);
    }
}
