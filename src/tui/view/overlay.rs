//! Draws what lies over a screen: text fields, lists to choose from, questions, notices.

use super::super::command::Command;
use super::super::layout::Regions;
use super::super::model::Model;
use super::super::model::overlay::{Asked, Choice, Chosen, Notice, Overlay, Prompt, Question};
use super::super::theme::Role;
use super::text::{clean, fitted, padded, width, wrapped};
use super::{Look, TextCursor, list, neighbourhood, review};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear, Widget};
use tui_input::Input;

/// Rows of a choice that stand above its list: border and text field.
const ABOVE_CHOICE: u16 = 2;

/// Draws the uppermost overlay and returns where the text cursor belongs.
pub(super) fn draw(model: &Model, look: Look<'_>, regions: &Regions, buffer: &mut Buffer) -> TextCursor {
    let area = place(regions, model)?;
    match model.overlays.last()? {
        Overlay::Prompt(prompt) => Some(self::prompt(look, prompt, area, buffer)),
        Overlay::Choice(choice) => Some(self::choice(look, choice, area, buffer)),
        Overlay::Question(question) => {
            self::question(look, question, area, buffer);
            None
        }
        Overlay::Notice(notice) => {
            self::notice(look, notice, area, buffer);
            None
        }
        Overlay::Neighbourhood(graph) => {
            neighbourhood::draw(
                model,
                look,
                graph,
                framed(look, &neighbourhood::title(model, graph), area, buffer),
                buffer,
            );
            None
        }
        Overlay::Review(review) => {
            review::draw(model, look, review, framed(look, "Review", area, buffer), buffer);
            None
        }
    }
}

/// Returns where the uppermost overlay lies.
fn place(regions: &Regions, model: &Model) -> Option<Rect> {
    let body = regions.overlay;
    Some(match model.overlays.last()? {
        Overlay::Prompt(_) => bottom(body, 4),
        Overlay::Choice(_) => centred(body, 100, body.height),
        Overlay::Question(question) => {
            centred(body, 72, u16::try_from(question.lines.len()).unwrap_or(u16::MAX).saturating_add(2))
        }
        Overlay::Notice(notice) => {
            let columns = usize::from(body.width.min(90)).saturating_sub(4);
            let rows = notice.lines.iter().map(|text| wrapped(&clean(text), columns, 4).len()).sum::<usize>();
            centred(body, 90, u16::try_from(rows).unwrap_or(u16::MAX).saturating_add(2))
        }
        Overlay::Neighbourhood(_) | Overlay::Review(_) => body,
    })
}

/// Returns how many rows of the uppermost overlay's list fit on screen.
pub fn list_height(regions: &Regions, model: &Model) -> u16 {
    let height = place(regions, model).map_or(0, |area| area.height);
    match model.overlays.last() {
        Some(Overlay::Choice(_)) => height.saturating_sub(ABOVE_CHOICE + 1),
        Some(Overlay::Neighbourhood(_)) => neighbourhood::list_height(height.saturating_sub(2)),
        Some(Overlay::Review(review)) => review::list_height(review, height.saturating_sub(2)),
        _ => height.saturating_sub(2),
    }
}

fn bottom(body: Rect, height: u16) -> Rect {
    let height = height.min(body.height);
    Rect { y: body.bottom() - height, height, ..body }
}

fn centred(body: Rect, width: u16, height: u16) -> Rect {
    let (width, height) = (width.min(body.width), height.min(body.height));
    Rect { x: body.x + (body.width - width) / 2, y: body.y + (body.height - height) / 2, width, height }
}

/// Draws an empty frame and returns what is inside it.
fn framed(look: Look<'_>, title: &str, area: Rect, buffer: &mut Buffer) -> Rect {
    Clear.render(area, buffer);
    let title = fitted(&clean(title), usize::from(area.width).saturating_sub(4), look.theme.glyphs.ellipsis);
    let block = Block::bordered()
        .border_set(look.theme.glyphs.border())
        .title(Line::styled(format!(" {title} "), look.style(Role::Title)));
    let inner = block.inner(area);
    block.render(area, buffer);
    inner
}

fn prompt(look: Look<'_>, prompt: &Prompt, area: Rect, buffer: &mut Buffer) -> Position {
    let title = match &prompt.asked {
        Asked::Filter => "Filter by spec or text".to_owned(),
        Asked::NewMapping(_) => "New mapping: match specs, separated by commas".to_owned(),
        Asked::Matches(_) => "Match specs, separated by commas".to_owned(),
        Asked::NewMatch(_) => "Further match spec".to_owned(),
        Asked::NewSection(_) => "New section, e.g. build-job: {tags: [large]}".to_owned(),
        Asked::Tags(_) => "Tags, separated by commas".to_owned(),
        Asked::Image(_) => "Image: a name, or {name: …, entrypoint: [\"\"]}; empty removes it".to_owned(),
        Asked::Variable(_) => "Variable: NAME=VALUE; without a value it is removed".to_owned(),
        Asked::Attribute(_) => "Attribute: KEY: VALUE; without a value it is removed".to_owned(),
        Asked::NewSpec(list) => format!("New spec in {list}"),
    };
    let inner = framed(look, &title, area, buffer);
    let cursor = field(look, &prompt.input, inner, buffer);
    let (text, role) = match &prompt.verdict {
        Ok(text) => (text, Role::Note),
        Err(text) => (text, Role::Error),
    };
    if inner.height > 1 {
        let text = fitted(&clean(text), usize::from(inner.width).saturating_sub(1), look.theme.glyphs.ellipsis);
        buffer.set_string(inner.x + 1, inner.y + 1, text, look.style(role));
    }
    cursor
}

