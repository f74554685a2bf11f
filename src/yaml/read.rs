//! Reads YAML into [`Node`]s: aliases expanded, merge keys applied, every value with its place.
//!
//! A hostile text cannot cost more than its size warrants: what anchors copy is counted, and nesting is limited.

use super::{Entry, Mapping, Node, Value, schema};
use crate::error::{Error, Result};
use crate::source::{Place, Source};
use granit_parser::{ErrorKind, Event, Parser, ScalarStyle, ScanError, Span, StructureStyle, Tag};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// How many values anchors and aliases may copy in one file.
const MOST_COPIES: usize = 100_000;
/// How deep lists and maps may be nested, aliases expanded.
const MOST_LEVELS: usize = 100;

/// Reads the one document of `source`; an empty text is null.
///
/// Plain scalars follow the core schema of YAML 1.2, quoted ones are strings. Malformed YAML, a key that stands twice,
/// a second document, tags of one's own, nesting without end and anchors that multiply are errors with their place.
pub fn read(source: &Arc<Source>) -> Result<Node> {
    read_along(source, |_, _| Ok(()))
}

/// Reads like [`read`] and shows every event of the parser to `watch` on the way.
pub(super) fn read_along(source: &Arc<Source>, mut watch: impl FnMut(&Event<'_>, Span) -> Result<()>) -> Result<Node> {
    let mut builder = Builder::new(source);
    let options = granit_parser::options! { emit_comments: false };
    for next in Parser::new_from_str_with_options(source.text(), options) {
        let (event, span) = next.map_err(|error| malformed(source, &error))?;
        watch(&event, span)?;
        builder.take(event, span)?;
    }
    let start = Place::new(source, 0..0);
    Ok(builder.document.unwrap_or(Node { value: Value::Null, place: start }))
}

/// A finished value with what copying it would cost.
#[derive(Clone)]
struct Built {
    node: Node,
    values: usize,
    levels: usize,
}

enum Contents {
    Sequence(Vec<Node>),
    Mapping { entries: Mapping, key: Option<Key>, merged: Vec<Node> },
}

/// The key whose value comes next.
enum Key {
    Merge,
    Text(String, Place),
}

/// A list or map that is not closed yet.
struct Open {
    contents: Contents,
    style: StructureStyle,
    start: usize,
    /// Where the last value in it ends.
    end: usize,
    anchor: usize,
    values: usize,
    levels: usize,
}

struct Builder<'a> {
    source: &'a Arc<Source>,
    open: Vec<Open>,
    document: Option<Node>,
    anchors: FxHashMap<usize, Built>,
    copies: usize,
    documents: usize,
}

impl<'a> Builder<'a> {
    fn new(source: &'a Arc<Source>) -> Self {
        Self { source, open: Vec::new(), document: None, anchors: FxHashMap::default(), copies: 0, documents: 0 }
    }

    fn place(&self, span: Span) -> Place {
        Place::new(self.source, span.byte_range().unwrap_or(0..0))
    }

    fn take(&mut self, event: Event<'_>, span: Span) -> Result<()> {
        match event {
            Event::DocumentStart(..) => {
                self.documents += 1;
                if self.documents > 1 {
                    return Err(Error::input("a second YAML document starts here")
                        .at(&self.place(span))
                        .hint("keep one document per file: take the `---` out"));
                }
            }
            Event::Scalar(text, style, anchor, tag) => self.scalar(&text, style, anchor, tag.as_deref(), span)?,
            Event::SequenceStart(style, anchor, tag) => {
                self.check_collection_tag(tag.as_deref(), span)?;
                self.start(Contents::Sequence(Vec::new()), style, anchor, span)?;
            }
            Event::MappingStart(style, anchor, tag) => {
                self.check_collection_tag(tag.as_deref(), span)?;
                let contents = Contents::Mapping { entries: Mapping::new(), key: None, merged: Vec::new() };
                self.start(contents, style, anchor, span)?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span)?,
            Event::Alias(id) => self.alias(id, span)?,
            _ => {}
        }
        Ok(())
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, anchor: usize, tag: Option<&Tag>, span: Span) -> Result<()> {
        let place = self.place(span);
        let plain = style == ScalarStyle::Plain;
        let value = match Tagged::of(tag) {
            Tagged::No if plain => schema::plain(text),
            Tagged::AsCore => schema::plain(text),
            Tagged::No | Tagged::AsText => Value::String(text.to_owned()),
            Tagged::Foreign => return Err(self.foreign_tag(tag, span)),
        };
        let is_merge = plain && tag.is_none() && text == "<<";
        let built = Built { node: Node { value, place }, values: 1, levels: 0 };
        if anchor != 0 {
            self.remember(anchor, &built)?;
        }
        match self.open.last_mut().map(|open| &mut open.contents) {
            Some(Contents::Mapping { key: key @ None, .. }) if is_merge => {
                *key = Some(Key::Merge);
                Ok(())
            }
            _ => {
                let end = built.node.place.span().end;
                self.finish(built, end)
            }
        }
    }

