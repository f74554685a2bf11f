//! `findings`: problems, worst first, as `file:line:column: severity: message` or as JSON.

use super::shown;
use crate::finding::{Finding, Rule, Severity};
use crate::release::Release;
use crate::source::Place;
use serde::Serialize;
use std::io::{self, Write};

pub(super) fn write(findings: &[Finding], out: &mut impl Write) -> io::Result<()> {
    for finding in findings {
        write_finding(finding, out)?;
    }
    let count = |severity, what| match findings.iter().filter(|finding| finding.severity == severity).count() {
        1 => format!("1 {what}"),
        many => format!("{many} {what}s"),
    };
    let (errors, warnings) = (count(Severity::Error, "error"), count(Severity::Warning, "warning"));
    writeln!(out, "{errors}, {warnings}, {}", count(Severity::Note, "note"))
}

/// Writes one finding, with its hint on a line of its own.
///
/// # Errors
/// Returns what `out` answers.
pub fn write_finding(finding: &Finding, out: &mut impl Write) -> io::Result<()> {
    if let Some(place) = &finding.place {
        write!(out, "{}: ", shown(&place.to_string()))?;
    }
    let severity = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    };
    writeln!(out, "{severity}: {} [{}]", shown(&finding.message), rule_name(finding.rule))?;
    if let Some(hint) = &finding.hint {
        writeln!(out, "  hint: {}", shown(hint))?;
    }
    Ok(())
}

fn rule_name(rule: Rule) -> String {
    serde_json::to_value(rule).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

/// A place as reports give it.
#[derive(Debug, Serialize)]
pub(super) struct PlaceJson<'a> {
    file: &'a str,
    line: usize,
    column: usize,
}

impl<'a> From<&'a Place> for PlaceJson<'a> {
    fn from(place: &'a Place) -> Self {
        Self { file: place.source().name(), line: place.line(), column: place.column() }
    }
}

/// A finding as reports give it.
#[derive(Debug, Serialize)]
pub(super) struct FindingJson<'a> {
    severity: Severity,
    rule: Rule,
    message: &'a str,
    place: Option<PlaceJson<'a>>,
    hint: Option<&'a str>,
    jobs: &'a [u32],
}

impl<'a> From<&'a Finding> for FindingJson<'a> {
    fn from(finding: &'a Finding) -> Self {
        Self {
            severity: finding.severity,
            rule: finding.rule,
            message: &finding.message,
            place: finding.place.as_ref().map(PlaceJson::from),
            hint: finding.hint.as_deref(),
            jobs: &finding.jobs,
        }
    }
}

pub(super) fn write_json(release: &Release, out: &mut impl Write) -> io::Result<()> {
    #[derive(Serialize)]
    struct Document<'a> {
        version: u32,
        findings: Vec<FindingJson<'a>>,
    }
    let document =
        Document { version: super::json::VERSION, findings: release.findings.iter().map(FindingJson::from).collect() };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}
