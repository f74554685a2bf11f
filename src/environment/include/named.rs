//! What is included, by the names it has.

use super::path::Variables;
use crate::environment::reader::entry;
use crate::source::Source;
use crate::yaml::{Mapping, Node, Value};
use std::path::PathBuf;
use std::sync::Arc;

/// A file that is included.
#[derive(Clone, Debug)]
pub struct Included {
    /// Its text.
    pub source: Arc<Source>,
    /// Where it is, seen from the directory of the environment; absolute if it is named so.
    pub path: PathBuf,
    /// Whether it is found wherever the environment is moved to.
    pub reach: Reach,
}

/// How an included file is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// By paths that begin at the environment's directory: it can be moved along with it.
    Along,
    /// By an absolute path somewhere: it is looked for on the machine that plans.
    Fixed,
}

/// A path that a manifest includes: the bytes it is written in, how it reads there, and with its variables replaced.
#[derive(Clone, Debug)]
pub struct IncludedPath {
    /// The bytes of the scalar, quotes included.
    pub span: std::ops::Range<usize>,
    /// As it is written.
    pub written: String,
    /// With what its variables stand for.
    pub expanded: String,
}

/// Returns the paths that an environment's own `include:` names, whether or not their conditions hold.
pub(super) fn own_paths(root: &Mapping, variables: &Variables<'_>) -> Vec<IncludedPath> {
    let list = entry(root, "include").and_then(|entry| entry.node.as_sequence()).unwrap_or_default();
    let path = |item: &Node| match &item.value {
        Value::Mapping(map) => map.get("path").map(|entry| entry.node.clone()),
        _ => Some(item.clone()),
    };
    let named = list.iter().filter_map(path);
    named
        .filter_map(|node| {
            let written = node.as_text()?.to_owned();
            let expanded = variables.below_environment(&written).unwrap_or_else(|| variables.expand(&written));
            Some(IncludedPath { span: node.place.span(), expanded, written })
        })
        .collect()
}
