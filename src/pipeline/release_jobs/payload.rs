//! `SPACK_ROOT_SPEC`: how a job learns which concrete spec it is part of.
//!
//! Lockfiles of versions 1 and 2 travel with the job, as in 2019: the root's DAG as a YAML document, deflated and in
//! base64. From version 3 on the hash alone names the spec, since the job has the lockfile beside it. A predicted
//! root is handed on as the abstract spec it was, for the job to concretize.

use crate::plan::graph::architecture;
use crate::plan::{JobId, Phase, PhaseKind, Plan};
use crate::spec::concrete::{ConcreteSpecs, Provenance, SpecId};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use std::io::Write as _;
use std::sync::OnceLock;

/// The last lockfile version whose nodes a job cannot find by their hash.
const LAST_WITHOUT_FULL_HASH: u32 = 2;

/// The texts of all roots, each made once when first asked for.
#[derive(Debug)]
pub(super) struct RootSpecs {
    texts: Vec<Vec<OnceLock<String>>>,
}

impl RootSpecs {
    pub(super) fn new(plan: &Plan) -> Self {
        let slots = |phase: &Phase| phase.specs.roots.iter().map(|_| OnceLock::new()).collect();
        Self { texts: plan.graph.phases.iter().map(slots).collect() }
    }

    /// Returns the text for the root of a job.
    pub(super) fn text(&self, plan: &Plan, id: JobId) -> &str {
        let job = plan.graph.job(id);
        self.texts[job.phase][job.root].get_or_init(|| root_spec(&plan.graph.phases[job.phase], job.root))
    }
}

/// Returns the hash of a job's own spec where its root is named by hash.
pub(super) fn job_hash(plan: &Plan, id: JobId) -> Option<&str> {
    let phase = plan.graph.phase(id);
    let root = phase.specs.roots[plan.graph.job(id).root].spec;
    matches!(form(phase, root), Form::Hash).then(|| &*plan.graph.spec(id).hash)
}

/// How a root is spelled.
enum Form {
    Agnostic,
    Abstract,
    Document,
    Hash,
}

fn form(phase: &Phase, root: SpecId) -> Form {
    let spec = phase.specs.spec(root);
    match (phase.kind, phase.specs.lockfile_version) {
        (PhaseKind::AgnosticBootstrap, _) => Form::Agnostic,
        _ if spec.is_predicted() => Form::Abstract,
        (_, Some(1..=LAST_WITHOUT_FULL_HASH)) => Form::Document,
        _ => Form::Hash,
    }
}

fn root_spec(phase: &Phase, index: usize) -> String {
    let root = &phase.specs.roots[index];
    let spec = phase.specs.spec(root.spec);
    match form(phase, root.spec) {
        Form::Agnostic => format!("{}@{} arch={}", spec.name, spec.version, architecture(&spec.arch)),
        Form::Abstract => root.text.to_string(),
        Form::Document => encoded(&document(&phase.specs, root.spec)),
        Form::Hash => format!("{}@{}/{}", spec.name, spec.version, spec.hash),
    }
}

/// Returns the DAG of a root as `spack buildcache` reads it, a list of nodes in pre-order with children by name.
///
/// The nodes are copied from the lockfile as JSON, which is YAML too.
fn document(specs: &ConcreteSpecs, root: SpecId) -> String {
    let mut out = String::from("{\"spec\":[");
    let mut seen = vec![false; specs.len()];
    let mut pending = vec![root];
    while let Some(id) = pending.pop() {
        if std::mem::replace(&mut seen[id.index()], true) {
            continue;
        }
        if out.ends_with('}') {
            out.push(',');
        }
        push_node(specs, id, &mut out);
        let mut children: Vec<SpecId> = specs.dependencies(id).iter().map(|edge| edge.spec).collect();
        children.sort_by(|a, b| specs.spec(*b).name.cmp(&specs.spec(*a).name));
        pending.extend(children);
    }
    out.push_str("]}");
    out
}

/// Writes `{"NAME": {"build_hash": KEY, …}}`, where the lockfile has `{"NAME": {…}}` under the key.
fn push_node(specs: &ConcreteSpecs, id: SpecId, out: &mut String) {
    let spec = specs.spec(id);
    let Provenance::Locked(range) = &spec.provenance else { return };
    let json = specs.lockfile.as_ref().and_then(|source| source.text().get(range.clone())).unwrap_or_default();
    let body = json.find('{').and_then(|outer| Some(outer + 1 + json[outer + 1..].find('{')? + 1));
    let (head, rest) = json.split_at(body.unwrap_or(0));
    out.push_str(head);
    if specs.lockfile_version == Some(2) {
        out.push_str("\"build_hash\":");
        out.push_str(&serde_json::Value::from(&*spec.key).to_string());
        out.push(',');
    }
    out.push_str(rest);
}

fn encoded(text: &str) -> String {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    // Writing to memory cannot fail; if it did, the text would be cut and the comparison in the tests would tell.
    let deflated = encoder.write_all(text.as_bytes()).and_then(|()| encoder.finish()).unwrap_or_default();
    STANDARD.encode(deflated)
}
