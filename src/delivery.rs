//! What a release hands to publishing: the files of the downstream commit with where they come from, and the builds
//! that CDash expects.

use crate::concretize::{Lockfiles, lockfile_name};
use crate::emit::release_spec;
use crate::environment::{Dialect, Environment};
use crate::error::{Error, Result};
use crate::pipeline::Pipeline;
use crate::plan::Plan;
use crate::publish::cdash::BuildGroup;
use crate::publish::downstream::{FileMode, Generated, Precedence};
use crate::publish::trailers::{self, Trailer};
use crate::publish::verify;
use std::fmt::Write as _;

/// Where the inputs of the plan stand in the downstream commit.
pub const INPUTS: &str = "ci-generation";
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
}

impl Delivery {
    /// Collects what a planned environment hands over; `options` are the command line's words that made this plan.
    ///
    /// # Errors
    /// Returns an error if a phase's name or an option cannot be written into a commit's message.
    pub fn new(
        environment: &Environment,
        lockfiles: &Lockfiles,
        plan: &Plan,
        pipeline: &Pipeline,
        options: &[String],
    ) -> Result<Self> {
        let manifest = format!("{INPUTS}/spack.yaml");
        let locks: Vec<(String, &[u8])> = lockfiles
            .iter()
            .map(|(phase, source)| (format!("{INPUTS}/{}", lockfile_name(phase)), source.text().as_bytes()))
            .collect();
        let named: Vec<(&str, &[u8])> = locks.iter().map(|(path, bytes)| (path.as_str(), *bytes)).collect();
        let text = environment.source.text().as_bytes();
        let mut trailers = trailers::of_plan(&digest_text(plan), (&manifest, text), &named)?;
        let words = serde_json::to_string(options).map_err(|cause| Error::input(cause.to_string()))?;
        trailers.push(Trailer::new(OPTIONS, words)?);
        let file = |path: &str, bytes: &[u8]| Generated {
            path: path.to_owned(),
            bytes: bytes.to_vec(),
            mode: FileMode::Plain,
            precedence: Precedence::Generated,
        };
        let mut generated = vec![file(verify::PIPELINE, pipeline.to_text().as_bytes()), file(&manifest, text)];
        generated.extend(named.iter().map(|(path, bytes)| file(path, bytes)));
        if environment.dialect == Dialect::ReleaseJobs {
            generated.extend(SCRIPTS.map(|(path, text)| Generated {
                mode: FileMode::Executable,
                precedence: Precedence::TreeFirst,
                ..file(path, text.as_bytes())
            }));
        }
        Ok(Self { generated, trailers })
    }
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
