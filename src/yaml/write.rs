//! A YAML writer whose output means the same to YAML 1.1 readers (GitLab's Psych, PyYAML) and to YAML 1.2 ones.
//!
//! A string stays plain only if no reader takes it for anything else: not for a boolean (`yes`, `on`), a number
//! (`1e3`, `0o17`), a date, a sexagesimal (`1:30`) or a symbol (`:foo`). Texts of several lines become literal
//! blocks where those hold them exactly, and double-quoted scalars otherwise.

use super::{Node, Value};
use std::borrow::Cow;
use std::fmt::Write as _;

/// Words that YAML 1.1 or 1.2 reads as something other than a string, in lower case.
const WORDS: [&str; 9] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];

/// Collects YAML text in block style, two blanks a level.
#[derive(Debug, Default)]
pub struct Writer {
    out: String,
}

impl Writer {
    /// Starts an empty text.
    pub fn new() -> Self {
        Self::default()
    }

    /// Goes on behind `out`.
    pub fn append_to(out: String) -> Self {
        Self { out }
    }

    /// Writes YAML text that was rendered before.
    pub fn raw(&mut self, text: &str) {
        self.out.push_str(text);
    }

    /// Returns the text.
    pub fn finish(self) -> String {
        self.out
    }

    /// Writes `key:` and leaves the line open for the value.
    pub fn key(&mut self, indent: usize, key: &str) {
        self.pad(indent);
        self.out.push_str(&write_key(key));
        self.out.push(':');
    }

    /// Writes `key: text` with a string as value.
    pub fn text_entry(&mut self, indent: usize, key: &str, text: &str) {
        self.key(indent, key);
        self.text(indent, text);
    }

    /// Writes `key: text` on a line that was begun, as behind the dash of a list.
    pub fn text_value(&mut self, indent: usize, key: &str, text: &str) {
        self.out.push(' ');
        self.out.push_str(&write_key(key));
        self.out.push(':');
        self.text(indent, text);
    }

    /// Writes `key:` with a list of strings, `[]` where it is empty.
    pub fn list_entry<'a>(&mut self, indent: usize, key: &str, items: impl IntoIterator<Item = &'a str>) {
        self.entries(indent, key, items, |writer, item| writer.text(indent + 1, item));
    }

    /// Writes `key:` with a list of strings that [`scalar`] has made YAML of, `[]` where it is empty.
    pub fn scalars_entry<'a>(&mut self, indent: usize, key: &str, items: impl IntoIterator<Item = &'a str>) {
        self.entries(indent, key, items, |writer, item| {
            writer.out.push(' ');
            writer.out.push_str(item);
            writer.out.push('\n');
        });
    }

    fn entries<'a>(
        &mut self,
        indent: usize,
        key: &str,
        items: impl IntoIterator<Item = &'a str>,
        write: impl Fn(&mut Self, &'a str),
    ) {
        self.key(indent, key);
        let mut empty = true;
        for item in items {
            if empty {
                self.out.push('\n');
                empty = false;
            }
            self.pad(indent + 1);
            self.out.push('-');
            write(self, item);
        }
        if empty {
            self.out.push_str(" []\n");
        }
    }

    /// Writes `key:` with any value.
    pub fn node_entry(&mut self, indent: usize, key: &str, node: &Node) {
        self.pad(indent);
        self.node_entry_inline(indent, key, node);
    }

    /// Writes a comment line; line breaks in it become blanks.
    pub fn comment(&mut self, text: &str) {
        self.out.push_str("# ");
        self.out.extend(text.chars().map(|c| if c.is_control() { ' ' } else { c }));
        self.out.push('\n');
    }

    /// Ends the line after a key whose entries follow.
    pub fn end_line(&mut self) {
        self.out.push('\n');
    }

    fn pad(&mut self, indent: usize) {
        for _ in 0..indent {
            self.out.push_str("  ");
        }
    }

    /// Writes a string after a key or dash at `indent`, with its line end.
    fn text(&mut self, indent: usize, text: &str) {
        self.out.push(' ');
        if let Some(header) = block_header(text) {
            self.block(indent, header, text);
        } else {
            self.out.push_str(&scalar(text));
            self.out.push('\n');
        }
    }

    fn block(&mut self, indent: usize, header: &str, text: &str) {
        self.out.push_str(header);
        self.out.push('\n');
        for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
            if !line.is_empty() {
                self.pad(indent + 1);
                self.out.push_str(line);
            }
            self.out.push('\n');
        }
    }

    fn value(&mut self, indent: usize, value: &Value) {
        match value {
            Value::Null => self.out.push_str(" null\n"),
            Value::Bool(yes) => self.out.push_str(if *yes { " true\n" } else { " false\n" }),
            Value::Number(text) => {
                let _ = writeln!(self.out, " {}", number(text));
            }
            Value::String(text) => self.text(indent, text),
            Value::Sequence(items) if items.is_empty() => self.out.push_str(" []\n"),
            Value::Sequence(items) => {
                self.out.push('\n');
                for item in items {
                    self.pad(indent + 1);
                    self.item(indent + 1, &item.value);
                }
            }
            Value::Mapping(map) if map.is_empty() => self.out.push_str(" {}\n"),
            Value::Mapping(map) => {
                self.out.push('\n');
                for (key, entry) in map {
                    self.node_entry(indent + 1, key, &entry.node);
                }
            }
        }
    }

    /// Writes `- value`, with the first entry of a map or list on the dash's own line.
    fn item(&mut self, indent: usize, value: &Value) {
        self.out.push('-');
        match value {
            Value::Sequence(items) if !items.is_empty() => {
                for (i, item) in items.iter().enumerate() {
                    self.lead(indent + 1, i);
                    self.item(indent + 1, &item.value);
                }
            }
            Value::Mapping(map) if !map.is_empty() => {
                for (i, (key, entry)) in map.iter().enumerate() {
                    self.lead(indent + 1, i);
                    self.node_entry_inline(indent + 1, key, &entry.node);
                }
            }
            _ => self.value(indent, value),
        }
    }

    /// Moves to where entry `i` behind a dash starts.
    fn lead(&mut self, indent: usize, i: usize) {
        if i == 0 {
            self.out.push(' ');
        } else {
            self.pad(indent);
        }
    }

    fn node_entry_inline(&mut self, indent: usize, key: &str, node: &Node) {
        self.out.push_str(&write_key(key));
        self.out.push(':');
        self.value(indent, &node.value);
    }
}

