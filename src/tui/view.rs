//! Draws the model: header, screens, inspector, what lies over them, hints. Changes nothing.

pub mod findings;
pub mod inspector;
mod neighbourhood;
pub mod overlay;
mod phases;
mod pipeline;
mod review;
pub mod runners;
mod specs;
mod stages;
pub mod text;
mod yaml;

use super::command::Command;
use super::effect::ASKING;
use super::keymap::Keymap;
use super::layout::{Regions, content, is_large_enough, regions};
use super::model::{Model, Pane, Screen, Status, Zoom};
use super::theme::{Role, Theme};
use super::update::unavailable;
use crate::finding::Severity;
use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget as _;
use text::{clean, fitted};

/// Letters of a screen's title where not all have room.
const SHORT_TAB: usize = 4;

/// What drawing needs besides the model.
#[derive(Clone, Copy)]
pub(super) struct Look<'a> {
    pub(super) theme: &'a Theme,
    pub(super) keymap: &'a Keymap,
}

impl Look<'_> {
    fn style(&self, role: Role) -> Style {
        self.theme.style(role)
    }
}

/// Draws one frame.
pub fn draw(model: &Model, keymap: &Keymap, theme: &Theme, frame: &mut Frame<'_>) {
    let area = frame.area();
    let look = Look { theme, keymap };
    if !is_large_enough(area) {
        let (width, height) = super::layout::SMALLEST;
        let message = format!("spackplan needs {width}x{height}; this is {}x{}", area.width, area.height);
        Line::raw(message).render(Rect { height: area.height.min(1), ..area }, frame.buffer_mut());
        return;
    }
    let regions = regions(area, model);
    let buffer = frame.buffer_mut();
    header(model, look, regions.header, buffer);
    tabs(model, look, regions.tabs, buffer);
    screen(model, look, &regions, buffer);
    status(model, look, regions.status, buffer);
    footer(model, look, regions.footer, buffer);
    if let Some(cursor) = overlay::draw(model, look, &regions, buffer) {
        frame.set_cursor_position(cursor);
    }
}

fn screen(model: &Model, look: Look<'_>, regions: &Regions, buffer: &mut Buffer) {
    match model.screen {
        Screen::Specs => specs::draw(model, look, regions, buffer),
        Screen::Stages => stages::draw(model, look, regions, buffer),
        Screen::Runners => runners::draw(model, look, regions, buffer),
        Screen::Phases => phases::draw(model, look, regions, buffer),
        Screen::Pipeline => pipeline::draw(model, look, regions, buffer),
        Screen::Findings => findings::draw(model, look, regions, buffer),
    }
    if !regions.inspector.is_empty() {
        inspector::draw(model, look, regions.inspector, buffer);
    }
}

/// Says what is loaded and how the plan stands.
fn header(model: &Model, look: Look<'_>, area: Rect, buffer: &mut Buffer) {
    let (theme, document) = (look.theme, &model.document);
    let graph = &document.plan.graph;
    let dot = format!(" {} ", theme.glyphs.dot);
    let unassigned = document.plan.assignments.unassigned.count_ones(..);
    let predicted = graph.predicted();
    let origin = match predicted {
        0 => Span::raw("locked"),
        n if n == graph.len() => {
            Span::styled(format!("{} predicted", theme.glyphs.predicted), look.style(Role::Predicted))
        }
        n => Span::styled(format!("{} {n} predicted", theme.glyphs.predicted), look.style(Role::Predicted)),
    };
    let runner = format!("{unassigned} without a runner");
    let runner = if unassigned == 0 {
        Span::raw(runner)
    } else {
        Span::styled(format!("{} {runner}", theme.glyphs.missing), look.style(Role::Error))
    };
    let mut right = vec![
        Span::raw(format!("{} jobs{dot}{} stages{dot}", graph.len(), graph.stages.len())),
        runner,
        Span::raw(dot.clone()),
        origin,
    ];
    if document.history.is_changed() {
        let edits = document.history.unsaved();
        right.push(Span::raw(dot));
        let word = if edits == 1 { "edit" } else { "edits" };
        right.push(Span::styled(format!("{edits} unsaved {word}"), look.style(Role::Warning)));
    }
    right.push(Span::raw(" "));
    let right = Line::from(right);
    let width = usize::from(area.width).saturating_sub(right.width());
    let name = clean(&model.session.manifest.display().to_string()).into_owned();
    let left = fitted(&format!(" {name}"), width.saturating_sub(1), theme.glyphs.ellipsis);
    Span::styled(left, look.style(Role::Title)).render(area, buffer);
    let x = area.x + area.width.saturating_sub(u16::try_from(right.width()).unwrap_or(u16::MAX));
    right.render(Rect { x, width: area.right() - x, ..area }, buffer);
}

