//! From abstract root specs to a DAG of concrete ones: out of lockfiles, else predicted from the catalogue.

pub mod catalogue;
pub mod change;
pub mod lockfile;
mod lockfiles;
mod relative;
mod roots;
pub mod spack;

use crate::environment::{Environment, SpecList};
use crate::error::{Error, Result};
use crate::finding::{Finding, Rule, Severity};
use crate::source::Source;
use crate::spec::concrete::{
    Architecture, ConcreteRoot, ConcreteSpec, ConcreteSpecs, Cycle, Dependency, SpecId, SpecSet,
};
use catalogue::{Catalogue, CatalogueError, Prediction, predict, unpredictable};
use lockfile::{Lockfile, NEWEST_VERSION};
pub use lockfiles::{Lockfiles, lockfile_name};
use relative::{Derivation, Model, derive};
use roots::{Correspondence, correspond};
use std::sync::Arc;

/// The name of the phase that builds the release itself.
pub const MAIN_PHASE: &str = "specs";

/// The concrete specs of one phase.
#[derive(Clone, Debug)]
pub struct ConcretePhase {
    /// The bootstrap list's name, or `specs`.
    pub name: String,
    /// Its DAG; the roots stand in the order of the environment, those without an answer left out.
    pub specs: Arc<ConcreteSpecs>,
}

/// What concretization gave.
#[derive(Clone, Debug, Default)]
pub struct Concretization {
    /// The bootstrap phases in order, then `specs`.
    pub phases: Vec<ConcretePhase>,
    /// Stale or unknown lockfiles, predicted specs, unknown packages.
    pub findings: Vec<Finding>,
}

/// Finds the concrete specs of every phase; `defaults` is what predicted specs are for where the environment leaves it open.
///
/// # Errors
/// Returns an error if a lockfile is malformed.
pub fn concretize(environment: &Environment, lockfiles: &Lockfiles, defaults: &Architecture) -> Result<Concretization> {
    let mut result = Concretization::default();
    let empty = SpecList::default();
    for list in &environment.bootstrap {
        let roots = environment.definitions.get(&list.name).unwrap_or(&empty);
        add_phase(&mut result, &list.name, roots, lockfiles, defaults)?;
    }
    add_phase(&mut result, MAIN_PHASE, &environment.specs, lockfiles, defaults)?;
    Ok(result)
}

fn add_phase(
    result: &mut Concretization,
    name: &str,
    list: &SpecList,
    lockfiles: &Lockfiles,
    defaults: &Architecture,
) -> Result<()> {
    let lockfile = lockfiles.get(name).map(|source| Ok((source, lockfile::parse(source)?))).transpose()?;
    let mut phase = PhaseBuilder { list, defaults, roots: Vec::new(), findings: Vec::new() };
    let (mut specs, missing) = match lockfile {
        Some((source, lockfile)) => phase.locked(source, lockfile),
        None => (ConcreteSpecs::default(), (0..list.roots.len()).collect()),
    };
    phase.predict(name, &mut specs, &missing)?;
    specs.roots = phase.roots;
    result.findings.extend(phase.findings);
    result.phases.push(ConcretePhase { name: name.to_owned(), specs: Arc::new(specs) });
    Ok(())
}

/// Gathers the roots of one phase, in the order of the environment.
struct PhaseBuilder<'a> {
    list: &'a SpecList,
    defaults: &'a Architecture,
    roots: Vec<ConcreteRoot>,
    findings: Vec<Finding>,
}

