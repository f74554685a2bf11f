//! Draws the Pipeline screen: the lines that are on screen, and no others.

use super::super::effect::Comparison;
use super::super::layout::Regions;
use super::super::model::pipeline::{Compared, Shown};
use super::super::model::review::counted;
use super::super::model::{Model, Pane};
use super::super::theme::Role;
use super::text::{clean, scrolled};
use super::yaml::{difference, highlighted};
use super::{Look, heading, list, nothing};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

pub(super) fn draw(model: &Model, look: Look<'_>, regions: &Regions, buffer: &mut Buffer) {
    if regions.main.is_empty() {
        return;
    }
    let name = clean(&model.session.output.display().to_string()).into_owned();
    let (word, title) = match model.pipeline.shown {
        Shown::Text => ("as planned", text_facts(model)),
        Shown::Difference => ("as planned, against the file on disk", difference_facts(model)),
    };
    let dot = look.theme.glyphs.dot;
    let title = if title.is_empty() { format!("{name} {word}") } else { format!("{name} {word} {dot} {title}") };
    let area = heading(model, look, Pane::Main, regions.main, &title, buffer);
    match model.pipeline.shown {
        Shown::Text => text(model, look, area, buffer),
        Shown::Difference => self::difference_lines(model, look, area, buffer),
    }
}

fn text_facts(model: &Model) -> String {
    let lines = model.document.rendered.as_ref().map_or(0, |rendered| rendered.lines.len());
    match (&model.pipeline.compared, lines) {
        (_, 0) => String::new(),
        (Compared::Known(comparison), lines) => match &**comparison {
            Comparison::Missing => format!("{lines} lines, a new file"),
            Comparison::Same => format!("{lines} lines, as on disk"),
            Comparison::Differs(_) => format!("{lines} lines, differs from the file on disk"),
        },
        (Compared::Pending | Compared::Failed(_), lines) => format!("{lines} lines"),
    }
}

fn difference_facts(model: &Model) -> String {
    match model.pipeline.compared.lines() {
        [] => String::new(),
        lines => counted(lines),
    }
}

fn text(model: &Model, look: Look<'_>, area: Rect, buffer: &mut Buffer) {
    let Some(rendered) = &model.document.rendered else {
        return nothing(area, &format!("laying out the pipeline{}", look.theme.glyphs.ellipsis), look, buffer);
    };
    let (cursor, count) = (model.pipeline.cursor, rendered.lines.len());
    let window = cursor.window(count, usize::from(area.height));
    let lines = rendered.lines.render(&rendered.pipeline, window.clone());
    let digits = count.to_string().len();
    list(look, area, cursor, count, model.overlays.is_empty(), buffer, |index| {
        let line = lines.get(index - window.start).map_or("", String::as_str);
        let spans = scrolled(highlighted(line, look), model.pipeline.column);
        let number = Span::styled(format!("{:>digits$} ", index + 1), look.style(Role::Dim));
        std::iter::once(number).chain(spans).collect()
    });
}

fn difference_lines(model: &Model, look: Look<'_>, area: Rect, buffer: &mut Buffer) {
    let pipeline = &model.pipeline;
    let message = match &pipeline.compared {
        Compared::Pending if model.document.rendered.is_none() => "laying out the pipeline".to_owned(),
        Compared::Pending => "comparing with the file on disk".to_owned(),
        Compared::Failed(reason) => format!("cannot be compared with the file on disk: {}", clean(reason)),
        Compared::Known(comparison) => match &**comparison {
            Comparison::Missing => "there is no such file yet: all of it would be new".to_owned(),
            Comparison::Same => "the file on disk is as it would be written".to_owned(),
            Comparison::Differs(lines) => {
                list(look, area, pipeline.cursor, lines.len(), model.overlays.is_empty(), buffer, |index| {
                    let line = lines.get(index).map_or("", String::as_str);
                    Line::from(scrolled(difference(line, look), pipeline.column))
                });
                return;
            }
        },
    };
    nothing(area, &message, look, buffer);
}