    fn start(&mut self, contents: Contents, style: StructureStyle, anchor: usize, span: Span) -> Result<()> {
        let place = self.place(span);
        if let Some(Open { contents: Contents::Mapping { key: None, .. }, .. }) = self.open.last() {
            return Err(not_a_key(&place));
        }
        if self.open.len() >= MOST_LEVELS {
            return Err(too_deep(&place));
        }
        let start = place.span().start;
        self.open.push(Open { contents, style, start, end: start, anchor, values: 1, levels: 1 });
        Ok(())
    }

    fn close(&mut self, span: Span) -> Result<()> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        let end = match open.style {
            StructureStyle::Flow => self.place(span).span().end,
            StructureStyle::Block => open.end,
        };
        let place = Place::new(self.source, open.start..end.max(open.start));
        let value = match open.contents {
            Contents::Sequence(items) => Value::Sequence(items),
            Contents::Mapping { mut entries, merged, .. } => {
                for node in merged {
                    merge(&mut entries, node)?;
                }
                let is_braced = place.source().text()[open.start..].starts_with('{');
                let word = if is_braced { None } else { with_trailing_colon(&entries) };
                word.unwrap_or(Value::Mapping(entries))
            }
        };
        let built = Built { node: Node { value, place }, values: open.values, levels: open.levels };
        if open.anchor != 0 {
            self.remember(open.anchor, &built)?;
        }
        let end = built.node.place.span().end;
        self.finish(built, end)
    }

    fn alias(&mut self, id: usize, span: Span) -> Result<()> {
        let place = self.place(span);
        let Some(values) = self.anchors.get(&id).map(|built| built.values) else {
            return Err(Error::input("this alias stands inside the value it stands for").at(&place));
        };
        self.count_copies(values, &place)?;
        let Some(built) = self.anchors.get(&id).cloned() else { return Ok(()) };
        if self.open.len() + built.levels > MOST_LEVELS {
            return Err(too_deep(&place));
        }
        self.finish(built, place.span().end)
    }

    fn remember(&mut self, anchor: usize, built: &Built) -> Result<()> {
        self.count_copies(built.values, &built.node.place)?;
        self.anchors.insert(anchor, built.clone());
        Ok(())
    }

    fn count_copies(&mut self, values: usize, place: &Place) -> Result<()> {
        self.copies = self.copies.saturating_add(values);
        if self.copies > MOST_COPIES {
            return Err(Error::input(format!("the anchors of this file expand to more than {MOST_COPIES} values"))
                .at(place)
                .hint("write the repeated parts out, or put them into `definitions:`"));
        }
        Ok(())
    }

    /// Puts a finished value where it belongs: into the innermost open collection, as key or as value.
    fn finish(&mut self, built: Built, end: usize) -> Result<()> {
        let Built { node, values, levels } = built;
        let Some(open) = self.open.last_mut() else {
            self.document = Some(node);
            return Ok(());
        };
        open.values += values;
        open.levels = open.levels.max(levels + 1);
        open.end = open.end.max(end);
        match &mut open.contents {
            Contents::Sequence(items) => items.push(node),
            Contents::Mapping { entries, key, merged } => match key.take() {
                None => *key = Some(read_key(entries, node)?),
                Some(Key::Merge) => merged.push(node),
                Some(Key::Text(text, place)) => {
                    entries.insert(text, Entry { key: place, node });
                }
            },
        }
        Ok(())
    }

    fn check_collection_tag(&self, tag: Option<&Tag>, span: Span) -> Result<()> {
        match Tagged::of(tag) {
            Tagged::Foreign => Err(self.foreign_tag(tag, span)),
            Tagged::No | Tagged::AsText | Tagged::AsCore => Ok(()),
        }
    }

    fn foreign_tag(&self, tag: Option<&Tag>, span: Span) -> Error {
        let place = span.tag_span().map_or_else(|| self.place(span), |tag| self.place(tag));
        let name = tag.map(ToString::to_string).unwrap_or_default();
        Error::input(format!("the tag `{name}` has no meaning in an environment")).at(&place).hint("take the tag out")
    }
}

