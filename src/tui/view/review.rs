//! Draws the review: what can be written and published with what would come of it, and below all that changes.

mod progress;

use super::super::command::Command;
use super::super::model::Model;
use super::super::model::review::{self, Obstacle, Review, Target, Toggle, Wanted, publishing};
use super::super::theme::Role;
use super::runners::tags;
use super::text::{clean, fitted, scrolled, width};
use super::yaml::difference;
use super::{Look, findings, list};
use crate::emit::mapping_letter;
use crate::plan::assign::MappingId;
use crate::plan::change::{Moved, Restaged};
use crate::plan::{JobId, Plan};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget as _;
use std::path::Path;

/// Returns how many rows of a review's lines fit into a frame.
pub(super) fn list_height(review: &Review, inner: u16) -> u16 {
    inner.saturating_sub(above(review))
}

/// Returns the rows above the lines: the files, and what to do.
fn above(review: &Review) -> u16 {
    u16::try_from(review.toggles.len()).unwrap_or(u16::MAX).saturating_add(2)
}

pub(super) fn draw(model: &Model, look: Look<'_>, review: &Review, area: Rect, buffer: &mut Buffer) {
    let rows = (area.y..area.bottom()).map(|y| Rect { y, height: 1, ..area });
    let columns = usize::from(area.width);
    let files = review.toggles.iter().map(|toggle| self::toggle(model, look, toggle, columns));
    for (line, area) in files.chain([verdict(model, look, review)]).zip(rows) {
        line.render(area, buffer);
    }
    let above = above(review).min(area.height);
    let area = Rect { y: area.y + above, height: area.height - above, ..area };
    list(look, area, review.cursor, review.lines.len(), true, buffer, |index| {
        let line = review.lines.get(index).map_or_else(Line::default, |line| self::line(model, look, review, line));
        let style = line.style;
        Line::from(scrolled(line.spans, review.column)).style(style)
    });
}

