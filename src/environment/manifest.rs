//! Reads a manifest: its sections, in the order in which one needs another.

use super::cdash::{self, Needs};
use super::condition::Context;
use super::definitions::{Definition, Definitions, Undefined};
use super::gitlab_ci::{self, GitlabCi};
use super::include::path::Variables;
use super::include::{self, Files, Texts};
use super::list::{Budget, List};
use super::reader::{Reading, entry, mapping, nearest, report_unknown};
use super::{BootstrapList, Dialect, Environment, SpecList, ci, matrix, mirrors, repos};
use crate::error::{Error, Result};
use crate::finding::{Finding, Rule, Severity};
use crate::source::{Place, Source};
use crate::yaml::{self, Mapping, Node, Value};
use indexmap::IndexMap;
use std::sync::Arc;

/// The sections that are read.
const READ: [&str; 8] = ["specs", "definitions", "gitlab-ci", "ci", "mirrors", "cdash", "include", "repos"];

/// The sections that only bear on how Spack concretizes and builds.
const BUILDING: [&str; 16] = [
    "bootstrap",
    "compilers",
    "concretization",
    "concretizer",
    "config",
    "container",
    "develop",
    "env_vars",
    "include_concrete",
    "modules",
    "packages",
    "toolchains",
    "upstreams",
    "view",
    "autopush",
    "loaded",
];

/// The main phase, which is no bootstrap list.
const MAIN: &str = "specs";

/// Tells whether a key is a section that configuration may have.
pub(super) fn is_section(key: &str) -> bool {
    READ.contains(&key) || BUILDING.contains(&key)
}

/// What an environment is read with beside its own text.
#[derive(Clone, Copy)]
pub struct Inputs<'a> {
    /// The host that conditions and paths speak of.
    pub context: &'a Context,
    /// Where included files come from.
    pub files: &'a dyn Files,
    /// The kind of pipeline that is wanted, where it should not follow from the environment.
    pub dialect: Option<Dialect>,
}

impl Environment {
    /// Reads the text of a `spack.yaml` that includes nothing; nothing but the text and the context bears on the result.
    ///
    /// # Errors
    /// Returns the first thing in the text that makes no sense, with its place.
    pub fn parse(source: Arc<Source>, context: &Context) -> Result<Self> {
        Self::read(source, Inputs { context, files: &Texts::default(), dialect: None })
    }

    /// Reads the text of a `spack.yaml` with what it includes.
    ///
    /// # Errors
    /// Returns the first thing in the texts that makes no sense, with its place.
    pub fn read(source: Arc<Source>, inputs: Inputs<'_>) -> Result<Self> {
        let context = inputs.context;
        let document = yaml::read(&source)?;
        let mut findings = Vec::new();
        let (root, node) = root(&document, &mut findings)?;
        let known: Vec<&str> = READ.into_iter().chain(BUILDING).collect();
        report_unknown(root, &known, "the environment", &mut findings);
        let scopes = include::merged(root, &source, context, inputs.files, &mut findings)?;
        let sections = &scopes.sections;
        let dialect = inputs.dialect.unwrap_or_else(|| dialect(sections, scopes.incomplete));
        report_missing(sections, node, dialect, scopes.incomplete, &mut findings);
        let section = |name| entry(sections, name).map(|entry| &entry.node);
        let (GitlabCi { rules, bootstrap, settings }, reading, needs) = match (section("gitlab-ci"), section("ci")) {
            (Some(node), _) => {
                (gitlab_ci::read(node, dialect, &mut findings)?, Reading::BareCompilers, Needs::Everything)
            }
            (None, Some(node)) => {
                let (rules, settings) = ci::read(node, dialect, &mut findings)?;
                let read = GitlabCi { rules, bootstrap: Vec::new(), settings };
                (read, Reading::Today, Needs::BuildGroup)
            }
            (None, None) => (GitlabCi::default(), Reading::Today, Needs::BuildGroup),
        };
        let undefined = if scopes.incomplete { Undefined::Report } else { Undefined::Refuse };
        let mut definitions = Definitions::read(section("definitions"), context, undefined, reading, &mut findings)?;
        // Some leave the key there for a program to fill in.
        let specs = entry(root, "specs").map(|entry| &entry.node).filter(|node| !matches!(node.value, Value::Null));
        let main = specs.map_or(Ok(List::default()), |node| definitions.specs(node))?;
        let by_name = std::mem::take(&mut definitions.by_name);
        let bootstrap = usable(bootstrap, &by_name, &mut findings)?;
        let mut budget = Budget::default();
        budget.take(&main, specs.map_or(&node.place, |specs| &specs.place))?;
        let specs = matrix::expand(&main, reading)?;
        refuse_anonymous(&specs)?;
        let definitions = expand(&by_name, &bootstrap, reading, &mut budget, &mut findings)?;
        let variables = Variables::new(&source, context);
        let mirrors = section("mirrors")
            .map_or(Ok(Vec::new()), |node| mirrors::read(node, dialect, &variables, &mut findings))?;
        let cdash = section("cdash").map(|node| cdash::read(node, needs, &mut findings)).transpose()?;
        let repositories = repos::read(section("repos"), repos::own(root), &variables)?;
        let (included, include, climb) = (scopes.included, scopes.paths, scopes.climb);
        let ci = settings;
        Ok(Self {
            source,
            included,
            include,
            climb,
            definitions,
            specs,
            bootstrap,
            rules,
            dialect,
            ci,
            mirrors,
            repositories,
            cdash,
            findings,
        })
    }
}

