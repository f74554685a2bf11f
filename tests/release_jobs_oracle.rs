//! The release-jobs dialect against what `spack release-jobs` wrote in 2019, job by job, under `--match-on root`.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "tests may end where they stand")]

mod common;

use base64::Engine as _;
use serde_json::Value;
use spackplan::concretize::{self, Lockfiles, MAIN_PHASE, lockfile};
use spackplan::environment;
use spackplan::error::Result;
use spackplan::plan::{MatchOn, Options, Unassigned};
use spackplan::release::Release;
use spackplan::spec::Spec;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::path::Path;

const OPTIONS: Options = Options { match_on: MatchOn::Root, unassigned: Unassigned::LeaveOut };

/// A difference from the recorded file that is meant, with the decision it follows from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meant {
    /// "No job is ever lost": the recorded file holds one of several jobs of a name, we hold all, each with its hash.
    CollidingNames,
    /// "Externals get no job."
    ExternalsHaveNoJob,
    /// "Job attributes … none dropped": the recorded file lacks attributes and image keys of the mapping; and an
    /// `entrypoint` without items, which GitLab refuses, is left out.
    AttributesAreCarried,
    /// "Matching … uses one `satisfies` (strict)": lockfiles of version 2 do not say who provides the virtual package
    /// `mpi`, and 2019 passed over it where nobody does; `tests/release_jobs_facts.rs` looks at each such assignment.
    VirtualsInMatchSpecs,
}

fn meant(case: &str) -> &'static [Meant] {
    match &case[..2] {
        "03" | "04" | "07" | "12" | "14" | "23" => &[Meant::CollidingNames],
        "11" => &[Meant::CollidingNames, Meant::VirtualsInMatchSpecs],
        "09" => &[Meant::AttributesAreCarried],
        "20" => &[Meant::ExternalsHaveNoJob],
        _ => &[],
    }
}

#[test]
fn every_recorded_job_is_written_as_spack_wrote_it() {
    let Some(oracle) = common::oracle() else { return };
    let (mut jobs, mut failures) = (0, Vec::new());
    for case in common::cases(&oracle.join("release-jobs")) {
        let name = case.file_name().unwrap().to_string_lossy().into_owned();
        let Ok(expected) = std::fs::read_to_string(case.join("expected.normalized.json")) else {
            continue;
        };
        let expected: BTreeMap<String, Value> = serde_json::from_str(&expected).unwrap();
        let release = recorded(&case).unwrap_or_else(|error| panic!("{name}: {error} {:?}", error.hints));
        let ours = parse(&release);
        jobs += expected.len();
        failures.extend(
            compare(&expected, &ours, &release, meant(&name)).into_iter().map(|line| format!("{name}: {line}")),
        );
    }
    assert!(failures.is_empty(), "{} of {jobs} entries differ:\n{}", failures.len(), failures.join("\n"));
    println!("{jobs} entries equal");
}

#[test]
fn a_cycle_of_equal_hashes_is_planned_with_a_finding() {
    let Some(oracle) = common::oracle() else { return };
    let release = common::plan(&oracle.join("release-jobs/24-label-cycle-hangs"), OPTIONS).unwrap();
    assert!(release.findings.iter().any(|finding| finding.rule == spackplan::finding::Rule::MergedCycle));
    assert!(!release.has_errors(), "{:#?}", release.findings);
}

/// Plans a case for the roots that Spack was asked for: strict excludes leave some that its loose ones dropped, which
/// would be predicted and share what is recorded.
fn recorded(case: &Path) -> Result<Release> {
    let context = common::context();
    let mut environment = environment::load(case, &context)?;
    let lockfiles = Lockfiles::load(&environment, case, &[])?;
    if let Some(source) = lockfiles.get(MAIN_PHASE) {
        let key = |spec: &Spec| spec.with_bare_compilers().without_platform().to_string();
        let lockfile = lockfile::parse(source)?;
        let asked: BTreeSet<String> =
            lockfile.roots.iter().map(|root| key(&Spec::parse(&root.text).unwrap())).collect();
        environment.specs.roots.retain(|root| asked.contains(&key(&root.spec)));
    }
    let concretization = concretize::concretize(&environment, &lockfiles, &context.architecture())?;
    Ok(Release::new(environment, concretization, OPTIONS))
}

/// Reads our pipeline back, with root specs decoded.
fn parse(release: &Release) -> BTreeMap<String, Value> {
    let mut document: BTreeMap<String, Value> = serde_yaml::from_str(&release.pipeline.to_text()).unwrap();
    for entry in document.values_mut() {
        if let Some(root) = entry.pointer_mut("/variables/SPACK_ROOT_SPEC")
            && let Some(decoded) = decode(root.as_str().unwrap())
        {
            *root = serde_json::json!({ "decoded_yaml": decoded });
        }
    }
    document
}

fn decode(text: &str) -> Option<Value> {
    let bytes = base64::engine::general_purpose::STANDARD.decode(text).ok()?;
    let mut yaml = String::new();
    flate2::read::ZlibDecoder::new(&*bytes).read_to_string(&mut yaml).ok()?;
    serde_yaml::from_str(&yaml).ok()
}

