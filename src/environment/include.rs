//! `include:`, the files whose sections an environment's own are merged over.
//!
//! As in Spack 1.1, the manifest comes first, then what it includes in the order of the list, each file before what it
//! includes itself. Nothing is fetched: Git repositories and URLs are reported.

mod files;
pub(super) mod path;

pub use files::{Files, Found, Texts};

use super::condition::Context;
use super::manifest::is_section;
use super::reader::{bare, entry, holds, report_unknown, sequence, text, wrong_kind};
use crate::error::{Error, Result};
use crate::finding::{Finding, Rule, Severity};
use crate::source::{Place, Source};
use crate::yaml::merge::{merge_maps, unmarked};
use crate::yaml::{self, Entry, Mapping, Node, Value};
use path::{Variables, directory_of};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The sections that are taken from included files.
const TAKEN: [&str; 6] = ["ci", "gitlab-ci", "cdash", "mirrors", "definitions", "repos"];
/// How many files one environment may include, directly and indirectly.
const MOST_FILES: usize = 200;
/// What an entry of `include:` may have.
const KEYS: [&str; 12] = [
    "path",
    "when",
    "optional",
    "name",
    "sha256",
    "git",
    "branch",
    "commit",
    "tag",
    "paths",
    "destination",
    "prefer_modify",
];

/// The sections of an environment with what it includes.
#[derive(Debug, Default)]
pub(super) struct Scopes {
    /// The sections that included files may have, merged.
    pub(super) sections: Mapping,
    /// The texts that were included, those of higher precedence first.
    pub(super) included: Vec<Arc<Source>>,
    /// The paths that the manifest itself includes.
    pub(super) paths: Vec<IncludedPath>,
    /// Tells whether something that could define names was not read.
    pub(super) incomplete: bool,
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
fn own_paths(root: &Mapping, variables: &Variables<'_>) -> Vec<IncludedPath> {
    let list = entry(root, "include").and_then(|entry| entry.node.as_sequence()).unwrap_or_default();
    let path = |item: &Node| match &item.value {
        Value::Mapping(map) => map.get("path").map(|entry| entry.node.clone()),
        _ => Some(item.clone()),
    };
    let named = list.iter().filter_map(path);
    named
        .filter_map(|node| {
            let written = node.as_text()?.to_owned();
            Some(IncludedPath { span: node.place.span(), expanded: variables.expand(&written), written })
        })
        .collect()
}

/// Reads what an environment includes, and merges its sections over that.
pub(super) fn merged(
    root: &Mapping,
    manifest: &Source,
    context: &Context,
    files: &dyn Files,
    findings: &mut Vec<Finding>,
) -> Result<Scopes> {
    let variables = Variables::new(manifest, context);
    let own = root.iter().filter(|(key, _)| TAKEN.contains(&bare(key)));
    let scopes = vec![own.map(|(key, entry)| (key.clone(), entry.clone())).collect()];
    let mut reader =
        Reader { context, files, variables, findings, scopes, seen: BTreeSet::new(), result: Scopes::default() };
    if let Some(include) = entry(root, "include") {
        reader.list(&include.node, &directory_of(manifest), &mut Vec::new())?;
    }
    let Reader { scopes, mut result, variables, .. } = reader;
    result.paths = own_paths(root, &variables);
    let merged = scopes.into_iter().rev().reduce(merge_maps);
    result.sections = unmarked(merged.unwrap_or_default());
    Ok(result)
}

/// Returns the sections of a file that are merged.
fn taken(map: Mapping) -> Mapping {
    map.into_iter().filter(|(key, _)| TAKEN.contains(&bare(key))).collect()
}

struct Reader<'a> {
    context: &'a Context,
    files: &'a dyn Files,
    variables: Variables<'a>,
    findings: &'a mut Vec<Finding>,
    /// The sections of the files so far, those of higher precedence first.
    scopes: Vec<Mapping>,
    seen: BTreeSet<PathBuf>,
    result: Scopes,
}

/// The files that lead to where the reading is, each with the place that includes the next.
type Trail = Vec<(PathBuf, Place)>;

