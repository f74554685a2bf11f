//! One node of a spec: its name, and versions, variants, flags, architecture and hash in any order.

use super::lexer::{Kind, Token};
use super::{ParseErrorKind, Parsed, Parser, Propagation, Spec, VersionListError};
use crate::spec::clause::{FlagClause, VariantClause, VariantTest};
use crate::spec::concrete::FLAG_NAMES;
use crate::spec::target::TargetClause;
use crate::spec::version::VersionList;
use std::borrow::Cow;
use std::sync::Arc;

/// Names that variants cannot be propagated under, because Spack uses them itself.
const RESERVED: [&str; 13] = [
    "arch",
    "architecture",
    "branch",
    "commit",
    "dev_path",
    "namespace",
    "operating_system",
    "os",
    "patches",
    "platform",
    "ref",
    "tag",
    "target",
];

/// The text `name=value`, `name:=value` or with `==`, taken apart.
pub(super) struct Pair<'a> {
    pub(super) name: &'a str,
    is_exact: bool,
    pub(super) value: &'a str,
}

impl<'a> Pair<'a> {
    pub(super) fn split(text: &'a str) -> Self {
        Self::split_at(text, "=")
    }

    fn split_at(text: &'a str, equals: &str) -> Self {
        let (name, value) = text.split_once(equals).unwrap_or((text, ""));
        let exact = name.strip_suffix(':');
        Self { name: exact.unwrap_or(name), is_exact: exact.is_some(), value }
    }
}

/// What a clause says of a name.
enum Value<'a> {
    Bool(bool),
    Text { value: Cow<'a, str>, is_exact: bool },
}

/// Takes the quotes off, and the backslashes before quotes of the same kind.
fn unquoted(value: &str) -> Cow<'_, str> {
    for quote in ['\'', '"'] {
        let inner = value.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
        // Spack looks for quotes on one line only.
        if let Some(inner) = inner.filter(|inner| !inner.contains('\n')) {
            let escaped = ['\\', quote].iter().collect::<String>();
            return if inner.contains(&escaped) {
                inner.replace(&escaped, &quote.to_string()).into()
            } else {
                inner.into()
            };
        }
    }
    value.into()
}

impl Parser<'_> {
    /// Reads a node; without a token that begins one it is empty.
    pub(super) fn node(&mut self) -> Parsed<Spec> {
        let mut spec = Spec::default();
        self.name(&mut spec)?;
        let mut has_version = false;
        while let Some(kind) = self.next.as_ref().map(|token| token.kind) {
            match kind {
                Kind::Version => {
                    let text = self.take()?;
                    if has_version {
                        return Err(self.fail_here(ParseErrorKind::SeveralVersions));
                    }
                    has_version = true;
                    let list = VersionList::parse(&text[1..]);
                    spec.versions =
                        list.map_err(|error: VersionListError| self.fail_here(ParseErrorKind::Version(error)))?;
                }
                Kind::Bool => {
                    let text = self.take()?;
                    self.clause(&mut spec, text[1..].trim(), &Value::Bool(text.starts_with('+')), Propagation::Local)?;
                }
                Kind::PropagatedBool => {
                    let text = self.take()?;
                    let value = Value::Bool(text.starts_with('+'));
                    self.clause(&mut spec, text[2..].trim(), &value, Propagation::Propagated)?;
                }
                Kind::Pair => {
                    let pair = Pair::split(self.take()?);
                    let value = Value::Text { value: unquoted(pair.value), is_exact: pair.is_exact };
                    self.clause(&mut spec, pair.name, &value, Propagation::Local)?;
                }
                Kind::PropagatedPair => {
                    let pair = Pair::split_at(self.take()?, "==");
                    let value = Value::Text { value: unquoted(pair.value), is_exact: pair.is_exact };
                    self.clause(&mut spec, pair.name, &value, Propagation::Propagated)?;
                }
                Kind::Hash if spec.hash.is_none() => spec.hash = Some(self.take()?[1..].into()),
                _ => break,
            }
        }
        Ok(spec)
    }

    fn name(&mut self, spec: &mut Spec) -> Parsed<()> {
        if let Some(token) = self.accept(Kind::Name)? {
            let name = &self.text[token.span];
            spec.name = (name != "*").then(|| name.into());
        } else if let Some(token) = self.accept(Kind::QualifiedName)? {
            let (namespace, name) = self.text[token.span].rsplit_once('.').unwrap_or_default();
            spec.namespace = Some(namespace.into());
            spec.name = Some(name.into());
        } else if self.accept(Kind::SpecFile)?.is_some() {
            return Err(self.fail_here(ParseErrorKind::SpecFile));
        }
        Ok(())
    }
}

