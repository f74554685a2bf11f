//! Colours by meaning: a theme gives each role one of the terminal's own sixteen colours and attributes.
//!
//! Nothing is told by colour alone: the selection is reversed and marked `>`, every status has a glyph and a word.

use super::glyph::Glyphs;
use crate::error::{Error, Result};
use crate::source::Source;
use crate::yaml::{self, Entry, Node, Value};
use ratatui::style::{Color, Modifier, Style};
use std::sync::Arc;

/// What a piece of text means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The header's name and the open screen.
    Title,
    /// What is less important, or not related to the selection.
    Dim,
    /// Keys in hints.
    Key,
    /// Errors and jobs without a runner.
    Error,
    /// Warnings.
    Warning,
    /// Notes.
    Note,
    /// What came by an edit.
    Added,
    /// What went by an edit.
    Removed,
    /// Predicted specs.
    Predicted,
    /// Names of keys in YAML.
    Name,
    /// What the selected job needs, or what needs it.
    Related,
    /// Marked rows.
    Marked,
    /// What the filter finds.
    Found,
}

const ROLES: [(&str, Role); 13] = [
    ("title", Role::Title),
    ("dim", Role::Dim),
    ("key", Role::Key),
    ("error", Role::Error),
    ("warning", Role::Warning),
    ("note", Role::Note),
    ("added", Role::Added),
    ("removed", Role::Removed),
    ("predicted", Role::Predicted),
    ("name", Role::Name),
    ("related", Role::Related),
    ("marked", Role::Marked),
    ("found", Role::Found),
];

/// The embedded themes by name.
pub const PRESETS: [(&str, &str); 3] = [
    ("default", include_str!("../../assets/themes/default.yaml")),
    ("color-blind", include_str!("../../assets/themes/color-blind.yaml")),
    ("monochrome", include_str!("../../assets/themes/monochrome.yaml")),
];

const COLORS: [(&str, Color); 16] = [
    ("black", Color::Black),
    ("red", Color::Red),
    ("green", Color::Green),
    ("yellow", Color::Yellow),
    ("blue", Color::Blue),
    ("magenta", Color::Magenta),
    ("cyan", Color::Cyan),
    ("white", Color::Gray),
    ("bright-black", Color::DarkGray),
    ("bright-red", Color::LightRed),
    ("bright-green", Color::LightGreen),
    ("bright-yellow", Color::LightYellow),
    ("bright-blue", Color::LightBlue),
    ("bright-magenta", Color::LightMagenta),
    ("bright-cyan", Color::LightCyan),
    ("bright-white", Color::White),
];

const MODIFIERS: [(&str, Modifier); 4] = [
    ("bold", Modifier::BOLD),
    ("dim", Modifier::DIM),
    ("underline", Modifier::UNDERLINED),
    ("reverse", Modifier::REVERSED),
];

/// Styles by role, the colours of runners, and the glyphs.
#[derive(Clone, Debug, PartialEq)]
pub struct Theme {
    styles: [Style; ROLES.len()],
    runners: Vec<Style>,
    /// The characters that stand for statuses and draw lines.
    pub glyphs: Glyphs,
}

impl Theme {
    /// Returns an embedded theme with the user's theme laid over it.
    ///
    /// # Errors
    /// Returns an error for a name that is not among [`PRESETS`], and with its place for anything unknown in `overlay`.
    pub fn load(preset: &str, overlay: Option<&Arc<Source>>, glyphs: Glyphs) -> Result<Self> {
        let Some((name, text)) = PRESETS.iter().find(|(name, _)| *name == preset) else {
            let names: Vec<&str> = PRESETS.iter().map(|(name, _)| *name).collect();
            return Err(Error::input(format!("there is no theme `{preset}`"))
                .hint(format!("the embedded themes are: {}", names.join(", "))));
        };
        let mut theme = Self { styles: [Style::new(); ROLES.len()], runners: Vec::new(), glyphs };
        theme.overlay(&Source::new(*name, *text))?;
        if let Some(source) = overlay {
            theme.overlay(source)?;
        }
        Ok(theme)
    }

