//! `definitions:` and the lists that refer to them.
//!
//! The rules are those of Spack 1.1: entries of one name are joined, whatever stands between them, and a list may refer
//! to the names that appeared before its own name first did.

use super::condition::{self, Context};
use super::list::{Item, List, MatrixItem};
use super::reader::{self, Reading, mapping, nearest, report_unknown, sequence, text, within};
use crate::error::{Error, Result};
use crate::finding::{Finding, Rule, Severity};
use crate::source::Place;
use crate::yaml::{Mapping, Node, Value};
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

    /// Reads `specs:`, which has groups beside what other lists have.
    pub(super) fn specs(&mut self, node: &Node) -> Result<List> {
        let mut list = List::default();
        for item in sequence(node, "`specs`")? {
            match item.as_mapping() {
                Some(map) if map.contains_key("group") || map.contains_key("specs") => {
                    let group = self.group(map)?;
                    list.push(group);
                }
                _ => self.item(&mut list, item, "specs", Within::List)?,
            }
        }
        list.check(&node.place)?;
        Ok(list)
    }

    fn group(&mut self, map: &Mapping) -> Result<Item> {
        let known = ["group", "needs", "specs", "override", "explicit"];
        report_unknown(map, &known, "a group of specs", self.findings);
        let name = map.get("group").map_or(Ok("default"), |entry| text(&entry.node, "the name of a group"))?;
        let mut list = List::default();
        for item in map.get("specs").map_or(Ok(&[][..]), |entry| sequence(&entry.node, "`specs`"))? {
            self.item(&mut list, item, "specs", Within::List)?;
        }
        Ok(Item::Group { name: name.into(), list })
    }

    /// Adds the items of a definition's value.
    fn fill(&mut self, list: &mut List, value: &Node, name: &str) -> Result<()> {
        for item in sequence(value, &format!("the definition `{name}`"))? {
            if item.value == Value::Null {
                return Err(Error::input(format!("the definition `{name}` has an item without a value"))
                    .at(&item.place)
                    .hint("remove the item, or write a spec"));
            }
            self.item(list, item, name, Within::List)?;
        }
        Ok(())
    }

    fn item(&mut self, list: &mut List, item: &Node, owner: &str, within: Within) -> Result<()> {
        match (&item.value, within) {
            (Value::Null, Within::List) => Ok(()),
            (Value::Mapping(map), Within::List) => {
                let matrix = self.matrix(map, item, owner)?;
                list.push(Item::Matrix(Arc::new(matrix)));
                Ok(())
            }
            (Value::Mapping(_), Within::Row) => Err(reader::wrong_kind(item, "a value of a matrix row", "a string")
                .hint("give the inner matrix a name in `definitions:` and refer to it with `$name`")),
            _ => {
                let text = text(item, "a spec")?;
                match text.strip_prefix('$') {
                    Some(name) => self.reference(list, item, name, owner)?,
                    None => list.push(Item::Spec(item.clone())),
                }
                Ok(())
            }
        }
    }

    fn matrix(&mut self, map: &Mapping, node: &Node, owner: &str) -> Result<MatrixItem> {
        if let Some((key, entry)) = map.iter().find(|(key, _)| !matches!(key.as_str(), "matrix" | "exclude")) {
            let failure = Error::input(format!("a matrix has `matrix` and `exclude`, but no `{key}`")).at(&entry.key);
            return Err(match nearest(key, ["matrix", "exclude"]) {
                Some(near) => failure.hint(format!("did you mean `{near}`?")),
                None => {
                    failure.hint("items of a list are specs, `$references`, and maps with `matrix:` and `exclude:`")
                }
            });
        }
        let Some(rows) = map.get("matrix") else {
            return Err(Error::input("`exclude` needs a `matrix` to take specs out of").at(&node.place));
        };
        let mut matrix = MatrixItem { rows: Vec::new(), excludes: Vec::new(), place: node.place.clone() };
        for row in sequence(&rows.node, "`matrix`")? {
            let mut list = List::default();
            for value in sequence(row, "a row of a matrix")? {
                self.item(&mut list, value, owner, Within::Row)?;
            }
            matrix.rows.push((list, row.place.clone()));
        }
        if matrix.rows.is_empty() {
            return Err(Error::input("this matrix has no rows").at(&rows.node.place).hint("remove it"));
        }
        for exclude in map.get("exclude").map_or(Ok(&[][..]), |entry| sequence(&entry.node, "`exclude`"))? {
            matrix.excludes.push(reader::match_spec(exclude, "an `exclude` rule", self.reading)?);
        }
        Ok(matrix)
    }

    fn reference(&mut self, list: &mut List, node: &Node, name: &str, owner: &str) -> Result<()> {
        let (sigil, name) = match name.as_bytes().first() {
            Some(b'^') => ("^", &name[1..]),
            Some(b'%') => ("%", &name[1..]),
            _ => ("", name),
        };
        let Some(definition) = self.by_name.get(name) else { return self.unresolved(node, name, owner) };
        if let Some(when) = &definition.hidden_by {
            let (line, severity) = (when.line(), self.hidden);
            let message =
                format!("`{name}` is empty here: no entry of it is active, and the `when` in line {line} is false");
            let finding = Finding::new(severity, Rule::NoEffect, message).at(&node.place);
            self.findings.push(finding.hint("see --context for planning for another host"));
        }
        list.push(Item::Reference { list: Arc::clone(&definition.list), sigil });
        list.check(&node.place)
    }

    fn unresolved(&mut self, node: &Node, name: &str, owner: &str) -> Result<()> {
        if let Some(place) = self.later.get(name) {
            return Err(if name == owner {
                Error::input(format!("the definition `{name}` refers to itself"))
                    .at(&node.place)
                    .related(place, "it is defined here")
                    .hint("entries of the same name are joined anyway: remove the reference")
            } else {
                Error::input(format!("`{owner}` refers to `{name}`, which is defined later"))
                    .at(&node.place)
                    .related(place, format!("`{name}` first appears here"))
                    .hint(format!("move `{name}` before `{owner}`"))
            });
        }
        if self.undefined == Undefined::Report {
            let message =
                format!("`{name}` is not defined in this file, and included files are not read: it stays empty");
            let finding = Finding::new(Severity::Warning, Rule::MissingSection, message).at(&node.place);
            self.findings.push(finding.hint("copy the definition into this file"));
            return Ok(());
        }
        let failure = Error::input(format!("`{name}` is not defined")).at(&node.place);
        Err(match nearest(name, self.by_name.keys().map(String::as_str)) {
            Some(near) => failure.hint(format!("did you mean `${near}`?")),
            None => failure.hint(format!("add it to `definitions:`, as in `- {name}: [zlib]`")),
        })
    }
}

/// Where an item stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Within {
    List,
    Row,
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

fn holds(when: &Node, context: &Context) -> Result<bool> {
    let condition = text(when, "`when`")?;
    condition::holds(condition, context).map_err(|refusal| {
        let message = format!("this `when` cannot be decided: {}", refusal.message);
        Error::input(message).at(&within(when, refusal.span)).hint(refusal.hint)
    })
}
