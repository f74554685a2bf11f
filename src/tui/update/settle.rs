//! Keeps every selection in its list and on screen.

use super::super::layout::{content, regions};
use super::super::model::overlay::Overlay;
use super::super::model::{Model, Pane, Screen};
use super::super::view;

/// Brings selections and windows into their lists for the terminal's size.
pub(super) fn settle(model: &mut Model) {
    model.last_list = model.list();
    let regions = regions(model.area, model);
    let height = |pane: Pane| usize::from(content(regions.pane(pane)).height);
    let (main, jobs) = (height(Pane::Main), height(Pane::Jobs));
    match model.screen {
        Screen::Specs => model.specs.settle(content(regions.main)),
        Screen::Stages => model.stages.cursor.settle(model.stages.rows.len(), main),
        Screen::Runners => {
            model.runners.cursor.settle(model.runners.rows.len(), main);
            model.runners.jobs.settle(model.runners.members.len(), jobs);
        }
        Screen::Phases => {
            model.phases.cursor.settle(model.phases.rows.len(), main);
            model.phases.jobs.settle(model.phases.members.len(), jobs);
        }
        Screen::Pipeline => {
            model.pipeline.settle(&model.document, main);
        }
        Screen::Findings => model.findings.cursor.settle(model.findings.rows.len(), main),
    }
    let inspector = content(regions.inspector);
    let lines = view::inspector::height(model, inspector.width);
    model.inspector = model.inspector.min(lines.saturating_sub(usize::from(inspector.height)));
    let overlay = usize::from(view::overlay::list_height(&regions, model));
    match model.overlays.last_mut() {
        Some(Overlay::Notice(notice)) => notice.cursor.settle(notice.lines.len(), overlay),
        Some(Overlay::Choice(choice)) => choice.cursor.settle(choice.found.len(), overlay),
        Some(Overlay::Neighbourhood(graph)) => {
            let length = graph.len();
            graph.cursor.settle(length, overlay);
        }
        Some(Overlay::Review(review)) => {
            let length = review.len();
            review.cursor.settle(length, overlay);
        }
        Some(Overlay::Prompt(_) | Overlay::Question(_)) | None => {}
    }
}