/// Draws a text field on the first line of an area and returns where its cursor is.
fn field(look: Look<'_>, input: &Input, area: Rect, buffer: &mut Buffer) -> Position {
    let columns = usize::from(area.width).saturating_sub(3);
    let scroll = input.visual_scroll(columns);
    let text: String = clean(input.value()).chars().skip(scroll).collect();
    let line = Line::from(vec![
        Span::styled(format!("{} ", look.theme.glyphs.selected), look.style(Role::Key)),
        Span::raw(fitted(&text, columns, "")),
    ]);
    line.render(Rect { height: area.height.min(1), ..area }, buffer);
    let column = u16::try_from(input.visual_cursor().saturating_sub(scroll)).unwrap_or(0);
    Position::new((area.x + 2 + column).min(area.right().saturating_sub(1)), area.y)
}

fn choice(look: Look<'_>, choice: &Choice, area: Rect, buffer: &mut Buffer) -> Position {
    let inner = framed(look, choice.title, area, buffer);
    let cursor = field(look, &choice.input, inner, buffer);
    let rows = Rect { y: inner.y + 1, height: inner.height.saturating_sub(1), ..inner };
    if choice.found.is_empty() {
        super::nothing(rows, "nothing fits", look, buffer);
    }
    list(look, rows, choice.cursor, choice.found.len(), true, buffer, |index| {
        let item = &choice.items[choice.found[index]];
        let keys = match item.chosen {
            Chosen::Command(command) => {
                let keys: Vec<String> = look.keymap.all_keys(command).iter().map(|(_, key)| key.to_string()).collect();
                let mut keys: Vec<&str> = keys.iter().map(String::as_str).collect();
                keys.dedup();
                keys.join(" ")
            }
            Chosen::Mapping(_) | Chosen::Definition(_) => String::new(),
        };
        let dim = item.unavailable.is_some();
        let style = if dim { look.style(Role::Dim) } else { ratatui::style::Style::new() };
        let reason = item.unavailable.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
        let ellipsis = look.theme.glyphs.ellipsis;
        // The reason is what one looks for; the text makes room for it.
        let room = usize::from(rows.width).saturating_sub(width(&reason) + 1 + if keys.is_empty() { 0 } else { 17 });
        let text = if dim { fitted(&clean(&item.text), room.max(8), ellipsis) } else { clean(&item.text).into_owned() };
        let mut spans = Vec::new();
        if !keys.is_empty() {
            spans.push(Span::styled(padded(&keys, 16, ellipsis), look.style(Role::Key)));
            spans.push(Span::raw(" "));
        }
        spans.push(Span::styled(format!("{text}{reason}"), style));
        let used: usize = spans.iter().map(Span::width).sum::<usize>() + 1;
        let note = format!("  {}", clean(&item.note));
        if used + width(&note) <= usize::from(rows.width) {
            spans.push(Span::styled(note, look.style(Role::Dim)));
        }
        Line::from(spans)
    });
    cursor
}

fn question(look: Look<'_>, question: &Question, area: Rect, buffer: &mut Buffer) {
    let inner = framed(look, "Question", area, buffer);
    lines(&question.lines, 0, inner, look, buffer);
}

fn notice(look: Look<'_>, notice: &Notice, area: Rect, buffer: &mut Buffer) {
    let inner = framed(look, &notice.title, area, buffer);
    lines(&notice.lines, notice.cursor.top, inner, look, buffer);
}

fn lines(texts: &[String], top: usize, area: Rect, look: Look<'_>, buffer: &mut Buffer) {
    let columns = usize::from(area.width).saturating_sub(2);
    let lines = texts.iter().skip(top).flat_map(|text| wrapped(&clean(text), columns, 4));
    for (y, line) in (area.y..area.bottom()).zip(lines) {
        buffer.set_string(
            area.x + 1,
            y,
            fitted(&line, columns, look.theme.glyphs.ellipsis),
            ratatui::style::Style::new(),
        );
    }
}

/// Returns the commands that the footer shows for an overlay.
pub(super) fn hints(overlay: &Overlay) -> Vec<Command> {
    match overlay {
        Overlay::Prompt(_) => vec![Command::Accept, Command::Cancel],
        Overlay::Choice(_) => vec![Command::Accept, Command::NextChoice, Command::PreviousChoice, Command::Cancel],
        Overlay::Question(_) => vec![Command::Yes, Command::No],
        Overlay::Notice(_) => vec![Command::Back, Command::NextRow],
        Overlay::Neighbourhood(_) => vec![Command::NextRow, Command::GoToJob, Command::LeaveToJob, Command::Back],
        Overlay::Review(_) => {
            let toggles = [
                Command::TogglePipeline,
                Command::ToggleSave,
                Command::ToggleLocks,
                Command::ToggleBranch,
                Command::ToggleCdash,
            ];
            [Command::Confirm].into_iter().chain(toggles).chain([Command::NextRow, Command::Back]).collect()
        }
    }
}