impl<'a> Parser<'a> {
    /// Returns the text of the next token, which is there, and goes on.
    fn take(&mut self) -> Parsed<&'a str> {
        let span = self.advance()?.map_or(0..0, |token: Token| token.span);
        Ok(&self.text[span])
    }

    /// Adds what is said of one name: a variant, a list of flags or a part of the architecture.
    fn clause(&self, spec: &mut Spec, name: &str, value: &Value<'_>, propagation: Propagation) -> Parsed<()> {
        if propagation == Propagation::Propagated && RESERVED.contains(&name) {
            return Err(self.fail_here(ParseErrorKind::CannotPropagate(name.to_owned())));
        }
        let needs_value = || self.fail_here(ParseErrorKind::NeedsValue(name.to_owned()));
        let text = match value {
            Value::Text { value, .. } => Some(&**value),
            Value::Bool(_) => None,
        };
        let is_flag = FLAG_NAMES.contains(&name);
        match name {
            "arch" | "architecture" => {
                let text = text.ok_or_else(needs_value)?;
                match text.split('-').collect::<Vec<_>>().as_slice() {
                    [platform, os, target] => self.architecture(spec, [Some(platform), Some(os), Some(target)]),
                    _ => self.architecture(spec, [None, None, Some(text)]),
                }
            }
            "platform" => self.architecture(spec, [Some(text.ok_or_else(needs_value)?), None, None]),
            "os" | "operating_system" => self.architecture(spec, [None, Some(text.ok_or_else(needs_value)?), None]),
            "target" => self.architecture(spec, [None, None, Some(text.ok_or_else(needs_value)?)]),
            "namespace" => {
                spec.namespace = Some(text.ok_or_else(needs_value)?.into());
                Ok(())
            }
            _ if is_flag => {
                let flags = flags(text.ok_or_else(needs_value)?, propagation);
                if !flags.is_empty() {
                    spec.flags.entry(name.into()).or_default().extend(flags);
                }
                Ok(())
            }
            _ => {
                let clause = VariantClause { test: self.variant_test(value)?, propagation };
                match spec.variants.insert(name.into(), clause) {
                    Some(_) => Err(self.fail_here(ParseErrorKind::DuplicateVariant(name.to_owned()))),
                    None => Ok(()),
                }
            }
        }
    }

    fn variant_test(&self, value: &Value<'_>) -> Parsed<VariantTest> {
        let (value, is_exact) = match value {
            Value::Bool(value) => return Ok(VariantTest::Bool(*value)),
            Value::Text { value, is_exact } => (value, is_exact),
        };
        if value.eq_ignore_ascii_case("true") || value.eq_ignore_ascii_case("false") {
            return Ok(VariantTest::Bool(value.eq_ignore_ascii_case("true")));
        }
        if value == "*" {
            return Ok(VariantTest::Any);
        }
        let mut values: Vec<Arc<str>> = value.split(',').map(Arc::from).collect();
        values.sort();
        values.dedup();
        if values.iter().any(|value| &**value == "*") {
            return Err(self.fail_here(ParseErrorKind::ReservedValue));
        }
        Ok(if *is_exact { VariantTest::Exactly(values) } else { VariantTest::Includes(values) })
    }

    /// Sets platform, operating system and target, each once; `None` and nothing stand for no demand.
    fn architecture(&self, spec: &mut Spec, values: [Option<&str>; 3]) -> Parsed<()> {
        let architecture = &mut spec.architecture;
        let known = [architecture.platform.is_some(), architecture.os.is_some(), architecture.target.is_some()];
        for ((name, value), known) in ["platform", "os", "target"].into_iter().zip(values).zip(known) {
            if known && value.is_some() {
                return Err(self.fail_here(ParseErrorKind::DuplicateArchitecture(name.to_owned())));
            }
        }
        let [platform, os, target] = values.map(|value| value.filter(|v| !v.is_empty() && *v != "None"));
        if let Some(platform) = platform {
            architecture.platform = Some(platform.into());
        }
        if let Some(os) = os {
            architecture.os = Some(os.into());
        }
        if let Some(target) = target {
            architecture.target = Some(TargetClause::new(target));
        }
        Ok(())
    }
}

/// Splits a list of flags; a word without `-` belongs to the flag before it.
fn flags(text: &str, propagation: Propagation) -> Vec<FlagClause> {
    let mut words: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match words.last_mut() {
            Some(flag) if !word.starts_with('-') => {
                flag.push(' ');
                flag.push_str(word);
            }
            _ => words.push(word.to_owned()),
        }
    }
    words.into_iter().map(|flag| FlagClause { text: flag.into(), propagation }).collect()
}
