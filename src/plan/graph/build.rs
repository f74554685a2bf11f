//! Builds the job graph: which specs are one job, what each job needs, the stages, the names.

use super::level::{Cyclic, levels};
use super::name::{Naming, compiler, make_unique};
use super::{Job, JobGraph, JobId, Lists, Phase, PhaseKind, Stage};
use crate::concretize::ConcretePhase;
use crate::environment::Environment;
use crate::finding::{Finding, Rule, Severity};
use crate::plan::prune::{Pruned, Pruning, Reason};
use crate::spec::Spec;
use crate::spec::concrete::{Architecture, ConcreteSpecs, SpecId};
use fixedbitset::FixedBitSet;
use rustc_hash::FxHashMap;
use std::sync::Arc;

const UNREACHED: u32 = u32::MAX;

/// The specs of a phase gathered into jobs, before jobs have names and numbers.
struct Groups {
    /// The specs of each group, ascending.
    members: Vec<Vec<SpecId>>,
    /// The group of each spec.
    of: Vec<Option<u32>>,
    /// The last root that reaches each spec.
    last_root: Vec<u32>,
}

pub(super) fn graph(environment: &Environment, phases: &[ConcretePhase], pruning: &Pruning) -> JobGraph {
    let mut graph = JobGraph {
        phases: Vec::new(),
        stages: Vec::new(),
        jobs: Vec::new(),
        pruned: Vec::new(),
        findings: Vec::new(),
        needs: Lists::default(),
        roots: FixedBitSet::new(),
        compilers: Vec::new(),
        compiler_sets: vec![Vec::new()],
        predicted: 0,
    };
    let group = environment.cdash.as_ref().map(|cdash| cdash.build_group.as_str()).filter(|group| !group.is_empty());
    let naming = Naming { dialect: environment.dialect, group };
    for (index, phase) in phases.iter().enumerate() {
        let kind = match environment.bootstrap.get(index) {
            None => PhaseKind::Main,
            Some(list) if list.compiler_agnostic => PhaseKind::AgnosticBootstrap,
            Some(_) => PhaseKind::Bootstrap,
        };
        add_phase(&mut graph, (&phase.name, kind), &phase.specs, naming, pruning);
    }
    unique_names(&mut graph, naming);
    link_compilers(&mut graph);
    graph.predicted = graph.ids().filter(|id| graph.spec(*id).is_predicted()).count();
    graph
}

fn add_phase(
    graph: &mut JobGraph,
    (name, kind): (&str, PhaseKind),
    specs: &Arc<ConcreteSpecs>,
    naming: Naming<'_>,
    pruning: &Pruning,
) {
    let phase = graph.phases.len();
    let (mut groups, pruned) = gather(specs, pruning);
    graph.pruned.extend(pruned.into_iter().map(|(spec, reason)| Pruned { phase, spec, reason }));
    let (dependencies, levels) = settle(&mut groups, specs, &mut graph.findings);
    let representative = |group: usize| {
        let latest = |id: &SpecId| (groups.last_root[id.index()], std::cmp::Reverse(*id));
        groups.members[group].iter().copied().max_by_key(latest).unwrap_or(SpecId(0))
    };
    let mut order: Vec<(usize, String, usize)> = (0..groups.members.len())
        .map(|group| (levels[group], naming.job_name(name, kind, specs, representative(group)), group))
        .collect();
    order.sort_unstable_by(|a, b| {
        let key = |entry: &(usize, String, usize)| specs.spec(representative(entry.2)).key.clone();
        (a.0, &a.1).cmp(&(b.0, &b.1)).then_with(|| key(a).cmp(&key(b)))
    });
    let first = graph.jobs.len();
    let mut job_of_group = vec![JobId(0); order.len()];
    for (offset, (_, _, group)) in order.iter().enumerate() {
        job_of_group[*group] = JobId::from_index(first + offset);
    }
    let first_stage = graph.stages.len();
    for (level, name, group) in order {
        let stage = first_stage + level;
        if graph.stages.len() == stage {
            graph.stages.push(Stage { phase, jobs: graph.jobs.len()..graph.jobs.len() });
        }
        let spec = representative(group);
        let root = groups.last_root[spec.index()] as usize;
        graph.jobs.push(Job { name, phase, stage, spec, members: groups.members[group].clone(), root });
        graph.stages[stage].jobs.end = graph.jobs.len();
        let mut needs: Vec<JobId> = dependencies[group].iter().map(|&group| job_of_group[group as usize]).collect();
        needs.sort_unstable();
        graph.needs.push(needs);
        graph.compilers.push(0);
    }
    graph.roots.grow(graph.jobs.len());
    for root in &specs.roots {
        if let Some(group) = groups.of[root.spec.index()] {
            graph.roots.insert(job_of_group[group as usize].index());
        }
    }
    graph.phases.push(Phase {
        name: name.to_owned(),
        kind,
        specs: Arc::clone(specs),
        stages: first_stage..graph.stages.len(),
        jobs: first..graph.jobs.len(),
        job_of: groups.of.iter().map(|group| group.map(|group| job_of_group[group as usize])).collect(),
    });
}

