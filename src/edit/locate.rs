//! Where things stand in a manifest: the ways to mappings, attributes, phases and lists.

use super::describe::numbered;
use crate::environment::attributes::{Merging, RunnerRules, Section};
use crate::error::{Error, Result};
use crate::source::Place;
use crate::yaml::Node;
use crate::yaml::edit::{Document, Path};
use crate::yaml::merge::bare;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The address of a runner mapping.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct MappingAt {
    /// The section of `ci:pipeline-gen` that lists it, as written; 0 for `gitlab-ci:mappings`.
    pub section: usize,
    /// Its index in that list.
    pub index: usize,
}

impl MappingAt {
    /// Returns the address of a mapping of the rules that were read from a manifest of this name, by its section and index
    /// there; none if it stands in a file that the manifest includes.
    pub fn of(rules: &RunnerRules, manifest: &str, section: usize, index: usize) -> Option<Self> {
        let is_own = |place: &Place| place.source().name() == manifest;
        let Some(Section::Submapping(list)) = rules.sections.get(section) else { return None };
        let is_here = is_own(&list.place) && list.mappings.get(index).is_none_or(|mapping| is_own(&mapping.place));
        let section = match rules.merging {
            Merging::Replace => Some(0),
            Merging::Prepend => section_at(rules, manifest, section),
        };
        section.filter(|_| is_here).map(|section| Self { section, index })
    }
}

/// Returns the index of a section in `ci:pipeline-gen` of the manifest of this name, by its index among the rules; none if
/// it stands elsewhere.
pub fn section_at(rules: &RunnerRules, manifest: &str, section: usize) -> Option<usize> {
    let is_own = |place: &Place| place.source().name() == manifest;
    let mut own = rules.listed().filter(|(_, section)| section.place().is_some_and(is_own));
    (rules.merging == Merging::Prepend).then(|| own.position(|(at, _)| at == section)).flatten()
}

/// A list of specs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ListName {
    /// `specs:`.
    Specs,
    /// A definition.
    Definition {
        /// Its name.
        name: String,
        /// Counts the entries of `definitions` that have this name, from zero.
        #[serde(default)]
        nth: usize,
    },
}

impl fmt::Display for ListName {
    /// Writes the list's name, as a sentence has it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Specs => f.write_str("specs"),
            Self::Definition { name, nth: 0 } => write!(f, "definition `{name}`"),
            Self::Definition { name, nth } => write!(f, "definition `{name}` ({})", nth.saturating_add(1)),
        }
    }
}

/// A kind of rules with the keys it uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rules {
    GitlabCi,
    Ci,
}

impl Rules {
    /// Returns the key of a mapping's attributes.
    pub(super) fn attributes(self) -> &'static str {
        match self {
            Self::GitlabCi => "runner-attributes",
            Self::Ci => "build-job",
        }
    }
}

/// A manifest whose parts are asked for.
#[derive(Clone, Copy)]
pub(super) struct Manifest<'a> {
    document: &'a Document,
}

impl<'a> Manifest<'a> {
    pub(super) fn new(document: &'a Document) -> Self {
        Self { document }
    }

