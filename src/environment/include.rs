//! `include:`, the files whose sections an environment's own are merged over.
//!
//! As in Spack 1.1, the manifest comes first, then what it includes in the order of the list, each file before what it
//! includes itself. Nothing is fetched: Git repositories and URLs are reported.

mod files;
mod named;
pub(super) mod path;

pub use files::{Files, Found, Texts};
pub use named::{Included, IncludedPath, Reach};

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
const MOST_FILES: usize = 1000;
/// How deep files may include one another, as in Spack.
const MOST_LEVELS: usize = 100;
/// What an entry of `include:` may have.
const KEYS: [&str; 13] = [
    "path",
    "path_override_env_var",
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
    /// The files that were included, those of higher precedence first.
    pub(super) included: Vec<Included>,
    /// How far above the environment's directory relative paths lead.
    pub(super) climb: usize,
    /// The paths that the manifest itself includes.
    pub(super) paths: Vec<IncludedPath>,
    /// Tells whether something that could define names was not read.
    pub(super) incomplete: bool,
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
    let home = path::normal(&directory_of(manifest));
    let (seen, result) = (BTreeSet::new(), Scopes::default());
    let mut reader = Reader { context, files, variables, findings, scopes, seen, result, home };
    if let Some(include) = entry(root, "include") {
        let from = From { directory: reader.home.clone(), reach: Reach::Along };
        reader.list(&include.node, &from, &mut Vec::new())?;
    }
    let Reader { scopes, mut result, variables, findings, .. } = reader;
    for scope in &scopes {
        report_joins(scope, findings);
    }
    result.paths = named::own_paths(root, &variables);
    let merged = scopes.into_iter().rev().reduce(merge_maps);
    result.sections = unmarked(merged.unwrap_or_default());
    Ok(result)
}

/// Refuses sections without a value, as Spack does.
fn filled(map: &Mapping) -> Result<()> {
    match map.iter().find(|(key, entry)| TAKEN.contains(&bare(key)) && matches!(entry.node.value, Value::Null)) {
        Some((key, entry)) => Err(Error::input(format!("the section `{}` has no value", bare(key)))
            .at(&entry.key)
            .hint("remove it, or fill it in")),
        None => Ok(()),
    }
}

/// Reports keys whose mark Spack 1.1 takes for a part of the name, though its manual says otherwise.
fn report_joins(scope: &Mapping, findings: &mut Vec<Finding>) {
    let ci = entry(scope, "ci").and_then(|ci| ci.node.as_mapping());
    let keys = scope.iter().chain(ci.into_iter().flatten());
    for (key, entry) in keys.filter(|(key, _)| key.ends_with(['+', '-'])) {
        let message = format!("`{key}:` is merged as Spack's manual has it, but Spack 1.1 does so in sections only");
        let finding = Finding::new(Severity::Warning, Rule::NoEffect, message).at(&entry.key);
        findings.push(finding.hint(format!("order the includes so that `{}:` does", bare(key))));
    }
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
    /// The environment's directory.
    home: PathBuf,
}

/// Where relative paths start, and how that was come to.
struct From {
    directory: PathBuf,
    reach: Reach,
}

/// Where a path that is included leads, and how.
struct Target {
    path: PathBuf,
    reach: Reach,
}

/// The files that lead to where the reading is, each with the place that includes the next.
type Trail = Vec<(PathBuf, Place)>;

