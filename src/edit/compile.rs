//! Turns an edit into an operation on a value of the manifest.

use super::locate::{ListName, Manifest, MappingAt, Rules};
use super::{Edit, ValueText};
use crate::error::{Error, Result};
use crate::source::{Place, Source};
use crate::yaml::edit::{Document, Operation, Path, same};
use crate::yaml::{Entry, Mapping, Node, Value, read};

/// What to do where; `None` if the text says so already.
type Compiled = Option<(Path, Operation)>;

/// Finds the operation that does `edit`; several edits are taken one by one.
pub(super) fn compile(document: &Document, edit: &Edit) -> Result<Compiled> {
    let manifest = Manifest::new(document);
    let compiler = Compiler { manifest, place: Place::new(document.source(), 0..0) };
    match edit {
        Edit::AddMapping { at, matches, attributes } => compiler.add_mapping(*at, matches, attributes),
        Edit::DuplicateMapping { mapping } => {
            manifest.mapping(*mapping)?;
            Ok(Some((manifest.mappings(mapping.section)?.0, Operation::CopyItem(mapping.index))))
        }
        Edit::RemoveMapping { mapping } => {
            compiler.remove_item(manifest.mappings(mapping.section)?.0, mapping.index, "mapping")
        }
        Edit::MoveMapping { mapping, to } => {
            compiler.move_item(manifest.mappings(mapping.section)?.0, mapping.index, *to, "mapping")
        }
        Edit::SetMatches { mapping, matches } => compiler.set_matches(*mapping, matches),
        Edit::AddMatch { mapping, at, text } => compiler.add_match(*mapping, *at, text),
        Edit::ReplaceMatch { mapping, index, text } => {
            let path = compiler.match_spec(*mapping, *index)?;
            Ok(compiler.replacement(path, compiler.text(text)))
        }
        Edit::RemoveMatch { mapping, index } => {
            compiler.remove_item(manifest.mapping(*mapping)?.0.key("match"), *index, "match spec")
        }
        Edit::SetAttribute { mapping, path, value } => {
            let (map, rules) = manifest.mapping(*mapping)?;
            compiler.set_attribute(map, rules.attributes(), path, value)
        }
        Edit::RemoveAttribute { mapping, path } => {
            let (map, rules) = manifest.mapping(*mapping)?;
            compiler.remove_attribute("mapping", &map, rules.attributes(), path)
        }
        Edit::AddSection { at, section } => compiler.add_section(*at, section),
        Edit::RemoveSection { section } => compiler.remove_item(manifest.sections()?, *section, "section"),
        Edit::MoveSection { from, to } => compiler.move_item(manifest.sections()?, *from, *to, "section"),
        Edit::SetSectionAttribute { section, path, value } => {
            let (map, key) = manifest.section(*section)?;
            compiler.set_attribute(map, &key, path, value)
        }
        Edit::RemoveSectionAttribute { section, path } => {
            let (map, key) = manifest.section(*section)?;
            compiler.remove_attribute("section", &map, &key, path)
        }
        Edit::AddPhase { at, definition, compiler_agnostic } => compiler.add_phase(*at, definition, *compiler_agnostic),
        Edit::RemovePhase { phase } => compiler.remove_item(manifest.phases()?, *phase, "phase"),
        Edit::MovePhase { from, to } => compiler.move_item(manifest.phases()?, *from, *to, "phase"),
        Edit::SetCompilerAgnostic { phase, compiler_agnostic } => compiler.set_agnostic(*phase, *compiler_agnostic),
        Edit::AddSpec { list, spec } => compiler.add_spec(list, spec),
        Edit::RemoveSpec { list, index } => compiler.remove_item(manifest.list(list)?, *index, "entry"),
        Edit::ExcludeCombination { list, index, constraint } => compiler.exclude(list, *index, constraint),
        Edit::Several { .. } => Ok(None),
    }
}

struct Compiler<'a> {
    manifest: Manifest<'a>,
    /// Given to new values, which stand nowhere yet.
    place: Place,
}

