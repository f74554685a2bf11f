//! Opens the drawing of the jobs around one, goes from job to job in it, and leaves it.

use super::super::model::neighbourhood::Neighbourhood;
use super::super::model::overlay::Overlay;
use super::super::model::{Model, Screen};
use super::global;
use crate::plan::JobId;

/// Draws the jobs around one over all else; going back leads to what was open before.
pub(super) fn open(model: &mut Model, job: JobId) {
    let drawing = Neighbourhood::new(&model.document.plan.graph, job);
    model.overlays.push(Overlay::Neighbourhood(drawing));
}

/// Makes the selected job the middle of the drawing.
pub(super) fn go_to_job(model: &mut Model) {
    let Some(Overlay::Neighbourhood(drawing)) = model.overlays.last() else { return };
    let middle = drawing.job;
    if let Some(job) = drawing.selected_job().filter(|job| *job != middle) {
        open(model, job);
    }
}

/// Closes the drawing and selects its selected job, or else the one in its middle, among the stages.
pub(super) fn leave_to_job(model: &mut Model) {
    let Some(Overlay::Neighbourhood(drawing)) = model.overlays.last() else { return };
    let job = drawing.selected_job().unwrap_or(drawing.job);
    if model.filter.as_ref().is_some_and(|filter| !filter.shows(job)) {
        model.filter = None;
        model.refresh();
    }
    global::show(model, Screen::Stages);
    model.stages.reveal(&model.document, model.filter.as_ref(), job);
}
