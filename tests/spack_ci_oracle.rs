//! Pipelines of the spack-ci dialect against those that Spack 1.1 generated, equal as data.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests fail like tests")]

mod common;
#[path = "common/http.rs"]
mod http;
#[path = "common/pruned.rs"]
mod pruned;

use http::{Reply, Server};
use pruned::Stack;
use serde_json::{Map, Value};
use spackplan::concretize::{self, Lockfiles};
use spackplan::dynamic;
use spackplan::emit::{self, Report};
use spackplan::environment::attributes::Section;
use spackplan::environment::condition::Context;
use spackplan::environment::{self, Dialect};
use spackplan::error::Result;
use spackplan::finding::Severity;
use spackplan::pipeline::spack_ci::settings::{Asked, BrokenList, Settings};
use spackplan::plan::prune::Externals;
use spackplan::pruning::choice::{Choice, Effort};
use spackplan::pruning::{self, Means, Patience};
use spackplan::release::{Release, Request};
use spackplan::source::Source;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Where a pipeline differs on purpose: what it has, what Spack's has there, and why.
fn on_purpose(case: &str) -> Option<(&'static str, &'static str, &'static str)> {
    Some(match case {
        "c11-quirks" => (
            "echo trailing colon:",
            "echo trailing colon",
            "a line keeps the colon at its end, which Spack's reader of YAML drops",
        ),
        _ => return None,
    })
}

/// The hash that was listed as broken.
const BROKEN: &str = "gbl5ew7tnhdmyqvhkxuix4zvxopt4g7s";

struct Variant {
    case: String,
    name: String,
    directory: PathBuf,
    expected: PathBuf,
    variables: Map<String, Value>,
    arguments: Vec<String>,
}

impl Variant {
    fn all(oracle: &Path) -> Vec<Self> {
        let mut variants = Vec::new();
        for (parent, nested) in [("ci", true), ("stacks", false)] {
            for directory in sorted(&oracle.join(parent)) {
                if !directory.join("expected").is_dir() {
                    continue;
                }
                let expected =
                    if nested { sorted(&directory.join("expected")) } else { vec![directory.join("expected")] };
                variants
                    .extend(expected.into_iter().filter(|path| path.is_dir()).map(|path| Self::read(&directory, path)));
            }
        }
        variants
    }

    fn read(directory: &Path, expected: PathBuf) -> Self {
        let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
        let case = name(directory);
        let (variables, arguments) = match fs::read_to_string(expected.join("result.json")) {
            Ok(text) => {
                let result: Value = serde_json::from_str(&text).unwrap();
                let arguments = result["args"].as_array().cloned().unwrap_or_default();
                let text = |value: Value| value.as_str().unwrap().to_owned();
                match (&result["env"], &result["args"]) {
                    (Value::String(variables), Value::String(arguments)) => {
                        (assignments(variables), arguments.split_whitespace().map(str::to_owned).collect())
                    }
                    (variables, _) => {
                        let variables = variables.as_object().cloned().unwrap_or_default();
                        (variables, arguments.into_iter().map(text).collect())
                    }
                }
            }
            Err(_) => (stack_variables(&case), Vec::new()),
        };
        Self { name: name(&expected), case, directory: directory.to_owned(), expected, variables, arguments }
    }

    fn context(&self) -> Context {
        let mut context = Context::default();
        for fact in ["platform=linux", "os=debian12", "target=x86_64_v3", "hostname=planner"] {
            context.set(fact).unwrap();
        }
        for (name, value) in &self.variables {
            if let Some(value) = value.as_str() {
                context.set(&format!("env.{name}={value}")).unwrap();
            }
        }
        context
    }

    /// Puts the stack into a Git repository, if it is to be in one.
    fn stack(&self) -> Option<Stack> {
        let result = fs::read_to_string(self.expected.join("result.json")).ok()?;
        let result: Value = serde_json::from_str(&result).unwrap();
        Some(Stack::new(&self.directory.join("spack.yaml"), result["git_tag"].as_str()?))
    }

