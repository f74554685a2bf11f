//! Times of planning and writing today's pipelines from recorded stacks, beside those of `spack ci generate`.
//!
//! The recorded times are user seconds of Spack 1.1 with the lockfile present; they name the benchmarks.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "benchmarks fail like tests")]

#[path = "../common/mod.rs"]
mod common;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use spackplan::concretize::{self, Lockfiles};
use spackplan::environment::condition::Context;
use spackplan::environment::{self, Environment, Inputs, Texts};
use spackplan::plan::Options;
use spackplan::release::Release;
use spackplan::source::Source;
use std::fmt::Write as _;
use std::hint::black_box;
use std::sync::Arc;

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The recorded stacks, with the user seconds that Spack took.
const STACKS: [(&str, &str); 4] =
    [("build_systems", "1.97"), ("tutorial", "4.40"), ("data-vis-sdk", "7.16"), ("union", "22.2")];

fn context() -> Context {
    let mut context = common::context();
    context.set("env.SPACK_CI_TARGET=x86_64_v3").expect("fact");
    context
}

/// Reads the environment and its includes from disk, the lockfile from memory, plans, and writes the pipeline.
fn generate(criterion: &mut Criterion) {
    let Some(oracle) = common::oracle() else { return };
    let mut group = criterion.benchmark_group("spack ci generate");
    group.sample_size(20);
    let context = context();
    for (stack, seconds) in STACKS {
        let directory = oracle.join("stacks").join(stack);
        let lock = std::fs::read_to_string(directory.join("spack.lock")).expect("recorded lockfile");
        group.throughput(Throughput::Bytes(lock.len() as u64));
        group.bench_function(BenchmarkId::new(stack, format!("Spack {seconds} s")), |bencher| {
            bencher.iter(|| {
                let environment = environment::load(&directory, &context).expect("environment");
                let lockfiles = Lockfiles::of_main(Source::new("spack.lock", lock.as_str()));
                let concretization =
                    concretize::concretize(&environment, &lockfiles, &context.architecture()).expect("lockfile");
                let release = Release::new(environment, concretization, Options::default());
                release.pipeline.write_to(&mut std::io::sink()).expect("nowhere");
            });
        });
    }
    group.finish();
}

/// An included file as large as those of production stacks: a submapping of twenty entries.
fn included(index: usize) -> Arc<Source> {
    let mut text = "ci:\n  pipeline-gen:\n  - submapping:\n".to_owned();
    for entry in 0..20 {
        let _ = write!(
            text,
            "    - match: [pkg-{index}-{entry}, other-{entry}]\n      build-job:\n        tags: [spack, s{index}]\n        variables: {{SIZE: '{entry}', CPUS: 500m}}\n"
        );
    }
    Source::new(format!("/e/{index}.yaml"), text)
}

fn merge(criterion: &mut Criterion) {
    let files = Texts::new((0..20).map(included));
    let names: Vec<String> = (0..20).map(|index| format!("{index}.yaml")).collect();
    let manifest = format!("spack:\n  include: [{}]\n  ci: {{pipeline-gen: []}}\n", names.join(", "));
    let manifest = Source::new("/e/spack.yaml", manifest);
    let context = context();
    criterion.bench_function("merge 20 included files", |bencher| {
        bencher.iter(|| {
            let inputs = Inputs { context: &context, files: &files, dialect: None };
            black_box(Environment::read(Arc::clone(&manifest), inputs).expect("environment"))
        });
    });
}

criterion_group!(benches, generate, merge);
criterion_main!(benches);
