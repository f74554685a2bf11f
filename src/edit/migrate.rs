//! Rewrites `gitlab-ci:` (Spack 0.13 to 0.22) to `ci: pipeline-gen` in the text of a manifest.
//!
//! The text is put together from its own lines, so that comments stay with what they are about. What it means is then
//! read again and compared with the translation of what it meant; where the lines cannot be taken apart so, the section
//! is written anew.

mod assemble;
mod translate;

use super::locate::Manifest;
use crate::error::{Error, Result};
use crate::finding::{Finding, Rule, Severity};
use crate::source::{Place, Source};
use crate::yaml::edit::{Document, Operation, Path, Splice, splice};
use crate::yaml::merge::{Content, bare};
use crate::yaml::{Entry, Mapping, Node, Value};
use assemble::{Assembly, quoted_alike};
use std::sync::Arc;
use translate::{BEHAVIOR, DEFAULTS, KEPT, MAPPINGS, SERVICES, Translation, each_constraint, reread, today};

const FORMER: &str = "gitlab-ci";
const TODAY: &str = "ci";

/// A manifest with `ci:` in place of `gitlab-ci:`.
#[derive(Clone, Debug)]
pub struct Migration {
    /// The new text.
    pub source: Arc<Source>,
    /// What is left out, or written otherwise than was to be expected.
    pub findings: Vec<Finding>,
}

/// Rewrites the section.
///
/// # Errors
/// Refuses a manifest without a `gitlab-ci` of its own, one that has `ci` beside it, and what is not in the form that
/// [`Environment::read`](crate::environment::Environment::read) takes.
pub fn migrate(source: &Arc<Source>) -> Result<Migration> {
    let document = Document::read(source)?;
    let manifest = Manifest::new(&document);
    let root = manifest.root()?;
    let Some(Value::Mapping(map)) = manifest.node(&root).map(|node| &node.value) else {
        return Err(Error::input("this environment is empty").at(&document.tree().place));
    };
    let Some(entry) = map.get(FORMER) else { return Err(nothing(map, &document)) };
    if let Some(other) = map.get(TODAY) {
        return Err(Error::input("there is a `ci` beside `gitlab-ci` already, and no Spack reads both")
            .at(&other.key)
            .related(&entry.key, "`gitlab-ci` stands here")
            .hint("remove one of the two"));
    }
    let Value::Mapping(section) = &entry.node.value else {
        return Err(Error::input("`gitlab-ci` has to be a map").at(&entry.node.place));
    };
    let translation = Translation::new(section);
    let place = Place::new(source, 0..0);
    let expected = expected(document.tree(), &root, &translation.node(&place));
    let mut findings = left_out(section);
    let path = root.key(FORMER);
    let from_lines = Assembly::new(&document, &translation, path.clone()).assemble();
    let from_lines = from_lines.map(|body| finished(&document, &root, body));
    let is_right = |text: &Arc<Source>| crate::yaml::read(text).is_ok_and(|tree| Content(&tree) == Content(&expected));
    if let Some(source) = from_lines.filter(is_right) {
        return Ok(Migration { source, findings });
    }
    let (splices, _) = document.edit(&path, &Operation::Replace(translation.node(&place)))?;
    let written = Document::read(&Source::new(source.name(), splice(source.text(), &splices)))?;
    let source = finished(&written, &root, Splice { range: 0..0, text: String::new() });
    if !is_right(&source) {
        return Err(Error::input("this section cannot be rewritten without changing its meaning")
            .at(&entry.key)
            .hint("write `ci:` by hand; `--emit why --dialect spack-ci` tells what each job has now"));
    }
    let message = "the section is written anew, without its comments: its lines could not be taken apart";
    let finding = Finding::new(Severity::Warning, Rule::NoEffect, message).at(&entry.key);
    findings.push(finding.hint("anchors, lists in brackets and keys with several lines that go stand in the way"));
    Ok(Migration { source, findings })
}

fn nothing(map: &Mapping, document: &Document) -> Error {
    match map.get(TODAY) {
        Some(entry) => Error::input("there is nothing to migrate: the environment has `ci:` already").at(&entry.key),
        None => Error::input("there is nothing to migrate: the environment has no `gitlab-ci:`")
            .at(&document.tree().place)
            .hint("where it stands in an included file, move it into `spack.yaml` first"),
    }
}