/// Returns the texts of the tabs, each with the columns it takes.
fn tab_texts(model: &Model, columns: u16) -> Vec<(Screen, String)> {
    let long = tab_texts_with(model, usize::MAX);
    if long.iter().map(|(_, text)| text::width(text)).sum::<usize>() <= usize::from(columns) {
        return long;
    }
    tab_texts_with(model, SHORT_TAB)
}

/// Returns the texts of the tabs with titles of at most so many letters, but for that of the open screen.
fn tab_texts_with(model: &Model, letters: usize) -> Vec<(Screen, String)> {
    let label = |(index, screen): (usize, Screen)| {
        let errors = model.document.count_findings(Severity::Error);
        let count = match screen {
            Screen::Findings if errors > 0 => format!(" {errors}!"),
            Screen::Findings if !model.document.findings().is_empty() => {
                format!(" {}", model.document.findings().len())
            }
            _ => String::new(),
        };
        let title: String =
            screen.title().chars().take(if screen == model.screen { usize::MAX } else { letters }).collect();
        (screen, format!(" {} {title}{count} ", index + 1))
    };
    Screen::ALL.into_iter().enumerate().map(label).collect()
}

fn tabs(model: &Model, look: Look<'_>, area: Rect, buffer: &mut Buffer) {
    let spans = tab_texts(model, area.width).into_iter().map(|(screen, text)| {
        let style = if screen == model.screen { look.style(Role::Title).reversed() } else { look.style(Role::Dim) };
        Span::styled(text, style)
    });
    spans.collect::<Line<'_>>().render(area, buffer);
    let taken: usize = tab_texts(model, area.width).iter().map(|(_, text)| text::width(text)).sum();
    // The spinner and the blanks around it.
    let room = usize::from(area.width).saturating_sub(taken + 3);
    // Work that is done within a moment is not worth a word.
    let label = model.work.running.first().filter(|_| model.work.ticks > 0).map(|label| {
        let told = model.work.asking.as_ref().filter(|_| *label == ASKING).map(ToString::to_string);
        told.map_or_else(|| (*label).to_owned(), |told| clean(&told).into_owned())
    });
    let label = label.or_else(|| {
        let solve = model.spack.solve.as_ref()?;
        Some(solve_words(model, look).filter(|words| text::width(words) <= room).unwrap_or_else(|| solve.word()))
    });
    if let Some(label) = label {
        let phases = look.theme.glyphs.spinner;
        let spinner = phases[model.work.ticks % phases.len()];
        let text = fitted(&label, room, look.theme.glyphs.ellipsis);
        Line::from(format!("{spinner} {text} ")).right_aligned().render(area, buffer);
    }
}

/// Says how far Spack is, and how it is given up.
fn solve_words(model: &Model, look: Look<'_>) -> Option<String> {
    let words = model.spack.solve.as_ref()?.words(super::TICK);
    let key = look.keymap.key_for(&model.scopes(), Command::CancelWork);
    let cancel = key.map(|key| format!(" ({key} cancels)")).unwrap_or_default();
    Some(format!("{}{cancel}", clean(&words)))
}

/// Returns the screen whose tab is at a column.
pub(super) fn tab_at(area: Rect, model: &Model, column: u16) -> Option<Screen> {
    let mut end = usize::from(area.x);
    tab_texts(model, area.width).into_iter().find_map(|(screen, text)| {
        end += text::width(&text);
        (usize::from(column) < end).then_some(screen)
    })
}

fn status(model: &Model, look: Look<'_>, area: Rect, buffer: &mut Buffer) {
    let width = usize::from(area.width).saturating_sub(1);
    let line = match &model.status {
        Some(Status::Done(message)) => Span::raw(clean(message).into_owned()),
        Some(Status::Failed { message, hint }) => {
            let hint = hint.as_ref().map(|hint| format!(" (hint: {hint})")).unwrap_or_default();
            let text = format!("{} {}", look.theme.glyphs.missing, clean(&format!("{message}{hint}")));
            Span::styled(text, look.style(Role::Error))
        }
        None => match &model.filter {
            Some(filter) => {
                let text = format!("filter: {} ({} jobs)", clean(&filter.text), filter.count());
                Span::styled(text, look.style(Role::Found))
            }
            None if !model.marks.is_empty() => {
                Span::styled(format!("{} marked", model.marks.len()), look.style(Role::Marked))
            }
            None => match solve_words(model, look) {
                Some(words) => Span::styled(words, look.style(Role::Note)),
                None => return,
            },
        },
    };
    let text = fitted(&line.content, width, look.theme.glyphs.ellipsis);
    Span::styled(format!(" {text}"), line.style).render(area, buffer);
}

