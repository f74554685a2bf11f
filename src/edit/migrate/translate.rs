//! What becomes of each key of `gitlab-ci:` in `ci: pipeline-gen`.
//!
//! Mappings are listed in reverse: `gitlab-ci` tries and merges them from the top, `pipeline-gen` from the bottom. Where
//! an attribute took the place of another one before and would be merged with it now, its key gets a `::`.

use crate::environment::attributes::MatchBehavior;
use crate::source::Place;
use crate::spec::Spec;
use crate::yaml::merge::bare;
use crate::yaml::{Entry, Mapping, Node, Value};

/// The section's own keys that are attributes of all build jobs.
pub(super) const DEFAULTS: [&str; 6] = ["image", "tags", "variables", "before_script", "script", "after_script"];
/// The keys that `ci` has as well.
pub(super) const KEPT: [&str; 3] = ["rebuild-index", "broken-specs-url", "broken-tests-packages"];
pub(super) const MAPPINGS: &str = "mappings";
pub(super) const BEHAVIOR: &str = "match_behavior";
/// The sections of jobs that build nothing, those of higher precedence first: the key, and the kinds of job.
pub(super) const SERVICES: [(&str, &[&str]); 3] = [
    ("signing-job-attributes", &["signing-job"]),
    ("service-job-attributes", &["reindex-job", "noop-job"]),
    ("final-stage-rebuild-index", &["reindex-job"]),
];

/// What becomes of one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It stays.
    Keep,
    /// It gets another name, or a mark.
    Rename(String),
    /// It goes, with its value.
    Omit,
}

/// A `gitlab-ci` section that is being translated.
pub(super) struct Translation<'a> {
    pub(super) section: &'a Mapping,
    pub(super) behavior: MatchBehavior,
}

impl<'a> Translation<'a> {
    pub(super) fn new(section: &'a Mapping) -> Self {
        let merges = section.get(BEHAVIOR).and_then(|entry| entry.node.as_text()) == Some("merge");
        Self { section, behavior: if merges { MatchBehavior::Merge } else { MatchBehavior::First } }
    }

    pub(super) fn mappings(&self) -> &'a [Node] {
        self.section.get(MAPPINGS).and_then(|entry| entry.node.as_sequence()).unwrap_or_default()
    }

    /// Tells what becomes of a key of a mapping.
    pub(super) fn of_mapping(key: &str, value: &Node) -> Fate {
        let is_said = value.value != Value::Null;
        match bare(key) {
            "match" => Fate::Keep,
            "runner-attributes" if is_said => Fate::Rename("build-job".to_owned()),
            "remove-attributes" if is_said => Fate::Rename("build-job-remove".to_owned()),
            _ => Fate::Omit,
        }
    }

    /// Tells what becomes of an attribute of the mapping at `index`.
    pub(super) fn of_attribute(&self, index: usize, key: &str, value: &Node) -> Fate {
        let earlier = match self.behavior {
            MatchBehavior::First => 0,
            MatchBehavior::Merge => index,
        };
        let attributes = |mapping: &'a Node| mapping.get("runner-attributes").and_then(Node::as_mapping);
        let below = self.mappings()[..earlier].iter().filter_map(attributes).chain([self.section]);
        // Below all of them is a script of Spack's own.
        fate(key, value, key == "script" || below.into_iter().any(|map| would_merge(map, key, value)))
    }

    /// Tells what becomes of a key that is an attribute of all build jobs.
    pub(super) fn of_default(key: &str, value: &Node) -> Fate {
        fate(key, value, key == "script")
    }

    /// Tells what becomes of an attribute under the key `of` of jobs that build nothing.
    pub(super) fn of_service(&self, of: &str, key: &str, value: &Node) -> Fate {
        let lowest = SERVICES[2].0;
        let index = self.section.get(lowest).and_then(|entry| entry.node.as_mapping());
        match (of, key) {
            // The jobs have scripts of Spack's own.
            ("service-job-attributes", "script") => Fate::Omit,
            ("service-job-attributes", _) => {
                fate(key, value, index.is_some_and(|below| would_merge(below, key, value)))
            }
            _ => Fate::Keep,
        }
    }

    /// Returns the value of `ci`.
    pub(super) fn node(&self, place: &Place) -> Node {
        let node = |value| Node { value, place: place.clone() };
        let map = |entries: Vec<(String, Node)>| {
            let entry = |(key, node)| (key, Entry { key: place.clone(), node });
            node(Value::Mapping(entries.into_iter().map(entry).collect()))
        };
        let mut list = Vec::new();
        let mappings = self.mappings().iter().enumerate().rev();
        let mappings: Vec<Node> = mappings.map(|(index, mapping)| self.mapping(index, mapping)).collect();
        let mut submapping = vec![("submapping".to_owned(), node(Value::Sequence(mappings)))];
        submapping.extend(self.section.get(BEHAVIOR).map(|entry| (BEHAVIOR.to_owned(), entry.node.clone())));
        list.push(map(submapping));
        let defaults: Mapping = changed(&self.only(&DEFAULTS), Self::of_default);
        if !defaults.is_empty() {
            list.push(map(vec![("build-job".to_owned(), node(Value::Mapping(defaults)))]));
        }
        for (key, kinds) in SERVICES {
            let Some(attributes) = self.section.get(key).and_then(|entry| entry.node.as_mapping()) else { continue };
            let attributes = changed(attributes, |name, value| self.of_service(key, name, value));
            let section = |kind: &&str| map(vec![((*kind).to_owned(), node(Value::Mapping(attributes.clone())))]);
            list.extend(kinds.iter().map(section));
        }
        let kept = self.only(&KEPT).into_iter().map(|(key, entry)| (key, entry.node));
        map(kept.chain([("pipeline-gen".to_owned(), node(Value::Sequence(list)))]).collect())
    }

    fn only(&self, keys: &[&str]) -> Mapping {
        let wanted = self.section.iter().filter(|(key, _)| keys.contains(&key.as_str()));
        wanted.map(|(key, entry)| (key.clone(), entry.clone())).collect()
    }

    fn mapping(&self, index: usize, mapping: &Node) -> Node {
        let Value::Mapping(map) = &mapping.value else { return mapping.clone() };
        let mut map = map.clone();
        if let Some(Entry { node: Node { value: Value::Mapping(attributes), .. }, .. }) =
            map.get_mut("runner-attributes")
        {
            *attributes = changed(attributes, |key, value| self.of_attribute(index, key, value));
        }
        if let Some(Entry { node: Node { value: Value::Sequence(specs), .. }, .. }) = map.get_mut("match") {
            specs.iter_mut().for_each(reread);
        }
        Node { value: Value::Mapping(changed(&map, Self::of_mapping)), place: mapping.place.clone() }
    }
}