/// Finds the specs that roots need, and puts those of equal hash into one group; the pruned ones are in none.
fn gather(specs: &ConcreteSpecs, pruning: &Pruning) -> (Groups, Vec<(SpecId, Reason)>) {
    let last_root = last_roots(specs);
    let mut members: Vec<Vec<SpecId>> = Vec::new();
    let mut of = vec![None; specs.len()];
    let mut by_hash: FxHashMap<&str, u32> = FxHashMap::default();
    let mut pruned = Vec::new();
    for (id, spec) in specs.iter().filter(|(id, _)| last_root[id.index()] != UNREACHED) {
        if let Some(reason) = pruning.pruned_by(spec) {
            pruned.push((id, reason));
            continue;
        }
        let group = *by_hash.entry(&spec.hash).or_insert_with(|| {
            members.push(Vec::new());
            u32::try_from(members.len() - 1).unwrap_or(UNREACHED)
        });
        members[group as usize].push(id);
        of[id.index()] = Some(group);
    }
    (Groups { members, of, last_root }, pruned)
}

/// Returns for every spec the last root that needs it; walks from the last root back and never enters a spec twice.
fn last_roots(specs: &ConcreteSpecs) -> Vec<u32> {
    let mut last = vec![UNREACHED; specs.len()];
    let mut stack = Vec::new();
    for (index, root) in specs.roots.iter().enumerate().rev() {
        let index = u32::try_from(index).unwrap_or(UNREACHED);
        stack.push(root.spec);
        while let Some(id) = stack.pop() {
            if last[id.index()] == UNREACHED {
                last[id.index()] = index;
                stack.extend(specs.dependencies(id).iter().map(|edge| edge.spec));
            }
        }
    }
    last
}

/// Computes what each group depends on, and its level; groups that would lie on a cycle are taken apart.
fn settle(groups: &mut Groups, specs: &ConcreteSpecs, findings: &mut Vec<Finding>) -> (Vec<Vec<u32>>, Vec<usize>) {
    loop {
        let dependencies = dependencies(groups, specs);
        match levels(&dependencies) {
            Ok(levels) => return (dependencies, levels),
            Err(Cyclic(cycles)) => {
                for cycle in cycles {
                    findings.push(take_apart(groups, &cycle, specs));
                }
            }
        }
    }
}

fn dependencies(groups: &Groups, specs: &ConcreteSpecs) -> Vec<Vec<u32>> {
    let mut pending = Vec::new();
    let collect = |members: &Vec<SpecId>| {
        let mut list: Vec<u32> = Vec::new();
        pending.extend(members.iter().flat_map(|id| specs.dependencies(*id)).map(|edge| edge.spec));
        while let Some(id) = pending.pop() {
            match groups.of[id.index()] {
                Some(group) => list.push(group),
                // What is pruned has no job: what it depends on is needed in its place.
                None => pending.extend(specs.dependencies(id).iter().map(|edge| edge.spec)),
            }
        }
        list.sort_unstable();
        list.dedup();
        list
    };
    groups.members.iter().map(collect).collect()
}

