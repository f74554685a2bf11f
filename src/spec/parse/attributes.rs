//! What stands in brackets after `%` or `^`: `[virtuals=c,cxx deptypes=build when='+x']`.

use super::lexer::Kind;
use super::node::Pair;
use super::{DependencyClause, Failure, ParseErrorKind, Parsed, Parser};
use crate::spec::concrete::DepTypes;
use std::sync::Arc;

impl Parser<'_> {
    /// Reads attributes up to and with the closing bracket.
    pub(super) fn attributes(&mut self, dependency: &mut DependencyClause) -> Parsed<()> {
        loop {
            if self.accept(Kind::Pair)?.is_some() {
                self.attribute(dependency)?;
            } else if let Some(token) = self.accept(Kind::EdgeEnd)? {
                self.assignment(&token, &mut dependency.virtuals);
                return Ok(());
            } else {
                let end = self.text.len()..self.text.len();
                let span = self.next.as_ref().map_or(end, |token| token.span.clone());
                return Err(Failure { span, kind: ParseErrorKind::BadEdgeAttribute });
            }
        }
    }

    fn attribute(&mut self, dependency: &mut DependencyClause) -> Parsed<()> {
        let pair = Pair::split(&self.text[self.span.clone()]);
        let value = pair.value.trim_matches(['\'', '"', ' ']);
        match pair.name {
            "virtuals" => dependency.virtuals = value.split(',').map(Arc::from).collect(),
            "deptypes" => {
                dependency.types = DepTypes::default();
                for name in value.split(',') {
                    let kind = DepTypes::from_name(name)
                        .ok_or_else(|| self.fail_here(ParseErrorKind::UnknownDependencyType(name.to_owned())))?;
                    dependency.types = dependency.types.union(kind);
                }
            }
            "when" => {
                // Spack takes the value for a list and reads its first member only.
                let condition = value.split(',').next().unwrap_or_default();
                let stripped = pair.value.len() - pair.value.trim_start_matches(['\'', '"', ' ']).len();
                let offset = self.span.end - pair.value.len() + stripped;
                let shift = |failure: Failure| Failure {
                    span: failure.span.start + offset..failure.span.end + offset,
                    ..failure
                };
                let spec = Parser::new(condition, self.depth + 1).and_then(Parser::only_spec).map_err(shift)?;
                let spec = spec.ok_or_else(|| self.fail_here(ParseErrorKind::Missing))?;
                dependency.when = (!spec.is_empty()).then(|| Box::new(spec));
            }
            name => return Err(self.fail_here(ParseErrorKind::UnknownEdgeAttribute(name.to_owned()))),
        }
        Ok(())
    }
}