    /// Returns the value at a path.
    pub(super) fn node(self, path: &Path) -> Option<&'a Node> {
        path.of(self.document.tree())
    }

    /// Returns the way to the map that has all sections.
    pub(super) fn root(self) -> Result<Path> {
        let tree = self.document.tree();
        let name = ["spack", "env"].into_iter().find(|name| tree.get(name).is_some());
        name.map(|name| Path::default().key(name)).ok_or_else(|| {
            Error::input("this is no environment: it has no `spack:`")
                .at(&tree.place)
                .hint("the first line of an environment is `spack:`, and everything else is indented under it")
        })
    }

    /// Returns the way to the value of `key`, if the map at `path` has it.
    pub(super) fn child(self, path: &Path, key: &str) -> Option<Path> {
        let child = path.key(key);
        self.node(&child).map(|_| child)
    }

    /// Returns the place of the value at a path, for messages.
    pub(super) fn place(self, path: &Path) -> Place {
        let place = &self.node(path).unwrap_or(self.document.tree()).place;
        let text = &place.source().text()[place.span()];
        place.within(0..text.find(['\r', '\n']).unwrap_or(text.len()))
    }

    /// Returns the way to a list of mappings, and the keys its entries use.
    pub(super) fn mappings(self, section: usize) -> Result<(Path, Rules)> {
        let root = self.root()?;
        if let Some(former) = self.child(&root, "gitlab-ci") {
            return match section {
                0 => Ok((former.key("mappings"), Rules::GitlabCi)),
                _ => Err(self.absent(&former, "`gitlab-ci` has only one list of mappings")),
            };
        }
        if self.child(&root, "ci").is_none() {
            return Err(self.absent(&root, "there are no runner mappings: neither `gitlab-ci` nor `ci` is there"));
        }
        let path = self.item(&self.sections()?, section, "section")?;
        let list = self.child(&path, "submapping");
        list.map(|list| (list, Rules::Ci)).ok_or_else(|| self.absent(&path, "this section lists no mappings"))
    }

    /// Returns the way to a mapping.
    pub(super) fn mapping(self, at: MappingAt) -> Result<(Path, Rules)> {
        let (list, rules) = self.mappings(at.section)?;
        Ok((self.item(&list, at.index, "mapping")?, rules))
    }

    /// Returns the way to the list of sections, which need not be there.
    pub(super) fn sections(self) -> Result<Path> {
        let root = self.root()?;
        let section = self.child(&root, "ci");
        let section = section.ok_or_else(|| self.absent(&root, "there are no sections without `ci`"))?;
        Ok(section.key("pipeline-gen"))
    }

    /// Returns the way to a section, and the key of the attributes that it gives.
    pub(super) fn section(self, index: usize) -> Result<(Path, String)> {
        let path = self.item(&self.sections()?, index, "section")?;
        let keys = self.node(&path).and_then(Node::as_mapping).into_iter().flat_map(|map| map.keys());
        let mut names = keys.map(|key| bare(key)).map(|key| key.strip_suffix("-remove").unwrap_or(key));
        match names.find(|name| name.ends_with("-job")) {
            Some(name) => Ok((path.clone(), name.to_owned())),
            None => Err(self.absent(&path, "this section gives no attributes to a kind of job")),
        }
    }

    /// Returns the key by which a map has an attribute, which may carry one of Spack's marks (`tags::`).
    pub(super) fn attribute(self, map: &Path, key: &str) -> Option<String> {
        let map = self.node(map)?.as_mapping()?;
        map.keys().find(|written| *written == key || bare(written) == key).cloned()
    }

    /// Returns the way to the list of bootstrap phases, which need not be there.
    pub(super) fn phases(self) -> Result<Path> {
        let root = self.root()?;
        let section = self.child(&root, "gitlab-ci");
        let section = section.ok_or_else(|| self.absent(&root, "there are no phases without a `gitlab-ci` section"))?;
        Ok(section.key("bootstrap"))
    }

    /// Returns the way to a list of specs.
    pub(super) fn list(self, name: &ListName) -> Result<Path> {
        let root = self.root()?;
        let ListName::Definition { name: wanted, nth } = name else { return Ok(root.key("specs")) };
        let definitions = root.key("definitions");
        let count = self.node(&definitions).and_then(Node::as_sequence).map_or(0, <[Node]>::len);
        let mut found = (0..count).filter_map(|at| self.child(&definitions.item(at), wanted));
        found.nth(*nth).ok_or_else(|| self.absent(&root, &format!("there is no {name}")))
    }

    /// Returns the way to an item, which has to be there.
    pub(super) fn item(self, list: &Path, index: usize, what: &str) -> Result<Path> {
        let item = list.item(index);
        if self.node(&item).is_some() {
            return Ok(item);
        }
        let count = self.node(list).and_then(Node::as_sequence).map_or(0, <[Node]>::len);
        let message = format!("there is no {}, only {count}", numbered(what, index));
        Err(self.absent(list, &message))
    }

    fn absent(self, near: &Path, message: &str) -> Error {
        Error::input(message)
            .at(&self.place(near))
            .hint("the file may have changed since this edit was made: look at it again")
    }
}