impl Reader<'_> {
    fn list(&mut self, list: &Node, directory: &Path, trail: &mut Trail) -> Result<()> {
        for item in sequence(list, "`include`")? {
            self.item(item, directory, trail)?;
        }
        Ok(())
    }

    fn item(&mut self, item: &Node, directory: &Path, trail: &mut Trail) -> Result<()> {
        let Value::Mapping(map) = &item.value else {
            let path = text(item, "an entry of `include`")?;
            return self.path(path, item, Wanted::Required, directory, trail);
        };
        report_unknown(map, &KEYS, "an entry of `include`", self.findings);
        if let Some(when) = map.get("when")
            && !holds(&when.node, self.context)?
        {
            return Ok(());
        }
        if let Some(git) = map.get("git") {
            self.not_fetched(text(&git.node, "`git`")?, &git.node.place);
            return Ok(());
        }
        let Some(Entry { node, .. }) = map.get("path") else {
            return Err(Error::input("this entry of `include` has no `path`").at(&item.place).hint("add `path: FILE`"));
        };
        let wanted = match map.get("optional").map(|entry| &entry.node.value) {
            Some(Value::Bool(true)) => Wanted::Optional,
            _ => Wanted::Required,
        };
        self.path(text(node, "`path`")?, node, wanted, directory, trail)
    }

    fn path(&mut self, written: &str, node: &Node, wanted: Wanted, directory: &Path, trail: &mut Trail) -> Result<()> {
        let expanded = self.variables.expand(written);
        let local = expanded.strip_prefix("file://").unwrap_or(&expanded);
        if local.contains("://") || local.starts_with("git@") {
            self.not_fetched(written, &node.place);
            return Ok(());
        }
        let path = path::normal(&directory.join(local));
        match self.files.find(&path).map_err(|error| with_place(error, &node.place))? {
            Found::File(source) => self.file(&path, &source, node, trail),
            Found::Directory => self.directory(&path, node, trail),
            Found::Missing => {
                if wanted == Wanted::Required {
                    self.missing(written, &path, node);
                }
                Ok(())
            }
        }
    }

    /// Reads a file with several sections.
    fn file(&mut self, path: &Path, source: &Arc<Source>, node: &Node, trail: &mut Trail) -> Result<()> {
        if !self.enter(path, node, trail)? {
            return Ok(());
        }
        let document = yaml::read(source)?;
        let map = match document.value {
            Value::Null => Mapping::new(),
            Value::Mapping(map) => map,
            _ => return Err(wrong_kind(&document, "an included file", "a map")),
        };
        if let Some(key) = ["spack", "env"].into_iter().find_map(|name| entry(&map, name)) {
            return Err(Error::input("an included file has its sections at the top, and is no environment itself")
                .at(&key.key)
                .related(&node.place, "it is included here")
                .hint("move what both need into a file of its own"));
        }
        for (key, entry) in map.iter().filter(|(key, _)| !is_section(bare(key))) {
            let message = format!("nothing reads the section `{key}` of an included file");
            let finding = Finding::new(Severity::Warning, Rule::UnknownKey, message).at(&entry.key);
            self.findings.push(finding.hint("remove it, or look for a newer spackplan"));
        }
        self.result.included.push(Arc::clone(source));
        let include = entry(&map, "include").map(|entry| entry.node.clone());
        self.scopes.push(taken(map));
        self.deeper(path, include, node, trail)
    }

    /// Reads a directory with a file for each section.
    fn directory(&mut self, path: &Path, node: &Node, trail: &mut Trail) -> Result<()> {
        if !self.enter(path, node, trail)? {
            return Ok(());
        }
        let mut sections = Mapping::new();
        let mut include = None;
        for name in TAKEN.into_iter().chain(["include"]) {
            let Found::File(source) = self.files.find(&path.join(format!("{name}.yaml")))? else { continue };
            let document = yaml::read(&source)?;
            let map = match document.value {
                Value::Null => continue,
                Value::Mapping(map) => map,
                _ => return Err(wrong_kind(&document, "an included file", "a map")),
            };
            report_unknown(&map, &[name], &format!("`{name}.yaml`"), self.findings);
            let own = map.into_iter().filter(|(key, _)| bare(key) == name);
            if name == "include" {
                include = own.map(|(_, entry)| entry.node).next();
            } else {
                sections.extend(own);
            }
            self.result.included.push(source);
        }
        self.scopes.push(sections);
        // What a directory includes is seen from the directory.
        self.deeper(&path.join("include.yaml"), include, node, trail)
    }

    fn deeper(&mut self, path: &Path, include: Option<Node>, node: &Node, trail: &mut Trail) -> Result<()> {
        let Some(include) = include else { return Ok(()) };
        let own = if path.ends_with("include.yaml") { path.parent().unwrap_or(path) } else { path };
        trail.push((own.to_owned(), node.place.clone()));
        let directory = path.parent().unwrap_or(Path::new("")).to_owned();
        self.list(&include, &directory, trail)?;
        trail.pop();
        Ok(())
    }

    /// Tells whether a file is to be read: not where it was before, since what it says is merged already.
    fn enter(&mut self, path: &Path, node: &Node, trail: &Trail) -> Result<bool> {
        if let Some((_, place)) = trail.iter().find(|(above, _)| above == path) {
            return Err(Error::input(format!("`{}` includes itself", path.display()))
                .at(&node.place)
                .related(place, "it is included here first")
                .hint("take one of the two out"));
        }
        if !self.seen.insert(path.to_owned()) {
            return Ok(false);
        }
        if self.seen.len() > MOST_FILES {
            return Err(Error::input(format!("this environment includes more than {MOST_FILES} files"))
                .at(&node.place)
                .hint("join some of them"));
        }
        Ok(true)
    }

    fn missing(&mut self, written: &str, path: &Path, node: &Node) {
        self.result.incomplete = true;
        let message = format!("the included `{written}` does not exist: there is no `{}`", path.display());
        let finding = Finding::new(Severity::Error, Rule::MissingInclude, message).at(&node.place);
        self.findings.push(match path::unresolved(path) {
            Some(name) => finding.hint(format!("set `{name}` in the environment, or with --context env.{name}=…")),
            None => finding.hint("correct the path, or add `optional: true`"),
        });
    }

    fn not_fetched(&mut self, what: &str, place: &Place) {
        self.result.incomplete = true;
        let message = format!("`{what}` is not fetched: what it defines or overrides is missing here");
        let finding = Finding::new(Severity::Warning, Rule::MissingInclude, message).at(place);
        self.findings.push(finding.hint("get a copy, and include that"));
    }
}

/// Whether a file has to be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    Required,
    Optional,
}

fn with_place(error: Error, place: &Place) -> Error {
    if error.place.is_none() { error.at(place) } else { error }
}
