//! Looks for single specs on mirrors, several at once: those that no index has may have been pushed since it was written.

use super::Progress;
use super::client::Client;
use super::mirror::{Asked, Layout};
use super::problem::Problem;
use crate::plan::graph::{architecture, compiler};
use crate::publish::watch::Reporter;
use crate::spec::concrete::{ConcreteSpecs, SpecId};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// Failures after which a mirror is left alone.
const MOST_FAILURES: usize = 3;

/// A spec that is looked for.
#[derive(Clone, Debug)]
pub(super) struct Sought {
    /// The hash that Spack installs it by.
    pub(super) hash: String,
    /// How far it is looked for.
    pub(super) effort: Effort,
    /// `NAME/NAME-VERSION-HASH`.
    third: String,
    /// `ARCH-COMPILER-VERSION-NAME-VERSION-HASH`.
    second: String,
}

/// How far a spec is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effort {
    /// In indices only.
    Index,
    /// In indices, and then by itself.
    Full,
}

impl Sought {
    pub(super) fn new(specs: &ConcreteSpecs, id: SpecId, effort: Effort) -> Self {
        let spec = specs.spec(id);
        let (name, version, hash) = (in_path(&spec.name), in_path(&spec.version.to_string()), in_path(&spec.hash));
        let (compiler, number) =
            compiler(specs, id).map_or_else(|| ("none".to_owned(), "none".to_owned()), |(c, v)| (c.to_string(), v));
        let built = format!("{}-{}-{}", architecture(&spec.arch), compiler, number);
        Self {
            third: format!("{name}/{name}-{version}-{hash}"),
            second: format!("{}-{name}-{version}-{hash}", in_path(&built)),
            hash: spec.hash.to_string(),
            effort,
        }
    }

    /// Returns the files that tell of it on a mirror; any one suffices.
    fn paths(&self, layout: Layout) -> Vec<String> {
        match layout {
            Layout::V3 => vec![format!("v3/manifests/spec/{}.spec.manifest.json", self.third)],
            Layout::V2 => ["sig", ""]
                .map(|end| format!("build_cache/{}.spec.json.{end}", self.second).trim_end_matches('.').to_owned())
                .to_vec(),
        }
    }
}

/// Returns a text as Spack has it in names of files.
fn in_path(text: &str) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '+' | '=' | '@' | ',' | '~' | ':');
    text.chars().map(|c| if fits(c) { c } else { '_' }).collect()
}

/// A mirror with the layouts that specs are looked for in.
pub(super) struct Place<'a> {
    pub(super) mirror: &'a Asked,
    pub(super) layouts: Vec<Layout>,
}

/// What looking for specs has found.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The specs that are there, as indices into what was sought, with the index of the place.
    pub(super) there: BTreeSet<(usize, usize, Layout)>,
    /// What went wrong first at each place, and for how many specs.
    pub(super) failures: Vec<Option<(Problem, usize)>>,
}

/// Looks for each spec at each place, `at_once` at a time.
pub(super) fn look(
    sought: &[&Sought],
    places: &[Place<'_>],
    at_once: usize,
    client: &Client<'_>,
    reporter: &Reporter<Progress>,
) -> Found {
    let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let of = sought.len() * places.len();
    let found = Mutex::new(Found { there: BTreeSet::new(), failures: vec![None; places.len()] });
    let lock = || found.lock().unwrap_or_else(PoisonError::into_inner);
    let one = |task: usize| {
        let (spec, place) = (task / places.len(), task % places.len());
        let gives_up = |(problem, count): &(Problem, usize)| {
            *count >= MOST_FAILURES || matches!(problem, Problem::OutOfTime | Problem::Cancelled)
        };
        let skipped = lock().failures[place].as_ref().is_some_and(gives_up);
        let outcome = if skipped { Err(Problem::OutOfTime) } else { is_there(sought[spec], &places[place], client) };
        match outcome {
            Ok(Some(layout)) => {
                lock().there.insert((spec, place, layout));
            }
            Ok(None) => {}
            Err(problem) => {
                lock().failures[place].get_or_insert((problem, 0)).1 += 1;
            }
        }
        reporter.report(Progress::Specs { done: done.fetch_add(1, Ordering::Relaxed) + 1, of });
    };
    std::thread::scope(|scope| {
        for _ in 0..at_once.clamp(1, of.max(1)) {
            scope.spawn(|| {
                loop {
                    let task = next.fetch_add(1, Ordering::Relaxed);
                    if task >= of {
                        break;
                    }
                    one(task);
                }
            });
        }
    });
    found.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn is_there(spec: &Sought, place: &Place<'_>, client: &Client<'_>) -> Result<Option<Layout>, Problem> {
    for layout in &place.layouts {
        for path in spec.paths(*layout) {
            if client.has(&place.mirror.location, &path)? {
                return Ok(Some(*layout));
            }
        }
    }
    Ok(None)
}