/// Returns what the name would be without the hash that tells colliding jobs apart.
fn base(name: &str) -> &str {
    name.rsplit_once(" /").map_or(name, |(base, _)| base)
}

fn compare(
    expected: &BTreeMap<String, Value>,
    ours: &BTreeMap<String, Value>,
    release: &Release,
    meant: &[Meant],
) -> Vec<String> {
    let predicted: BTreeSet<&str> =
        release.plan.predicted().map(|id| release.plan.graph.job(id).name.as_str()).collect();
    let externals = externals(expected, release);
    let mut by_base: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
    for (name, entry) in ours.iter().filter(|(name, _)| !predicted.contains(name.as_str())) {
        by_base.entry(base(name)).or_default().push(entry);
    }
    let mut failures = Vec::new();
    for (name, entry) in expected.iter().filter(|(name, _)| !externals.contains(name.as_str())) {
        let candidates = by_base.remove(name.as_str()).unwrap_or_default();
        let one = candidates.len() == 1 || candidates.len() > 1 && meant.contains(&Meant::CollidingNames);
        if !one {
            failures.push(format!("{name}: written {} times", candidates.len()));
            continue;
        }
        let stage_is_free = candidates.len() > 1;
        let reasons: Vec<_> =
            candidates.iter().map(|candidate| difference(entry, candidate, &externals, meant, stage_is_free)).collect();
        if let [Some(reason), ..] = &reasons[..]
            && reasons.iter().all(Option::is_some)
        {
            failures.push(format!("{name}: {reason}"));
        }
    }
    failures.extend(by_base.keys().map(|name| format!("{name}: not in the recorded file")));
    failures
}

/// Returns the recorded jobs that would build externals.
fn externals<'a>(expected: &'a BTreeMap<String, Value>, release: &Release) -> BTreeSet<&'a str> {
    let names: BTreeSet<String> = release
        .plan
        .graph
        .phases
        .iter()
        .flat_map(|phase| phase.specs.iter().map(|(_, spec)| spec))
        .filter(|spec| spec.external)
        .map(|spec| format!(" {} {} ", spec.name, spec.version))
        .collect();
    expected
        .keys()
        .map(String::as_str)
        .filter(|name| names.iter().any(|external| name.contains(external.as_str())))
        .collect()
}

fn difference(
    expected: &Value,
    ours: &Value,
    externals: &BTreeSet<&str>,
    meant: &[Meant],
    stage_is_free: bool,
) -> Option<String> {
    let (Some(expected), Some(ours)) = (expected.as_object(), ours.as_object()) else {
        // Externals leave stages empty.
        let loose = meant.contains(&Meant::ExternalsHaveNoJob);
        return (expected != ours && !loose).then(|| format!("{expected} became {ours}"));
    };
    let carried = meant.contains(&Meant::AttributesAreCarried);
    let keys: BTreeSet<&String> = expected.keys().chain(ours.keys()).collect();
    for key in keys {
        let (old, new) = (expected.get(key).unwrap_or(&Value::Null), ours.get(key).unwrap_or(&Value::Null));
        let same = match key.as_str() {
            "stage" if stage_is_free || meant.contains(&Meant::ExternalsHaveNoJob) => true,
            "dependencies" => names(old, externals) == names(new, externals),
            "variables" => variables_equal(old, new, externals),
            "image" if carried => old.get("name") == new.get("name") || old == new,
            "tags" if meant.contains(&Meant::VirtualsInMatchSpecs) => old == new || names_a_virtual(old),
            "before_script" | "retry" | "allow_failure" if carried => old.is_null() && !new.is_null(),
            _ => old == new,
        };
        if !same {
            return Some(format!("{key}: {} became {}", brief(old), brief(new)));
        }
    }
    None
}

/// Tells whether the tags are those of case 11's mappings with `hdf5 ^mpi` or `mpi` as match spec.
fn names_a_virtual(tags: &Value) -> bool {
    [["hdf5-mpi-any"], ["provides-mpi"]].iter().any(|list| *tags == serde_json::json!(list))
}

fn names(list: &Value, externals: &BTreeSet<&str>) -> BTreeSet<String> {
    let names = list.as_array().into_iter().flatten().filter_map(Value::as_str).map(base);
    names.filter(|name| !externals.contains(name)).map(str::to_owned).collect()
}

fn variables_equal(old: &Value, new: &Value, externals: &BTreeSet<&str>) -> bool {
    let (Some(old), Some(new)) = (old.as_object(), new.as_object()) else { return old == new };
    let keys: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    keys.into_iter().all(|key| match key.as_str() {
        "SPACK_RELATED_BUILDS" if externals.is_empty() => {
            let packages = |text: &Value| text.as_str().unwrap().split(';').map(str::to_owned).collect::<BTreeSet<_>>();
            packages(&old[key]) == packages(&new[key])
        }
        _ => old.get(key) == new.get(key),
    })
}

fn brief(value: &Value) -> String {
    value.to_string().chars().take(400).collect()
}

#[test]
fn the_recorded_cases_are_found_where_they_are_said_to_be() {
    if let Some(oracle) = common::oracle() {
        assert!(Path::new(&oracle).join("release-jobs/01-readline-two-os/spack.yaml").is_file());
    }
}
