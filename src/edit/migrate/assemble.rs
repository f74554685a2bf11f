//! Puts the text of a `gitlab-ci:` section together anew as `ci:`, from the lines that it has: comments move along.

use super::translate::{BEHAVIOR, DEFAULTS, Fate, KEPT, MAPPINGS, SERVICES, Translation, today};
use crate::yaml::edit::{Document, Key, Outline, Part, Path, Splice, splice};
use crate::yaml::{Node, Value, scalar};
use std::ops::Range;

/// How deep the keys below `- build-job:` stand, from it.
const STEP: usize = 2;

/// Puts one section together.
pub(super) struct Assembly<'a> {
    document: &'a Document,
    translation: &'a Translation<'a>,
    section: Path,
    newline: &'static str,
    /// Changes within lines: keys, constraints.
    within: Vec<Splice>,
}

impl<'a> Assembly<'a> {
    pub(super) fn new(document: &'a Document, translation: &'a Translation<'a>, section: Path) -> Self {
        let newline = if document.source().text().contains("\r\n") { "\r\n" } else { "\n" };
        Self { document, translation, section, newline, within: Vec::new() }
    }

    /// Returns what replaces the value of the section, with the bytes that it has now; none where it is not written in
    /// lines that can be taken apart.
    pub(super) fn assemble(mut self) -> Option<Splice> {
        let outline = self.document.outline(&self.section)?;
        let list = self.document.outline(&self.section.key(MAPPINGS));
        if list.is_none() && !self.translation.mappings().is_empty() {
            return None;
        }
        self.change_keys(&outline)?;
        self.within.sort_by_key(|splice| splice.range.start);
        let indent = list.as_ref().map_or(STEP, |list| list.column.saturating_sub(outline.column));
        let layout = Layout { column: outline.column, dash: outline.column + indent, indent };
        let mut blocks = Vec::new();
        for part in &outline.parts {
            let key = part.key.as_ref()?;
            match key.name.as_str() {
                MAPPINGS => blocks.push(self.pipeline_gen(part, list.as_ref(), &outline, layout)),
                name if KEPT.contains(&name) => blocks.push(self.lines(part, 0)),
                name if is_moved(name) => {}
                _ => blocks.push(self.between(part)),
            }
        }
        let head = &self.text()[outline.head.clone()];
        let blocks: Vec<String> = blocks.into_iter().filter(|block| !block.is_empty()).collect();
        let text = format!("{head}{0}{1}", self.newline, blocks.join(self.newline));
        Some(Splice { range: outline.head.start..outline.end(), text })
    }

