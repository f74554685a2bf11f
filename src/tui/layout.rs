//! Where everything is on screen; drawing, mouse and the keeping of selections in view all ask here.

use super::model::{Model, Pane, Screen, Zoom};
use ratatui::layout::{Constraint, Layout, Position, Rect};

/// Below this nothing is drawn but a message.
pub const SMALLEST: (u16, u16) = (40, 10);
/// From this many columns on the inspector stands beside the list, else below it.
const BESIDE: u16 = 100;

/// The parts of the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Regions {
    /// What is loaded.
    pub header: Rect,
    /// The names of the screens.
    pub tabs: Rect,
    /// The panes of the open screen that are shown, each with its heading line.
    pub main: Rect,
    /// See [`Pane::Jobs`].
    pub jobs: Rect,
    /// See [`Pane::Inspector`].
    pub inspector: Rect,
    /// What happened last.
    pub status: Rect,
    /// Hints.
    pub footer: Rect,
    /// Where overlays lie.
    pub overlay: Rect,
}

impl Regions {
    /// Returns the part of a pane.
    pub fn pane(&self, pane: Pane) -> Rect {
        match pane {
            Pane::Main => self.main,
            Pane::Jobs => self.jobs,
            Pane::Inspector => self.inspector,
        }
    }

    /// Returns the pane at a position.
    pub fn pane_at(&self, position: Position) -> Option<Pane> {
        [Pane::Main, Pane::Jobs, Pane::Inspector].into_iter().find(|pane| self.pane(*pane).contains(position))
    }
}

/// Returns the part of a pane below its heading.
pub fn content(pane: Rect) -> Rect {
    Rect { y: pane.y.saturating_add(1), height: pane.height.saturating_sub(1), ..pane }
}

/// Tells whether the terminal is large enough to work in.
pub fn is_large_enough(area: Rect) -> bool {
    area.width >= SMALLEST.0 && area.height >= SMALLEST.1
}

/// Returns the parts of the screen for the model as it is.
pub fn regions(area: Rect, model: &Model) -> Regions {
    let [header, tabs, body, status, footer] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Min(1),
        Constraint::Length(1),
        Constraint::Length(1),
    ])
    .areas(area);
    let mut regions = Regions { header, tabs, status, footer, overlay: body, ..Regions::default() };
    if model.zoom == Zoom::Focused {
        match model.pane {
            Pane::Main => regions.main = body,
            Pane::Jobs => regions.jobs = body,
            Pane::Inspector => regions.inspector = body,
        }
        return regions;
    }
    match model.screen {
        Screen::Pipeline => regions.main = body,
        Screen::Specs | Screen::Stages | Screen::Findings => {
            [regions.main, regions.inspector] = split(area, body);
        }
        Screen::Runners | Screen::Phases => {
            let lists;
            [lists, regions.inspector] = split(area, body);
            [regions.main, regions.jobs] = Layout::vertical([Constraint::Fill(1), Constraint::Fill(1)]).areas(lists);
        }
    }
    regions
}

/// Splits the body into lists and inspector, side by side where there is room.
fn split(area: Rect, body: Rect) -> [Rect; 2] {
    if area.width >= BESIDE {
        Layout::horizontal([Constraint::Fill(3), Constraint::Fill(2)]).spacing(1).areas(body)
    } else {
        Layout::vertical([Constraint::Fill(3), Constraint::Fill(2)]).areas(body)
    }
}
