//! Times of the core on generated lockfiles of 1k, 10k and 100k specs, and on recorded ones where they are.
//!
//! Ratios within one run are what counts: `baseline` is the time `serde_json` takes to parse the same lockfile into
//! borrowed values and to write as many bytes as the pipeline has.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test ends, or says why it is skipped"
)]

#[path = "../common/mod.rs"]
mod common;
#[path = "../common/lockfile.rs"]
mod lockfile;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use spackplan::concretize::{self, Lockfiles};
use spackplan::environment::Environment;
use spackplan::environment::attributes::{MatchSpec, RunnerRules, Section};
use spackplan::plan::{Options, Planner};
use spackplan::release::Release;
use spackplan::source::{Place, Source};
use spackplan::spec::Spec;
use std::hint::black_box;
use std::io::Write as _;
use std::sync::Arc;

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A release to time.
struct Case {
    name: String,
    environment: String,
    lock: String,
}

impl Case {
    fn generated(specs: usize) -> Self {
        let lock = lockfile::generate(specs, 1);
        Self { name: format!("{}k", specs / 1000), environment: lockfile::environment_of(&lock), lock }
    }

    fn recorded() -> Vec<Self> {
        let Some(oracle) = common::oracle() else { return Vec::new() };
        let stacks =
            ["build_systems", "tutorial", "data-vis-sdk", "union"].map(|stack| oracle.join("stacks").join(stack));
        let cases = stacks.iter().map(|directory| {
            let lock = std::fs::read_to_string(directory.join("spack.lock")).expect("recorded lockfile");
            let name = directory.file_name().unwrap_or_default().to_string_lossy().into_owned();
            Self { name, environment: lockfile::environment_of(&lock), lock }
        });
        cases.collect()
    }

    fn environment(&self) -> Environment {
        Environment::parse(Source::new("spack.yaml", self.environment.as_str()), &common::context())
            .expect("environment")
    }

    fn release(&self) -> Release {
        let environment = self.environment();
        let lockfiles = Lockfiles::of_main(Source::new("spack.lock", self.lock.as_str()));
        let concretization =
            concretize::concretize(&environment, &lockfiles, &common::architecture()).expect("lockfile");
        Release::new(environment, concretization, Options::default())
    }
}

fn cases() -> Vec<Case> {
    let mut cases = Case::recorded();
    cases.extend([1_000, 10_000, 100_000].map(Case::generated));
    cases
}

fn emit(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("emit");
    group.sample_size(10);
    for case in cases() {
        let mut pipeline = Vec::new();
        case.release().pipeline.write_to(&mut pipeline).expect("memory");
        group.throughput(Throughput::Bytes(case.lock.len() as u64));
        group.bench_function(BenchmarkId::new("baseline", &case.name), |bencher| {
            bencher.iter(|| {
                let value: serde_json_borrow::Value<'_> = serde_json::from_str(&case.lock).expect("lockfile");
                black_box(&value);
                let mut out = tempfile::tempfile().expect("temporary file");
                out.write_all(&pipeline).expect("disk");
            });
        });
        group.bench_function(BenchmarkId::new("whole", &case.name), |bencher| {
            bencher.iter(|| {
                let mut out = std::io::BufWriter::new(tempfile::tempfile().expect("temporary file"));
                case.release().pipeline.write_to(&mut out).expect("disk");
            });
        });
    }
    group.finish();
}

fn parse(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("parse lockfile");
    group.sample_size(10);
    for case in cases() {
        group.throughput(Throughput::Bytes(case.lock.len() as u64));
        group.bench_function(&case.name, |bencher| {
            bencher.iter_with_large_drop(|| {
                concretize::lockfile::parse(&Source::new("spack.lock", case.lock.as_str())).expect("lockfile")
            });
        });
    }
    group.finish();
}

/// Match specs of the kinds seen in real configurations: mostly names, some clauses, a few dependencies.
fn match_specs() -> Vec<MatchSpec> {
    let source = Source::new("match", "");
    let texts = (0..200).map(|i| match i % 10 {
        0 => "os=debian12".to_owned(),
        1 => format!("pkg-{i}@{}:", i % 7),
        2 => format!("%gcc@{}:", 9 + i % 5),
        3 => format!("^pkg-{i}"),
        4 => "target=x86_64_v3:".to_owned(),
        5 => "+shared".to_owned(),
        _ => format!("pkg-{i}"),
    });
    texts
        .map(|text| MatchSpec { spec: Spec::parse(&text).expect("match spec"), text, place: Place::new(&source, 0..0) })
        .collect()
}

fn satisfies(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("all jobs x 200 match specs");
    group.sample_size(10);
    let wanted = match_specs();
    for case in cases() {
        let release = case.release();
        group.bench_function(&case.name, |bencher| {
            bencher.iter(|| {
                for phase in &release.plan.graph.phases {
                    for wanted in &wanted {
                        black_box(phase.specs.select(&wanted.spec));
                    }
                }
            });
        });
    }
    group.finish();
}

/// Moves the last mapping to the front, as a release manager would.
fn edited(rules: &RunnerRules) -> RunnerRules {
    let mut rules = rules.clone();
    for section in &mut rules.sections {
        if let Section::Submapping(list) = section {
            list.mappings.rotate_right(1);
        }
    }
    rules
}

fn plan(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("plan");
    group.sample_size(10);
    for case in cases() {
        let release = case.release();
        let rules = Arc::new(release.environment.rules.clone());
        group.bench_function(BenchmarkId::new("first", &case.name), |bencher| {
            bencher.iter_with_large_drop(|| {
                let mut planner = Planner::new(&release.environment, &release.concretization, Options::default());
                planner.plan(&rules)
            });
        });
        let mut planner = Planner::new(&release.environment, &release.concretization, Options::default());
        planner.plan(&rules);
        let edited = Arc::new(edited(&rules));
        group.bench_function(BenchmarkId::new("after a mapping edit", &case.name), |bencher| {
            bencher.iter_with_large_drop(|| planner.plan(&edited));
        });
    }
    group.finish();
}

fn write(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("write YAML");
    group.sample_size(10);
    for case in cases() {
        let release = case.release();
        group.bench_function(&case.name, |bencher| {
            bencher.iter(|| release.pipeline.write_to(&mut std::io::sink()).expect("nowhere"));
        });
    }
    group.finish();
}

criterion_group!(benches, parse, satisfies, plan, write, emit);
criterion_main!(benches);
