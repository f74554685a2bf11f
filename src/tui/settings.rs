//! How the terminal UI looks and which keys it has: options over the user's files over the presets.

use super::glyph::Glyphs;
use super::keymap::Keymap;
use super::storage;
use super::terminal::Mouse;
use super::theme::Theme;
use crate::error::Result;

/// Whether colours are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Color {
    /// They are.
    On,
    /// They are not; reverse and bold stay.
    Off,
}

/// What the command line says about the looks.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The name of an embedded theme, if one is asked for.
    pub theme: Option<String>,
    /// Whether colours are used.
    pub color: Color,
    /// The characters to draw with.
    pub glyphs: Glyphs,
    /// Whether the mouse is used.
    pub mouse: Mouse,
}

impl Settings {
    /// Returns the preset keymap with the user's `keymap.yaml` laid over it.
    ///
    /// # Errors
    /// Returns an error with its place if the user's file is wrong.
    pub fn keymap(&self) -> Result<Keymap> {
        Keymap::load(storage::config("keymap.yaml")?.as_ref())
    }

    /// Returns the theme asked for with the user's `theme.yaml` laid over it; without colours, the monochrome one.
    ///
    /// # Errors
    /// Returns an error if there is no such theme, or with its place if the user's file is wrong.
    pub fn theme(&self) -> Result<Theme> {
        if self.color == Color::Off {
            return Theme::load("monochrome", None, self.glyphs);
        }
        // crossterm would heed NO_COLOR although an option or file says otherwise.
        crossterm::style::force_color_output(true);
        match &self.theme {
            Some(name) => Theme::load(name, None, self.glyphs),
            None => Theme::load("default", storage::config("theme.yaml")?.as_ref(), self.glyphs),
        }
    }
}
