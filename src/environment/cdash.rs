//! `cdash:`, where results are reported.

use super::reader::{bare, entry, mapping, report_unknown, text};
use super::{Cdash, Dialect};
use crate::error::{Error, Result};
use crate::finding::{Finding, Rule, Severity};
use crate::yaml::Node;

const KEYS: [&str; 4] = ["build-group", "url", "project", "site"];

/// Reads the section. In the release-jobs format all keys are needed; `spack ci` only needs `build-group`, and the
/// others may come from included files.
pub(super) fn read(section: &Node, dialect: Dialect, findings: &mut Vec<Finding>) -> Result<Cdash> {
    let map = mapping(section, "`cdash`")?;
    report_unknown(map, &KEYS, "`cdash`", findings);
    let mut value = |key: &str| match entry(map, key) {
        Some(entry) => text(&entry.node, &format!("`{key}` of `cdash`")).map(str::to_owned),
        None if dialect == Dialect::ReleaseJobs || key == KEYS[0] => {
            let failure = Error::input(format!("`cdash` has no `{key}`")).at(&section.place);
            let near = super::reader::nearest(key, map.keys().map(|key| bare(key)).filter(|key| !KEYS.contains(key)));
            Err(match near {
                Some(near) => failure.hint(format!("is `{near}` meant to be `{key}`?")),
                None => failure.hint(format!("add `{key}: …`, or remove the section to do without CDash")),
            })
        }
        None => {
            let message = format!("`cdash` has no `{key}`, and included files are not read");
            let finding = Finding::new(Severity::Note, Rule::MissingSection, message).at(&section.place);
            findings.push(finding.hint(format!("add `{key}: …`")));
            Ok(String::new())
        }
    };
    Ok(Cdash {
        build_group: value("build-group")?,
        url: value("url")?,
        project: value("project")?,
        site: value("site")?,
        place: section.place.clone(),
    })
}