    fn release(&self, oracle: &Path) -> Result<Release> {
        let mut context = self.context();
        let stack = self.stack();
        if let Some(stack) = &stack {
            context.set(&format!("env.SPACK_ROOT={}", stack.spack().display())).unwrap();
        }
        let directory = stack.as_ref().map_or_else(|| self.directory.clone(), Stack::directory);
        let environment = environment::load_as(&directory, &context, None)?;
        let own = ["env/spack.lock", "spack.lock"].map(|path| self.expected.join(path));
        let lock = own.into_iter().find(|path| path.is_file()).unwrap_or_else(|| self.directory.join("spack.lock"));
        let lockfiles = match fs::read_to_string(&lock) {
            Ok(text) => Lockfiles::of_main(Source::new(lock.display().to_string(), text)),
            Err(_) => Lockfiles::default(),
        };
        let concretization = concretize::concretize(&environment, &lockfiles, &context.architecture())?;
        let has = |argument: &str| self.arguments.iter().any(|given| given == argument);
        let here = Path::new("/srv/oracle/ci").join(&self.case).join("expected").join(&self.name);
        let choice = Choice {
            up_to_date: Some(if has("--no-prune-dag") { Asked::No } else { Asked::Yes }),
            untouched: has("--prune-unaffected").then_some(Asked::Yes),
            externals: if has("--no-prune-externals") { Externals::Built } else { Externals::Pruned },
            effort: if has("--check-index-only") { Effort::Indices } else { Effort::IndicesAndSpecs },
        };
        let directory = Path::new("/srv/oracle/ci").join(&self.case);
        let mut settings = choice.tell(Settings::from_variables(&context, &here, &directory), &context);
        let (wanted, _) = choice.wanted(Dialect::SpackCi, &context);
        let pruning = pruning::find_out(
            &wanted,
            &pruned::with_mirrors_at(&environment, oracle),
            &concretization.phases,
            &context,
            &Means::default(),
            &mut |_| (),
            &AtomicBool::new(false),
        )?;
        settings.broken = match self.name.as_str() {
            "broken" | "broken-rebuild-everything" => BrokenList::Read([BROKEN.to_owned()].into()),
            "broken-dir-missing" => BrokenList::Unreadable("No such file or directory".to_owned()),
            _ => BrokenList::Unread,
        };
        let forwarded: Vec<String> = self
            .arguments
            .windows(2)
            .filter(|pair| pair[0] == "--forward-variable")
            .map(|pair| pair[1].clone())
            .collect();
        let request = Request {
            pruning: Arc::new(pruning),
            settings: settings.forwarding(&context, &forwarded),
            ..Request::default()
        };
        let release = Release::new(environment, concretization, request.clone());
        if (self.case.as_str(), self.name.as_str()) != ("c13-dynamic", "default") {
            return Ok(release);
        }
        self.with_answers(release, request, &context)
    }

    /// Plans again with what the service of the recording answered; the other one that is named refuses connections.
    fn with_answers(&self, mut release: Release, request: Request, context: &Context) -> Result<Release> {
        let text = fs::read_to_string(self.expected.join("dynamic-requests.json")).unwrap();
        let recorded: Vec<(String, Value)> = serde_json::from_str(&text).unwrap();
        let server = Server::start(|_| {
            let answer =
                r#"{"variables": {"CPU": "dyn", "DYN": "1"}, "tags": ["dyn"], "secret": "x", "image": "other"}"#;
            Reply::new("200 OK", &[("Content-Type", "application/json")], answer.as_bytes())
        });
        let mut rules = (*release.plan.rules).clone();
        for section in &mut rules.sections {
            if let Section::Dynamic(service) = section {
                service.endpoint = service.endpoint.replace(":18999", &format!(":{}", server.port));
            }
        }
        release.environment.rules = rules;
        let release = Release::new(release.environment, release.concretization, request.clone());
        let never = AtomicBool::new(false);
        let asked =
            dynamic::ask(&release.plan, &request.settings, context, &Patience::default(), &mut |_, _| (), &never)?;
        let questions: BTreeSet<String> = server.requests().into_iter().map(|request| request.target).collect();
        assert_eq!(questions, recorded.into_iter().map(|(target, _)| target).collect());
        assert_eq!(asked.findings.len(), 1, "{:?}", asked.findings);
        let mut environment = release.environment;
        asked.answer(&mut environment);
        Ok(Release::new(environment, release.concretization, request))
    }
}

