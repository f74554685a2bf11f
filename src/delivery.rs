//! What a release hands to publishing: the files of the downstream commit with where they come from, and the builds
//! that CDash expects.

mod destination;
mod inputs;

pub use destination::{Destination, REMOTE_VARIABLE, TOKEN_VARIABLE, TokenSource};

use crate::concretize::Lockfiles;
use crate::emit::release_spec;
use crate::environment::{Dialect, Environment};
use crate::error::{Error, Result};
use crate::pipeline::Pipeline;
use crate::plan::Plan;
use crate::publish::cdash::BuildGroup;
use crate::publish::downstream::{FileMode, Generated, Precedence};
use crate::publish::trailers::{self, Trailer};
use crate::publish::verify;
use inputs::Inputs;
use std::fmt::Write as _;

/// Where the inputs of the plan stand in the downstream commit.
pub const INPUTS: &str = "ci-generation";
/// What mirrors and history said of specs, among the inputs; only where they were asked.
pub const PRUNING: &str = "pruning.json";
/// The trailer with the options that the plan was made with, a JSON list of words.
pub const OPTIONS: &str = "Spackplan-Options";

/// The scripts that the jobs of the release-jobs dialect run, where the released tree has none of its own.
const SCRIPTS: [(&str, &str); 2] = [
    ("bin/rebuild-package.sh", include_str!("../assets/scripts/rebuild-package.sh")),
    ("bin/rebuild-index.sh", include_str!("../assets/scripts/rebuild-index.sh")),
];

/// The files that the downstream commit has beside the released tree, and what its message records.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// The pipeline and all it was planned from.
    pub generated: Vec<Generated>,
    /// The digests of the inputs and of the plan, and the options.
    pub trailers: Vec<Trailer>,
    /// What is worth knowing before it is pushed.
    pub notes: Vec<String>,
}

impl Delivery {
    /// Collects what a planned environment hands over; `options` are the command line's words that made this plan.
    ///
    /// # Errors
    /// Returns an error if a phase's name, a path or an option cannot be written into a commit's message, or if two files
    /// would stand at one path.
    pub fn new(
        environment: &Environment,
        lockfiles: &Lockfiles,
        plan: &Plan,
        pipeline: &Pipeline,
        options: &[String],
    ) -> Result<Self> {
        let inputs = Inputs::of(environment, lockfiles)?;
        let (manifest, text) = (&inputs.manifest, environment.source.text().as_bytes());
        let locks: Vec<(&str, &[u8])> = inputs.lockfiles.iter().map(|(path, bytes)| (path.as_str(), *bytes)).collect();
        let mut trailers = trailers::of_plan(&digest_text(plan), (manifest, text), &locks)?;
        for (path, bytes) in &inputs.included {
            trailers.push(Trailer::of_file(trailers::INCLUDED, path, bytes)?);
        }
        let words = serde_json::to_string(options).map_err(|cause| Error::input(cause.to_string()))?;
        trailers.push(Trailer::new(OPTIONS, words)?);
        let mut generated = vec![
            file(verify::PIPELINE.to_owned(), pipeline.to_text().into_bytes()),
            file(manifest.clone(), text.to_vec()),
        ];
        let further = inputs.lockfiles.iter().chain(&inputs.included);
        generated.extend(further.map(|(path, bytes)| file(path.clone(), bytes.to_vec())));
        if plan.pruning.knows_anything() {
            let (path, text) = (format!("{INPUTS}/{PRUNING}"), plan.pruning.to_json());
            trailers.push(Trailer::of_file(trailers::PRUNING, &path, text.as_bytes())?);
            generated.push(file(path, text.into_bytes()));
        }
        if environment.dialect == Dialect::ReleaseJobs {
            generated.extend(SCRIPTS.map(|(path, text)| Generated {
                mode: FileMode::Executable,
                precedence: Precedence::TreeFirst,
                ..file(path.to_owned(), text.as_bytes().to_vec())
            }));
        }
        Ok(Self { generated, trailers, notes: inputs.notes })
    }
}

fn file(path: String, bytes: Vec<u8>) -> Generated {
    Generated { path, bytes, mode: FileMode::Plain, precedence: Precedence::Generated }
}

/// Returns the plan as text that depends on nothing but the plan: a line for each job with its stage, its runner and
/// what it needs.
pub fn digest_text(plan: &Plan) -> Vec<u8> {
    let graph = &plan.graph;
    let mut text = String::new();
    for id in graph.ids() {
        let job = graph.job(id);
        let runner = plan.mapping_number(id).map_or_else(|| "-".to_owned(), |number| number.to_string());
        let _ = write!(text, "{} {runner} {} /{}", job.stage, job.name, graph.spec(id).hash);
        for need in graph.needs(id).iter().chain(graph.compilers(id)) {
            let _ = write!(text, " <{}", need.0);
        }
        text.push('\n');
    }
    text.into_bytes()
}

/// Returns the CDash group of a release with the builds that will report to it, if the environment has a `cdash:`.
pub fn build_group(environment: &Environment, plan: &Plan, pipeline: &Pipeline) -> Option<BuildGroup> {
    let cdash = environment.cdash.as_ref()?;
    let build = |id| format!("{} ({})", release_spec(plan, id), cdash.build_group);
    Some(BuildGroup {
        url: cdash.url.clone(),
        project: cdash.project.clone(),
        name: cdash.build_group.clone(),
        site: cdash.site.clone(),
        builds: pipeline.jobs().map(build).collect(),
    })
}
