//! Draws the Runners screen: sections and mappings in order with their counts, and the jobs of the selected row.

use super::super::layout::Regions;
use super::super::model::runners::{Change, Row};
use super::super::model::{Model, Pane};
use super::super::theme::Role;
use super::stages::{Relation, job};
use super::text::{clean, padded};
use super::{Look, heading, list, nothing};
use crate::emit::mapping_letter;
use crate::environment::attributes::{MatchBehavior, Merging, ReadingOrder, RunnerMapping, Section, Submapping};
use crate::plan::assign::MappingId;
use crate::source::Place;
use crate::yaml::{Node, inline};
use ratatui::buffer::Buffer;
use ratatui::text::{Line, Span};
use std::path::Path;

/// The columns of a mapping's tags, or of the key that begins a section.
const KIND: usize = 14;

pub(super) fn draw(model: &Model, look: Look<'_>, regions: &Regions, buffer: &mut Buffer) {
    let runners = &model.runners;
    if !regions.main.is_empty() {
        let area = heading(model, look, Pane::Main, regions.main, &title(model), buffer);
        let focused = model.pane == Pane::Main && model.overlays.is_empty();
        list(look, area, runners.cursor, runners.rows.len(), focused, buffer, |index| row(model, look, index));
    }
    if !regions.jobs.is_empty() {
        let plan = &model.document.plan;
        let name = match runners.rows.get(runners.cursor.selected) {
            Some(Row::Mapping(id)) => format!("Jobs of {}", mapping_letter(plan.number_of(*id))),
            Some(Row::Section(index)) => {
                format!("Jobs of {}", key(plan.rules.sections.get(*index), plan.rules.merging))
            }
            Some(Row::Unassigned) | None => format!("Jobs {}", without(model).1),
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

fn title(model: &Model) -> String {
    let rules = &model.document.plan.rules;
    let count: usize = rules.submappings().map(|(_, list)| list.mappings.len()).sum();
    match (rules.merging, rules.submappings().next()) {
        (Merging::Prepend, _) => "Sections: upper ones win over those below".to_owned(),
        (Merging::Replace, Some((_, list))) => format!("Mappings: {count}, {}", reading(list)),
        (Merging::Replace, None) => "Mappings: none".to_owned(),
    }
}

/// Says which mappings of a list a job gets.
fn reading(list: &Submapping) -> &'static str {
    match (list.behavior, list.order) {
        (MatchBehavior::First, ReadingOrder::TopDown) => "the first that matches takes the job",
        (MatchBehavior::First, ReadingOrder::BottomUp) => "the last that matches takes the job",
        (MatchBehavior::Merge, ReadingOrder::TopDown) => "all that match apply, lower ones win",
        (MatchBehavior::Merge, ReadingOrder::BottomUp) => "all that match apply, upper ones win",
    }
}

/// Returns the key that begins a section.
pub(super) fn key(section: Option<&Section>, merging: Merging) -> String {
    match (section, merging) {
        (Some(Section::Jobs { kind: crate::environment::attributes::JobKind::Build, .. }), Merging::Replace) => {
            "gitlab-ci".to_owned()
        }
        (Some(Section::Jobs { kind, .. }), _) => format!("{}-job", kind.name()),
        (Some(Section::Submapping(_)), _) => "submapping".to_owned(),
        (Some(Section::Dynamic(_)), _) => "dynamic-mapping".to_owned(),
        (None, _) => String::new(),
    }
}

/// Returns how many jobs no mapping takes, and what that means for them.
fn without(model: &Model) -> (usize, &'static str) {
    let plan = &model.document.plan;
    if plan.rules.submappings().any(|(_, list)| list.required) || plan.rules.merging == Merging::Replace {
        return (plan.assignments.unassigned.count_ones(..), "without a runner");
    }
    let bare = plan.graph.ids().filter(|id| plan.assignments.mapping_of(*id).is_none());
    (bare.count(), "without a mapping")
}

fn row(model: &Model, look: Look<'_>, index: usize) -> Line<'static> {
    let runners = &model.runners;
    let change = runners.changes.get(index).copied().unwrap_or_default();
    match runners.rows[index] {
        Row::Unassigned => unassigned(model, look, change),
        Row::Section(section) => self::section(model, look, section),
        Row::Mapping(id) => mapping(model, look, id, change),
    }
}

fn unassigned(model: &Model, look: Look<'_>, change: Change) -> Line<'static> {
    let (count, text) = without(model);
    let is_error = model.document.plan.assignments.unassigned.count_ones(..) > 0;
    let (glyph, role) = match (is_error, text) {
        (true, _) => (look.theme.glyphs.missing, Role::Error),
        (false, "without a runner") => (look.theme.glyphs.missing, Role::Dim),
        (false, _) => ("-", Role::Dim),
    };
    let mut spans = vec![Span::styled(format!("{glyph:>2} {count:>6} "), look.style(role))];
    spans.extend(changed(look, change));
    spans.push(Span::styled(text, look.style(role)));
    Line::from(spans)
}

/// Returns the line of a section: the key that begins it, and its attributes.
fn section(model: &Model, look: Look<'_>, index: usize) -> Line<'static> {
    let rules = &model.document.plan.rules;
    let Some(section) = rules.sections.get(index) else { return Line::default() };
    let key = key(Some(section), rules.merging);
    let file = section.place().map(|place| file(model, place)).unwrap_or_default();
    let text = match section {
        Section::Submapping(list) => reading(list).to_owned(),
        Section::Dynamic(dynamic) => clean(&dynamic.address()).into_owned(),
        Section::Jobs { attributes, removes, .. } => {
            let gives = attributes.as_ref().map(inline);
            let takes = removes.as_ref().map(|node| format!("takes away {}", inline(node)));
            let both: Vec<String> = takes.into_iter().chain(gives).collect();
            clean(&both.join(", ")).into_owned()
        }
    };
    Line::from(vec![
        Span::styled(format!("{key:<16}"), look.style(Role::Title)),
        Span::styled(format!(" {file}"), look.style(Role::Note)),
        Span::styled(text, look.style(Role::Dim)),
    ])
}

/// Returns the line of a mapping: letter, jobs it takes, the change since loading, tags, match specs.
fn mapping(model: &Model, look: Look<'_>, id: MappingId, change: Change) -> Line<'static> {
    let plan = &model.document.plan;
    let Some(mapping) = plan.mapping(id) else { return Line::default() };
    let number = plan.number_of(id);
    let count = &plan.assignments.counts[id.section][id.mapping];
    let mut spans = vec![
        Span::styled(format!("{:>2}", mapping_letter(number)), look.theme.runner(number)),
        Span::raw(format!(" {:>6} ", count.takes)),
    ];
    spans.extend(changed(look, change));
    spans.push(Span::raw(padded(&tags(mapping), KIND, look.theme.glyphs.ellipsis)));
    spans.push(Span::styled(format!(" {}", file(model, &mapping.place)), look.style(Role::Note)));
    let matches: Vec<_> = mapping.matches.iter().map(|wanted| clean(&wanted.text)).collect();
    let role = if count.takes == 0 { Role::Dim } else { Role::Name };
    spans.push(Span::styled(matches.join(", "), look.style(role)));
    Line::from(spans)
}

/// Returns the name of the file that a place is in, in brackets, if that is not the manifest.
fn file(model: &Model, place: &Place) -> String {
    let name = place.source().name();
    if name == model.document.history.current().name() {
        return String::new();
    }
    let short = Path::new(name).file_name().map_or_else(|| name.into(), |name| name.to_string_lossy());
    format!("[{}] ", clean(&short))
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
    let attributes = mapping.attributes.as_ref().and_then(Node::as_mapping);
    let tags =
        attributes.and_then(|map| crate::yaml::merge::entry(map, "tags")).and_then(|entry| entry.node.as_sequence());
    let tags: Vec<_> = tags.unwrap_or_default().iter().filter_map(Node::as_text).map(clean).collect();
    if tags.is_empty() { "no tags".to_owned() } else { tags.join(",") }
}
