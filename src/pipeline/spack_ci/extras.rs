//! What the jobs need beside the pipeline: manifest and lockfile for them, and the list of binaries to copy.

use super::layout::{Layout, relative};
use super::service::{DESTINATION, SPECS, mirror};
use super::settings::{PipelineType, Settings};
use crate::environment::Environment;
use crate::plan::Plan;
use crate::spec::concrete::ConcreteSpec;
use crate::yaml::scalar;
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A file to be written along with the pipeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extra {
    /// Where it goes, absolute.
    pub path: PathBuf,
    /// What it holds.
    pub bytes: Vec<u8>,
}

pub(super) fn extras(environment: &Environment, plan: &Plan, settings: &Settings, layout: &Layout) -> Vec<Extra> {
    let directory = settings.project.join(&layout.environment);
    let mut extras = vec![Extra {
        path: directory.join("spack.yaml"),
        bytes: manifest(environment, settings, &directory).into_bytes(),
    }];
    if let Some(lockfile) = plan.graph.phases.last().and_then(|phase| phase.specs.lockfile.as_ref()) {
        extras.push(Extra { path: directory.join("spack.lock"), bytes: lockfile.text().as_bytes().to_vec() });
    }
    extras.extend(copies(environment, plan, settings, layout));
    extras
}

/// Returns the manifest with what it includes seen from the directory that it is copied to.
fn manifest(environment: &Environment, settings: &Settings, directory: &Path) -> String {
    let text = environment.source.text();
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for path in &environment.include {
        let (span, expanded) = (&path.span, &path.expanded);
        let local = expanded.strip_prefix("file://").unwrap_or(expanded);
        // What stands for an unknown directory is likely to be an absolute one.
        let stays = local.contains("://") || local.starts_with(['$', '~', '/']);
        if stays || span.start < done {
            continue;
        }
        let seen = relative(&settings.environment.join(local), directory);
        out.push_str(&text[done..span.start]);
        out.push_str(&scalar(&seen.to_string_lossy()));
        done = span.end;
    }
    out.push_str(&text[done..]);
    out
}

/// Returns the list of binaries that are copied once the pipeline has run, if they are to be.
fn copies(environment: &Environment, plan: &Plan, settings: &Settings, layout: &Layout) -> Option<Extra> {
    let to = settings.copy_to.as_deref()?;
    let from = mirror(environment, DESTINATION).map_or_else(String::new, |mirror| settings.absolute(&mirror.fetch_url));
    let entry = |spec: &ConcreteSpec| {
        let file = format!("{SPECS}/{0}/{0}-{1}-{2}.spec.manifest.json", spec.name, spec.version, spec.hash);
        (spec.hash.to_string(), json!({ "src": format!("{from}/{file}"), "dest": format!("{to}/{file}") }))
    };
    let built = plan.graph.ids().map(|id| entry(plan.graph.spec(id)));
    let mut list: BTreeMap<String, Json> = built.collect();
    if settings.pipeline_type == Some(PipelineType::CopyOnly) {
        let pruned = plan.graph.pruned.iter().map(|pruned| plan.graph.phases[pruned.phase].specs.spec(pruned.spec));
        list.extend(
            pruned.chain(plan.graph.ids().map(|id| plan.graph.spec(id))).filter(|spec| !spec.external).map(entry),
        );
    }
    let stack =
        settings.stack.as_deref().filter(|name| !name.is_empty()).unwrap_or("rebuilt").replace(['/', '\\'], "-");
    let path = settings.project.join(&layout.root).join("specs_to_copy").join(format!("copy_{stack}_specs.json"));
    Some(Extra { path, bytes: Json::Object(list.into_iter().collect::<Map<_, _>>()).to_string().into_bytes() })
}
