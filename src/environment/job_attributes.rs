//! The form that attributes of jobs have to have (`spack.schema.ci`); those not named here are passed on as they are.

use super::reader::{bare, mapping, sequence, text, wrong_kind};
use crate::error::Result;
use crate::yaml::{Node, Value};

/// Checks the attributes of one kind of job.
pub(super) fn check(node: &Node, what: &str) -> Result<()> {
    for (key, entry) in mapping(node, what)? {
        let (name, node) = (bare(key), &entry.node);
        match name {
            "image" => image(node)?,
            "tags" => list(node, "`tags`", "a tag")?,
            "variables" => variables(node)?,
            "script" | "before_script" | "after_script" => script(node, name)?,
            _ => {}
        }
    }
    Ok(())
}

fn image(node: &Node) -> Result<()> {
    match &node.value {
        Value::String(_) | Value::Mapping(_) => Ok(()),
        _ => Err(wrong_kind(node, "`image`", "a name, or a map with `name` and `entrypoint`")),
    }
}

fn list(node: &Node, what: &str, item: &str) -> Result<()> {
    sequence(node, what)?.iter().try_for_each(|node| text(node, item).map(|_| ()))
}

fn variables(node: &Node) -> Result<()> {
    for (name, entry) in mapping(node, "`variables`")? {
        if !matches!(entry.node.value, Value::String(_) | Value::Number(_)) {
            let wanted = "a string or a number";
            return Err(
                wrong_kind(&entry.node, &format!("the variable `{}`", bare(name)), wanted).hint("put it into quotes")
            );
        }
    }
    Ok(())
}

fn script(node: &Node, name: &str) -> Result<()> {
    for line in sequence(node, &format!("`{name}`"))? {
        match &line.value {
            Value::Sequence(lines) => lines.iter().try_for_each(|line| text(line, "a line of a script").map(|_| ()))?,
            _ => {
                text(line, "a line of a script")
                    .map_err(|error| error.hint("put the line into quotes: a colon before a blank begins a map"))?;
            }
        }
    }
    Ok(())
}