/// The variables that stacks were recorded with.
fn stack_variables(stack: &str) -> Map<String, Value> {
    let job = format!("{stack}-generate");
    let variables = [
        ("CI_JOB_NAME", job.as_str()),
        ("CI_PIPELINE_ID", "4242"),
        ("SPACK_CDASH_BUILD_STAMP", "20251114-1435-Golden"),
        ("SPACK_CI_STACK_NAME", stack),
        ("SPACK_CI_TARGET", "x86_64_v3"),
        ("SPACK_CONCRETIZER_REQUIRE_CHECKSUM", "1"),
    ];
    variables.into_iter().map(|(name, value)| (name.to_owned(), Value::from(value))).collect()
}

/// Reads `NAME=VALUE …`, over the variables that were set for every recording.
fn assignments(text: &str) -> Map<String, Value> {
    let always = "CI_JOB_NAME=generate CI_PIPELINE_ID=4242 SPACK_CDASH_BUILD_STAMP=20251114-1435-Golden";
    let pairs = always.split_whitespace().chain(text.split_whitespace()).filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), Value::from(value))).collect()
}

fn sorted(parent: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(parent).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// Sorts what is a set to Spack.
fn normal(mut document: Value) -> Value {
    for job in document.as_object_mut().unwrap().values_mut() {
        if let Some(needs) = job.get_mut("needs").and_then(Value::as_array_mut) {
            needs.sort_by_key(Value::to_string);
        }
    }
    document
}

/// Names what differs, as `job.attribute: ours, and not theirs`.
fn differences(ours: &Value, theirs: &Value) -> Vec<String> {
    let (ours, theirs) = (ours.as_object().unwrap(), theirs.as_object().unwrap());
    let mut found = Vec::new();
    for name in ours.keys().chain(theirs.keys()).collect::<BTreeSet<_>>() {
        match (ours.get(name), theirs.get(name)) {
            (Some(Value::Object(a)), Some(Value::Object(b))) => {
                let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
                for key in keys.into_iter().filter(|key| a.get(*key) != b.get(*key)) {
                    found.push(format!("{name}.{key}: {:?}, and not {:?}", a.get(key), b.get(key)));
                }
            }
            (a, b) if a != b => found.push(format!("{name}: {a:?}, and not {b:?}")),
            _ => {}
        }
    }
    found
}

#[test]
fn every_recorded_pipeline_is_written_as_spack_wrote_it() {
    let Some(oracle) = common::oracle() else { return };
    let (mut compared, mut failures) = (0, Vec::new());
    for variant in Variant::all(&oracle) {
        let label = format!("{}/{}", variant.case, variant.name);
        let Ok(expected) = fs::read_to_string(variant.expected.join("normalized.json")) else { continue };
        let release = variant.release(&oracle).unwrap_or_else(|error| panic!("{label}: {error}"));
        assert_eq!(release.environment.dialect, Dialect::SpackCi, "{label}");
        let errors = release.findings.iter().filter(|finding| finding.severity == Severity::Error);
        let errors: Vec<&str> = errors.map(|finding| finding.message.as_str()).collect();
        assert!(errors.is_empty(), "{label} would not be written: {errors:?}");
        let mut text = release.pipeline.to_text();
        if let Some((ours, theirs, reason)) = on_purpose(&variant.case) {
            assert!(text.contains(ours), "{label} no longer differs: {reason}");
            text = text.replace(ours, theirs);
        }
        let ours: Value = serde_yaml::from_str(&text).unwrap();
        let theirs: Value = serde_json::from_str(&expected).unwrap();
        let found = differences(&normal(ours), &normal(theirs));
        compared += 1;
        failures.extend(found.into_iter().take(5).map(|difference| format!("{label}: {difference}")));
    }
    println!("{compared} pipelines compared");
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(compared >= 54, "{compared}");
}

#[test]
fn what_is_pruned_is_listed_with_the_reasons_that_spack_gave() {
    let Some(oracle) = common::oracle() else { return };
    let mut compared = 0;
    for variant in Variant::all(&oracle) {
        let label = format!("{}/{}", variant.case, variant.name);
        let Ok(recorded) = fs::read_to_string(variant.expected.join("stdout.txt")) else { continue };
        let lines = recorded.lines().filter_map(|line| line.strip_prefix("==> "));
        // What is broken is listed behind it, indented otherwise.
        let belongs =
            |line: &&str| ["Pipeline", "  Rebuild", "  Prune", "  [x]", "   - "].iter().any(|p| line.starts_with(p));
        let summary: Vec<&str> = lines.skip_while(|line| !belongs(line)).take_while(belongs).collect();
        if summary.is_empty() || variant.case.starts_with('e') {
            continue;
        }
        let release = variant.release(&oracle).unwrap_or_else(|error| panic!("{label}: {error}"));
        let mut text = Vec::new();
        emit::write(Report::Pruning, &release, None, &mut text).unwrap();
        let mut text = String::from_utf8(text).unwrap().replace(&oracle.display().to_string(), "/srv/oracle");
        for told_apart in ["package changed", "depends on changed package", "dependency of changed package"] {
            text = text.replace(told_apart, "affected by change");
        }
        assert_eq!(text.lines().collect::<Vec<_>>(), summary, "{label}");
        compared += 1;
    }
    println!("{compared} summaries compared");
    assert!(compared >= 49, "{compared}");
}

#[test]
fn broken_environments_get_the_verdict_that_spack_gave() {
    let Some(oracle) = common::oracle() else { return };
    for variant in Variant::all(&oracle) {
        let label = format!("{}/{}", variant.case, variant.name);
        let Ok(result) = fs::read_to_string(variant.expected.join("result.json")) else { continue };
        let fails_for_its_settings =
            matches!(&*variant.name, "copy-only-missing-source" | "broken" | "broken-dir-missing");
        if !variant.case.starts_with('e') && !fails_for_its_settings {
            continue;
        }
        let result: Value = serde_json::from_str(&result).unwrap();
        let fails = match variant.release(&oracle) {
            Err(error) => {
                assert!(error.place.is_some() && !error.hints.is_empty(), "{label}: {error}");
                println!("{label}: {error} {:?}", error.hints);
                true
            }
            Ok(release) => {
                for finding in &release.findings {
                    println!(
                        "{label}: {:?} {} {:?} {:?}",
                        finding.severity, finding.message, finding.place, finding.hint
                    );
                }
                let ours = |severity: Severity| severity == Severity::Error;
                // Without a lockfile there are no jobs here.
                let errors = release.findings.iter().filter(|finding| ours(finding.severity));
                errors.filter(|finding| !finding.message.contains("has no job that builds")).count() > 0
            }
        };
        let expected = result["rc"] != 0;
        assert_eq!(fails, expected, "{label}");
    }
}

#[test]
fn jobs_are_handed_the_manifest_and_the_lockfile() {
    let Some(oracle) = common::oracle() else { return };
    let mut compared = 0;
    for variant in Variant::all(&oracle) {
        let recorded = variant.expected.join("jobs_scratch_dir");
        if !recorded.join("concrete_environment/spack.yaml").is_file() {
            continue;
        }
        let release = variant.release(&oracle).unwrap();
        for extra in release.pipeline.extras() {
            let label = format!("{}/{}: {}", variant.case, variant.name, extra.path.display());
            let name = extra.path.components().skip_while(|part| part.as_os_str() != "jobs_scratch_dir").skip(1);
            let theirs = fs::read_to_string(recorded.join(name.collect::<PathBuf>())).unwrap();
            let ours = std::str::from_utf8(&extra.bytes).unwrap();
            let read = |text: &str| serde_yaml::from_str::<Value>(text).unwrap();
            // Spack sorts the lockfile again when it writes it.
            assert_eq!(read(ours), read(&theirs), "{label}");
            compared += 1;
        }
    }
    assert!(compared > 40, "{compared}");
}