impl Reader<'_> {
    fn list(&mut self, list: &Node, from: &From, trail: &mut Trail) -> Result<()> {
        let mut names = BTreeSet::new();
        for item in sequence(list, "`include`")? {
            self.item(item, &mut names, from, trail)?;
        }
        Ok(())
    }

    fn item<'a>(
        &mut self,
        item: &'a Node,
        names: &mut BTreeSet<&'a str>,
        from: &From,
        trail: &mut Trail,
    ) -> Result<()> {
        let Value::Mapping(map) = &item.value else {
            let path = text(item, "an entry of `include`")?;
            return self.path(path, item, Wanted::Required, from, trail);
        };
        report_unknown(map, &KEYS, "an entry of `include`", self.findings);
        if let Some(when) = map.get("when").filter(|when| when.node.as_text() != Some(""))
            && !holds(&when.node, self.context)?
        {
            return Ok(());
        }
        if let Some(name) = map.get("name")
            && !names.insert(text(&name.node, "`name`")?)
        {
            self.taken_before(&name.node);
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
        let other = map.get("path_override_env_var").and_then(|entry| self.context.variable(entry.node.as_text()?));
        self.path(other.map_or_else(|| text(node, "`path`"), Ok)?, node, wanted, from, trail)
    }

    fn path(&mut self, written: &str, node: &Node, wanted: Wanted, from: &From, trail: &mut Trail) -> Result<()> {
        let Some(target) = self.target(written, from) else {
            self.not_fetched(written, &node.place);
            return Ok(());
        };
        match self.files.find(&target.path).map_err(|error| with_place(error, &node.place))? {
            Found::File(source) => self.file(&target, &source, node, trail),
            Found::Directory => self.directory(&target, node, trail),
            Found::Missing => {
                if wanted == Wanted::Required {
                    self.missing(written, &target.path, node);
                }
                Ok(())
            }
        }
    }

    /// Finds out where a path leads; nothing for a place that is fetched from.
    fn target(&mut self, written: &str, from: &From) -> Option<Target> {
        let (directory, local, reach) = if let Some(below) = self.variables.below_environment(written) {
            (&self.home, below, Reach::Along)
        } else {
            let expanded = self.variables.expand(written);
            let local = expanded.strip_prefix("file://").unwrap_or(&expanded);
            if local.contains("://") || local.starts_with("git@") {
                return None;
            }
            let reach = if Path::new(local).is_absolute() { Reach::Fixed } else { from.reach };
            (&from.directory, local.to_owned(), reach)
        };
        let path = path::normal(&directory.join(local));
        if reach == Reach::Along {
            self.result.climb = self.result.climb.max(path::climb(&path::seen_from(&path, &self.home)));
        }
        Some(Target { path, reach })
    }

    /// Notes a file that is included.
    fn take(&mut self, source: Arc<Source>, path: &Path, reach: Reach) {
        let path = match reach {
            Reach::Along => path::seen_from(path, &self.home),
            Reach::Fixed => path.to_owned(),
        };
        self.result.included.push(Included { source, path, reach });
    }

    /// Reads a file with several sections.
    fn file(&mut self, target: &Target, source: &Arc<Source>, node: &Node, trail: &mut Trail) -> Result<()> {
        if !self.enter(&target.path, node, trail)? {
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
        if let Some(specs) = entry(&map, "specs") {
            return Err(Error::input("an included file says nothing of `specs`: those of the manifest are built")
                .at(&specs.key)
                .related(&node.place, "it is included here")
                .hint("make a definition of them, and name it in the `specs` of the manifest: `$NAME`"));
        }
        filled(&map)?;
        for (key, entry) in map.iter().filter(|(key, _)| !is_section(bare(key))) {
            let message = format!("nothing reads the section `{key}` of an included file");
            let finding = Finding::new(Severity::Warning, Rule::UnknownKey, message).at(&entry.key);
            self.findings.push(finding.hint("remove it, or look for a newer spackplan"));
        }
        self.take(Arc::clone(source), &target.path, target.reach);
        let include = entry(&map, "include").map(|entry| entry.node.clone());
        self.scopes.push(taken(map));
        self.deeper(&target.path, target.reach, include, node, trail)
    }

    /// Reads a directory with a file for each section.
    fn directory(&mut self, target: &Target, node: &Node, trail: &mut Trail) -> Result<()> {
        if !self.enter(&target.path, node, trail)? {
            return Ok(());
        }
        let mut sections = Mapping::new();
        let mut include = None;
        for name in TAKEN.into_iter().chain(["include"]) {
            let path = target.path.join(format!("{name}.yaml"));
            let Found::File(source) = self.files.find(&path)? else { continue };
            let document = yaml::read(&source)?;
            let map = match document.value {
                Value::Null => continue,
                Value::Mapping(map) => map,
                _ => return Err(wrong_kind(&document, "an included file", "a map")),
            };
            report_unknown(&map, &[name], &format!("`{name}.yaml`"), self.findings);
            filled(&map)?;
            let own = map.into_iter().filter(|(key, _)| bare(key) == name);
            if name == "include" {
                include = own.map(|(_, entry)| entry.node).next();
            } else {
                sections.extend(own);
            }
            self.take(source, &path, target.reach);
        }
        self.scopes.push(sections);
        // What a directory includes is seen from the directory.
        self.deeper(&target.path.join("include.yaml"), target.reach, include, node, trail)
    }

    fn deeper(
        &mut self,
        path: &Path,
        reach: Reach,
        include: Option<Node>,
        node: &Node,
        trail: &mut Trail,
    ) -> Result<()> {
        let Some(include) = include else { return Ok(()) };
        let own = if path.ends_with("include.yaml") { path.parent().unwrap_or(path) } else { path };
        trail.push((own.to_owned(), node.place.clone()));
        let directory = path.parent().unwrap_or(Path::new("")).to_owned();
        self.list(&include, &From { directory, reach }, trail)?;
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
        if trail.len() >= MOST_LEVELS {
            return Err(Error::input(format!("files include one another more than {MOST_LEVELS} levels deep"))
                .at(&node.place)
                .hint("include this from the manifest"));
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

    fn taken_before(&mut self, name: &Node) {
        let message = format!(
            "an include before this has the name `{}`, too: only that is read",
            name.as_text().unwrap_or_default()
        );
        let finding = Finding::new(Severity::Warning, Rule::NoEffect, message).at(&name.place);
        self.findings.push(finding.hint("give it a name of its own, or none"));
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
