//! Keys as people write them: `j`, `G`, `ctrl-r`, `shift-tab`, `alt-up`, `f1`, `space`.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use std::fmt;

/// A key with its modifiers; for characters the shift key is part of the character.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Hash)]
pub struct Key {
    code: KeyCode,
    modifiers: KeyModifiers,
}

/// Names of keys that are no single character, with the code each stands for.
const NAMED: [(&str, KeyCode); 15] = [
    ("backspace", KeyCode::Backspace),
    ("delete", KeyCode::Delete),
    ("down", KeyCode::Down),
    ("end", KeyCode::End),
    ("enter", KeyCode::Enter),
    ("esc", KeyCode::Esc),
    ("home", KeyCode::Home),
    ("insert", KeyCode::Insert),
    ("left", KeyCode::Left),
    ("pagedown", KeyCode::PageDown),
    ("pageup", KeyCode::PageUp),
    ("right", KeyCode::Right),
    ("space", KeyCode::Char(' ')),
    ("tab", KeyCode::Tab),
    ("up", KeyCode::Up),
];

impl Key {
    /// Reads a key; returns nothing if the text names none.
    pub fn parse(text: &str) -> Option<Self> {
        let mut modifiers = KeyModifiers::NONE;
        let mut rest = text;
        while let Some((modifier, after)) = split_modifier(rest) {
            modifiers |= modifier;
            rest = after;
        }
        Some(Self::new(code(rest)?, modifiers))
    }

    fn new(code: KeyCode, modifiers: KeyModifiers) -> Self {
        match code {
            KeyCode::BackTab => Self { code: KeyCode::Tab, modifiers: modifiers | KeyModifiers::SHIFT },
            // Terminals disagree on whether they report shift beside a capital letter.
            KeyCode::Char(_) => Self { code, modifiers: modifiers - KeyModifiers::SHIFT },
            _ => Self { code, modifiers },
        }
    }

    /// Returns the event of pressing this key, for text fields.
    pub fn event(self) -> KeyEvent {
        KeyEvent::new(self.code, self.modifiers)
    }
}

fn split_modifier(text: &str) -> Option<(KeyModifiers, &str)> {
    let modifiers = [("ctrl-", KeyModifiers::CONTROL), ("alt-", KeyModifiers::ALT), ("shift-", KeyModifiers::SHIFT)];
    modifiers.into_iter().find_map(|(prefix, modifier)| {
        let rest = text.strip_prefix(prefix)?;
        (!rest.is_empty()).then_some((modifier, rest))
    })
}

fn code(name: &str) -> Option<KeyCode> {
    let mut characters = name.chars();
    if let (Some(c), None) = (characters.next(), characters.next()) {
        return (!c.is_control() && c != ' ').then_some(KeyCode::Char(c));
    }
    if let Some(number) = name.strip_prefix('f').and_then(|digits| digits.parse().ok()) {
        return (1..=12).contains(&number).then_some(KeyCode::F(number));
    }
    NAMED.iter().find(|(known, _)| *known == name).map(|(_, code)| *code)
}

impl From<KeyEvent> for Key {
    fn from(event: KeyEvent) -> Self {
        let known = KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SHIFT;
        Self::new(event.code, event.modifiers & known)
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (modifier, prefix) in
            [(KeyModifiers::CONTROL, "ctrl-"), (KeyModifiers::ALT, "alt-"), (KeyModifiers::SHIFT, "shift-")]
        {
            if self.modifiers.contains(modifier) {
                f.write_str(prefix)?;
            }
        }
        match (NAMED.iter().find(|(_, code)| *code == self.code), self.code) {
            (Some((name, _)), _) => f.write_str(name),
            (None, KeyCode::Char(c)) => write!(f, "{c}"),
            (None, KeyCode::F(number)) => write!(f, "f{number}"),
            (None, _) => f.write_str("?"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_written_as_they_are_read() {
        for text in ["j", "G", "ctrl-r", "shift-tab", "alt-up", "f1", "space", "-", "ctrl--", "pagedown", "?", "é"] {
            assert_eq!(Key::parse(text).map(|key| key.to_string()).as_deref(), Some(text));
        }
    }

    #[test]
    fn what_names_no_key_is_refused() {
        for text in ["", "hyper-x", "f13", "ctrl-", "escape", " ", "\u{1b}"] {
            assert_eq!(Key::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_capital_letter_is_the_same_key_with_and_without_shift() {
        let plain = Key::from(KeyEvent::new(KeyCode::Char('G'), KeyModifiers::NONE));
        let shifted = Key::from(KeyEvent::new(KeyCode::Char('G'), KeyModifiers::SHIFT));
        assert_eq!((plain, Key::parse("G")), (shifted, Some(shifted)));
    }

    #[test]
    fn shift_tab_is_one_key_however_the_terminal_reports_it() {
        let back = Key::from(KeyEvent::new(KeyCode::BackTab, KeyModifiers::SHIFT));
        assert_eq!(Key::parse("shift-tab"), Some(back));
    }
}
