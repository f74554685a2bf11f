//! `cdash:`, where results are reported.

use super::Cdash;
use super::reader::{bare, entry, mapping, nearest, report_unknown, text};
use crate::error::{Error, Result};
use crate::finding::{Finding, Rule, Severity};
use crate::yaml::{Mapping, Node};

const KEYS: [&str; 4] = ["build-group", "url", "project", "site"];

/// How much of the section has to be in the file itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Needs {
    /// All of it, as beside `gitlab-ci:`.
    Everything,
    /// The build group; Spack takes the rest from its other configuration files.
    BuildGroup,
}

/// Reads the section.
pub(super) fn read(section: &Node, needs: Needs, findings: &mut Vec<Finding>) -> Result<Cdash> {
    let map = mapping(section, "`cdash`")?;
    report_unknown(map, &KEYS, "`cdash`", findings);
    let mut missing = Vec::new();
    let mut value = |key: &'static str| match entry(map, key) {
        Some(entry) => text(&entry.node, &format!("`{key}` of `cdash`")).map(str::to_owned),
        None if needs == Needs::Everything || key == KEYS[0] => Err(lacks(key, map, section)),
        None => {
            missing.push(format!("`{key}`"));
            Ok(String::new())
        }
    };
    let cdash = Cdash {
        build_group: value("build-group")?,
        url: value("url")?,
        project: value("project")?,
        site: value("site")?,
        place: section.place.clone(),
    };
    if !missing.is_empty() {
        let message = format!("`cdash` has no {}, and other configuration files are not read", missing.join(", "));
        let finding = Finding::new(Severity::Note, Rule::MissingSection, message).at(&section.place);
        findings.push(finding.hint("add what is missing if this environment is to report to CDash"));
    }
    Ok(cdash)
}

fn lacks(key: &str, map: &Mapping, section: &Node) -> Error {
    let failure = Error::input(format!("`cdash` has no `{key}`")).at(&section.place);
    let unread = map.keys().map(|key| bare(key)).filter(|key| !KEYS.contains(key));
    match nearest(key, unread) {
        Some(near) => failure.hint(format!("is `{near}` meant to be `{key}`?")),
        None => failure.hint(format!("add `{key}: …`, or remove the section to do without CDash")),
    }
}