/// Returns a mapping key as YAML text on one line.
pub fn write_key(key: &str) -> Cow<'_, str> {
    scalar(key)
}

/// Returns a string as YAML text on one line: plain where every reader agrees on it, else quoted.
pub fn scalar(text: &str) -> Cow<'_, str> {
    if is_plain(text) {
        Cow::Borrowed(text)
    } else if text.chars().all(is_printable) && !text.contains('\n') {
        Cow::Owned(format!("'{}'", text.replace('\'', "''")))
    } else {
        Cow::Owned(double_quoted(text))
    }
}

/// Returns a value on one line, as flow-style YAML.
pub fn inline(node: &Node) -> String {
    match &node.value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) | Value::Number(_) => node.as_text().unwrap_or_default().to_owned(),
        Value::String(text) => scalar(text).into_owned(),
        Value::Sequence(items) => format!("[{}]", items.iter().map(inline).collect::<Vec<_>>().join(", ")),
        Value::Mapping(map) => {
            let entries: Vec<String> =
                map.iter().map(|(key, entry)| format!("{}: {}", scalar(key), inline(&entry.node))).collect();
            format!("{{{}}}", entries.join(", "))
        }
    }
}

/// The bytes that a plain scalar may have anywhere but at its ends.
const PLAIN: [bool; 256] = {
    let mut table = [false; 256];
    let others = b" _/.()$+-=@%~^;:!<>*&|";
    let mut byte = 0;
    while byte < others.len() {
        table[others[byte] as usize] = true;
        byte += 1;
    }
    let mut byte = 0;
    while byte < 128u8 {
        if byte.is_ascii_alphanumeric() {
            table[byte as usize] = true;
        }
        byte += 1;
    }
    table
};

fn is_plain(text: &str) -> bool {
    let bytes = text.as_bytes();
    let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else {
        return false;
    };
    let starts = first.is_ascii_alphanumeric() || matches!(first, b'_' | b'/' | b'.' | b'(' | b'$' | b'+');
    starts
        && bytes.iter().all(|byte| PLAIN[usize::from(*byte)])
        && !matches!(last, b' ' | b':')
        && !bytes.windows(2).any(|pair| pair == b": ")
        && !text.starts_with("..")
        && !looks_numeric(bytes)
        && !(bytes.len() <= 5 && WORDS.iter().any(|word| text.eq_ignore_ascii_case(word)))
}

/// Tells whether a reader might take the text for a number, a date, a time or a sexagesimal.
fn looks_numeric(bytes: &[u8]) -> bool {
    let number = |b: &u8| b.is_ascii_hexdigit() || b" +-.:_oOxXtTzZiInN".contains(b);
    matches!(bytes.first(), Some(b'0'..=b'9' | b'.' | b'+' | b'-')) && bytes.iter().all(number)
}

pub(super) fn is_printable(c: char) -> bool {
    match c {
        ' '..='~' => true,
        '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' => !matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}'),
        _ => c >= '\u{10000}',
    }
}

