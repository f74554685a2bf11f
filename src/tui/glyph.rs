//! The characters that stand for statuses and draw lines, in Unicode and in ASCII.

use ratatui::symbols::border;

/// One table of all characters beyond plain text; widgets take them from here only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Glyphs {
    /// Marks the selected row.
    pub selected: &'static str,
    /// A combination that a rule excludes.
    pub excluded: &'static str,
    /// No runner, or a problem.
    pub missing: &'static str,
    /// Nothing is known of it.
    pub unknown: &'static str,
    /// Predicted.
    pub predicted: &'static str,
    /// The selected job needs this one.
    pub upstream: &'static str,
    /// This job needs the selected one.
    pub downstream: &'static str,
    /// A marked row.
    pub marked: &'static str,
    /// A folded group.
    pub folded: &'static str,
    /// An unfolded group.
    pub unfolded: &'static str,
    /// Fits.
    pub yes: &'static str,
    /// Does not fit.
    pub no: &'static str,
    /// Separates facts on a line.
    pub dot: &'static str,
    /// Stands for text that was cut off.
    pub ellipsis: &'static str,
    /// Leads from one thing to the next.
    pub arrow: &'static str,
    /// A horizontal line.
    pub horizontal: &'static str,
    /// A vertical line.
    pub vertical: &'static str,
    /// The first branch to the right.
    pub first_branch: &'static str,
    /// A branch to the right.
    pub branch: &'static str,
    /// The last branch to the right.
    pub last_branch: &'static str,
    /// What a drawing is about.
    pub middle: &'static str,
    /// The phases of the spinner.
    pub spinner: [&'static str; 4],
}

impl Glyphs {
    /// For terminals that show UTF-8.
    pub const UNICODE: Self = Self {
        selected: ">",
        excluded: "·",
        missing: "!",
        unknown: "?",
        predicted: "~",
        upstream: "↑",
        downstream: "↓",
        marked: "*",
        folded: "▸",
        unfolded: "▾",
        yes: "✓",
        no: "✗",
        dot: "·",
        ellipsis: "…",
        arrow: "→",
        horizontal: "─",
        vertical: "│",
        first_branch: "┌",
        branch: "├",
        last_branch: "└",
        middle: "●",
        spinner: ["◐", "◓", "◑", "◒"],
    };

    /// For everything else.
    pub const ASCII: Self = Self {
        selected: ">",
        excluded: ".",
        missing: "!",
        unknown: "?",
        predicted: "~",
        upstream: "^",
        downstream: "v",
        marked: "*",
        folded: "+",
        unfolded: "-",
        yes: "+",
        no: "x",
        dot: "-",
        ellipsis: "~",
        arrow: "->",
        horizontal: "-",
        vertical: "|",
        first_branch: ".",
        branch: "|",
        last_branch: "`",
        middle: "o",
        spinner: ["|", "/", "-", "\\"],
    };

    /// Returns the lines that frame an overlay.
    pub fn border(self) -> border::Set<'static> {
        if self == Self::UNICODE {
            return border::PLAIN;
        }
        border::Set {
            top_left: "+",
            top_right: "+",
            bottom_left: "+",
            bottom_right: "+",
            vertical_left: self.vertical,
            vertical_right: self.vertical,
            horizontal_top: self.horizontal,
            horizontal_bottom: self.horizontal,
        }
    }

    /// Chooses by what the locale's variables say (`LC_ALL` over `LC_CTYPE` over `LANG`).
    pub fn for_locale(variable: impl Fn(&str) -> Option<String>) -> Self {
        let names = ["LC_ALL", "LC_CTYPE", "LANG"];
        let locale = names.iter().filter_map(|name| variable(name)).find(|value| !value.is_empty());
        let locale = locale.unwrap_or_default().to_ascii_lowercase();
        if locale.contains("utf-8") || locale.contains("utf8") { Self::UNICODE } else { Self::ASCII }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_locale_variable_that_is_set_decides() {
        let locale = |all: &'static str, lang: &'static str| {
            Glyphs::for_locale(move |name| match name {
                "LC_ALL" => Some(all.to_owned()),
                "LANG" => Some(lang.to_owned()),
                _ => None,
            })
        };
        assert_eq!(locale("", "en_US.UTF-8"), Glyphs::UNICODE);
        assert_eq!(locale("C", "en_US.UTF-8"), Glyphs::ASCII);
        assert_eq!(Glyphs::for_locale(|_| None), Glyphs::ASCII);
    }

    #[test]
    fn the_ascii_glyphs_are_ascii() {
        let text = format!("{:?}", Glyphs::ASCII);
        assert!(text.is_ascii(), "{text}");
    }
}
