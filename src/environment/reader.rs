//! Typed access to the values of a manifest, with errors and findings that say where and what instead.

use super::attributes::MatchSpec;
use super::condition::{self, Context};
use crate::error::{Error, Result};
use crate::finding::{Finding, Rule, Severity};
use crate::source::Place;
use crate::spec::{ParseError, Spec};
pub(super) use crate::yaml::merge::{bare, entry};
use crate::yaml::{Mapping, Node, Value};
use std::ops::Range;

/// How the specs of an environment are to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// As by Spack up to 0.23, where a compiler had a name and versions: in `zlib %gcc@5 os=centos7` the operating
    /// system is that of zlib.
    BareCompilers,
    /// As by Spack today, where it would be that of gcc.
    Today,
}

impl Reading {
    /// Parses a spec.
    pub(super) fn parse(self, text: &str) -> std::result::Result<Spec, ParseError> {
        let spec = Spec::parse(text)?;
        Ok(match self {
            Self::BareCompilers => spec.with_bare_compilers(),
            Self::Today => spec,
        })
    }
}

/// How alike two names must be, from 0 to 1, for one to be suggested in place of the other.
const ALIKE: f64 = 0.75;

/// Returns the map that `what` has to be.
pub(super) fn mapping<'a>(node: &'a Node, what: &str) -> Result<&'a Mapping> {
    node.as_mapping().ok_or_else(|| wrong_kind(node, what, "a map"))
}

/// Returns the list that `what` has to be.
pub(super) fn sequence<'a>(node: &'a Node, what: &str) -> Result<&'a [Node]> {
    let refused = || {
        let error = wrong_kind(node, what, "a list");
        if matches!(node.value, Value::Null) { error.hint("write `[]` for none, or remove the key") } else { error }
    };
    node.as_sequence().ok_or_else(refused)
}

/// Returns the text of the scalar that `what` has to be.
pub(super) fn text<'a>(node: &'a Node, what: &str) -> Result<&'a str> {
    node.as_text().ok_or_else(|| wrong_kind(node, what, "a string"))
}

/// Returns the truth value that `what` has to be.
pub(super) fn boolean(node: &Node, what: &str) -> Result<bool> {
    match node.value {
        Value::Bool(value) => Ok(value),
        _ => Err(wrong_kind(node, what, "true or false")),
    }
}

/// Makes the error about a value of another kind than is needed.
pub(super) fn wrong_kind(node: &Node, what: &str, wanted: &str) -> Error {
    Error::input(format!("{what} has to be {wanted}, but this is {}", node.kind())).at(&node.place)
}

/// Reports the keys of a map that are not among `known`.
pub(super) fn report_unknown(map: &Mapping, known: &[&str], what: &str, findings: &mut Vec<Finding>) {
    for (key, entry) in map.iter().filter(|(key, _)| !known.contains(&bare(key))) {
        let message = format!("nothing reads the key `{key}` of {what}");
        let finding = Finding::new(Severity::Warning, Rule::UnknownKey, message).at(&entry.key);
        findings.push(match nearest(bare(key), known.iter().copied()) {
            Some(near) => finding.hint(format!("did you mean `{near}`?")),
            None => finding.hint("remove it, or look for a newer spackplan"),
        });
    }
}

/// Returns the name most like `name`, if there is one that is quite like it.
pub(super) fn nearest<'a>(name: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // What is much longer than any name is not a misspelling, and costs its length squared.
    if name.len() > 100 {
        return None;
    }
    let alike = names.into_iter().map(|other| (strsim::jaro_winkler(name, other), other));
    let near = alike.filter(|(likeness, _)| *likeness >= ALIKE);
    near.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, other)| other)
}

/// Narrows the place of a scalar to some bytes of its content.
///
/// Where escapes or line breaks make the content differ from what is written, the place of the whole scalar is returned.
pub(super) fn within(node: &Node, range: Range<usize>) -> Place {
    let (Some(content), place) = (node.as_text(), &node.place) else { return node.place.clone() };
    let written = place.source().text().get(place.span()).unwrap_or_default();
    let quote = usize::from(written.starts_with(['\'', '"']));
    match written.get(quote..quote + content.len()) {
        Some(same) if same == content => place.within(range.start + quote..range.end + quote),
        _ => place.clone(),
    }
}

/// Tells whether the condition that a `when` holds is met.
pub(super) fn holds(when: &Node, context: &Context) -> Result<bool> {
    let condition = text(when, "`when`")?;
    condition::holds(condition, context).map_err(|refusal| {
        let message = format!("this `when` cannot be decided: {}", refusal.message);
        Error::input(message).at(&within(when, refusal.span)).hint(refusal.hint)
    })
}

/// Reads the constraint that a scalar holds.
pub(super) fn match_spec(node: &Node, what: &str, reading: Reading) -> Result<MatchSpec> {
    let text = text(node, what)?;
    if text.trim().is_empty() {
        return Err(Error::input(format!("{what} is empty")).at(&node.place).hint("write `@:` to match every spec"));
    }
    Ok(MatchSpec { text: text.to_owned(), spec: spec(node, text, reading)?, place: node.place.clone() })
}

/// Parses a spec written in a scalar; `text` is its content, perhaps with a sigil before it.
pub(super) fn spec(node: &Node, text: &str, reading: Reading) -> Result<Spec> {
    reading.parse(text).map_err(|error| {
        let sigil = text.len() - node.as_text().map_or(text.len(), str::len).min(text.len());
        let span = error.span.start.saturating_sub(sigil)..error.span.end.saturating_sub(sigil);
        let failure = Error::input(format!("`{text}` is no spec: {error}")).at(&within(node, span));
        match error.hint() {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Source;
    use crate::yaml;

    fn read(text: &str) -> Node {
        yaml::read(&Source::new("f", text)).unwrap()
    }

    #[test]
    fn the_place_within_a_scalar_allows_for_its_quotes() {
        for (text, column) in [("zlib@@1", 5), ("'zlib@@1'", 6), ("\"zlib@@1\"", 6), ("\"\\x7alib@@1\"", 1)] {
            let node = read(text);
            let error = match_spec(&node, "a match spec", Reading::Today).unwrap_err();
            assert_eq!(error.place.unwrap().column(), column, "{text}");
        }
    }

    #[test]
    fn a_misspelt_key_is_reported_with_the_right_one() {
        let mut findings = Vec::new();
        report_unknown(
            read("mapings: 1\nzzz: 2\nview:: 3").as_mapping().unwrap(),
            &["mappings", "view"],
            "it",
            &mut findings,
        );
        let hints: Vec<_> = findings.iter().map(|finding| finding.hint.as_deref().unwrap()).collect();
        assert_eq!(hints, ["did you mean `mappings`?", "remove it, or look for a newer spackplan"]);
    }
}