    fn text(&self) -> &'a str {
        self.document.source().text()
    }

    /// Finds what changes within lines.
    fn change_keys(&mut self, outline: &Outline) -> Option<()> {
        for key in outline.parts.iter().map(|part| part.key.as_ref()) {
            let key = key?;
            let node = &self.translation.section.get(&key.name)?.node;
            if DEFAULTS.contains(&key.name.as_str()) {
                self.change(key, &Translation::of_default(&key.name, node));
            } else if let Some((of, _)) = SERVICES.iter().find(|(name, _)| *name == key.name) {
                let translation = self.translation;
                self.change_each(&self.section.key(*of), node, |key, value| translation.of_service(of, key, value));
            }
        }
        for (index, mapping) in self.translation.mappings().iter().enumerate() {
            let path = self.section.key(MAPPINGS).item(index);
            self.change_each(&path, mapping, Translation::of_mapping);
            if let Some(attributes) = mapping.get("runner-attributes") {
                let translation = self.translation;
                self.change_each(&path.key("runner-attributes"), attributes, |key, value| {
                    translation.of_attribute(index, key, value)
                });
            }
            let specs = mapping.get("match").and_then(Node::as_sequence).unwrap_or_default();
            for (at, node) in specs.iter().enumerate() {
                self.rewrite(&path.key("match").item(at), node);
            }
        }
        Some(())
    }

    fn change_each(&mut self, path: &Path, map: &Node, fate: impl Fn(&str, &Node) -> Fate) {
        for key in self.document.keys(path) {
            if let Some(value) = map.get(&key.name) {
                self.change(&key, &fate(&key.name, value));
            }
        }
    }

    fn change(&mut self, key: &Key, fate: &Fate) {
        match fate {
            Fate::Keep => {}
            Fate::Rename(name) => {
                self.within.push(Splice { range: key.bytes.clone(), text: name.clone() });
            }
            Fate::Omit => self.comment_out(key),
        }
    }

    /// Turns an entry into comments, line by line.
    fn comment_out(&mut self, key: &Key) {
        let text = self.text();
        let start = key.entry.start;
        let column = start - text[..start].rfind('\n').map_or(0, |at| at + 1);
        let lines = text[key.entry.clone()].match_indices('\n').map(|(at, _)| start + at + 1);
        let deep = |at: &usize| {
            text[*at..].len() > column && text.get(*at..*at + column).is_some_and(|before| before.trim().is_empty())
        };
        let others: Vec<usize> = lines.filter(deep).map(|at| at + column).collect();
        for at in std::iter::once(start).chain(others) {
            self.within.push(Splice { range: at..at, text: "# ".to_owned() });
        }
    }

    fn rewrite(&mut self, path: &Path, node: &Node) {
        if let Value::String(text) = &node.value
            && let (Some(range), Some(today)) = (self.document.scalar(path), today(text))
        {
            let text = quoted_alike(&self.text()[range.clone()], &today);
            self.within.push(Splice { range, text });
        }
    }

    /// Returns bytes of the text with the changes within them.
    fn changed(&self, range: Range<usize>) -> String {
        let inside = self.within.iter().filter(|splice| range.start <= splice.range.start);
        let inside = inside.filter(|splice| splice.range.end <= range.end);
        let moved = inside.map(|splice| Splice {
            range: splice.range.start - range.start..splice.range.end - range.start,
            text: splice.text.clone(),
        });
        splice(&self.text()[range.clone()], &moved.collect::<Vec<_>>())
    }

    /// Returns the lines of a part, `by` columns to the right.
    fn lines(&self, part: &Part, by: usize) -> String {
        self.shifted(&self.changed(part.before.start..part.tail.end), by)
    }

    /// Returns the lines that stand above a part which goes, and do not belong to it.
    fn between(&self, part: &Part) -> String {
        let lines = self.text()[part.before.clone()].trim_end();
        if lines.trim().is_empty() { String::new() } else { lines.to_owned() }
    }

    /// Moves lines to the right; empty ones stay empty.
    fn shifted(&self, text: &str, by: usize) -> String {
        let line = |line: &str| if line.trim().is_empty() { line.to_owned() } else { format!("{:by$}{line}", "") };
        text.split(self.newline).map(line).collect::<Vec<_>>().join(self.newline)
    }

    /// Puts all sections of `pipeline-gen` where the mappings stand.
    fn pipeline_gen(&self, mappings: &Part, list: Option<&Outline>, outline: &Outline, layout: Layout) -> String {
        let Layout { column, dash, .. } = layout;
        let part =
            |wanted: &str| outline.parts.iter().find(|part| part.key.as_ref().is_some_and(|key| key.name == wanted));
        let above = &self.text()[mappings.before.start..mappings.lead.end];
        let mut blocks = vec![format!("{above}{:column$}pipeline-gen:", "")];
        blocks.push(self.submapping(mappings, list, layout));
        blocks.extend(part(BEHAVIOR).map(|part| without_blank(&self.lines(part, layout.inner() - column))));
        let defaults = outline.parts.iter().filter(|part| is_default(part));
        for (i, part) in defaults.enumerate() {
            let lines = self.lines(part, layout.inner() + STEP - column);
            if i == 0 {
                blocks.push(format!("{:dash$}- build-job:", ""));
            }
            blocks.push(if i == 0 { without_blank(&lines) } else { lines });
        }
        for (key, kinds) in SERVICES {
            let Some(part) = part(key) else { continue };
            for (i, kind) in kinds.iter().enumerate() {
                blocks.push(self.service(part, kind, i == 0, layout));
            }
        }
        blocks.join(self.newline)
    }

    /// Puts the mappings in reverse order below `submapping:`.
    fn submapping(&self, mappings: &Part, list: Option<&Outline>, layout: Layout) -> String {
        let dash = layout.dash;
        let mut text = format!("{:dash$}- submapping:", "");
        let Some(list) = list else {
            text.push_str(" []");
            return text;
        };
        text.push_str(&self.text()[list.head.clone()]);
        let by = layout.inner() + layout.indent - list.column;
        // Comments above the first are about all; the others belong to what they stand above.
        let (first, rest) = (list.parts.first(), list.parts.get(1..).unwrap_or_default());
        let blank = rest.last().map_or("", |part| blank_lines(&self.text()[part.before.clone()]));
        let mut blocks: Vec<String> = Vec::new();
        if let Some(first) = first {
            let above = self.text()[first.before.clone()].trim_end_matches(['\r', '\n']);
            blocks.extend((!above.is_empty()).then(|| self.shifted(above, by)));
        }
        for (i, part) in rest.iter().rev().enumerate() {
            let lines = self.lines(part, by);
            blocks.push(if i == 0 { without_blank(&lines) } else { lines });
        }
        if let Some(first) = first {
            let lines = self.changed(first.lead.start..first.tail.end);
            blocks.push(format!("{blank}{}", self.shifted(&lines, by)));
        }
        let below = self.text()[list.end()..mappings.tail.end.max(list.end())].trim_start_matches(['\r', '\n']);
        blocks.extend((!below.is_empty()).then(|| self.shifted(below, by)));
        for block in blocks {
            text.push_str(self.newline);
            text.push_str(&block);
        }
        text
    }

    /// Returns a section for a kind of job that builds nothing; comments above go with the first.
    fn service(&self, part: &Part, kind: &str, is_first: bool, layout: Layout) -> String {
        let Layout { column, dash, .. } = layout;
        let key = part.key.as_ref().map_or(part.item.end, |key| key.bytes.end);
        let value = self.changed(key..part.tail.end);
        let (behind, below) = value.split_at(value.find(self.newline).unwrap_or(value.len()));
        let below = self.shifted(below, layout.inner() - column);
        let above = self.shifted(&self.text()[part.before.start..part.lead.end], dash - column);
        format!("{}{:dash$}- {kind}{behind}{below}", if is_first { &above } else { "" }, "")
    }
}