/// Tells how a tag bears on a value; the core schema has no others.
enum Tagged {
    No,
    AsText,
    AsCore,
    Foreign,
}

impl Tagged {
    fn of(tag: Option<&Tag>) -> Self {
        match tag {
            None => Self::No,
            Some(tag) if tag.handle() == "!" && tag.suffix().is_empty() => Self::AsText,
            Some(tag) => match tag.core_suffix() {
                Some("str") => Self::AsText,
                Some(_) => Self::AsCore,
                None => Self::Foreign,
            },
        }
    }
}

/// Takes a finished value for a key, which has to be a scalar that the map does not have yet.
fn read_key(entries: &Mapping, node: Node) -> Result<Key> {
    let Some(text) = node.as_text() else { return Err(not_a_key(&node.place)) };
    match entries.get(text) {
        Some(first) => Err(Error::input(format!("the key `{text}` stands twice in this map"))
            .at(&node.place)
            .related(&first.key, "it stands here first")
            .hint("keep one of the two, or join their values")),
        None => Ok(Key::Text(text.to_owned(), node.place)),
    }
}

/// Recognizes `target=x86_64:` in a flow list, which the grammar of YAML 1.2 takes for a map without value and Spack's
/// reader for a string: its colon begins a value only before a blank.
fn with_trailing_colon(entries: &Mapping) -> Option<Value> {
    let (key, entry) = entries.first()?;
    let span = entry.key.span();
    let text = entry.key.source().text();
    let rest = text.get(span.end..)?.strip_prefix(':')?;
    let is_last = rest.starts_with([',', ']']);
    let is_plain = text.get(span) == Some(key);
    (entries.len() == 1 && is_last && is_plain && entry.node.value == Value::Null)
        .then(|| Value::String(format!("{key}:")))
}

/// Adds what a merge key brings in: entries of a map, or of each map of a list, that are not there yet.
fn merge(entries: &mut Mapping, node: Node) -> Result<()> {
    match node.value {
        Value::Mapping(merged) => {
            for (key, entry) in merged {
                entries.entry(key).or_insert(entry);
            }
            Ok(())
        }
        Value::Sequence(maps) if maps.iter().all(|map| map.as_mapping().is_some()) => {
            maps.into_iter().try_for_each(|map| merge(entries, map))
        }
        _ => Err(Error::input(format!("`<<` merges maps, but this is {}", node.kind())).at(&node.place)),
    }
}

fn not_a_key(place: &Place) -> Error {
    Error::input("the key of a map has to be a scalar").at(place)
}

fn too_deep(place: &Place) -> Error {
    Error::input(format!("lists and maps are nested more than {MOST_LEVELS} levels deep")).at(place)
}

fn malformed(source: &Arc<Source>, error: &ScanError) -> Error {
    let start = error.marker().byte_offset().unwrap_or(0).min(source.text().len());
    let width = source.text().get(start..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
    let place = Place::new(source, start..start + width);
    if *error.kind() == ErrorKind::RecursionLimitExceeded {
        return too_deep(&place);
    }
    let failure = Error::input(format!("this is not YAML: {}", error.info())).at(&place);
    match error.kind() {
        ErrorKind::TabNotAllowed | ErrorKind::TabInBlockIndentation | ErrorKind::TabInIndentation => {
            failure.hint("indent with blanks, not with tabs")
        }
        ErrorKind::UnknownAnchor => failure.hint("an alias `*name` needs an anchor `&name` before it"),
        ErrorKind::UnexpectedCharacter { .. } => failure.hint("put the text into quotes"),
        _ => failure,
    }
}
