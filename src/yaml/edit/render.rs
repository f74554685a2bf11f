//! Writes new values in the way the rest of a text is written.

use super::habits::{Habits, Quotes};
use crate::yaml::write::{block_header, double_quoted, is_printable};
use crate::yaml::{Mapping, Node, Value, scalar, write_key};
use granit_parser::StructureStyle;
use std::borrow::Cow;

/// How many bytes a list may have that is put on one line.
const LONGEST_LINE: usize = 72;

/// Writes values with the habits of a text.
pub(super) struct Renderer<'a> {
    pub(super) habits: Habits<'a>,
    pub(super) newline: &'static str,
}

impl Renderer<'_> {
    /// Returns a value on one line.
    pub(super) fn inline(&self, value: &Value, quotes: Quotes) -> String {
        match value {
            Value::Null => "null".to_owned(),
            Value::Bool(yes) => yes.to_string(),
            Value::Number(text) => text.clone(),
            Value::String(text) => quoted(text, quotes).into_owned(),
            Value::Sequence(items) => {
                let items: Vec<_> = items.iter().map(|item| self.inline(&item.value, quotes)).collect();
                format!("[{}]", items.join(", "))
            }
            Value::Mapping(map) => {
                let entries: Vec<_> = map.iter().map(|(key, entry)| self.inline_entry(key, &entry.node)).collect();
                format!("{{{}}}", entries.join(", "))
            }
        }
    }

    /// Returns `key: value` on one line.
    pub(super) fn inline_entry(&self, key: &str, node: &Node) -> String {
        format!("{}: {}", write_key(key), self.inline(&node.value, self.quotes(key)))
    }

    fn quotes(&self, key: &str) -> Quotes {
        self.habits.of_key(key).map_or_else(Quotes::default, |habit| habit.quotes)
    }

    /// Returns an item with its dash at `column`.
    pub(super) fn item(&self, column: usize, dash: usize, node: &Node, quotes: Quotes) -> String {
        let mut out = String::new();
        self.write_item(&mut out, column, dash, node, quotes);
        out
    }

    /// Returns an entry whose key stands at `column`.
    pub(super) fn entry(&self, column: usize, key: &str, node: &Node) -> String {
        let mut out = format!("{}:", write_key(key));
        self.write_value(&mut out, column, Some(key), node, self.quotes(key));
        out
    }

    /// Returns what stands behind `key:` at `column`, a blank or a line end first.
    pub(super) fn value(&self, column: usize, key: Option<&str>, node: &Node, quotes: Quotes) -> String {
        let mut out = String::new();
        self.write_value(&mut out, column, key, node, quotes);
        out
    }

    /// Returns the items or entries of a list or map in lines of `column`, the first without indentation.
    pub(super) fn lines(&self, column: usize, dash: usize, value: &Value, quotes: Quotes) -> Option<String> {
        let mut out = String::new();
        match value {
            Value::Sequence(items) if !items.is_empty() => self.write_list(&mut out, column, dash, items, quotes),
            Value::Mapping(map) if !map.is_empty() => self.write_map(&mut out, column, map),
            _ => return None,
        }
        Some(out)
    }

    /// Tells whether a value is best put on one line behind its key.
    pub(super) fn is_short(&self, key: Option<&str>, value: &Value) -> bool {
        let (items, is_list) = match value {
            Value::Sequence(items) => (items.as_slice(), true),
            Value::Mapping(map) => return map.is_empty(),
            Value::String(text) => return block_header(text).is_none(),
            _ => return true,
        };
        let is_flat = items.iter().all(|item| item.as_sequence().is_none() && item.as_mapping().is_none());
        let length: usize = items.iter().filter_map(Node::as_text).map(|text| text.len() + 2).sum();
        let style = key.and_then(|key| self.habits.of_key(key)).and_then(|habit| habit.style);
        let wants = style.unwrap_or(StructureStyle::Flow) == StructureStyle::Flow;
        items.is_empty() || (is_list && is_flat && wants && length <= LONGEST_LINE)
    }

    fn write_value(&self, out: &mut String, column: usize, key: Option<&str>, node: &Node, quotes: Quotes) {
        if self.is_short(key, &node.value) {
            out.push(' ');
            out.push_str(&self.inline(&node.value, quotes));
            return;
        }
        match &node.value {
            Value::Sequence(items) => {
                let column = column + self.habits.list;
                self.end_line(out, column);
                self.write_list(out, column, self.habits.dash, items, quotes);
            }
            Value::Mapping(map) => {
                let column = column + self.habits.map;
                self.end_line(out, column);
                self.write_map(out, column, map);
            }
            _ => self.write_text(out, column + self.habits.map, node),
        }
    }

    fn write_item(&self, out: &mut String, column: usize, dash: usize, node: &Node, quotes: Quotes) {
        out.push('-');
        let padding = dash.saturating_sub(1).max(1);
        let inner = column + 1 + padding;
        let pad = |out: &mut String| out.extend(std::iter::repeat_n(' ', padding));
        match &node.value {
            Value::Sequence(items) if !items.is_empty() && !self.is_short(None, &node.value) => {
                pad(out);
                self.write_list(out, inner, self.habits.dash, items, quotes);
            }
            Value::Mapping(map) if !map.is_empty() => {
                pad(out);
                self.write_map(out, inner, map);
            }
            Value::String(text) if block_header(text).is_some() => self.write_text(out, inner, node),
            value => {
                pad(out);
                out.push_str(&self.inline(value, quotes));
            }
        }
    }

    fn write_list(&self, out: &mut String, column: usize, dash: usize, items: &[Node], quotes: Quotes) {
        for (i, item) in items.iter().enumerate() {
            if i > 0 {
                self.end_line(out, column);
            }
            self.write_item(out, column, dash, item, quotes);
        }
    }

    fn write_map(&self, out: &mut String, column: usize, map: &Mapping) {
        for (i, (key, entry)) in map.iter().enumerate() {
            if i > 0 {
                self.end_line(out, column);
            }
            out.push_str(&self.entry(column, key, &entry.node));
        }
    }

    /// Writes a text of several lines as a literal block with its lines at `column`.
    fn write_text(&self, out: &mut String, column: usize, node: &Node) {
        let text = node.as_text().unwrap_or_default();
        let Some(header) = block_header(text) else { return };
        out.push(' ');
        out.push_str(header);
        for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
            self.end_line(out, if line.is_empty() { 0 } else { column });
            out.push_str(line);
        }
    }

    fn end_line(&self, out: &mut String, column: usize) {
        out.push_str(self.newline);
        out.extend(std::iter::repeat_n(' ', column));
    }
}

/// Returns a string on one line with these quotes, if they can hold it.
fn quoted(text: &str, quotes: Quotes) -> Cow<'_, str> {
    let written = scalar(text);
    let is_plain = matches!(written, Cow::Borrowed(_));
    match quotes {
        Quotes::Double => Cow::Owned(double_quoted(text)),
        Quotes::DoubleIfAny if !is_plain => Cow::Owned(double_quoted(text)),
        Quotes::Single if is_plain && text.chars().all(is_printable) => Cow::Owned(format!("'{text}'")),
        _ => written,
    }
}
