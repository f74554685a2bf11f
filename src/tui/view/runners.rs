//! Draws the Runners screen: the mappings in order with their counts, and the jobs of the selected one.

use super::super::layout::Regions;
use super::super::model::runners::{Change, Row};
use super::super::model::{Model, Pane};
use super::super::theme::Role;
use super::stages::{Relation, job};
use super::text::{clean, padded};
use super::{Look, heading, list, nothing};
use crate::emit::mapping_letter;
use crate::environment::attributes::RunnerMapping;
use crate::yaml::Node;
use ratatui::buffer::Buffer;
use ratatui::text::{Line, Span};

pub(super) fn draw(model: &Model, look: Look<'_>, regions: &Regions, buffer: &mut Buffer) {
    let runners = &model.runners;
    if !regions.main.is_empty() {
        let count = runners.rows.len().saturating_sub(1);
        let title = format!("Mappings: {count}, the first that matches takes the job");
        let area = heading(model, look, Pane::Main, regions.main, &title, buffer);
        let focused = model.pane == Pane::Main && model.overlays.is_empty();
        list(look, area, runners.cursor, runners.rows.len(), focused, buffer, |index| mapping(model, look, index));
    }
    if !regions.jobs.is_empty() {
        let name = match runners.rows.get(runners.cursor.selected) {
            Some(Row::Mapping(_)) => format!("Jobs of {}", mapping_letter(runners.cursor.selected)),
            _ => "Jobs without a runner".to_owned(),
        };
        let title = format!("{name}: {}", runners.members.len());
        let area = heading(model, look, Pane::Jobs, regions.jobs, &title, buffer);
        if runners.members.is_empty() {
            return nothing(area, "none", look, buffer);
        }
        let focused = model.pane == Pane::Jobs && model.overlays.is_empty();
        list(look, area, runners.jobs, runners.members.len(), focused, buffer, |index| {
            job(model, look, runners.members[index], Relation::Itself)
        });
    }
}

/// Returns the line of a mapping: letter, jobs it takes, the change since loading, tags, match specs.
fn mapping(model: &Model, look: Look<'_>, index: usize) -> Line<'static> {
    let (plan, runners) = (&model.document.plan, &model.runners);
    let change = runners.changes.get(index).copied().unwrap_or_default();
    match runners.rows[index] {
        Row::Unassigned => {
            let count = plan.assignments.unassigned.count_ones(..);
            let role = if count > 0 { Role::Error } else { Role::Dim };
            let text = format!("{:>2} {count:>6} ", look.theme.glyphs.missing);
            let mut spans = vec![Span::styled(text, look.style(role))];
            spans.extend(changed(look, change));
            spans.push(Span::styled("without a runner", look.style(role)));
            Line::from(spans)
        }
        Row::Mapping(id) => {
            let Some(mapping) = plan.mapping(id) else { return Line::default() };
            let count = &plan.assignments.counts[id.section][id.mapping];
            let mut spans = vec![
                Span::styled(format!("{:>2}", mapping_letter(index)), look.theme.runner(index)),
                Span::raw(format!(" {:>6} ", count.takes)),
            ];
            spans.extend(changed(look, change));
            spans.push(Span::raw(padded(&tags(mapping), 14, look.theme.glyphs.ellipsis)));
            spans.push(Span::raw(" "));
            let matches: Vec<_> = mapping.matches.iter().map(|wanted| clean(&wanted.text)).collect();
            spans.push(Span::styled(
                matches.join(", "),
                if count.takes == 0 { look.style(Role::Dim) } else { look.style(Role::Name) },
            ));
            Line::from(spans)
        }
    }
}

/// Returns how the jobs of a row have changed since loading, e.g. `+12 -3`.
fn changed(look: Look<'_>, change: Change) -> [Span<'static>; 2] {
    let text = |sign: char, count: usize| if count == 0 { String::new() } else { format!("{sign}{count}") };
    let (gained, lost) = (text('+', change.gained), text('-', change.lost));
    [
        Span::styled(format!("{gained:>5}"), look.style(Role::Added)),
        Span::styled(format!("{lost:>5} "), look.style(Role::Removed)),
    ]
}

/// Returns the tags of a mapping, separated by commas.
pub fn tags(mapping: &RunnerMapping) -> String {
    let tags = mapping.attributes.as_ref().and_then(|node| node.get("tags")).and_then(Node::as_sequence);
    let tags: Vec<_> = tags.unwrap_or_default().iter().filter_map(Node::as_text).map(clean).collect();
    if tags.is_empty() { "no tags".to_owned() } else { tags.join(",") }
}