impl Compiler<'_> {
    fn node(&self, value: Value) -> Node {
        Node { value, place: self.place.clone() }
    }

    fn text(&self, text: &str) -> Node {
        self.node(Value::String(text.to_owned()))
    }

    fn texts(&self, texts: &[String]) -> Node {
        self.node(Value::Sequence(texts.iter().map(|text| self.text(text)).collect()))
    }

    fn map<const N: usize>(&self, entries: [(&str, Node); N]) -> Node {
        let entry = |(key, node): (&str, Node)| (key.to_owned(), Entry { key: self.place.clone(), node });
        self.node(Value::Mapping(entries.into_iter().map(entry).collect::<Mapping>()))
    }

    fn replacement(&self, path: Path, new: Node) -> Compiled {
        let is_so = self.manifest.node(&path).is_some_and(|old| same(&old.value, &new.value));
        (!is_so).then_some((path, Operation::Replace(new)))
    }

    /// Sets an entry of the map at `map`, whether it is there or not.
    fn set(&self, map: Path, key: &str, value: Node) -> Compiled {
        match self.manifest.child(&map, key) {
            Some(path) => self.replacement(path, value),
            None => Some((map, Operation::InsertEntry { key: key.to_owned(), value })),
        }
    }

    /// Inserts an item into a list of the map at `map`, whether there is a list or not.
    fn insert(&self, map: Path, key: &str, at: Option<usize>, item: Node) -> (Path, Operation) {
        let Some(list) = self.manifest.child(&map, key) else {
            let value = self.node(Value::Sequence(vec![item]));
            return (map, Operation::InsertEntry { key: key.to_owned(), value });
        };
        let count = self.manifest.node(&list).and_then(Node::as_sequence).map_or(0, <[Node]>::len);
        (list, Operation::InsertItem { at: at.unwrap_or(count), item })
    }

    fn remove_item(&self, list: Path, index: usize, what: &str) -> Result<Compiled> {
        self.manifest.item(&list, index, what)?;
        Ok(Some((list, Operation::RemoveItem(index))))
    }

    fn move_item(&self, list: Path, from: usize, to: usize, what: &str) -> Result<Compiled> {
        self.manifest.item(&list, from, what)?;
        self.manifest.item(&list, to, what)?;
        Ok(Some((list, Operation::MoveItem { from, to })))
    }

    fn add_mapping(&self, at: MappingAt, matches: &[String], attributes: &ValueText) -> Result<Compiled> {
        let (list, rules) = self.manifest.mappings(at.section)?;
        let attributes = attributes.read()?;
        if attributes.as_mapping().is_none() {
            return Err(Error::input(format!(
                "the attributes of a mapping are a map, but this is {}",
                attributes.kind()
            ))
            .at(&attributes.place)
            .hint("write them like `{tags: [large], image: example/builder}`"));
        }
        let item = self.map([("match", self.texts(matches)), (rules.attributes(), attributes)]);
        match (self.manifest.node(&list), rules) {
            (None, Rules::GitlabCi) => {
                let section = self.manifest.root()?.key("gitlab-ci");
                Ok(Some(self.insert(section, "mappings", None, item)))
            }
            _ => Ok(Some((list, Operation::InsertItem { at: at.index, item }))),
        }
    }

    fn match_spec(&self, mapping: MappingAt, index: usize) -> Result<Path> {
        let (path, _) = self.manifest.mapping(mapping)?;
        self.manifest.item(&path.key("match"), index, "match spec")
    }

    fn set_matches(&self, mapping: MappingAt, matches: &[String]) -> Result<Compiled> {
        let (path, _) = self.manifest.mapping(mapping)?;
        Ok(self.set(path, "match", self.texts(matches)))
    }

    fn add_match(&self, mapping: MappingAt, at: usize, text: &str) -> Result<Compiled> {
        let (path, _) = self.manifest.mapping(mapping)?;
        Ok(Some(self.insert(path, "match", Some(at), self.text(text))))
    }

    /// Sets an attribute of what stands at `map` and has its attributes under `key`.
    fn set_attribute(&self, mut map: Path, key: &str, keys: &[String], value: &ValueText) -> Result<Compiled> {
        let Some((last, before)) = keys.split_last() else { return Err(no_attribute()) };
        let before = std::iter::once(key).chain(before.iter().map(String::as_str));
        let mut missing = Vec::new();
        for key in before {
            match self.manifest.attribute(&map, key) {
                Some(written) if missing.is_empty() => map = map.key(written),
                _ => missing.push(key.to_owned()),
            }
        }
        let last = if missing.is_empty() { self.manifest.attribute(&map, last) } else { None }.unwrap_or(last.clone());
        missing.push(last);
        let value = missing[1..].iter().rev().fold(value.read()?, |value, key| self.map([(key.as_str(), value)]));
        Ok(self.set(map, &missing[0], value))
    }

    fn remove_attribute(&self, what: &str, at: &Path, key: &str, keys: &[String]) -> Result<Compiled> {
        let Some((last, before)) = keys.split_last() else { return Err(no_attribute()) };
        let written = |map: &Path, key: &str| self.manifest.attribute(map, key).unwrap_or_else(|| key.to_owned());
        let mut map = at.key(written(at, key));
        for key in before {
            map = map.key(written(&map, key));
        }
        match self.manifest.attribute(&map, last) {
            Some(key) => Ok(Some((map, Operation::RemoveEntry(key)))),
            None => Err(Error::input(format!("this {what} has no attribute `{}`", keys.join(":")))
                .at(&self.manifest.place(at))
                .hint("the file may have changed since this edit was made: look at it again")),
        }
    }

    fn add_section(&self, at: usize, section: &ValueText) -> Result<Compiled> {
        let item = section.read()?;
        if item.as_mapping().is_none() {
            return Err(Error::input(format!("a section is a map, but this is {}", item.kind()))
                .at(&item.place)
                .hint("write it like `build-job: {tags: [large]}`"));
        }
        let list = self.manifest.sections()?;
        Ok(Some(match self.manifest.node(&list) {
            Some(_) => (list, Operation::InsertItem { at, item }),
            None => self.insert(self.manifest.root()?.key("ci"), "pipeline-gen", None, item),
        }))
    }

    fn phase(&self, definition: &str, agnostic: bool, as_map: bool) -> Node {
        let name = self.text(definition);
        match (agnostic, as_map) {
            (true, _) => self.map([("name", name), ("compiler-agnostic", self.node(Value::Bool(true)))]),
            (false, true) => self.map([("name", name)]),
            (false, false) => name,
        }
    }

    fn add_phase(&self, at: usize, definition: &str, agnostic: bool) -> Result<Compiled> {
        let list = self.manifest.phases()?;
        let section = self.manifest.root()?.key("gitlab-ci");
        let siblings = self.manifest.node(&list).and_then(Node::as_sequence).unwrap_or_default();
        let as_map = siblings.iter().any(|phase| phase.as_mapping().is_some());
        Ok(Some(self.insert(section, "bootstrap", Some(at), self.phase(definition, agnostic, as_map))))
    }

    fn set_agnostic(&self, phase: usize, agnostic: bool) -> Result<Compiled> {
        let list = self.manifest.phases()?;
        let path = self.manifest.item(&list, phase, "phase")?;
        let node = self.manifest.node(&path);
        if let Some(name) = node.and_then(Node::as_text) {
            return Ok(agnostic.then(|| (path, Operation::Replace(self.phase(name, true, true)))));
        }
        let is_said = self.manifest.child(&path, "compiler-agnostic").is_some();
        Ok(if agnostic || is_said {
            self.set(path, "compiler-agnostic", self.node(Value::Bool(agnostic)))
        } else {
            None
        })
    }

    fn add_spec(&self, list: &ListName, spec: &str) -> Result<Compiled> {
        let path = self.manifest.list(list)?;
        let item = self.text(spec);
        Ok(match (list, self.manifest.node(&path)) {
            (ListName::Specs, None) => Some(self.insert(self.manifest.root()?, "specs", None, item)),
            (_, node) => {
                let at = node.and_then(Node::as_sequence).map_or(0, <[Node]>::len);
                Some((path, Operation::InsertItem { at, item }))
            }
        })
    }

    fn exclude(&self, list: &ListName, index: usize, constraint: &str) -> Result<Compiled> {
        let path = self.manifest.item(&self.manifest.list(list)?, index, "entry")?;
        if self.manifest.child(&path, "matrix").is_none() {
            return Err(Error::input(format!("entry {} of {list} is no matrix", index.saturating_add(1)))
                .at(&self.manifest.place(&path))
                .hint("the file may have changed since this edit was made: look at it again"));
        }
        Ok(Some(self.insert(path, "exclude", None, self.text(constraint))))
    }
}

fn no_attribute() -> Error {
    Error::input("no attribute is named").hint("name one, like `tags` or `variables:MAKEFLAGS`")
}

impl ValueText {
    /// Reads the value.
    pub(super) fn read(&self) -> Result<Node> {
        read(&Source::new("the value", self.0.clone()))
    }
}