/// Returns what can be done with whether it will be, and what comes of it.
fn toggle(model: &Model, look: Look<'_>, toggle: &Toggle, columns: usize) -> Line<'static> {
    let locks = model.document.fresh.as_ref().and_then(|fresh| fresh.locks.first());
    let (name, command) = match toggle.target {
        Target::Manifest => (model.session.manifest.display().to_string(), Command::ToggleSave),
        Target::Pipeline => (model.session.output.display().to_string(), Command::TogglePipeline),
        Target::Locks => {
            (locks.map_or(Path::new("spack.lock"), |lock| &lock.path).display().to_string(), Command::ToggleLocks)
        }
        Target::Branch => (publishing::branch_name(&model.session), Command::ToggleBranch),
        Target::Cdash => (publishing::cdash_name(&model.document), Command::ToggleCdash),
    };
    let (sign, role) = match toggle.obstacle {
        None if toggle.is_on() => ("[x]", None),
        None => ("[ ]", Some(Role::Dim)),
        Some(Obstacle::Blocked(_)) => ("[!]", Some(Role::Error)),
        Some(Obstacle::Pending(_)) if !toggle.target.is_file() && toggle.wanted == Wanted::Yes => ("[~]", None),
        Some(_) => (" - ", Some(Role::Dim)),
    };
    let style = role.map(|role| look.style(role)).unwrap_or_default();
    let key = look.keymap.key_for(&model.scopes(), command).map(|key| key.to_string()).unwrap_or_default();
    let is_left = toggle.target.is_file() && toggle.obstacle.is_none() && !toggle.is_on();
    let progress = model.work.progress.as_ref().filter(|_| sign == "[~]" && model.work.preparing.is_some());
    let effect = match progress {
        Some(progress) => format!("{}: {}", toggle.effect, progress::words(progress)),
        None if is_left => "left as it is".to_owned(),
        None => toggle.effect.clone(),
    };
    let effect = clean(&effect);
    // Sign, key and what is between: what happens is never cut for the sake of the path.
    let room = columns.saturating_sub(10 + width(&effect)).max(16);
    let (name, ellipsis) = (clean(&name), look.theme.glyphs.ellipsis);
    let name = if toggle.target.is_file() { tail(&name, room, ellipsis) } else { fitted(&name, room, ellipsis) };
    Line::from(vec![
        Span::styled(format!(" {sign} "), style),
        Span::styled(format!("{key:<2}"), look.style(Role::Key)),
        Span::styled(format!("{name}  {effect}"), style),
    ])
}

/// Cuts a path to so many columns by leaving out its beginning.
fn tail(path: &str, columns: usize, ellipsis: &str) -> String {
    if width(path) <= columns {
        return path.to_owned();
    }
    let room = columns.saturating_sub(width(ellipsis));
    let start = path.char_indices().map(|(at, _)| at).find(|at| width(&path[*at..]) <= room);
    format!("{ellipsis}{}", &path[start.unwrap_or(path.len())..])
}

/// Says what the key that confirms would do.
fn verdict(model: &Model, look: Look<'_>, review: &Review) -> Line<'static> {
    let key = look.keymap.key_for(&model.scopes(), Command::Confirm).map(|key| key.to_string()).unwrap_or_default();
    if model.delivering.is_some() {
        let doing = model.work.running.last().copied().unwrap_or("writing");
        let how_far = model.work.progress.as_ref().map(|progress| format!(": {}", progress::words(progress)));
        let text = format!(" {doing}{}  ", how_far.unwrap_or_else(|| look.theme.glyphs.ellipsis.to_owned()));
        let back = look.keymap.key_for(&model.scopes(), Command::Back).map(|key| key.to_string()).unwrap_or_default();
        return Line::from(vec![
            Span::raw(clean(&text).into_owned()),
            Span::styled(back, look.style(Role::Key)),
            Span::raw(" gives up what is not done yet"),
        ]);
    }
    match review.obstacle() {
        Some(reason) => Line::styled(format!(" {reason}"), look.style(Role::Warning)),
        None => Line::from(vec![
            Span::styled(format!(" {key}"), look.style(Role::Key)),
            Span::raw(if review.reaches_out() {
                " does what is marked; nothing has been written or sent yet"
            } else {
                " writes what is marked; nothing has been written yet"
            }),
        ]),
    }
}

fn line(model: &Model, look: Look<'_>, review: &Review, line: &review::Line) -> Line<'static> {
    let (before, now) = (&model.document.loaded, &model.document.plan);
    match line {
        review::Line::Blank => Line::default(),
        review::Line::Heading(text) => Line::styled(clean(text).into_owned(), look.style(Role::Title)),
        review::Line::Text(text) => Line::raw(clean(text).into_owned()),
        review::Line::Problem(severity, text) => {
            let (word, role) = findings::severity(*severity);
            Line::styled(format!("{word}: {}", clean(text)), look.style(role))
        }
        review::Line::Gained(id) => job(look, '+', "gained", Role::Added, now, *id),
        review::Line::Lost(id) => job(look, '-', "lost", Role::Removed, before, *id),
        review::Line::Moved(Moved { job, from, to }) => {
            let (from, to) = (runner(look, before, *from), runner(look, now, *to));
            let text = format!("{from} {} {to}", look.theme.glyphs.arrow);
            self::job(look, '~', &text, Role::Related, now, *job)
        }
        review::Line::Restaged(Restaged { job, from }) => {
            let text = format!("stage {from} {} {}", look.theme.glyphs.arrow, now.graph.job(*job).stage);
            self::job(look, '~', &text, Role::Note, now, *job)
        }
        review::Line::Manifest(index) => {
            Line::from(difference(review.manifest.get(*index).map_or("", String::as_str), look))
        }
        review::Line::Pipeline(index) => {
            let lines = model.pipeline.compared.lines();
            Line::from(difference(lines.get(*index).map_or("", String::as_str), look))
        }
    }
}

fn job(look: Look<'_>, sign: char, text: &str, role: Role, plan: &Plan, id: JobId) -> Line<'static> {
    let name = plan.graph.jobs.get(id.index()).map_or("", |job| job.name.as_str());
    Line::from(vec![Span::styled(format!("  {sign} {text}  "), look.style(role)), Span::raw(clean(name).into_owned())])
}

/// Returns a mapping's letter and tags, or that there is none.
fn runner(look: Look<'_>, plan: &Plan, id: Option<MappingId>) -> String {
    match id.and_then(|id| Some((id, plan.mapping(id)?))) {
        Some((id, mapping)) => format!("{} {}", mapping_letter(plan.number_of(id)), tags(mapping)),
        None => format!("{} no runner", look.theme.glyphs.missing),
    }
}