/// Returns the map under `spack:` or `env:`.
fn root<'a>(document: &'a Node, findings: &mut Vec<Finding>) -> Result<(&'a Mapping, &'a Node)> {
    let hint = "the first line of an environment is `spack:`, and everything else is indented under it";
    let top = match &document.value {
        Value::Null => return Err(Error::input("the file is empty").at(&document.place).hint(hint)),
        _ => mapping(document, "an environment").map_err(|error| error.hint(hint))?,
    };
    let Some((name, entry)) = ["spack", "env"].into_iter().find_map(|name| Some((name, top.get(name)?))) else {
        let error = Error::input("this is no environment: it has no `spack:`").at(&document.place);
        let near = top.keys().find(|key| nearest(key, ["spack"]).is_some());
        return Err(match near {
            Some(near) => error.hint(format!("is `{near}` meant to be `spack`?")),
            None => error.hint(hint),
        });
    };
    report_unknown(top, &[name], "the file", findings);
    Ok((mapping(&entry.node, &format!("`{name}`"))?, &entry.node))
}

/// Tells which kind of pipeline an environment describes.
fn dialect(sections: &Mapping, incomplete: bool) -> Dialect {
    let has = |name| entry(sections, name).is_some();
    // Where neither section is there, a file that could not be read may have today's.
    if !has("gitlab-ci") && (has("ci") || incomplete) { Dialect::SpackCi } else { Dialect::ReleaseJobs }
}

/// Reports what a pipeline needs and nothing says, and what is said in vain.
fn report_missing(sections: &Mapping, node: &Node, dialect: Dialect, incomplete: bool, findings: &mut Vec<Finding>) {
    let mut report = |severity, rule, place: &Place, message: &str, hint: &str| {
        findings.push(Finding::new(severity, rule, message).at(place).hint(hint));
    };
    let severity = if incomplete { Severity::Warning } else { Severity::Error };
    match (entry(sections, "gitlab-ci"), entry(sections, "ci")) {
        (Some(_), Some(ci)) => {
            let message = "`ci` is not looked at beside `gitlab-ci`, and no Spack has taken both since 0.23";
            report(Severity::Error, Rule::NoEffect, &ci.key, message, "remove one of the two");
        }
        (None, None) => {
            let message = "the environment says nothing of runners: it has neither `gitlab-ci:` nor `ci:`";
            let hint = "add `ci:` with `pipeline-gen`, or `gitlab-ci:` with `mappings`";
            report(severity, Rule::MissingSection, &node.place, message, hint);
        }
        _ => {}
    }
    let mirrors = entry(sections, "mirrors").map(|entry| &entry.node.value);
    let is_empty = match mirrors {
        None | Some(Value::Null) => true,
        Some(Value::Mapping(map)) => map.is_empty(),
        Some(Value::Sequence(items)) => items.is_empty(),
        Some(_) => false,
    };
    if is_empty && dialect == Dialect::ReleaseJobs {
        let message = "the environment has no mirror for the jobs to push to";
        report(severity, Rule::MissingSection, &node.place, message, "add `mirrors: {name: https://…}`");
    }
}

