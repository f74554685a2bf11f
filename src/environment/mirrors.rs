//! `mirrors:`, each a URL, or URLs for fetching and pushing with what the mirror is for.

use super::reader::{boolean, mapping, report_unknown, text, wrong_kind};
use super::{Dialect, Mirror, MirrorContents, Signing};
use crate::error::{Error, Result};
use crate::finding::Finding;
use crate::source::Place;
use crate::yaml::{Mapping, Node, Value};
use std::path::Path;

/// What a mirror or a connection of it may have; what is not read here concerns credentials.
const KEYS: [&str; 15] = [
    "url",
    "fetch",
    "push",
    "source",
    "binary",
    "signed",
    "autopush",
    "view",
    "access_pair",
    "access_token",
    "access_token_variable",
    "profile",
    "endpoint_url",
    "priority",
    "name",
];

/// Reads the section, a map from names or a list.
pub(super) fn read(section: &Node, dialect: Dialect, findings: &mut Vec<Finding>) -> Result<Vec<Mirror>> {
    let mut reader = Reader { dialect, findings };
    match &section.value {
        Value::Null => Ok(Vec::new()),
        Value::Mapping(map) => map.iter().map(|(name, entry)| reader.mirror(name, &entry.key, &entry.node)).collect(),
        Value::Sequence(items) => {
            let mut mirrors = Vec::new();
            for (index, item) in items.iter().enumerate() {
                reader.listed(index, item, &mut mirrors)?;
            }
            Ok(mirrors)
        }
        _ => Err(wrong_kind(section, "`mirrors`", "a map from names to URLs")),
    }
}

struct Reader<'a> {
    dialect: Dialect,
    findings: &'a mut Vec<Finding>,
}

impl Reader<'_> {
    /// Reads an item of a list: a URL, a map with a `name`, or maps from names.
    fn listed(&mut self, index: usize, item: &Node, mirrors: &mut Vec<Mirror>) -> Result<()> {
        match &item.value {
            Value::Mapping(map) if map.keys().any(|key| matches!(key.as_str(), "url" | "fetch" | "push")) => {
                let name = match map.get("name") {
                    Some(entry) => text(&entry.node, "the name of a mirror")?.to_owned(),
                    None => format!("mirror-{}", index + 1),
                };
                mirrors.push(self.mirror(&name, &item.place, item)?);
            }
            Value::Mapping(map) => {
                for (name, entry) in map {
                    mirrors.push(self.mirror(name, &entry.key, &entry.node)?);
                }
            }
            _ => mirrors.push(self.mirror(&format!("mirror-{}", index + 1), &item.place, item)?),
        }
        Ok(())
    }

    fn mirror(&mut self, name: &str, place: &Place, node: &Node) -> Result<Mirror> {
        let what = format!("the mirror `{name}`");
        let mut mirror = Mirror {
            name: name.to_owned(),
            fetch_url: String::new(),
            push_url: String::new(),
            contents: MirrorContents::All,
            signing: Signing::Signed,
            view: None,
            endpoint: None,
            place: place.clone(),
        };
        if node.as_text().is_some() {
            mirror.fetch_url = self.url(node, &what)?;
            mirror.push_url.clone_from(&mirror.fetch_url);
            return Ok(mirror);
        }
        let map = mapping(node, &what).map_err(|error| error.hint("write a URL, or a map with `url`"))?;
        report_unknown(map, &KEYS, &what, self.findings);
        (mirror.fetch_url, mirror.push_url) = self.urls(map, node, &what)?;
        let flag = |key| map.get(key).map_or(Ok(true), |entry| boolean(&entry.node, &format!("`{key}` of {what}")));
        mirror.contents = match (flag("source")?, flag("binary")?) {
            (true, true) => MirrorContents::All,
            (true, false) => MirrorContents::Sources,
            (false, true) => MirrorContents::Binaries,
            (false, false) => MirrorContents::Nothing,
        };
        mirror.signing = if flag("signed")? { Signing::Signed } else { Signing::Unsigned };
        mirror.view = fetching(map, "view").map(str::to_owned);
        mirror.endpoint = fetching(map, "endpoint_url").map(str::to_owned);
        Ok(mirror)
    }

    /// Returns the URLs for fetching and for pushing; either stands in for the other.
    fn urls(&mut self, map: &Mapping, node: &Node, what: &str) -> Result<(String, String)> {
        let url = map.get("url").map(|entry| self.url(&entry.node, what)).transpose()?;
        let fetch = map.get("fetch").map(|entry| self.connection(&entry.node, what)).transpose()?.flatten();
        let push = map.get("push").map(|entry| self.connection(&entry.node, what)).transpose()?.flatten();
        let missing = || Error::input(format!("{what} has no URL")).at(&node.place).hint("add `url: https://…`");
        let first = fetch.clone().or_else(|| url.clone()).or_else(|| push.clone()).ok_or_else(missing)?;
        let last = push.or(url).or(fetch).ok_or_else(missing)?;
        Ok((first, last))
    }

    /// Reads what stands under `fetch` or `push`.
    fn connection(&mut self, node: &Node, what: &str) -> Result<Option<String>> {
        let Value::Mapping(map) = &node.value else { return self.url(node, what).map(Some) };
        report_unknown(map, &KEYS, what, self.findings);
        map.get("url").map(|entry| self.url(&entry.node, what)).transpose()
    }

    /// Reads a URL. As `spack ci` does, a path becomes a `file://` URL, seen from the directory of the environment;
    /// release-jobs took any text as it is.
    fn url(&mut self, node: &Node, what: &str) -> Result<String> {
        let written = text(node, &format!("the URL of {what}"))?;
        if written.is_empty() {
            return Err(Error::input(format!("the URL of {what} is empty")).at(&node.place).hint("write `https://…`"));
        }
        let is_path = !written.contains("://") && !written.starts_with('$');
        if self.dialect == Dialect::ReleaseJobs || !is_path {
            return Ok(written.to_owned());
        }
        let directory = Path::new(node.place.source().name()).parent().unwrap_or(Path::new(""));
        let path = directory.join(written.strip_prefix("./").unwrap_or(written));
        let path = path.to_string_lossy().into_owned();
        Ok(if path.starts_with('/') { format!("file://{path}") } else { path })
    }
}

/// Returns what is said of fetching: under `fetch`, else of the mirror as a whole.
fn fetching<'a>(map: &'a Mapping, key: &str) -> Option<&'a str> {
    let inner = map.get("fetch").and_then(|entry| entry.node.get(key)).and_then(Node::as_text);
    inner.or_else(|| map.get(key)?.node.as_text())
}