/// The columns of the new lines.
#[derive(Clone, Copy)]
struct Layout {
    /// Of the keys of the section.
    column: usize,
    /// Of the dashes of the sections.
    dash: usize,
    /// From a key to the dashes below it.
    indent: usize,
}

impl Layout {
    /// Returns the column of keys behind a dash.
    fn inner(self) -> usize {
        self.dash + STEP
    }
}

fn is_default(part: &Part) -> bool {
    part.key.as_ref().is_some_and(|key| DEFAULTS.contains(&key.name.as_str()))
}

/// Tells whether a key goes into `pipeline-gen`.
fn is_moved(name: &str) -> bool {
    name == BEHAVIOR || DEFAULTS.contains(&name) || SERVICES.iter().any(|(service, _)| *service == name)
}

/// Returns lines without the empty ones at the beginning.
fn without_blank(lines: &str) -> String {
    lines[blank_lines(lines).len()..].to_owned()
}

/// Writes a scalar in the quotes that another one has.
pub(super) fn quoted_alike(written: &str, text: &str) -> String {
    let quote = written.chars().next().filter(|first| matches!(first, '"' | '\''));
    match quote {
        Some(quote) if !text.contains(['"', '\'', '\\']) => format!("{quote}{text}{quote}"),
        _ => scalar(text).into_owned(),
    }
}

/// Returns the empty lines that a text begins with.
fn blank_lines(text: &str) -> &str {
    let end = text.len() - text.trim_start_matches(['\r', '\n']).len();
    &text[..end]
}
