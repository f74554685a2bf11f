//! The canonical text of a constraint, as Spack prints it.

use super::Spec;
use super::clause::{ArchitectureClause, DependencyClause, Propagation, Reach, VariantClause, VariantTest};
use super::concrete::DepTypes;
use super::parse::alias;
use std::fmt::{self, Write as _};
use std::sync::Arc;

/// A variant clause together with the variant's name, for printing.
pub(super) struct VariantText<'a>(pub(super) &'a str, pub(super) &'a VariantClause);

impl fmt::Display for VariantText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(name, clause) = self;
        let double = clause.propagation == Propagation::Propagated;
        let equals = if double { "==" } else { "=" };
        match &clause.test {
            VariantTest::Bool(value) => {
                let sigil = if *value { "+" } else { "~" };
                write!(f, "{}{name}", sigil.repeat(if double { 2 } else { 1 }))
            }
            VariantTest::Any => write!(f, "{name}{equals}'*'"),
            VariantTest::Includes(values) => write!(f, "{name}{equals}{}", quoted(&values.join(","))),
            VariantTest::Exactly(values) if *name == "patches" => {
                let short: Vec<&str> = values.iter().map(|v| v.get(..7).unwrap_or(v)).collect();
                write!(f, "{name}:{equals}{}", quoted(&short.join(",")))
            }
            VariantTest::Exactly(values) => write!(f, "{name}:{equals}{}", quoted(&values.join(","))),
        }
    }
}

/// Puts a value in quotes where it needs them: single ones, or double ones if it has single ones.
pub(super) fn quoted(value: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, ',' | '/' | '_' | '.' | '-' | '[' | ']');
    if !value.is_empty() && value.chars().all(is_plain) {
        return value.to_owned();
    }
    if value.contains('\'') { json_quoted(value) } else { format!("'{value}'") }
}

/// Writes a JSON string in ASCII, as Spack does for values that contain single quotes.
fn json_quoted(value: &str) -> String {
    let mut out = String::with_capacity(value.len() + 2);
    out.push('"');
    for c in value.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            ' '..='~' => out.push(c),
            _ => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
        }
    }
    out.push('"');
    out
}

impl Spec {
    /// Returns the canonical text of the node, without dependencies, under another name where one is given.
    fn node_text(&self, name: Option<&str>) -> String {
        let mut out = name.unwrap_or_default().to_owned();
        if !self.versions.is_any() {
            let _ = write!(out, "@{}", self.versions);
        }
        for (list, flags) in &self.flags {
            for (propagation, equals) in [(Propagation::Local, "="), (Propagation::Propagated, "==")] {
                let texts: Vec<&str> =
                    flags.iter().filter(|f| f.propagation == propagation).map(|f| &*f.text).collect();
                if !texts.is_empty() {
                    let _ = write!(out, " {list}{equals}{}", quoted(&texts.join(" ")));
                }
            }
        }
        if self.flags.values().any(|flags| !flags.is_empty()) {
            out.push(' ');
        }
        let is_bool = |(_, clause): &(&Arc<str>, &VariantClause)| matches!(clause.test, VariantTest::Bool(_));
        for (name, clause) in self.variants.iter().filter(is_bool) {
            let _ = write!(out, "{}", VariantText(name, clause));
        }
        for (name, clause) in self.variants.iter().filter(|v| !is_bool(v)) {
            let _ = write!(out, " {}", VariantText(name, clause));
        }
        if let (None, Some(namespace)) = (&self.name, &self.namespace) {
            let _ = write!(out, " namespace={namespace}");
        }
        let _ = write!(out, "{}", self.architecture);
        if let Some(hash) = &self.hash {
            let _ = write!(out, "/{hash}");
        }
        out.trim().to_owned()
    }
}

impl fmt::Display for ArchitectureClause {
    /// Writes each part with a blank before it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.platform.iter().try_for_each(|platform| write!(f, " platform={platform}"))?;
        self.os.iter().try_for_each(|os| write!(f, " os={os}"))?;
        self.target.iter().try_for_each(|target| write!(f, " target={target}"))
    }
}

impl fmt::Display for Spec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let node = self.node_text(self.name());
        let mut separator = if node.is_empty() { "" } else { " " };
        f.write_str(&node)?;
        for reach in [Reach::Direct, Reach::Transitive] {
            for dependency in self.dependencies.iter().filter(|d| d.reach == reach) {
                write!(f, "{separator}{dependency}")?;
                separator = " ";
            }
        }
        Ok(())
    }
}

impl fmt::Display for DependencyClause {
    /// Writes the sigil, the attributes and the dependency, followed by what is demanded of its own dependencies.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sigil, name) = match (self.reach, self.propagation) {
            (Reach::Transitive, _) => ("^", self.spec.name()),
            (Reach::Direct, Propagation::Local) => ("%", self.spec.name().map(alias::legacy)),
            (Reach::Direct, Propagation::Propagated) => ("%%", self.spec.name().map(alias::legacy)),
        };
        f.write_str(sigil)?;
        let when = self.when.iter().map(|when| format!("when='{when}'"));
        let types = (self.types != DepTypes::default()).then(|| format!("deptypes={}", names(self.types)));
        let attributes: Vec<String> = when.chain(types).collect();
        if !attributes.is_empty() {
            write!(f, "[{}] ", attributes.join(" "))?;
        }
        let node = self.spec.node_text(name);
        if self.needs_star(&node) {
            f.write_str("*")?;
        }
        if !self.virtuals.is_empty() {
            let virtuals: Vec<&str> = self.virtuals.iter().map(|v| &**v).collect();
            write!(f, "{}=", virtuals.join(","))?;
        }
        f.write_str(&node)?;
        self.spec.dependencies.iter().try_for_each(|d| write!(f, " {d}"))
    }
}

impl DependencyClause {
    /// Tells whether `*` must stand for the missing name, lest the text read differently.
    fn needs_star(&self, node: &str) -> bool {
        if self.spec.name.is_some() {
            return false;
        }
        if !self.virtuals.is_empty() {
            return true;
        }
        if node.starts_with('@') {
            return false;
        }
        let has_bool = self.spec.variants.values().any(|clause| matches!(clause.test, VariantTest::Bool(_)));
        !self.spec.flags.is_empty() || !has_bool || !self.spec.architecture.is_empty()
    }
}

/// Returns the names of the kinds of dependency, joined by commas.
pub(super) fn names(types: DepTypes) -> String {
    let all = [(DepTypes::BUILD, "build"), (DepTypes::LINK, "link"), (DepTypes::RUN, "run"), (DepTypes::TEST, "test")];
    let named: Vec<&str> = all.into_iter().filter(|(kind, _)| types.contains(*kind)).map(|(_, name)| name).collect();
    named.join(",")
}
