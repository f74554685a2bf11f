//! `mirrors:`, each a URL, or URLs for fetching and pushing with what the mirror is for.

use super::include::path::{Variables, directory_of, normal};
use super::reader::{boolean, mapping, report_unknown, text, wrong_kind};
use super::{Dialect, Mirror, MirrorContents, Signing};
use crate::error::{Error, Result};
use crate::finding::Finding;
use crate::source::Place;
use crate::yaml::{Mapping, Node, Value};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::path::Path;

/// What Python quotes in the path of a URL.
const QUOTED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'_').remove(b'.').remove(b'-').remove(b'~');

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
pub(super) fn read(
    section: &Node,
    dialect: Dialect,
    variables: &Variables<'_>,
    findings: &mut Vec<Finding>,
) -> Result<Vec<Mirror>> {
    let mut reader = Reader { dialect, variables, findings };
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
    variables: &'a Variables<'a>,
    findings: &'a mut Vec<Finding>,
}

/// Returns the `file://` URL of a path; a path that is relative stays one.
pub fn file_url(path: &Path) -> String {
    let path = normal(path);
    let text = path.to_string_lossy();
    if path.is_absolute() { format!("file://{}", utf8_percent_encode(&text, QUOTED)) } else { text.into_owned() }
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

    /// Returns the URLs for fetching and for pushing. That for pushing stands in for the other; to release-jobs either
    /// does, but `spack ci` pushes nowhere where it is told to fetch only.
    fn urls(&mut self, map: &Mapping, node: &Node, what: &str) -> Result<(String, String)> {
        let url = map.get("url").map(|entry| self.url(&entry.node, what)).transpose()?;
        let fetch = map.get("fetch").map(|entry| self.connection(&entry.node, what)).transpose()?.flatten();
        let push = map.get("push").map(|entry| self.connection(&entry.node, what)).transpose()?.flatten();
        let missing = || Error::input(format!("{what} has no URL")).at(&node.place).hint("add `url: https://…`");
        let first = fetch.clone().or_else(|| url.clone()).or_else(|| push.clone()).ok_or_else(missing)?;
        let fetch = fetch.filter(|_| self.dialect == Dialect::ReleaseJobs);
        Ok((first, push.or(url).or(fetch).unwrap_or_default()))
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
        if self.dialect == Dialect::ReleaseJobs || written.contains("://") {
            return Ok(written.to_owned());
        }
        if let Some(below) = self.variables.below_environment(written) {
            return Ok(file_url(&self.variables.home().join(below)));
        }
        let expanded = self.variables.expand(written);
        // A variable may hold a URL, now or when the jobs run.
        let may_be_url = expanded.contains("://") || expanded.starts_with('$');
        Ok(if may_be_url { expanded } else { file_url(&directory_of(node.place.source()).join(expanded)) })
    }
}

/// Returns what is said of fetching: under `fetch`, else of the mirror as a whole.
fn fetching<'a>(map: &'a Mapping, key: &str) -> Option<&'a str> {
    let inner = map.get("fetch").and_then(|entry| entry.node.get(key)).and_then(Node::as_text);
    inner.or_else(|| map.get(key)?.node.as_text())
}