impl PhaseBuilder<'_> {
    /// Takes the roots that a lockfile answers; returns its specs and the roots that it lacks.
    fn locked(&mut self, source: &Arc<Source>, lockfile: Lockfile) -> (ConcreteSpecs, Vec<usize>) {
        if lockfile.version > NEWEST_VERSION {
            let message =
                format!("`{}` has version {}; it is read as version {NEWEST_VERSION}", source.name(), lockfile.version);
            let hint = "check the plan, and look for a newer spackplan";
            self.findings.push(Finding::new(Severity::Warning, Rule::LockfileVersion, message).hint(hint));
        }
        let Correspondence { answers, extra } = correspond(&self.list.roots, &lockfile);
        for (index, answer) in answers.iter().enumerate() {
            if let Some(answer) = answer {
                let text = self.list.roots[index].spec.to_string().into();
                self.roots.push(ConcreteRoot { text, root: index, spec: lockfile.roots[*answer].spec });
            }
        }
        self.report_extra(source, &lockfile, &extra);
        let missing: Vec<usize> = (0..answers.len()).filter(|index| answers[*index].is_none()).collect();
        self.report_missing(source, &missing);
        (lockfile.specs, missing)
    }

    /// Adds what is predicted of the roots at these indices: from locked relatives, else from the catalogue.
    fn predict(&mut self, name: &str, specs: &mut ConcreteSpecs, wanted: &[usize]) -> Result<()> {
        if wanted.is_empty() {
            return Ok(());
        }
        let catalogue = Catalogue::embedded().map_err(|error| malformed(&error))?;
        let models = self.derive(catalogue, specs, wanted)?;
        let is_left = |index: &&usize| !models.iter().any(|(root, _)| root == *index);
        let left: Vec<usize> = wanted.iter().filter(is_left).copied().collect();
        let Prediction { specs: nodes, dependencies, roots, findings } =
            predict(catalogue, self.list, &left, self.defaults, specs).map_err(|error| malformed(&error))?;
        self.findings.extend(findings);
        extend(specs, nodes, dependencies)?;
        for root in roots {
            match specs.satisfies(root.spec, &self.list.roots[root.root].spec) {
                Ok(()) => self.roots.push(root),
                Err(mismatch) => {
                    self.findings.push(unpredictable(self.list, root.root, &mismatch.to_string()));
                }
            }
        }
        self.roots.sort_by_key(|root| root.root);
        self.report_predicted(name, specs, &models, left.len());
        Ok(())
    }

    /// Adds the roots that have a locked relative which serves; returns them with their relatives.
    fn derive(
        &mut self,
        catalogue: &Catalogue,
        specs: &mut ConcreteSpecs,
        wanted: &[usize],
    ) -> Result<Vec<(usize, Model)>> {
        if specs.is_empty() {
            return Ok(Vec::new());
        }
        let derived = derive(specs, catalogue, self.list, wanted).map_err(|error| malformed(&error))?;
        let Derivation { specs: nodes, dependencies, roots, .. } = derived;
        extend(specs, nodes, dependencies)?;
        let mut models = Vec::new();
        for (root, model) in roots {
            if specs.satisfies(root.spec, &self.list.roots[root.root].spec).is_ok() {
                models.push((root.root, model));
                self.roots.push(root);
            }
        }
        Ok(models)
    }

    /// Says how many specs are predicted, and from what.
    fn report_predicted(&mut self, name: &str, specs: &ConcreteSpecs, models: &[(usize, Model)], others: usize) {
        let needed = needed(specs, &self.roots);
        let count = needed.iter().filter(|id| specs.spec(**id).is_predicted()).count();
        if count > 0 {
            let from = match (models.is_empty(), others) {
                (true, _) => "from the catalogue",
                (false, 0) => "from locked relatives",
                (false, _) => "from locked relatives and the catalogue",
            };
            let message = format!("{count} of {} specs of phase `{name}` are predicted {from}", needed.len());
            let finding = Finding::new(Severity::Warning, Rule::PredictedSpec, message);
            self.findings.push(finding.hint("concretize with Spack (--concretize) to know them"));
        }
        let Some((first, _)) = models.first() else { return };
        let model = |(root, model): &(usize, Model)| {
            let relative = specs.spec(model.spec);
            let hash = relative.hash.get(..7).unwrap_or(&relative.hash);
            let changed: Vec<&str> = model.changed.iter().map(String::as_str).collect();
            let with = if changed.is_empty() { String::new() } else { format!(" with `{}`", changed.join(" ")) };
            format!("`{}` as `{}@{} /{hash}`{with}", self.list.roots[*root].spec, relative.name, relative.version)
        };
        let texts: Vec<String> = models.iter().map(model).collect();
        let message = format!("{} predicted from the nearest locked relative: {}", roots(texts.len()), few(&texts));
        let mut finding = Finding::new(Severity::Note, Rule::PredictedSpec, message);
        finding.place = self.list.place_of(&self.list.roots[*first]).cloned();
        self.findings.push(finding);
    }

    fn report_extra(&mut self, source: &Source, lockfile: &Lockfile, extra: &[usize]) {
        let Some(first) = extra.first() else { return };
        let texts: Vec<&str> = extra.iter().map(|index| &*lockfile.roots[*index].text).collect();
        let message = format!(
            "`{}` holds {} that the environment does not ask for: {}",
            source.name(),
            roots(extra.len()),
            some(&texts)
        );
        let finding = Finding::new(Severity::Note, Rule::StaleLockfile, message).at(&lockfile.roots[*first].place);
        self.findings.push(finding.hint("concretize again to drop them; they get no jobs"));
    }

    fn report_missing(&mut self, source: &Source, missing: &[usize]) {
        let Some(first) = missing.first() else { return };
        let texts: Vec<String> = missing.iter().map(|index| self.list.roots[*index].spec.to_string()).collect();
        let message = format!(
            "`{}` lacks {} that the environment asks for: {}",
            source.name(),
            roots(missing.len()),
            some(&texts)
        );
        let mut finding = Finding::new(Severity::Warning, Rule::StaleLockfile, message);
        finding.place = self.list.place_of(&self.list.roots[*first]).cloned();
        self.findings.push(finding.hint("concretize again; until then they are predicted"));
    }
}

