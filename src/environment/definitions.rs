//! `definitions:`, the lists that others refer to by name.
//!
//! The rules are those of Spack 1.1: entries of one name are joined, whatever stands between them, and a list may refer
//! to the names that appeared before its own name first did.

mod items;

use super::condition::Context;
use super::list::List;
use super::reader::{Reading, holds, mapping, sequence};
use crate::error::{Error, Result};
use crate::finding::{Finding, Severity};
use crate::source::Place;
use crate::yaml::Node;
use indexmap::IndexMap;
use std::sync::Arc;

/// What a name stands for.
#[derive(Debug)]
pub(super) struct Definition {
    pub(super) list: Arc<List>,
    /// Where the name appears first.
    pub(super) place: Place,
    /// The condition of an entry that does not hold here, if none does.
    hidden_by: Option<Place>,
}

impl Definition {
    /// Tells whether an entry of this name is active on this host.
    pub(super) fn is_active(&self) -> bool {
        self.hidden_by.is_none()
    }
}

/// What is done about a name that is not defined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Undefined {
    /// It is an error.
    Refuse,
    /// It may be defined in an included file: a finding is made.
    Report,
}

/// The names defined so far, and the rules for resolving them.
pub(super) struct Definitions<'a> {
    pub(super) by_name: IndexMap<String, Definition>,
    /// Where the names appear that come later.
    later: IndexMap<String, Place>,
    undefined: Undefined,
    reading: Reading,
    /// How bad it is to refer to a name none of whose entries is active.
    hidden: Severity,
    pub(super) findings: &'a mut Vec<Finding>,
}

/// The entries of one name.
struct Entries<'a> {
    place: &'a Place,
    active: Vec<&'a Node>,
    hidden_by: Option<Place>,
}

impl<'a> Definitions<'a> {
    /// Reads the `definitions:` section, if there is one.
    pub(super) fn read(
        section: Option<&Node>,
        context: &Context,
        undefined: Undefined,
        reading: Reading,
        findings: &'a mut Vec<Finding>,
    ) -> Result<Self> {
        let by_name = IndexMap::new();
        // Spack up to 0.22 refuses to refer to what no active entry defines; today the list is empty.
        let hidden = match reading {
            Reading::BareCompilers => Severity::Error,
            Reading::Today => Severity::Warning,
        };
        let mut this = Self { by_name, later: IndexMap::new(), undefined, reading, hidden, findings };
        let entries = section.map_or(Ok(&[][..]), |node| sequence(node, "`definitions`"))?;
        let mut grouped: IndexMap<&str, Entries<'_>> = IndexMap::new();
        for entry in entries {
            let (name, place, value, when) = parts(entry)?;
            let group = grouped.entry(name).or_insert(Entries { place, active: Vec::new(), hidden_by: None });
            match when {
                Some(when) if !holds(when, context)? => group.hidden_by = Some(when.place.clone()),
                _ => group.active.push(value),
            }
        }
        this.later = grouped.iter().map(|(name, entries)| ((*name).to_owned(), entries.place.clone())).collect();
        for (name, entries) in grouped {
            let mut list = List::default();
            for value in &entries.active {
                this.fill(&mut list, value, name)?;
            }
            list.check(entries.place)?;
            this.later.shift_remove(name);
            let hidden_by = entries.hidden_by.filter(|_| entries.active.is_empty());
            let definition = Definition { list: Arc::new(list), place: entries.place.clone(), hidden_by };
            this.by_name.insert(name.to_owned(), definition);
        }
        Ok(this)
    }
}

/// Takes an entry of `definitions:` apart: name, where the name stands, value, condition.
fn parts(entry: &Node) -> Result<(&str, &Place, &Node, Option<&Node>)> {
    let map = mapping(entry, "an entry of `definitions`")?;
    let mut names = map.iter().filter(|(key, _)| *key != "when");
    let Some((name, value)) = names.next() else {
        return Err(Error::input("this entry defines nothing").at(&entry.place).hint("write `- name: [specs]`"));
    };
    if let Some((other, second)) = names.next() {
        return Err(Error::input(format!(
            "an entry of `definitions` has one name, but this has `{name}` and `{other}`"
        ))
        .at(&second.key)
        .related(&value.key, "the first name")
        .hint(format!("begin a new entry: `- {other}: …`")));
    }
    Ok((name, &value.key, &value.node, map.get("when").map(|entry| &entry.node)))
}