/// Returns what the whole text is to mean.
fn expected(tree: &Node, root: &Path, ci: &Node) -> Node {
    let mut tree = tree.clone();
    let name = root.steps().first().cloned();
    if let (Value::Mapping(top), Some(crate::yaml::edit::Step::Key(name))) = (&mut tree.value, name)
        && let Some(Entry { node: Node { value: Value::Mapping(map), .. }, .. }) = top.get_mut(&name)
    {
        if let Some(entry) = map.shift_remove(FORMER) {
            map.insert(TODAY.to_owned(), Entry { key: entry.key, node: ci.clone() });
        }
        for list in ["definitions", "specs"] {
            if let Some(entry) = map.get_mut(list) {
                each_constraint(&mut entry.node, &mut reread);
            }
        }
    }
    tree
}

/// Replaces the body of the section, its name, and constraints that are read otherwise today.
fn finished(document: &Document, root: &Path, body: Splice) -> Arc<Source> {
    let mut splices = Vec::new();
    let section = document.keys(root).into_iter().find(|key| key.name == FORMER);
    splices.extend(section.map(|key| Splice { range: key.bytes, text: TODAY.to_owned() }));
    if !body.range.is_empty() {
        splices.push(body);
    }
    for list in ["definitions", "specs"] {
        let Some(mut node) = root.key(list).of(document.tree()).cloned() else { continue };
        each_constraint(&mut node, &mut |node| {
            let range = node.place.span();
            let old = &document.source().text()[range.clone()];
            let written = node.as_text().and_then(today).map(|text| quoted_alike(old, &text));
            splices.extend(written.map(|text| Splice { range, text }));
        });
    }
    splices.sort_by_key(|splice| splice.range.start);
    // A list that is used twice is written once.
    splices.dedup_by(|a, b| a.range == b.range);
    let source = document.source();
    Source::new(source.name(), splice(source.text(), &splices))
}

/// Names what today's `ci` has nothing like.
fn left_out(section: &Mapping) -> Vec<Finding> {
    let known = |key: &str| {
        key == MAPPINGS
            || key == BEHAVIOR
            || DEFAULTS.contains(&key)
            || KEPT.contains(&key)
            || SERVICES.iter().any(|(service, _)| *service == key)
    };
    let finding = |key: &str, entry: &Entry, hint: &str| {
        let message = format!("`{key}` is left out: `ci` has nothing like it");
        Finding::new(Severity::Warning, Rule::DroppedKey, message).at(&entry.key).hint(hint)
    };
    let mut findings = Vec::new();
    for (key, entry) in section.iter().filter(|(key, _)| !known(key)) {
        findings.push(finding(key, entry, hint(key)));
    }
    let services = section.get("service-job-attributes").and_then(|entry| entry.node.as_mapping()?.get("script"));
    findings.extend(services.map(|entry| {
        let hint = "such jobs had scripts of Spack's own before, too: use `before_script`";
        finding("script", entry, hint)
    }));
    for mapping in section.get(MAPPINGS).and_then(|entry| entry.node.as_sequence()).unwrap_or_default() {
        for (key, entry) in mapping.as_mapping().into_iter().flatten() {
            if !matches!(bare(key), "match" | "runner-attributes" | "remove-attributes") {
                findings.push(finding(key, entry, "nothing has ever read it"));
            }
        }
    }
    findings
}

/// Says what takes the place of a key that goes.
fn hint(key: &str) -> &'static str {
    match key {
        "bootstrap" => "since Spack 1.0 compilers are built as the dependencies they are: concretize anew",
        "temporary-storage-url-prefix" => "Spack no longer keeps binaries elsewhere in between, or cleans up",
        "enable-artifacts-buildcache" => "jobs fetch from the mirror `buildcache-destination`",
        "enable-debug-messages" => "call `spack -d` in the script of `build-job`",
        "disable-signing" => "say `signed: false` of the mirror",
        _ => "nothing reads it",
    }
}
