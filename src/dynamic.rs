//! Asks the services of `dynamic-mapping` sections for attributes of jobs (`--ask-dynamic-mapping`), as Spack does while it
//! generates a pipeline. A service that does not answer costs attributes, never the pipeline.

use crate::environment::Environment;
use crate::environment::attributes::{DynamicMapping, RunnerRules, Section};
use crate::environment::condition::Context;
use crate::environment::dynamic::{Accepted, Answers};
use crate::error::{Error, Result};
use crate::finding::{Finding, Rule, Severity};
use crate::http;
use crate::pipeline::spack_ci::settings::Settings;
use crate::plan::graph::{architecture, compiler};
use crate::plan::{JobId, Plan};
use crate::pruning::Patience;
use crate::redact::shown;
use regex::{Captures, Regex};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use ureq::Agent;

/// Bytes of an answer that are read at most; most have a few hundred.
const LONGEST_ANSWER: u64 = 1 << 20;
/// Failures in a row after which a service is asked no more.
const MOST_FAILURES: usize = 8;

/// What services answered, for the sections that ask them.
#[derive(Clone, Debug, Default)]
pub struct Services {
    sections: Vec<DynamicMapping>,
    /// The services that did not give what they should.
    pub findings: Vec<Finding>,
}

impl Services {
    /// Gives an environment the answers, as far as its sections ask what was asked.
    pub fn answer(&self, environment: &mut Environment) {
        for section in &mut environment.rules.sections {
            let Section::Dynamic(service) = section else { continue };
            if let Some(asked) = self.sections.iter().find(|asked| asked.asks_like(service)) {
                service.answers.clone_from(&asked.answers);
            }
        }
        environment.findings.extend(self.findings.iter().cloned());
    }

    /// Returns how many of the jobs of a plan a service gave attributes.
    pub fn count(&self, plan: &Plan) -> usize {
        let answers = || self.sections.iter().filter_map(|section| section.answers.as_ref());
        plan.graph.ids().filter(|id| answers().any(|answers| answers.of(&plan.graph.spec(*id).hash).is_some())).count()
    }
}

/// Returns the sections whose services are to be asked.
pub fn sections<'a>(rules: &'a RunnerRules, settings: &'a Settings) -> impl Iterator<Item = &'a DynamicMapping> {
    rules.sections.iter().filter_map(|section| match section {
        Section::Dynamic(service) if !settings.skips(service) => Some(service),
        _ => None,
    })
}

/// Asks each service that is not to be skipped about each job of a plan, several at once.
///
/// # Errors
/// Fails when it is cancelled.
pub fn ask(
    plan: &Plan,
    settings: &Settings,
    context: &Context,
    patience: &Patience,
    progress: &mut dyn FnMut(&str, usize),
    cancel: &AtomicBool,
) -> Result<Services> {
    let mut asked = Services::default();
    let until = Instant::now() + patience.total;
    let agent = http::agent(patience.connect).build().new_agent();
    for service in sections(&plan.rules, settings) {
        let limit = service.timeout.unwrap_or(patience.answer);
        progress(&service.address(), plan.graph.len());
        let talk = Talk { plan, service, agent: agent.clone(), headers: headers(service, context), limit, until };
        let (answers, findings) = talk.all(patience, cancel);
        if cancel.load(Ordering::SeqCst) {
            return Err(Error::refused("cancelled"));
        }
        asked.findings.extend(findings);
        asked.sections.push(DynamicMapping { answers: Some(Arc::new(answers)), ..service.clone() });
    }
    Ok(asked)
}

/// Returns the headers with what their variables stand for; Spack means to do so, and sends them as they are written.
fn headers(service: &DynamicMapping, context: &Context) -> Vec<(String, String)> {
    let Ok(variable) = Regex::new(r"\$(?:\{(\w+)\}|(\w+))") else { return service.header.clone() };
    let value = |found: &Captures<'_>| {
        let name = found.get(1).or(found.get(2)).map_or("", |name| name.as_str());
        context.variable(name).map_or_else(|| found[0].to_owned(), str::to_owned)
    };
    service.header.iter().map(|(name, text)| (name.clone(), variable.replace_all(text, value).into_owned())).collect()
}

/// The questions to one service.
struct Talk<'a> {
    plan: &'a Plan,
    service: &'a DynamicMapping,
    agent: Agent,
    headers: Vec<(String, String)>,
    /// For one answer.
    limit: Duration,
    until: Instant,
}

