//! Reading specs: `hdf5@1.14+mpi %gcc@12 ^openmpi fabrics=ucx`.

pub(super) mod alias;
mod attributes;
mod error;
mod lexer;
mod node;

use super::version::VersionListError;
pub use error::{ParseError, ParseErrorKind};

use super::Spec;
use super::clause::{DependencyClause, Propagation, Reach};
use super::concrete::DepTypes;
use lexer::{Kind, Lexer, Token};
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

/// How deep conditions may be nested in conditions.
const MAX_DEPTH: usize = 8;

/// An error before it is told in terms of the whole text.
struct Failure {
    span: Range<usize>,
    kind: ParseErrorKind,
}

type Parsed<T> = Result<T, Failure>;

impl Spec {
    /// Reads one spec; the empty text is the spec that demands nothing.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let parsed = Parser::new(text, 0).and_then(Parser::only_spec);
        let parsed = parsed.map(Option::unwrap_or_default);
        parsed.map_err(|failure| ParseError::new(text, failure.span, failure.kind))
    }

    /// Reads any number of specs that stand one after the other.
    pub fn parse_all(text: &str) -> Result<Vec<Self>, ParseError> {
        let parsed = Parser::new(text, 0).and_then(Parser::all_specs);
        parsed.map_err(|failure| ParseError::new(text, failure.span, failure.kind))
    }
}

impl std::str::FromStr for Spec {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

/// Reads specs with one token of lookahead.
struct Parser<'a> {
    text: &'a str,
    lexer: Lexer<'a>,
    /// The token that was read last.
    span: Range<usize>,
    next: Option<Token>,
    /// What comes after `next`, if a token was put back.
    after: Option<Token>,
    depth: usize,
}

/// The node that `%` speaks of.
enum Target {
    Root,
    /// A dependency of the root, by its index.
    Dependency(usize),
    /// The second mention of a dependency: Spack merges it into the first and forgets what follows.
    Forgotten(Box<Spec>),
}

impl<'a> Parser<'a> {
    fn new(text: &'a str, depth: usize) -> Parsed<Self> {
        if depth > MAX_DEPTH {
            return Err(Failure { span: 0..text.len(), kind: ParseErrorKind::TooDeep });
        }
        let mut parser = Self { text, lexer: Lexer::new(text), span: 0..0, next: None, after: None, depth };
        parser.advance()?;
        Ok(parser)
    }

    /// Makes an error about the token that was read last.
    fn fail_here(&self, kind: ParseErrorKind) -> Failure {
        Failure { span: self.span.clone(), kind }
    }

    fn advance(&mut self) -> Parsed<Option<Token>> {
        let next = match self.after.take() {
            Some(token) => Some(token),
            None => self
                .lexer
                .next()
                .map_err(|lexer::Unexpected(span)| Failure { span, kind: ParseErrorKind::UnexpectedCharacter })?,
        };
        let token = std::mem::replace(&mut self.next, next);
        if let Some(token) = &token {
            self.span = token.span.clone();
        }
        Ok(token)
    }

    /// Takes the next token if it is of this kind.
    fn accept(&mut self, kind: Kind) -> Parsed<Option<Token>> {
        if self.next.as_ref().is_some_and(|token| token.kind == kind) { self.advance() } else { Ok(None) }
    }

    fn only_spec(mut self) -> Parsed<Option<Spec>> {
        if self.next.is_none() {
            return Ok(None);
        }
        let spec = self.spec()?;
        match &self.next {
            Some(token) => Err(Failure { span: token.span.clone(), kind: ParseErrorKind::MoreThanOne }),
            None => Ok(Some(spec)),
        }
    }

    fn all_specs(mut self) -> Parsed<Vec<Spec>> {
        let mut specs = Vec::new();
        while let Some(token) = &self.next {
            if token.kind == Kind::EdgeEnd {
                return Err(Failure { span: token.span.clone(), kind: ParseErrorKind::MoreThanOne });
            }
            specs.push(self.spec()?);
        }
        Ok(specs)
    }

    /// Reads a spec up to where the next one begins.
    fn spec(&mut self) -> Parsed<Spec> {
        let mut root = self.node()?;
        let mut target = Target::Root;
        while let Some(token) = self.edge_sigil()? {
            let sigil = self.text[token.span.clone()].trim_end_matches('[');
            let (reach, propagation) = if sigil.starts_with("%%") {
                (Reach::Direct, Propagation::Propagated)
            } else if sigil.starts_with('%') {
                (Reach::Direct, Propagation::Local)
            } else {
                (Reach::Transitive, Propagation::Local)
            };
            let mut dependency = DependencyClause {
                reach,
                propagation,
                types: DepTypes::default(),
                virtuals: BTreeSet::new(),
                when: None,
                spec: Spec::default(),
            };
            match token.kind {
                Kind::EdgeStart => self.attributes(&mut dependency)?,
                _ => self.assignment(&token, &mut dependency.virtuals),
            }
            if reach == Reach::Direct && token.kind == Kind::Dependency && self.next.is_none() {
                return Err(self.fail_here(ParseErrorKind::MissingDependency));
            }
            dependency.spec = self.node()?;
            if reach == Reach::Direct {
                if let Some(name) = &mut dependency.spec.name {
                    *name = alias::package(name);
                }
                let parent = match &mut target {
                    Target::Root => &mut root,
                    Target::Dependency(index) => &mut root.dependencies[*index].spec,
                    Target::Forgotten(spec) => spec,
                };
                self.add(parent, dependency)?;
            } else {
                target = self.add(&mut root, dependency)?;
            }
        }
        Ok(root)
    }

    fn edge_sigil(&mut self) -> Parsed<Option<Token>> {
        match self.accept(Kind::EdgeStart)? {
            Some(token) => Ok(Some(token)),
            None => self.accept(Kind::Dependency),
        }
    }

    /// Takes `c,cxx=gcc` apart: the virtual packages are returned, the package is read next.
    fn assignment(&mut self, token: &Token, virtuals: &mut BTreeSet<Arc<str>>) {
        if let Some(assignment) = &token.assignment {
            virtuals.extend(self.text[assignment.virtuals.clone()].split(',').map(Arc::from));
            let span = assignment.substitute.clone();
            let kind = if self.text[span.clone()].contains('.') { Kind::QualifiedName } else { Kind::Name };
            self.after = self.next.replace(Token { kind, span, assignment: None });
        }
    }

    /// Adds a dependency to a node, merged with an earlier mention of the same package for the same purpose.
    fn add(&self, parent: &mut Spec, mut dependency: DependencyClause) -> Parsed<Target> {
        let duplicate = |why: String| self.fail_here(ParseErrorKind::DuplicateDependency(why));
        let is_named = dependency.spec.name.is_some();
        let known = |d: &DependencyClause| is_named && d.spec.name == dependency.spec.name;
        let same = |d: &&mut DependencyClause| known(d) && d.types == dependency.types && d.when == dependency.when;
        if let Some(first) = parent.dependencies.iter_mut().find(same) {
            first.merge(&dependency).map_err(|conflict| duplicate(conflict.to_string()))?;
            return Ok(Target::Forgotten(Box::new(dependency.spec)));
        }
        if parent.dependencies.iter().any(known) {
            // Spack loses the second `%` of `%[when='+x'] gcc %%gcc@12`.
            dependency.propagation = Propagation::Local;
        }
        if let Some(clash) = parent.incompatible(&dependency) {
            return Err(duplicate(format!("`{dependency}` cannot stand beside `{clash}`")));
        }
        Ok(Target::Dependency(parent.insert_dependency(dependency)))
    }
}