/// Returns the commands whose keys the footer shows for what is in force, most useful first.
pub fn hints(model: &Model) -> Vec<Command> {
    if let Some(overlay) = model.overlays.last() {
        return overlay::hints(overlay);
    }
    let own: &[Command] = match model.screen {
        Screen::Specs => &[Command::Open, Command::SwapAxes, Command::AddSpec, Command::Exclude],
        Screen::Stages => &[Command::Open, Command::ToggleMark, Command::SendToRunner, Command::ToggleFold],
        Screen::Runners if model.pane == Pane::Main => &[
            Command::EditMatch,
            Command::MoveMappingUp,
            Command::MoveMappingDown,
            Command::AddMapping,
            Command::RemoveMapping,
            Command::EditTags,
        ],
        Screen::Runners => &[Command::Open, Command::ToggleMark, Command::SendToRunner],
        Screen::Phases => &[Command::ToggleAgnostic, Command::MovePhaseUp, Command::AddPhase, Command::RemovePhase],
        Screen::Pipeline => &[Command::ToggleDiff, Command::NextHunk],
        Screen::Findings => &[Command::Open, Command::OpenEditor],
    };
    let general = [Command::Filter, Command::Undo, Command::Review, Command::Palette, Command::Quit];
    own.iter().copied().chain(general).collect()
}

fn footer(model: &Model, look: Look<'_>, area: Rect, buffer: &mut Buffer) {
    let scopes = model.scopes();
    let mut spans = vec![Span::raw(" ")];
    let mut left = usize::from(area.width).saturating_sub(1);
    for command in hints(model) {
        if unavailable(model, command).is_some() {
            continue;
        }
        let Some(key) = look.keymap.key_for(&scopes, command) else { continue };
        let key = key.to_string();
        let needed = text::width(&key) + 1 + text::width(command.label()) + 2;
        if needed > left {
            break;
        }
        left -= needed;
        spans.push(Span::styled(key, look.style(Role::Key)));
        spans.push(Span::raw(format!(" {}  ", command.label())));
    }
    Line::from(spans).render(area, buffer);
}

/// Draws a pane's heading line and returns where its content goes.
pub(super) fn heading(model: &Model, look: Look<'_>, pane: Pane, area: Rect, title: &str, buffer: &mut Buffer) -> Rect {
    let focused = model.pane == pane && model.overlays.is_empty();
    let glyphs = &look.theme.glyphs;
    let zoomed = if model.zoom == Zoom::Focused { " (zoomed)" } else { "" };
    let title = fitted(&format!("{title}{zoomed}"), usize::from(area.width).saturating_sub(4), glyphs.ellipsis);
    let line = glyphs.horizontal;
    let rest = usize::from(area.width).saturating_sub(text::width(&title) + 3);
    let style = if focused { look.style(Role::Title) } else { look.style(Role::Dim) };
    let text = format!("{line} {title} {}", line.repeat(rest));
    Span::styled(text, style).render(Rect { height: area.height.min(1), ..area }, buffer);
    content(area)
}

/// Draws the rows of a list that are on screen; `row` gives the spans of one.
pub(super) fn list<'a>(
    look: Look<'_>,
    area: Rect,
    cursor: super::model::cursor::Cursor,
    length: usize,
    focused: bool,
    buffer: &mut Buffer,
    row: impl Fn(usize) -> Line<'a>,
) {
    let window = cursor.window(length, usize::from(area.height));
    for (y, index) in (area.y..area.bottom()).zip(window) {
        let line_area = Rect { y, height: 1, ..area };
        let selected = index == cursor.selected;
        let mark = if selected { look.theme.glyphs.selected } else { " " };
        let mut line = row(index);
        line.spans.insert(0, Span::raw(mark));
        line.render(line_area, buffer);
        if selected {
            buffer.set_style(line_area, Theme::selected(focused));
        }
    }
}

/// Puts a hint where a list has no rows.
pub(super) fn nothing(area: Rect, message: &str, look: Look<'_>, buffer: &mut Buffer) {
    if !area.is_empty() {
        let line = fitted(&format!(" {message}"), usize::from(area.width), look.theme.glyphs.ellipsis);
        buffer.set_string(area.x, area.y, line, look.style(Role::Dim));
    }
}

/// The position of a text cursor, if one is shown.
pub(super) type TextCursor = Option<Position>;
