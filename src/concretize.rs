//! From abstract root specs to a DAG of concrete ones: out of lockfiles, else predicted from the catalogue.

pub mod catalogue;
pub mod change;
pub mod lockfile;
mod lockfiles;
mod roots;
pub mod spack;

use crate::environment::{Environment, SpecList};
use crate::error::{Error, Result};
use crate::finding::{Finding, Rule, Severity};
use crate::source::Source;
use crate::spec::concrete::{Architecture, ConcreteRoot, ConcreteSpecs, Cycle};
use catalogue::{Catalogue, CatalogueError, Prediction, predict, unpredictable};
use lockfile::{Lockfile, NEWEST_VERSION};
pub use lockfiles::{Lockfiles, lockfile_name};
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

    /// Adds what the catalogue predicts of the roots at these indices.
    fn predict(&mut self, name: &str, specs: &mut ConcreteSpecs, wanted: &[usize]) -> Result<()> {
        if wanted.is_empty() {
            return Ok(());
        }
        let catalogue = Catalogue::embedded().map_err(|error| malformed(&error))?;
        let Prediction { specs: nodes, dependencies, roots, findings } =
            predict(catalogue, self.list, wanted, self.defaults, specs.len()).map_err(|error| malformed(&error))?;
        self.findings.extend(findings);
        let count = nodes.len();
        specs.extend(nodes, dependencies).map_err(|Cycle(ids)| {
            let names: Vec<&str> = ids.iter().map(|id| &*specs.spec(*id).name).collect();
            Error::input(format!("predicted specs depend on each other: {}", names.join(", ")))
        })?;
        for root in roots {
            match specs.satisfies(root.spec, &self.list.roots[root.root].spec) {
                Ok(()) => self.roots.push(root),
                Err(mismatch) => {
                    self.findings.push(unpredictable(self.list, root.root, &mismatch.to_string()));
                }
            }
        }
        self.roots.sort_by_key(|root| root.root);
        if count > 0 {
            let message =
                format!("{count} of {} specs of phase `{name}` are predicted from the catalogue", specs.len());
            let finding = Finding::new(Severity::Warning, Rule::PredictedSpec, message);
            self.findings.push(finding.hint("run `spack concretize` and plan with its spack.lock to know them"));
        }
        Ok(())
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
        self.findings.push(finding.hint("concretize again; until then they are predicted from the catalogue"));
    }
}

fn malformed(error: &CatalogueError) -> Error {
    Error::input(error.to_string()).hint("this is a defect of spackplan: plan with a lockfile (--lock FILE)")
}

fn roots(count: usize) -> String {
    if count == 1 { "one root".to_owned() } else { format!("{count} roots") }
}

/// Lists the first few of many texts.
fn some<T: AsRef<str>>(texts: &[T]) -> String {
    const MOST: usize = 5;
    let shown: Vec<String> = texts.iter().take(MOST).map(|text| format!("`{}`", text.as_ref())).collect();
    let more = texts.len().saturating_sub(MOST);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", shown.join(", "))
}
