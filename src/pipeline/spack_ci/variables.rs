//! The variables of a pipeline and of each of its jobs.

use super::body::{Body, SPEC_VARIABLES};
use super::layout::Layout;
use super::settings::{Asked, Settings, Signatures};
use crate::environment::Cdash;
use crate::plan::graph::{architecture, compiler};
use crate::plan::prune::Reason;
use crate::plan::{JobId, Plan};
use crate::spec::concrete::{ConcreteSpecs, SpecId};
use indexmap::IndexMap;

/// What the variables of a spec take in Ruby's memory, in bytes, estimated from their usual lengths.
pub(super) const SIZE: usize = 2000;

/// Returns the variables that all jobs have.
pub(super) fn global(plan: &Plan, settings: &Settings, layout: &Layout) -> Vec<(String, String)> {
    let release = plan.graph.phases.last().and_then(|phase| phase.specs.written_by.as_ref());
    let version = settings.spack_version.clone().or_else(|| {
        release.map(|release| match &release.commit {
            Some(commit) => format!("{} ({commit})", release.version),
            None => release.version.clone(),
        })
    });
    let checkout = settings
        .checkout_version
        .clone()
        .or_else(|| release.map(|release| release.commit.clone().unwrap_or_else(|| format!("v{}", release.version))));
    let named = |value: Option<&str>| value.unwrap_or("None").to_owned();
    let boolean = |value: bool| Some(if value { "True" } else { "False" }.to_owned());
    let fixed = [
        ("SPACK_ARTIFACTS_ROOT", Some(layout.root.clone())),
        ("SPACK_CONCRETE_ENV_DIR", Some(layout.environment.clone())),
        ("SPACK_VERSION", version),
        ("SPACK_CHECKOUT_VERSION", checkout),
        ("SPACK_JOB_LOG_DIR", Some(layout.logs.clone())),
        ("SPACK_JOB_REPRO_DIR", Some(layout.reproduction.clone())),
        ("SPACK_JOB_TEST_DIR", Some(layout.tests.clone())),
        ("SPACK_PIPELINE_TYPE", Some(named(settings.pipeline_type.map(super::settings::PipelineType::name)))),
        ("SPACK_CI_STACK_NAME", Some(named(settings.stack.as_deref()))),
        ("SPACK_REBUILD_CHECK_UP_TO_DATE", boolean(settings.up_to_date == Asked::Yes)),
        ("SPACK_REBUILD_EVERYTHING", boolean(settings.rebuilds_everything())),
        ("SPACK_REQUIRE_SIGNING", boolean(settings.signatures == Signatures::Required)),
    ];
    let fixed = fixed.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    // Spack turns the separators of Windows round, in all values.
    let variables = fixed.chain(settings.forwarded.iter().cloned());
    let variables: IndexMap<_, _> = variables.map(|(name, value)| (name, value.replace('\\', "/"))).collect();
    variables.into_iter().collect()
}

/// Returns the variables that a job does not share with others.
pub(super) fn of_job(
    plan: &Plan,
    id: JobId,
    body: &Body,
    cdash: Option<&Cdash>,
    settings: &Settings,
) -> Vec<(&'static str, String)> {
    let (specs, spec) = (&plan.graph.phase(id).specs, plan.graph.job(id).spec);
    let mut list = Vec::with_capacity(SPEC_VARIABLES.len() + 3);
    let compiler = compiler(specs, spec);
    for (index, name) in SPEC_VARIABLES.into_iter().enumerate() {
        let Some((before, after)) = &body.from_spec[index] else { continue };
        list.push((name, format!("{before}{}{after}", fact(index, specs, spec, compiler.as_ref()))));
    }
    let concrete = specs.spec(spec);
    let found = |reason: &Reason| matches!(reason, Reason::UpToDate(_));
    let needed = !plan.pruning.reasons(concrete).iter().any(found);
    list.push(("SPACK_SPEC_NEEDS_REBUILD", if needed { "True" } else { "False" }.to_owned()));
    if let Some(cdash) = cdash {
        list.push(("SPACK_CDASH_BUILD_NAME", build_name(specs, spec, &cdash.build_group)));
        list.extend(settings.build_stamp.clone().map(|stamp| ("SPACK_CDASH_BUILD_STAMP", stamp)));
    }
    list
}

/// Returns the value of one of [`SPEC_VARIABLES`].
fn fact(index: usize, specs: &ConcreteSpecs, id: SpecId, compiler: Option<&(std::sync::Arc<str>, String)>) -> String {
    let spec = specs.spec(id);
    match index {
        0 => spec.hash.to_string(),
        1 => spec.name.to_string(),
        2 => spec.version.to_string(),
        3 => compiler.map_or("none", |(name, _)| name).to_owned(),
        4 => compiler.map_or("none", |(_, version)| version).to_owned(),
        5 => architecture(&spec.arch),
        _ => spec.parameters.variants_text(),
    }
}

/// Returns the name CDash knows the build by: `NAME@VERSION%COMPILER hash=HASH arch=ARCH (GROUP)`; the compiler comes
/// with its own hash, and where there is none it is called `none`.
fn build_name(specs: &ConcreteSpecs, id: SpecId, group: &str) -> String {
    let spec = specs.spec(id);
    let provider = specs.compiler_node(id).map(|compiler| {
        let compiler = specs.spec(compiler);
        format!("%{}@{}/{}", compiler.name, compiler.version, compiler.hash)
    });
    let noted = || compiler(specs, id).map(|(name, version)| format!("%{name}@{version}"));
    let compiler = provider.or_else(noted).unwrap_or_else(|| "none".to_owned());
    format!("{}@{}{compiler} hash={} arch={} ({group})", spec.name, spec.version, spec.hash, architecture(&spec.arch))
}
