//! What stands in the way of a pipeline of this dialect, or bears on it without being in it.

use super::settings::{BrokenList, PipelineType, Settings};
use crate::environment::Environment;
use crate::environment::attributes::Section;
use crate::finding::{Finding, Rule, Severity};
use crate::plan::Plan;

pub(super) fn report(environment: &Environment, plan: &Plan, settings: &Settings, findings: &mut Vec<Finding>) {
    dynamic(plan, settings, findings);
    findings.extend(predicted(plan));
    findings.extend(broken(environment, plan, settings));
}

/// Reports services that Spack would ask while it generates the pipeline, and jobs that came after they were asked.
fn dynamic(plan: &Plan, settings: &Settings, findings: &mut Vec<Finding>) {
    for section in &plan.rules.sections {
        let Section::Dynamic(dynamic) = section else { continue };
        if settings.skips(dynamic) {
            continue;
        }
        let endpoint = dynamic.address();
        let Some(answers) = &dynamic.answers else {
            let message = format!("`{endpoint}` is not asked: the attributes it would give are missing here");
            let finding = Finding::new(Severity::Warning, Rule::NoEffect, message).at(&dynamic.place);
            let hint = "ask it with --ask-dynamic-mapping, or name it in SPACK_CI_SKIP_DYNAMIC_MAPPING";
            findings.push(finding.hint(hint));
            continue;
        };
        let jobs: Vec<u32> =
            plan.graph.ids().filter(|id| !answers.is_about(&plan.graph.spec(*id).hash)).map(|id| id.0).collect();
        if !jobs.is_empty() {
            let what = if jobs.len() == 1 { "one job has".to_owned() } else { format!("{} jobs have", jobs.len()) };
            let message = format!("{what} come into the plan since `{endpoint}` was asked, and no attributes of it");
            let finding = Finding::new(Severity::Warning, Rule::Service, message).at(&dynamic.place);
            findings.push(finding.about(jobs).hint("ask it again"));
        }
    }
}

/// Refuses to have jobs look for specs that no lockfile has.
fn predicted(plan: &Plan) -> Option<Finding> {
    let predicted: Vec<u32> = plan.predicted().map(|id| id.0).collect();
    if predicted.is_empty() {
        return None;
    }
    let message = "the jobs look up their specs in `spack.lock`, which lacks some of them";
    let finding = Finding::new(Severity::Error, Rule::PredictedSpec, message).about(predicted);
    Some(finding.hint("let `spack concretize` write it"))
}

/// Reports jobs whose specs are listed as broken; where everything is built anew, they may be mended.
fn broken(environment: &Environment, plan: &Plan, settings: &Settings) -> Option<Finding> {
    let list = environment.ci.broken_specs.as_ref()?;
    if settings.pipeline_type == Some(PipelineType::CopyOnly) {
        return None;
    }
    let hashes = match &settings.broken {
        BrokenList::Unread => {
            let message = format!("`{}` is not looked at: specs may be listed there that do not build", list.url);
            let finding = Finding::new(Severity::Note, Rule::NoEffect, message).at(&list.place);
            return Some(
                finding.hint("name a directory with a `file://` URL; Spack takes neither paths nor `https://` here"),
            );
        }
        BrokenList::Unreadable(cause) => {
            let message = format!("the list of broken specs at `{}` cannot be read: {cause}", list.url);
            let finding = Finding::new(Severity::Error, Rule::NoEffect, message).at(&list.place);
            return Some(finding.hint("make the directory, or remove `broken-specs-url`"));
        }
        BrokenList::Read(hashes) => hashes,
    };
    let jobs: Vec<_> = plan.graph.ids().filter(|id| hashes.contains(&*plan.graph.spec(*id).hash)).collect();
    let first = plan.graph.spec(*jobs.first()?);
    let severity = if settings.rebuilds_everything() { Severity::Warning } else { Severity::Error };
    let message = format!("{} listed as broken, among them `{}/{:.7}`", specs(jobs.len()), first.name, first.hash);
    let finding = Finding::new(severity, Rule::BrokenSpec, message).at(&list.place);
    let finding = finding.about(jobs.iter().map(|id| id.0).collect());
    Some(finding.hint("mend them and take them off the list, or build everything anew"))
}

fn specs(count: usize) -> String {
    if count == 1 { "one spec is".to_owned() } else { format!("{count} specs are") }
}