/// Gives every spec of the groups on a cycle a group of its own.
fn take_apart(groups: &mut Groups, cycle: &[usize], specs: &ConcreteSpecs) -> Finding {
    let mut names: Vec<String> = Vec::new();
    for &group in cycle {
        let members = std::mem::take(&mut groups.members[group]);
        let spec = specs.spec(members[0]);
        names.push(format!("{}@{}/{:.7}", spec.name, spec.version, spec.hash));
        for (i, id) in members.into_iter().enumerate() {
            if i == 0 {
                groups.members[group].push(id);
            } else {
                groups.of[id.index()] = u32::try_from(groups.members.len()).ok();
                groups.members.push(vec![id]);
            }
        }
    }
    let message = format!(
        "specs of equal hash stay separate jobs, since as one they would depend on themselves: {}",
        names.join(", ")
    );
    Finding::new(Severity::Warning, Rule::MergedCycle, message)
        .hint("lockfiles up to version 3 leave build dependencies out of the hash; concretize again with a newer Spack")
}

fn unique_names(graph: &mut JobGraph, naming: Naming<'_>) {
    let mut names: Vec<String> = graph.jobs.iter_mut().map(|job| std::mem::take(&mut job.name)).collect();
    let specs: Vec<_> = graph.jobs.iter().map(|job| graph.phases[job.phase].specs.spec(job.spec)).collect();
    let before: Vec<Vec<usize>> = make_unique(&mut names, &specs, naming.longest());
    for (job, name) in graph.jobs.iter_mut().zip(names) {
        job.name = name;
    }
    for group in before {
        let list: Vec<&str> = group.iter().map(|&index| graph.jobs[index].name.as_str()).collect();
        let message = format!("{} jobs would share a name; each carries its hash: {}", group.len(), list.join(", "));
        let jobs = group.iter().map(|&index| JobId::from_index(index).0).collect();
        graph.findings.push(Finding::new(Severity::Note, Rule::NameCollision, message).about(jobs));
    }
}

/// Finds for every job of the main phase the bootstrapped compilers it is built with: those roots of bootstrap phases
/// that are the compiler's package, at its version, for the job's architecture.
fn link_compilers(graph: &mut JobGraph) {
    let built: Vec<(usize, SpecId, JobId)> = (0..graph.phases.len())
        .filter(|&phase| graph.phases[phase].kind != PhaseKind::Main)
        .flat_map(|phase| graph.phases[phase].specs.roots.iter().map(move |root| (phase, root.spec)))
        .filter_map(|(phase, spec)| Some((phase, spec, graph.phases[phase].job_of[spec.index()]?)))
        .collect();
    if built.is_empty() {
        return;
    }
    let mut known: FxHashMap<(Arc<str>, String, Arc<Architecture>), u32> = FxHashMap::default();
    for index in 0..graph.jobs.len() {
        let job = &graph.jobs[index];
        let phase = &graph.phases[job.phase];
        if phase.kind != PhaseKind::Main {
            continue;
        }
        let Some((name, version)) = compiler(&phase.specs, job.spec) else { continue };
        let arch = Arc::clone(&phase.specs.spec(job.spec).arch);
        let set = *known.entry((name, version, arch)).or_insert_with_key(|(name, version, arch)| {
            let jobs = providers(&graph.phases, &built, name, version, arch);
            graph.compiler_sets.push(jobs);
            u32::try_from(graph.compiler_sets.len() - 1).unwrap_or(0)
        });
        graph.compilers[index] = set;
    }
}

fn providers(
    phases: &[Phase],
    built: &[(usize, SpecId, JobId)],
    name: &str,
    version: &str,
    arch: &Architecture,
) -> Vec<JobId> {
    let package = if name == "clang" { "llvm+clang" } else { name };
    let Ok(constraint) = Spec::parse(&format!("{package}@{version}")) else { return Vec::new() };
    let mut jobs = Vec::new();
    for &(phase, spec, job) in built {
        let specs = &phases[phase].specs;
        let fits = *specs.spec(spec).arch == *arch && specs.satisfies(spec, &constraint).is_ok();
        if fits && !jobs.contains(&job) {
            jobs.push(job);
        }
    }
    jobs
}