pub(super) fn double_quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if is_printable(c) => out.push(c),
            c => {
                let code = u32::from(c);
                let _ = match code {
                    0..=0xff => write!(out, "\\x{code:02x}"),
                    0x100..=0xffff => write!(out, "\\u{code:04x}"),
                    _ => write!(out, "\\U{code:08x}"),
                };
            }
        }
    }
    out.push('"');
    out
}

/// Returns the header of a literal block that holds `text` exactly, if there is one worth using.
pub(super) fn block_header(text: &str) -> Option<&'static str> {
    let body = text.strip_suffix('\n').unwrap_or(text);
    if !body.contains('\n') {
        return None;
    }
    let exact = body.chars().all(|c| c == '\n' || is_printable(c))
        && !body.starts_with([' ', '\n'])
        && !body.ends_with('\n')
        && body.split('\n').all(|line| !line.ends_with(' '));
    match (exact, text.ends_with('\n')) {
        (false, _) => None,
        (true, true) => Some("|"),
        (true, false) => Some("|-"),
    }
}

/// Returns a number as decimal digits that every reader takes for the same value.
fn number(text: &str) -> Cow<'_, str> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain =
        !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) && (digits == "0" || !digits.starts_with('0'));
    if plain {
        return Cow::Borrowed(text);
    }
    let unsigned = text.trim_start_matches(['+', '-']);
    let sign = if text.starts_with('-') { "-" } else { "" };
    let radix = |prefix: &str, radix| unsigned.strip_prefix(prefix).and_then(|d| u128::from_str_radix(d, radix).ok());
    let integer = radix("0o", 8).or_else(|| radix("0x", 16)).or_else(|| unsigned.parse().ok());
    if let Some(integer) = integer {
        return Cow::Owned(format!("{sign}{integer}"));
    }
    match unsigned.to_ascii_lowercase().as_str() {
        ".inf" => return Cow::Owned(format!("{sign}.inf")),
        ".nan" => return Cow::Borrowed(".nan"),
        _ => {}
    }
    match unsigned.parse::<f64>() {
        Ok(float) if float.is_finite() => Cow::Owned(decimal(sign, float)),
        _ => Cow::Owned(double_quoted(text)),
    }
}

/// Writes a float so that YAML 1.1 sees one too: with a point, and a signed exponent if any.
fn decimal(sign: &str, float: f64) -> String {
    let text = format!("{float:?}");
    match text.split_once('e') {
        None => format!("{sign}{text}"),
        Some((mantissa, exponent)) => {
            let point = if mantissa.contains('.') { "" } else { ".0" };
            let plus = if exponent.starts_with('-') { "" } else { "+" };
            format!("{sign}{mantissa}{point}e{plus}{exponent}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_yaml_1_1_reads_as_something_else_is_quoted() {
        for text in [
            "yes",
            "No",
            "ON",
            "y",
            "null",
            "~",
            "1e3",
            "0o17",
            "017",
            "1:30",
            "2024-01-15",
            "1_000",
            "0x1F",
            "",
            ":foo",
            "<<",
            "=",
            "- a",
            "a: b",
            "a #b",
            "a:",
            " a",
            "a ",
            ".inf",
            "*x",
            "&x",
            "!x",
            "%x",
            "@x",
            "...",
        ] {
            assert_ne!(scalar(text), text, "{text:?} must not stay plain");
        }
    }

    #[test]
    fn job_names_urls_and_words_stay_plain() {
        for text in [
            "(specs) zlib 1.2.11 gcc@5.5.0 linux-centos7-x86_64",
            "https://mirror.example.org/one",
            "gcc",
            "$CI_JOB_NAME",
        ] {
            assert_eq!(scalar(text), text);
        }
    }

    #[test]
    fn control_characters_are_escaped() {
        assert_eq!(scalar("a\u{1b}[2J"), "\"a\\x1b[2J\"");
        assert_eq!(scalar("a\u{85}b"), "\"a\\x85b\"");
        assert_eq!(scalar("a\u{2028}b"), "\"a\\u2028b\"");
    }

    #[test]
    fn a_script_of_several_lines_becomes_a_literal_block() {
        let mut writer = Writer::new();
        writer.text_entry(0, "script", "set -e\n\nmake # all\n");
        assert_eq!(writer.finish(), "script: |\n  set -e\n\n  make # all\n");
    }

    #[test]
    fn a_text_that_a_block_would_change_is_quoted() {
        for text in ["a \nb", " a\nb", "a\n\n", "\na\nb", "a\r\nb"] {
            assert_eq!(block_header(text), None, "{text:?}");
        }
    }

    #[test]
    fn numbers_are_written_in_decimal() {
        for (text, expected) in [
            ("2", "2"),
            ("017", "17"),
            ("0o17", "15"),
            ("0x1F", "31"),
            ("1e3", "1000.0"),
            ("-.INF", "-.inf"),
            ("1e300", "1.0e+300"),
        ] {
            assert_eq!(number(text), expected);
        }
    }
}
