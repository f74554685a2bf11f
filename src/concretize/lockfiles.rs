//! The lockfiles at hand: where each phase's is, and its text.

use super::MAIN_PHASE;
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::source::{Place, Source};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Returns the name of the lockfile of a phase, as it is found beside an environment.
pub fn lockfile_name(phase: &str) -> String {
    if phase == MAIN_PHASE { "spack.lock".to_owned() } else { format!("bootstrap.{phase}.lock") }
}

/// Where a lockfile is looked for.
struct FilePlace {
    path: PathBuf,
    /// Whether the user named it, so that it has to be there.
    is_named: bool,
}

/// The texts of the lockfiles at hand, by phase.
#[derive(Clone, Debug, Default)]
pub struct Lockfiles {
    by_phase: BTreeMap<String, Arc<Source>>,
}

impl Lockfiles {
    /// Takes a lockfile for the main phase.
    pub fn of_main(source: Arc<Source>) -> Self {
        Self { by_phase: BTreeMap::from([(MAIN_PHASE.to_owned(), source)]) }
    }

    /// Returns the lockfile of a phase.
    pub fn get(&self, phase: &str) -> Option<&Arc<Source>> {
        self.by_phase.get(phase)
    }

    /// Takes a lockfile for a phase, in place of the one it may have.
    pub fn set(&mut self, phase: &str, source: Arc<Source>) {
        self.by_phase.insert(phase.to_owned(), source);
    }

    /// Takes all lockfiles of another set, which go before these.
    pub fn overlay(&mut self, newer: &Self) {
        self.by_phase.extend(newer.by_phase.iter().map(|(phase, source)| (phase.clone(), Arc::clone(source))));
    }

    /// Returns the lockfiles with the phases they are for, in order of the phases' names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Arc<Source>)> {
        self.by_phase.iter().map(|(phase, source)| (phase.as_str(), source))
    }

    /// Reads `spack.lock` and `bootstrap.PHASE.lock` beside the environment, as far as they exist, except where
    /// `named` has `FILE` (main phase) or `PHASE=FILE`.
    ///
    /// # Errors
    /// Returns an error if a named file does not exist, names no phase of the environment, or any file cannot be read.
    pub fn load(environment: &Environment, path: &Path, named: &[String]) -> Result<Self> {
        let mut by_phase = BTreeMap::new();
        for (phase, place) in Self::places(environment, path, named)? {
            if place.is_named || place.path.is_file() {
                by_phase.insert(phase, read(&place.path)?);
            }
        }
        Ok(Self { by_phase })
    }

    /// Returns where the lockfile of each phase is or would be, with the paths and names that [`load`](Self::load) takes.
    ///
    /// # Errors
    /// Returns an error if a name is of no phase of the environment, or two are of one.
    pub fn paths(environment: &Environment, path: &Path, named: &[String]) -> Result<BTreeMap<String, PathBuf>> {
        let places = Self::places(environment, path, named)?;
        Ok(places.into_iter().map(|(phase, place)| (phase, place.path)).collect())
    }

    fn places(environment: &Environment, path: &Path, named: &[String]) -> Result<BTreeMap<String, FilePlace>> {
        let directory = if path.is_dir() { path } else { path.parent().unwrap_or(Path::new("")) };
        let mut places = BTreeMap::new();
        for text in named {
            let (phase, file) = split_name(environment, text)?;
            if places.insert(phase.to_owned(), FilePlace { path: file.into(), is_named: true }).is_some() {
                return Err(Error::usage(format!("--lock names two files for phase `{phase}`")));
            }
        }
        for phase in environment.bootstrap.iter().map(|list| list.name.as_str()).chain([MAIN_PHASE]) {
            let file = lockfile_name(phase);
            if !file.contains(['/', '\\']) {
                let beside = || FilePlace { path: directory.join(&file), is_named: false };
                places.entry(phase.to_owned()).or_insert_with(beside);
            }
        }
        Ok(places)
    }
}

/// Splits `PHASE=FILE`; a text without a known phase in front is the main phase's file.
fn split_name<'a>(environment: &Environment, text: &'a str) -> Result<(&'a str, &'a str)> {
    let Some((phase, file)) = text.split_once('=') else { return Ok((MAIN_PHASE, text)) };
    if phase == MAIN_PHASE || environment.bootstrap.iter().any(|list| list.name == phase) {
        return Ok((phase, file));
    }
    if Path::new(text).exists() {
        return Ok((MAIN_PHASE, text));
    }
    let known: Vec<&str> = environment.bootstrap.iter().map(|list| list.name.as_str()).chain([MAIN_PHASE]).collect();
    Err(Error::usage(format!("--lock: the environment has no phase `{phase}`"))
        .hint(format!("its phases are: {}", known.join(", "))))
}

fn read(path: &Path) -> Result<Arc<Source>> {
    let bytes = std::fs::read(path).map_err(|cause| Error::io("read", path, &cause))?;
    let text = String::from_utf8(bytes).map_err(|cause| {
        let at = cause.utf8_error().valid_up_to();
        let source = Source::new(path.display().to_string(), String::from_utf8_lossy(cause.as_bytes()));
        Error::input("this is not UTF-8")
            .at(&Place::new(&source, at..at + 1))
            .hint("let Spack write the lockfile again")
    })?;
    Ok(Source::new(path.display().to_string(), text))
}
