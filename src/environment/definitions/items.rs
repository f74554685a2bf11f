//! The items of lists: specs, `$references`, matrices and groups.

use super::{Definitions, Undefined};
use crate::environment::list::{Item, List, MatrixItem};
use crate::environment::reader::{self, nearest, report_unknown, sequence, text};
use crate::error::{Error, Result};
use crate::finding::{Finding, Rule, Severity};
use crate::yaml::{Mapping, Node, Value};
use std::sync::Arc;

/// Where an item stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Within {
    List,
    Row,
}

impl Definitions<'_> {
    /// Reads `specs:`, which has groups beside what other lists have.
    pub(in crate::environment) fn specs(&mut self, node: &Node) -> Result<List> {
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
    pub(super) fn fill(&mut self, list: &mut List, value: &Node, name: &str) -> Result<()> {
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
                None => failure.hint("if it is a spec, put it into quotes: a colon before a blank begins a map"),
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
                format!("`{name}` is not defined here, and not every included file could be read: it stays empty");
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