/// Returns the bootstrap phases that can be planned: those of a definition, each once.
fn usable(
    phases: Vec<BootstrapList>,
    definitions: &IndexMap<String, Definition>,
    findings: &mut Vec<Finding>,
) -> Result<Vec<BootstrapList>> {
    let mut usable: Vec<BootstrapList> = Vec::new();
    for phase in phases {
        let name = &phase.name;
        let note =
            |message| Finding::new(Severity::Warning, Rule::NoEffect, message).at(&phase.place).hint("remove it");
        if name == MAIN {
            findings.push(note("`specs` is no bootstrap list: it is built in the main phase anyway".to_owned()));
        } else if usable.iter().any(|earlier| earlier.name == *name) {
            findings.push(note(format!("`{name}` is bootstrapped already")));
        } else if let Some(definition) = definitions.get(name) {
            if !definition.is_active() {
                let message = format!("`{name}` is bootstrapped, but no entry of its definition is active here");
                let finding = Finding::new(Severity::Error, Rule::NoEffect, message).at(&phase.place);
                findings.push(finding.hint("see --context for planning for another host"));
            }
            usable.push(phase);
        } else {
            let error = Error::input(format!("`{name}` is bootstrapped, but not defined")).at(&phase.place);
            return Err(match nearest(name, definitions.keys().map(String::as_str)) {
                Some(near) => error.hint(format!("did you mean `{near}`?")),
                None => error.hint(format!("add it to `definitions:`, as in `- {name}: [gcc@12]`")),
            });
        }
    }
    Ok(usable)
}

/// Expands the definitions that are active here.
fn expand(
    definitions: &IndexMap<String, Definition>,
    bootstrap: &[BootstrapList],
    reading: Reading,
    budget: &mut Budget,
    findings: &mut Vec<Finding>,
) -> Result<IndexMap<String, SpecList>> {
    let mut expanded = IndexMap::new();
    for (name, definition) in definitions.iter().filter(|(_, definition)| definition.is_active()) {
        let is_phase = bootstrap.iter().any(|phase| phase.name == *name);
        budget.take(&definition.list, &definition.place)?;
        match matrix::expand(&definition.list, reading) {
            Ok(list) => {
                if is_phase {
                    refuse_anonymous(&list)?;
                }
                expanded.insert(name.clone(), list);
            }
            Err(error) if is_phase => return Err(error),
            Err(error) => findings.push(unused(name, &error)),
        }
    }
    Ok(expanded)
}

/// Refuses a root spec that names neither a package nor a hash.
fn refuse_anonymous(list: &SpecList) -> Result<()> {
    let Some(root) = list.roots.iter().find(|root| root.spec.name().is_none() && root.spec.hash().is_none()) else {
        return Ok(());
    };
    let error = Error::input(format!("`{}` names no package to build", root.spec)).hint("begin it with a package");
    Err(match list.place_of(root) {
        Some(place) => error.at(place),
        None => error,
    })
}

/// Reports a definition that cannot be expanded; Spack does not notice as long as nothing refers to it.
fn unused(name: &str, error: &Error) -> Finding {
    let message = format!("the definition `{name}` makes no sense, and nothing uses it: {}", error.message);
    let mut finding = Finding::new(Severity::Warning, Rule::NoEffect, message);
    finding.place.clone_from(&error.place);
    finding.hint = error.hints.first().cloned();
    finding
}
