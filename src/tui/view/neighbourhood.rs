//! Draws the jobs around one: what it needs above it, what needs it below, and the chain that put it in its stage.
//!
//! ```text
//! needs 2 jobs
//! ┌─ stage-0   A zlib
//! ├─ stage-1   B openssl
//! ●  stage-2   B python
//! │ needed by 1 job
//! └─ stage-3   B py-pip
//! ```

use super::super::model::Model;
use super::super::model::neighbourhood::{Edge, Line as Row, Neighbourhood};
use super::super::theme::Role;
use super::stages::{Relation, job};
use super::{Look, list};
use crate::plan::JobId;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

pub(super) fn title(model: &Model, graph: &Neighbourhood) -> String {
    format!("Around {}", model.document.plan.graph.job(graph.job).name)
}

pub(super) fn list_height(inner: u16) -> u16 {
    inner
}

pub(super) fn draw(model: &Model, look: Look<'_>, graph: &Neighbourhood, area: Rect, buffer: &mut Buffer) {
    list(look, area, graph.cursor, graph.len(), true, buffer, |index| row(model, look, graph, index));
}

fn row(model: &Model, look: Look<'_>, graph: &Neighbourhood, index: usize) -> Line<'static> {
    let glyphs = &look.theme.glyphs;
    let heading = |text: String| Line::from(Span::styled(text, look.style(Role::Title)));
    let jobs = |count: usize| if count == 1 { "1 job".to_owned() } else { format!("{count} jobs") };
    let stage = model.document.plan.graph.job(graph.job).stage;
    match graph.line(index) {
        None | Some(Row::Gap) => Line::default(),
        Some(Row::Needs) if graph.needs.is_empty() => heading("needs no other job".to_owned()),
        Some(Row::Needs) => heading(format!("needs {}", jobs(graph.needs.len()))),
        Some(Row::NeededBy) if graph.dependents.is_empty() => heading("needed by no other job".to_owned()),
        Some(Row::NeededBy) => {
            let text = format!("needed by {}", jobs(graph.dependents.len()));
            Line::from(vec![
                Span::styled(format!("{} ", glyphs.vertical), look.style(Role::Related)),
                Span::styled(text, look.style(Role::Title)),
            ])
        }
        Some(Row::Chain) if graph.chain.len() == 1 => heading(format!("stage-{stage} is the first of its phase")),
        Some(Row::Chain) => heading(format!("the longest chain to stage-{stage}: {}", jobs(graph.chain.len()))),
        Some(Row::Middle) => hanging(model, look, graph, graph.job, format!("{}  ", glyphs.middle)),
        Some(Row::Need(id, edge) | Row::Dependent(id, edge) | Row::Link(id, edge)) => {
            let corner = match edge {
                Edge::First => glyphs.first_branch,
                Edge::Inner => glyphs.branch,
                Edge::Last => glyphs.last_branch,
            };
            hanging(model, look, graph, id, format!("{corner}{} ", glyphs.horizontal))
        }
    }
}

/// Returns the line of a job with the edge that it hangs on.
fn hanging(model: &Model, look: Look<'_>, around: &Neighbourhood, id: JobId, edge: String) -> Line<'static> {
    let graph = &model.document.plan.graph;
    let stage = format!("{:<9}", format!("stage-{}", graph.job(id).stage));
    let mut line = job(model, look, id, Relation::Itself);
    line.spans.insert(0, Span::styled(edge, look.style(Role::Related)));
    line.spans.insert(1, Span::styled(stage, look.style(Role::Name)));
    let is_compiler = |job: JobId, of: JobId| graph.compilers(of).contains(&job);
    if is_compiler(id, around.job) || is_compiler(around.job, id) {
        line.spans.push(Span::styled("  (compiler)", look.style(Role::Dim)));
    }
    line
}
