//! Copies what is selected to the clipboard of the terminal.

use super::super::effect::Effect;
use super::super::model::overlay::Overlay;
use super::super::model::{Model, Pane, Screen};
use super::super::view::text::clean;
use crate::emit::release_spec;

/// Copies what is selected: a job's name, a spec, match specs, a finding, or the lines of a notice.
pub(super) fn copy(model: &mut Model, effects: &mut Vec<Effect>) {
    match selected(model) {
        Some((what, text)) => {
            // What is pasted into a shell must not steer it either.
            let text = text.lines().map(clean).collect::<Vec<_>>().join("\n");
            model.done(format!("copied the {what}: {}", text.lines().next().unwrap_or_default()));
            effects.push(Effect::Copy(text));
        }
        None => model.done("nothing is selected that could be copied"),
    }
}

fn selected(model: &Model) -> Option<(&'static str, String)> {
    let plan = &model.document.plan;
    let job = || model.selected_job().map(|id| ("job's name", plan.graph.job(id).name.clone()));
    match model.overlays.last() {
        Some(Overlay::Notice(notice)) => return Some(("lines", notice.lines.join("\n"))),
        Some(Overlay::Neighbourhood(_)) => return job(),
        Some(_) => return None,
        None => {}
    }
    match (model.screen, model.pane) {
        (Screen::Specs, _) => {
            let spec = model.selected_job().map(|id| release_spec(plan, id));
            let origin = || model.specs.origin(&model.document).into_iter().next();
            spec.or_else(origin).map(|text| ("spec", text))
        }
        (Screen::Runners, Pane::Main) => {
            let mapping = plan.mapping(model.runners.selected_mapping()?)?;
            let matches: Vec<&str> = mapping.matches.iter().map(|wanted| wanted.text.as_str()).collect();
            Some(("match specs", matches.join(", ")))
        }
        (Screen::Findings, _) => {
            let finding = model.findings.selected(&model.document)?;
            let place = finding.place.as_ref().map(|place| format!("{place}: ")).unwrap_or_default();
            Some(("finding", format!("{place}{}", finding.message)))
        }
        _ => job(),
    }
}
