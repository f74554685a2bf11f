//! The grammar of conditions: `or` of `and` of `not` of one comparison of values.

use super::Refusal;
use super::expression::{Expression, Kind};
use super::lexer::{Token, tokens};
use std::ops::Range;

/// How deep parentheses, lists and `not` may be nested.
const MOST_LEVELS: usize = 50;

/// What can be written.
pub(super) const HINT: &str = "conditions are not run as Python: they compare platform, os, target, architecture, \
     hostname, env.get(\"NAME\") and texts with ==, != and in, joined by and, or, not; there are also \
     arch.satisfies(\"…\"), re.match, re.search, re.fullmatch, startswith and endswith";

pub(super) type Parsed = Result<Expression, Refusal>;

/// Reads a condition.
pub(super) fn parse(text: &str) -> Parsed {
    let mut parser = Parser { tokens: tokens(text)?, at: 0, end: text.len(), depth: 0 };
    let expression = parser.disjunction()?;
    match parser.tokens.get(parser.at) {
        None => Ok(expression),
        Some(_) => Err(parser.refuse("the condition should end here")),
    }
}

/// What stands between two values.
enum Comparison {
    Equal,
    In,
}

pub(super) struct Parser {
    tokens: Vec<(Token, Range<usize>)>,
    at: usize,
    end: usize,
    depth: usize,
}

impl Parser {
    /// Returns the bytes of the next token.
    pub(super) fn span(&self) -> Range<usize> {
        self.tokens.get(self.at).map_or(self.end..self.end, |(_, span)| span.clone())
    }

    pub(super) fn refuse(&self, message: impl Into<String>) -> Refusal {
        Refusal::new(self.span(), message, HINT)
    }

    pub(super) fn next(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.at).map(|(token, _)| token.clone());
        self.at += usize::from(token.is_some());
        token
    }

    /// Takes the next token if it is this operator.
    pub(super) fn symbol(&mut self, symbol: &str) -> bool {
        let found = matches!(self.tokens.get(self.at), Some((Token::Symbol(next), _)) if *next == symbol);
        self.at += usize::from(found);
        found
    }

    /// Takes the next token if it is this word.
    pub(super) fn word(&mut self, word: &str) -> bool {
        let found = matches!(self.tokens.get(self.at), Some((Token::Word(next), _)) if next == word);
        self.at += usize::from(found);
        found
    }

    pub(super) fn expect(&mut self, symbol: &str) -> Result<(), Refusal> {
        if self.symbol(symbol) { Ok(()) } else { Err(self.refuse(format!("expected `{symbol}`"))) }
    }

    /// Makes an expression that reaches from `start` to the last token taken.
    pub(super) fn spanning(&self, start: usize, kind: Kind) -> Expression {
        let end = self.tokens.get(self.at.saturating_sub(1)).map_or(self.end, |(_, span)| span.end);
        Expression { kind, span: start..end.max(start) }
    }

    fn nested(&mut self, parse: impl FnOnce(&mut Self) -> Parsed) -> Parsed {
        if self.depth == MOST_LEVELS {
            return Err(self.refuse(format!("the condition is nested more than {MOST_LEVELS} levels deep")));
        }
        self.depth += 1;
        let parsed = parse(self);
        self.depth -= 1;
        parsed
    }

    /// Reads a condition within a condition.
    pub(super) fn inner(&mut self) -> Parsed {
        self.nested(Self::disjunction)
    }

    fn disjunction(&mut self) -> Parsed {
        self.joined("or", Kind::Or, Self::conjunction)
    }

    fn conjunction(&mut self) -> Parsed {
        self.joined("and", Kind::And, Self::negation)
    }

    fn joined(
        &mut self,
        word: &str,
        kind: fn(Vec<Expression>) -> Kind,
        operand: impl Fn(&mut Self) -> Parsed,
    ) -> Parsed {
        let start = self.span().start;
        let first = operand(self)?;
        if !self.word(word) {
            return Ok(first);
        }
        let mut operands = vec![first, operand(self)?];
        while self.word(word) {
            operands.push(operand(self)?);
        }
        Ok(self.spanning(start, kind(operands)))
    }

    fn negation(&mut self) -> Parsed {
        let start = self.span().start;
        if self.word("not") {
            let operand = self.nested(Self::negation)?;
            return Ok(self.spanning(start, Kind::Not(Box::new(operand))));
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Parsed {
        let start = self.span().start;
        let left = self.value()?;
        let Some((comparison, negated)) = self.comparator()? else { return Ok(left) };
        let left = Box::new(left);
        let kind = match comparison {
            Comparison::In if self.whole_environment() => Kind::HasVariable(left),
            Comparison::In => Kind::In(left, Box::new(self.value()?)),
            Comparison::Equal => Kind::Equal(left, Box::new(self.value()?)),
        };
        let test = self.spanning(start, kind);
        let last = self.span();
        if self.comparator()?.is_some() {
            let hint = "join two comparisons by `and`";
            return Err(Refusal::new(last, "comparisons in a row are not understood", hint));
        }
        Ok(if negated { self.spanning(start, Kind::Not(Box::new(test))) } else { test })
    }

    /// Takes `env` where it does not begin `env.get(…)` or `env[…]`.
    fn whole_environment(&mut self) -> bool {
        let after = self.tokens.get(self.at + 1).map(|(token, _)| token);
        !matches!(after, Some(Token::Symbol("." | "["))) && self.word("env")
    }

    /// Takes a comparison operator; the second value tells whether it is negated.
    fn comparator(&mut self) -> Result<Option<(Comparison, bool)>, Refusal> {
        Ok(Some(if self.symbol("==") {
            (Comparison::Equal, false)
        } else if self.symbol("!=") {
            (Comparison::Equal, true)
        } else if self.word("is") {
            (Comparison::Equal, self.word("not"))
        } else if self.word("in") {
            (Comparison::In, false)
        } else if self.word("not") {
            if !self.word("in") {
                return Err(self.refuse("expected `in` after `not`"));
            }
            (Comparison::In, true)
        } else {
            return Ok(None);
        }))
    }
}
