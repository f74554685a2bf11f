//! `ci:`, how today's Spack generates pipelines, and what `gitlab-ci:` says of the same.

use super::attributes::RunnerRules;
use super::pipeline_gen::{self, OwnSections};
use super::reader::{boolean, entry, mapping, report_unknown, text};
use super::{BrokenSpecs, CiSection, Dialect, IndexJob};
use crate::error::Result;
use crate::finding::{Finding, Rule, Severity};
use crate::yaml::{Mapping, Node, Value};

const KEYS: [&str; 5] = ["pipeline-gen", "rebuild-index", "broken-specs-url", "broken-tests-packages", "target"];
/// Keys that Spack read up to 0.23.
const FORMER: [&str; 4] =
    ["enable-artifacts-buildcache", "enable-debug-messages", "temporary-storage-url-prefix", "disable-signing"];

/// The one kind of pipeline that Spack generates.
const TARGET: &str = "gitlab";

/// Reads the section into rules and settings.
pub(super) fn read(section: &Node, dialect: Dialect, findings: &mut Vec<Finding>) -> Result<(RunnerRules, CiSection)> {
    let empty = Mapping::new();
    let map = match &section.value {
        Value::Null => &empty,
        _ => mapping(section, "`ci`")?,
    };
    if map.is_empty() {
        let message = "`ci` is empty: it says nothing of runners";
        let finding = Finding::new(Severity::Error, Rule::MissingSection, message).at(&section.place);
        findings.push(finding.hint("add `pipeline-gen:` with sections such as `- build-job: {tags: […]}`"));
    }
    let known: Vec<&str> = KEYS.into_iter().chain(FORMER).collect();
    report_unknown(map, &known, "`ci`", findings);
    if let Some(target) = entry(map, "target") {
        let name = text(&target.node, "`target`")?;
        if name != TARGET {
            let message = format!("`target` is `{TARGET}`, not `{name}`: there is no other kind of pipeline");
            let finding = Finding::new(Severity::Error, Rule::NoEffect, message).at(&target.node.place);
            findings.push(finding.hint("remove it"));
        }
    }
    let own = own_sections(dialect);
    let rules = pipeline_gen::read(entry(map, "pipeline-gen").map(|entry| &entry.node), own, findings)?;
    Ok((rules, settings(map)?))
}

/// Tells whether jobs of a dialect get what Spack itself adds.
pub(super) fn own_sections(dialect: Dialect) -> OwnSections {
    match dialect {
        Dialect::SpackCi => OwnSections::Added,
        Dialect::ReleaseJobs => OwnSections::LeftOut,
    }
}

/// Reads what is not a rule, of `ci:` or `gitlab-ci:`.
pub(super) fn settings(map: &Mapping) -> Result<CiSection> {
    let index = match entry(map, "rebuild-index") {
        Some(entry) if !boolean(&entry.node, "`rebuild-index`")? => IndexJob::LeftOut,
        _ => IndexJob::Last,
    };
    let broken = entry(map, "broken-specs-url").map(|entry| {
        let url = text(&entry.node, "`broken-specs-url`")?.to_owned();
        Ok(BrokenSpecs { url, place: entry.node.place.clone() })
    });
    Ok(CiSection { index, broken_specs: broken.transpose()? })
}
