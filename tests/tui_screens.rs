//! The screens as they are drawn, at three sizes and in every theme, and that keys, palette and footer agree.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::expect_used, reason = "helpers of tests fail like tests")]

#[path = "common/tui.rs"]
mod tui;

use insta::{assert_debug_snapshot, assert_snapshot};
use spackplan::tui::command::Command;
use spackplan::tui::model::overlay::{Chosen, Overlay};
use spackplan::tui::theme::{PRESETS, Theme};
use spackplan::tui::{Glyphs, view};
use tui::Driver;

const SIZES: [(u16, u16); 3] = [(120, 40), (80, 24), (60, 20)];

/// Draws what keys lead to at every size.
fn draw(name: &str, keys: &str) {
    for (width, height) in SIZES {
        let mut ui = Driver::example("bootstrap").sized(width, height);
        ui.keys(keys);
        assert_snapshot!(format!("{name}-{width}x{height}"), ui.screen());
    }
}

#[test]
fn stages() {
    draw("stages", "2 G");
}

#[test]
fn runners() {
    draw("runners", "3 j");
}

#[test]
fn the_jobs_of_a_runner() {
    draw("runner-jobs", "3 j tab");
}

#[test]
fn an_edit_with_its_changes() {
    draw("runners-edited", "3 J");
}

#[test]
fn the_palette() {
    draw("palette", "? m o v e");
}

#[test]
fn a_prompt() {
    draw("prompt", "3 M h d f 5");
}

#[test]
fn a_question() {
    draw("question", "3 J q");
}

#[test]
fn the_jobs_around_one() {
    draw("neighbourhood", "2 G enter");
}

#[test]
fn a_choice_of_runners() {
    draw("send", "2 G space k k space s");
}

#[test]
fn a_terminal_that_is_too_small() {
    let ui = Driver::example("bootstrap").sized(39, 9);
    assert_snapshot!(ui.screen().trim_end(), @"spackplan needs 40x10; this is 39x9");
}

#[test]
fn every_theme_in_its_styles() {
    for (name, _) in PRESETS {
        let mut ui = Driver::example("bootstrap").sized(70, 18);
        ui.theme = Theme::load(name, None, Glyphs::UNICODE).unwrap();
        ui.keys("3 J tab space");
        assert_debug_snapshot!(format!("theme-{name}"), ui.buffer());
    }
}

#[test]
fn ascii_glyphs_draw_ascii_alone() {
    let mut ui = Driver::example("bootstrap");
    ui.theme = Theme::load("default", None, Glyphs::ASCII).unwrap();
    for keys in ["1", "2", "3", "4", "5", "6", "2 G enter", "esc ?", "esc 3 J q"] {
        ui.keys(keys);
        let screen = ui.screen();
        assert!(screen.is_ascii(), "{screen}");
    }
}

#[test]
fn every_command_is_in_the_palette_with_its_key() {
    let mut ui = Driver::example("bootstrap");
    ui.keys("?");
    let Some(Overlay::Choice(palette)) = ui.model.overlays.last() else { panic!("no palette") };
    let listed: Vec<Command> = palette
        .items
        .iter()
        .filter_map(|item| match item.chosen {
            Chosen::Command(command) => Some(command),
            Chosen::Mapping(_) | Chosen::Definition(_) => None,
        })
        .collect();
    let typing = [Command::Accept, Command::Cancel, Command::NextChoice, Command::PreviousChoice];
    for command in Command::ALL {
        assert!(!command.doc().is_empty() && !ui.keymap.all_keys(*command).is_empty(), "{}", command.name());
        assert!(listed.contains(command) || typing.contains(command), "{}", command.name());
    }
}

#[test]
fn every_hint_of_the_footer_has_a_key_that_does_it() {
    let mut ui = Driver::example("bootstrap");
    let start = ui.model.clone();
    for keys in ["1", "2", "3", "3 tab", "4", "5", "6", "?", "/", "3 m", "2 G enter", "3 J q", "w", "3 tab s"] {
        ui.model = start.clone();
        ui.keys(keys);
        let scopes = ui.model.scopes();
        for command in view::hints(&ui.model) {
            assert!(ui.keymap.key_for(&scopes, command).is_some(), "{keys}: {}", command.name());
        }
    }
}