/// Adds predicted nodes to a DAG.
fn extend(specs: &mut ConcreteSpecs, nodes: Vec<ConcreteSpec>, dependencies: Vec<Vec<Dependency>>) -> Result<()> {
    if nodes.is_empty() {
        return Ok(());
    }
    specs.extend(nodes, dependencies).map_err(|Cycle(ids)| {
        let names: Vec<&str> = ids.iter().map(|id| &*specs.spec(*id).name).collect();
        Error::input(format!("predicted specs depend on each other: {}", names.join(", ")))
    })
}

/// Returns the specs that roots need, in the order in which they are met.
fn needed(specs: &ConcreteSpecs, roots: &[ConcreteRoot]) -> Vec<SpecId> {
    let mut seen = SpecSet::with_capacity(specs.len());
    let mut needed: Vec<SpecId> = Vec::new();
    let mut open: Vec<SpecId> = roots.iter().map(|root| root.spec).collect();
    while let Some(id) = open.pop() {
        if !seen.put(id.index()) {
            needed.push(id);
            open.extend(specs.dependencies(id).iter().map(|edge| edge.spec));
        }
    }
    needed
}

fn malformed(error: &CatalogueError) -> Error {
    Error::input(error.to_string()).hint("this is a defect of spackplan: plan with a lockfile (--lock FILE)")
}

fn roots(count: usize) -> String {
    if count == 1 { "one root".to_owned() } else { format!("{count} roots") }
}

/// Quotes the first few of many texts.
fn some<T: AsRef<str>>(texts: &[T]) -> String {
    few(&texts.iter().map(|text| format!("`{}`", text.as_ref())).collect::<Vec<_>>())
}

/// Lists the first few of many texts.
fn few(texts: &[String]) -> String {
    const MOST: usize = 5;
    let shown = &texts[..texts.len().min(MOST)];
    let more = texts.len().saturating_sub(MOST);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", shown.join(", "))
}
