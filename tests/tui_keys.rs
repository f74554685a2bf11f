//! What keys do, as `(environment, keys, expectation)`.

#[path = "common/tui.rs"]
mod tui;

use tui::Driver;

#[test]
fn moving_a_mapping_moves_jobs_and_undo_brings_them_back() {
    let mut ui = Driver::example("bootstrap");
    let before = ui.text().to_owned();
    let takes =
        |ui: &Driver| ui.model.document.plan.assignments.counts[0].iter().map(|count| count.takes).collect::<Vec<_>>();
    let loaded = takes(&ui);
    ui.keys("3 J");
    assert_eq!(ui.status(), "move mapping 1 down to 2");
    assert_ne!(takes(&ui), loaded);
    assert!(ui.kept.is_some());
    ui.keys("u");
    assert_eq!((ui.text(), takes(&ui)), (before.as_str(), loaded));
}