impl Talk<'_> {
    /// Asks about all jobs.
    fn all(&self, patience: &Patience, cancel: &AtomicBool) -> (Answers, Vec<Finding>) {
        let graph = &self.plan.graph;
        let (next, failures) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let outcomes: Mutex<Vec<(JobId, std::result::Result<Accepted, String>)>> = Mutex::default();
        let work = || {
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let given_up = failures.load(Ordering::Relaxed) >= MOST_FAILURES || Instant::now() >= self.until;
                if index >= graph.len() || given_up || cancel.load(Ordering::SeqCst) {
                    break;
                }
                let id = JobId::from_index(index);
                let outcome = self.one(id);
                match &outcome {
                    Ok(_) => failures.store(0, Ordering::Relaxed),
                    Err(_) => _ = failures.fetch_add(1, Ordering::Relaxed),
                }
                outcomes.lock().unwrap_or_else(PoisonError::into_inner).push((id, outcome));
            }
        };
        std::thread::scope(|scope| {
            for _ in 0..patience.at_once.clamp(1, graph.len().max(1)) {
                scope.spawn(work);
            }
        });
        let mut outcomes = outcomes.into_inner().unwrap_or_else(PoisonError::into_inner);
        outcomes.sort_by_key(|(id, _)| *id);
        self.gather(outcomes)
    }

    fn gather(&self, outcomes: Vec<(JobId, std::result::Result<Accepted, String>)>) -> (Answers, Vec<Finding>) {
        let graph = &self.plan.graph;
        let (mut answers, mut missing, mut problem) = (Answers::default(), BTreeSet::new(), None);
        let mut silent: BTreeSet<u32> = graph.ids().map(|id| id.0).collect();
        for (id, outcome) in outcomes {
            match outcome {
                Ok(accepted) => {
                    silent.remove(&id.0);
                    missing.extend(accepted.missing.iter().cloned());
                    answers.add(&graph.spec(id).hash, accepted);
                }
                Err(text) => _ = problem.get_or_insert(text),
            }
        }
        for id in &silent {
            answers.add_none(&graph.spec(JobId(*id)).hash);
        }
        let endpoint = self.service.address();
        let warning = |message: String| Finding::new(Severity::Warning, Rule::Service, message).at(&self.service.place);
        let mut findings = Vec::new();
        if !silent.is_empty() {
            let cause = problem.unwrap_or_else(|| "the time for asking is over".to_owned());
            let message = format!("`{endpoint}` gives {} of {} jobs no attributes: {cause}", silent.len(), graph.len());
            let finding = warning(message).about(silent.into_iter().collect());
            findings.push(finding.hint("check `endpoint`, or name the section in SPACK_CI_SKIP_DYNAMIC_MAPPING"));
        }
        if !missing.is_empty() {
            let names: Vec<String> = missing.iter().map(|name| format!("`{}`", shown(name))).collect();
            let message = format!("`{endpoint}` does not always answer with {}", names.join(", "));
            findings.push(warning(message).hint("it is under `require`: have the service give it, or take it out"));
        }
        (answers, findings)
    }

    fn one(&self, id: JobId) -> std::result::Result<Accepted, String> {
        let left = self.until.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
        let mut request = self.agent.get(self.service.question(&question(self.plan, id)));
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let call = || {
            let mut response = request.config().timeout_global(Some(self.limit.min(left))).build().call()?;
            let status = response.status().as_u16();
            let body = response.body_mut().with_config().limit(LONGEST_ANSWER).read_to_vec()?;
            Ok::<_, ureq::Error>((status, body))
        };
        match call().map_err(|error| http::Failure::from(error).to_string())? {
            (200..=299, body) => self.service.accept(&body).map_err(|reason| format!("its answer {}", shown(&reason))),
            (status, _) => Err(format!("it answers with status {status}")),
        }
    }
}

/// Returns the spec of a job in the words of Spack's question.
fn question(plan: &Plan, id: JobId) -> String {
    let (specs, spec) = (&plan.graph.phase(id).specs, plan.graph.spec(id));
    let none = || ("none".into(), "none".to_owned());
    let (name, version) = compiler(specs, plan.graph.job(id).spec).unwrap_or_else(none);
    let (variants, arch) = (spec.parameters.variants_text(), architecture(&spec.arch));
    format!("{}@{} {variants} arch={arch}%{name}@{version}", spec.name, spec.version)
}