fn fate(key: &str, value: &Node, clashes: bool) -> Fate {
    let joins = matches!(value.value, Value::Sequence(_) | Value::Mapping(_));
    if clashes && joins && bare(key) == key { Fate::Rename(format!("{key}:")) } else { Fate::Keep }
}

/// Tells whether an attribute that replaces one of a map would be merged with it by today's rules, to another effect.
fn would_merge(below: &Mapping, key: &str, value: &Node) -> bool {
    let alike = |old: &Node| {
        matches!(
            (&old.value, &value.value),
            (Value::Sequence(_), Value::Sequence(_)) | (Value::Mapping(_), Value::Mapping(_))
        )
    };
    !matches!(key, "tags" | "variables") && below.get(key).is_some_and(|entry| alike(&entry.node))
}

/// Returns a map whose keys have met their fate.
fn changed(map: &Mapping, fate: impl Fn(&str, &Node) -> Fate) -> Mapping {
    let entry = |(key, entry): (&String, &Entry)| match fate(key, &entry.node) {
        Fate::Keep => Some((key.clone(), entry.clone())),
        Fate::Rename(name) => Some((name, entry.clone())),
        Fate::Omit => None,
    };
    map.iter().filter_map(entry).collect()
}

/// Writes a constraint so that today's Spack reads it as former ones did.
pub(super) fn reread(node: &mut Node) {
    if let Value::String(text) = &mut node.value
        && let Some(today) = today(text)
    {
        *text = today;
    }
}

/// Returns how a constraint is to be written today, if not as it is: what follows a compiler was said of the package
/// once, and is of the compiler now.
pub(super) fn today(text: &str) -> Option<String> {
    let read = Spec::parse(text).ok()?;
    let former = read.with_bare_compilers();
    if former == read {
        return None;
    }
    let written = former.to_string();
    (Spec::parse(&written).ok()? == former).then_some(written)
}

/// Calls `change` on the constraints of `specs:` and of definitions.
pub(super) fn each_constraint(list: &mut Node, change: &mut impl FnMut(&mut Node)) {
    match &mut list.value {
        Value::Sequence(items) => items.iter_mut().for_each(|item| each_constraint(item, change)),
        Value::String(text) if !text.starts_with('$') => change(list),
        Value::Mapping(map) => {
            let lists = map.iter_mut().filter(|(key, _)| !matches!(key.as_str(), "when" | "needs" | "override"));
            lists.filter(|(_, entry)| entry.node.as_sequence().is_some()).for_each(|(_, entry)| {
                each_constraint(&mut entry.node, change);
            });
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::today;

    #[test]
    fn constraints_are_written_anew_where_todays_spack_would_read_them_otherwise() {
        assert_eq!(today("zlib %gcc@5 os=centos7").as_deref(), Some("zlib os=centos7 %gcc@5"));
        for same in ["zlib os=centos7 %gcc@5", "zlib+pic", "@:", "os=centos7", "zlib ^mpich %gcc"] {
            assert_eq!(today(same), None, "{same}");
        }
    }
}
