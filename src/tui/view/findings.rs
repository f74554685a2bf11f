//! Draws the Findings screen: what is wrong, worst first.

use super::super::layout::Regions;
use super::super::model::{Model, Pane};
use super::super::theme::Role;
use super::text::clean;
use super::{Look, heading, list, nothing};
use crate::finding::Severity;
use ratatui::buffer::Buffer;
use ratatui::text::{Line, Span};

pub(super) fn draw(model: &Model, look: Look<'_>, regions: &Regions, buffer: &mut Buffer) {
    if regions.main.is_empty() {
        return;
    }
    let findings = &model.findings;
    let count = |severity, word: &str| {
        let count = model.document.count_findings(severity);
        format!("{count} {word}{}", if count == 1 { "" } else { "s" })
    };
    let counts = [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Note, "note")];
    let title = format!("Findings: {}", counts.map(|(severity, word)| count(severity, word)).join(", "));
    let area = heading(model, look, Pane::Main, regions.main, &title, buffer);
    if findings.rows.is_empty() {
        return nothing(area, "nothing is wrong", look, buffer);
    }
    let focused = model.pane == Pane::Main && model.overlays.is_empty();
    list(look, area, findings.cursor, findings.rows.len(), focused, buffer, |index| {
        row(model, look, findings.rows[index])
    });
}

fn row(model: &Model, look: Look<'_>, index: usize) -> Line<'static> {
    let Some(finding) = model.document.findings().get(index) else { return Line::default() };
    let (word, role) = severity(finding.severity);
    let place = finding.place.as_ref().map(|place| {
        let name = place.source().name();
        // Only what is not in `spack.yaml` has to say where it is.
        let file = (name != model.document.history.current().name()).then(|| clean(name));
        let file = file.map(|name| format!("{}:", name.rsplit(['/', '\\']).next().unwrap_or(&name)));
        format!("{}{}: ", file.unwrap_or_default(), place.line())
    });
    let place = place.unwrap_or_default();
    Line::from(vec![
        Span::styled(format!("{word:<8}"), look.style(role)),
        Span::styled(place, look.style(Role::Dim)),
        Span::raw(clean(&finding.message).into_owned()),
    ])
}

/// Returns the word and the role of a severity.
pub(super) fn severity(severity: Severity) -> (&'static str, Role) {
    match severity {
        Severity::Error => ("error", Role::Error),
        Severity::Warning => ("warning", Role::Warning),
        Severity::Note => ("note", Role::Note),
    }
}
