//! Findings about runner rules: jobs without a runner, mappings that never win, match specs that fit nothing.

use super::assign::{Assignments, MappingCount};
use super::graph::{JobGraph, JobId};
use super::{MatchOn, Options, Unassigned};
use crate::environment::attributes::{ReadingOrder, RunnerMapping, RunnerRules, Submapping, letter};
use crate::finding::{Finding, Rule, Severity};
use std::collections::BTreeMap;

pub(super) fn of_rules(
    graph: &JobGraph,
    rules: &RunnerRules,
    options: Options,
    assignments: &Assignments,
) -> Vec<Finding> {
    let mut findings = without_runner(graph, options, assignments);
    for (section, submapping) in rules.submappings() {
        for (index, mapping) in submapping.mappings.iter().enumerate() {
            let count = &assignments.counts[section][index];
            let name = format!("mapping {}", letter(rules.number_of(section, index)));
            of_mapping(&name, mapping, (submapping, count), &mut findings);
        }
    }
    findings
}

/// Reports the jobs that no mapping takes, one finding for each package (with `--match-on root`, each root's).
fn without_runner(graph: &JobGraph, options: Options, assignments: &Assignments) -> Vec<Finding> {
    let match_on = options.match_on;
    let severity = match options.unassigned {
        Unassigned::Refuse => Severity::Error,
        Unassigned::LeaveOut => Severity::Warning,
    };
    let mut by_package: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
    for index in assignments.unassigned.ones() {
        let id = JobId::from_index(index);
        let tested = super::assign::tested(graph, id, match_on);
        by_package.entry(&graph.phase(id).specs.spec(tested).name).or_default().push(id.0);
    }
    let finding = |(package, jobs): (&str, Vec<u32>)| {
        let first = &graph.jobs[jobs[0] as usize].name;
        let message = match (match_on, jobs.len()) {
            (MatchOn::Job, 1) => format!("no mapping takes the job `{first}`"),
            (MatchOn::Job, n) => format!("no mapping takes {n} jobs of `{package}`, among them `{first}`"),
            (MatchOn::Root, 1) => format!("no mapping takes root `{package}`, which decides for the job `{first}`"),
            (MatchOn::Root, n) => {
                format!("no mapping takes root `{package}`, which decides for {n} jobs, among them `{first}`")
            }
        };
        Finding::new(severity, Rule::NoRunner, message)
            .hint(format!("add a mapping that matches `{package}`, or leave such jobs out with --allow-unassigned"))
            .about(jobs)
    };
    by_package.into_iter().map(finding).collect()
}

fn of_mapping(
    name: &str,
    mapping: &RunnerMapping,
    (submapping, count): (&Submapping, &MappingCount),
    findings: &mut Vec<Finding>,
) {
    if count.matches == 0 {
        // Submappings are mostly shared by many environments, none of which has all the packages.
        let severity = if submapping.required { Severity::Warning } else { Severity::Note };
        let message = format!("{name} matches no job");
        let finding = Finding::new(severity, Rule::MatchesNothing, message).at(&mapping.place);
        findings.push(finding.hint("remove it, or correct its match specs"));
        return;
    }
    if count.takes == 0 {
        let message = format!(
            "{name} never wins: the {} it matches {} taken by mappings tried before it",
            jobs(count.matches),
            if count.matches == 1 { "is" } else { "are" }
        );
        let finding = Finding::new(Severity::Warning, Rule::ShadowedMapping, message).at(&mapping.place);
        let hint = match submapping.order {
            ReadingOrder::TopDown => "move it in front of them, or remove it",
            ReadingOrder::BottomUp => "entries are tried from the last one up: move it behind them, or remove it",
        };
        findings.push(finding.hint(hint));
    }
    for (wanted, selected) in mapping.matches.iter().zip(&count.by_match) {
        if *selected == 0 {
            let message = format!("`{}` in {name} matches no job", wanted.text);
            findings.push(Finding::new(Severity::Note, Rule::MatchesNothing, message).at(&wanted.place));
        }
    }
}

fn jobs(count: usize) -> String {
    if count == 1 { "one job".to_owned() } else { format!("{count} jobs") }
}