    fn overlay(&mut self, source: &Arc<Source>) -> Result<()> {
        let document = yaml::read(source)?;
        let roles = match &document.value {
            Value::Mapping(roles) => roles,
            Value::Null => return Ok(()),
            _ => return Err(wrong(&document, "a map from roles to styles")),
        };
        for (name, Entry { key, node }) in roles {
            if name == "runners" {
                let Some(items) = node.as_sequence() else { return Err(wrong(node, "a list of styles")) };
                self.runners = items.iter().map(style).collect::<Result<_>>()?;
                continue;
            }
            let Some((_, role)) = ROLES.iter().find(|(known, _)| known == name) else {
                let known: Vec<&str> = ROLES.iter().map(|(name, _)| *name).chain(["runners"]).collect();
                return Err(Error::input(format!("there is no role `{name}`"))
                    .at(key)
                    .hint(format!("the roles are: {}", known.join(", "))));
            };
            self.styles[*role as usize] = style(node)?;
        }
        Ok(())
    }

    /// Returns the style of a role.
    pub fn style(&self, role: Role) -> Style {
        self.styles[role as usize]
    }

    /// Returns the style of the runner with this number.
    pub fn runner(&self, number: usize) -> Style {
        self.runners.get(number % self.runners.len().max(1)).copied().unwrap_or_default()
    }

    /// Returns the style of the selected row: reversed in the focused pane, underlined elsewhere.
    pub fn selected(focused: bool) -> Style {
        Style::new().add_modifier(if focused { Modifier::REVERSED } else { Modifier::UNDERLINED })
    }
}

/// Reads a style: words of colours and attributes separated by blanks, e.g. `bold red`.
fn style(node: &Node) -> Result<Style> {
    let text = match &node.value {
        Value::Null => return Ok(Style::new()),
        _ => node.as_text().ok_or_else(|| wrong(node, "a style such as `bold red`"))?,
    };
    let mut style = Style::new();
    for word in text.split_whitespace() {
        if let Some((_, color)) = COLORS.iter().find(|(name, _)| *name == word) {
            style = style.fg(*color);
        } else if let Some((_, modifier)) = MODIFIERS.iter().find(|(name, _)| *name == word) {
            style = style.add_modifier(*modifier);
        } else {
            let names = COLORS.iter().map(|(name, _)| *name).chain(MODIFIERS.iter().map(|(name, _)| *name));
            return Err(Error::input(format!("`{word}` is neither a colour nor an attribute"))
                .at(&node.place)
                .hint(format!("known are: {}", names.collect::<Vec<_>>().join(", "))));
        }
    }
    Ok(style)
}

fn wrong(node: &Node, wanted: &str) -> Error {
    Error::input(format!("this should be {wanted}, but is {}", node.kind())).at(&node.place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_embedded_theme_can_be_read() {
        for (name, _) in PRESETS {
            Theme::load(name, None, Glyphs::UNICODE).unwrap();
        }
    }

    #[test]
    fn the_monochrome_theme_has_no_colours() {
        let theme = Theme::load("monochrome", None, Glyphs::ASCII).unwrap();
        assert!(theme.styles.iter().chain(&theme.runners).all(|style| style.fg.is_none() && style.bg.is_none()));
    }

    #[test]
    fn the_color_blind_theme_tells_added_from_removed_without_red_against_green() {
        let theme = Theme::load("color-blind", None, Glyphs::UNICODE).unwrap();
        let colors = [Role::Added, Role::Removed, Role::Error, Role::Warning].map(|role| theme.style(role).fg);
        assert!(!colors.contains(&Some(Color::Green)), "{colors:?}");
        assert_ne!(theme.style(Role::Added).fg, theme.style(Role::Removed).fg);
    }

    #[test]
    fn an_overlay_changes_what_it_names_and_mistakes_have_a_place() {
        let overlay = |text: &str| Theme::load("default", Some(&Source::new("t.yaml", text)), Glyphs::UNICODE);
        assert_eq!(overlay("error: underline").unwrap().style(Role::Error), Style::new().underlined());
        for (text, place) in
            [("eror: red", "t.yaml:1:1"), ("error: orange", "t.yaml:1:8"), ("error: [red]", "t.yaml:1:8")]
        {
            assert!(overlay(text).unwrap_err().to_string().starts_with(place));
        }
    }
}
