//! Errors and findings on standard error: the message, the line with a caret, the hints.

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use spackplan::emit::{shown, write_finding};
use spackplan::error::Error;
use spackplan::finding::{Finding, Severity};
use spackplan::source::Place;
use std::io::{self, Write};
use std::ops::Range;

/// Longer lines are cut to this many bytes around the place.
const LONGEST_LINE: usize = 160;

/// Where messages go, and how.
pub(crate) struct Messages {
    renderer: Renderer,
}

impl Messages {
    /// Prepares messages with or without colour.
    pub(crate) fn new(color: bool) -> Self {
        Self { renderer: if color { Renderer::styled() } else { Renderer::plain() } }
    }

    /// Prints an error; a standard error that is closed is nobody's loss.
    pub(crate) fn error(&self, error: &Error) {
        let title = shown(&error.message);
        let excerpts: Vec<(Excerpt, Option<&str>)> = error
            .place
            .iter()
            .map(|place| (Excerpt::of(place), None))
            .chain(error.related.iter().map(|(place, label)| (Excerpt::of(place), Some(label.as_str()))))
            .collect();
        let mut group = Group::with_title(Level::ERROR.primary_title(&*title));
        for (excerpt, label) in &excerpts {
            group = excerpt.add_to(group, *label);
        }
        for hint in &error.hints {
            group = group.element(Level::HELP.message(shown(hint).into_owned()));
        }
        let _ = writeln!(io::stderr(), "{}", self.renderer.render(&[group]));
    }

    /// Prints a line of talk.
    pub(crate) fn say(line: &str) {
        let _ = writeln!(io::stderr(), "{}", shown(line));
    }

    /// Prints the findings that weigh at least `least`, and counts the others.
    pub(crate) fn findings(findings: &[Finding], least: Severity) {
        let mut out = io::stderr().lock();
        let (printed, others): (Vec<&Finding>, Vec<&Finding>) =
            findings.iter().partition(|finding| finding.severity <= least);
        for finding in printed {
            let _ = write_finding(finding, &mut out);
        }
        if !others.is_empty() {
            let _ = writeln!(out, "{} more of less weight: --emit findings lists them", others.len());
        }
    }
}

/// The line of a place, cut where it is long.
struct Excerpt {
    name: String,
    text: String,
    span: Range<usize>,
    line: usize,
    column: usize,
    cut: bool,
}

impl Excerpt {
    fn of(place: &Place) -> Self {
        let text = place.source().text();
        let span = place.span();
        let start = text[..span.start].rfind('\n').map_or(0, |at| at + 1);
        let end = text[span.start..].find('\n').map_or(text.len(), |at| span.start + at);
        let cut = end - start > LONGEST_LINE;
        let (from, to) = if cut {
            let from = span.start.saturating_sub(LONGEST_LINE / 2).max(start);
            (text.floor_char_boundary(from), text.floor_char_boundary((from + LONGEST_LINE).min(end)))
        } else {
            (start, end)
        };
        let until = span.end.clamp(span.start, to.max(span.start));
        Self {
            name: shown(place.source().name()).into_owned(),
            text: text[from..to].to_owned(),
            span: span.start - from..until - from,
            line: place.line(),
            column: place.column(),
            cut,
        }
    }

    fn add_to<'a>(&'a self, group: Group<'a>, label: Option<&'a str>) -> Group<'a> {
        let annotation = AnnotationKind::Primary.span(self.span.clone());
        let annotation = match label {
            Some(label) => annotation.label(label),
            None => annotation,
        };
        let snippet = Snippet::source(&self.text).line_start(self.line).annotation(annotation);
        if self.cut {
            // The excerpt does not start at the line's beginning, so that its own columns would mislead.
            let origin = Origin::path(&self.name).line(self.line).char_column(self.column);
            group.element(origin).element(snippet)
        } else {
            group.element(snippet.path(&self.name))
        }
    }
}
