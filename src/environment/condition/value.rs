//! The values of conditions: literals, facts, and the few calls there are.

use super::Refusal;
use super::context::Fact;
use super::expression::{Anchors, Expression, Kind};
use super::lexer::Token;
use super::parse::{HINT, Parsed, Parser};

impl Parser {
    /// Reads a value with the methods called on it.
    pub(super) fn value(&mut self) -> Parsed {
        let start = self.span().start;
        let mut value = self.atom()?;
        while self.symbol(".") {
            value = self.method(value, start)?;
        }
        Ok(value)
    }

    fn atom(&mut self) -> Parsed {
        let span = self.span();
        let start = span.start;
        let kind = match self.next() {
            Some(Token::Text(text)) => Kind::Text(text),
            Some(Token::Symbol("(")) => return self.parenthesis(start),
            Some(Token::Symbol("[")) => {
                let items = self.items("]")?;
                Kind::List(items)
            }
            Some(Token::Word(word)) => return self.named(&word, &span),
            Some(Token::Symbol(symbol)) => {
                return Err(Refusal::new(span, format!("expected a value instead of `{symbol}`"), HINT));
            }
            None => return Err(Refusal::new(span, "expected a value", HINT)),
        };
        Ok(self.spanning(start, kind))
    }

    /// Reads a condition in parentheses, or a tuple.
    fn parenthesis(&mut self, start: usize) -> Parsed {
        if self.symbol(")") {
            return Ok(self.spanning(start, Kind::List(Vec::new())));
        }
        let first = self.inner()?;
        if self.symbol(")") {
            return Ok(first);
        }
        self.expect(",")?;
        let mut items = vec![first];
        items.extend(self.items(")")?);
        Ok(self.spanning(start, Kind::List(items)))
    }

    /// Reads values up to the closing bracket; a comma may end them.
    fn items(&mut self, close: &str) -> Result<Vec<Expression>, Refusal> {
        let mut items = Vec::new();
        loop {
            if self.symbol(close) {
                return Ok(items);
            }
            items.push(self.inner()?);
            if !self.symbol(",") {
                self.expect(close)?;
                return Ok(items);
            }
        }
    }

    fn named(&mut self, word: &str, span: &std::ops::Range<usize>) -> Parsed {
        let kind = match word {
            "True" => Kind::Bool(true),
            "False" => Kind::Bool(false),
            "None" => Kind::None,
            "architecture" | "arch_str" => Kind::Architecture,
            "env" if self.symbol("[") => {
                let name = self.inner()?;
                self.expect("]")?;
                Kind::RequiredVariable(Box::new(name))
            }
            "env" | "arch" | "re" if self.symbol(".") => return self.call(word, span.start),
            "env" | "arch" | "re" => {
                return Err(Refusal::new(span.clone(), format!("`{word}` is no value by itself"), HINT));
            }
            _ => match Fact::from_name(word) {
                Some(fact) => Kind::Fact(fact),
                None => return Err(Refusal::new(span.clone(), format!("the name `{word}` is not known"), HINT)),
            },
        };
        Ok(self.spanning(span.start, kind))
    }

    /// Reads what comes after `env.`, `arch.` or `re.`.
    fn call(&mut self, receiver: &str, start: usize) -> Parsed {
        let name = self.method_name()?;
        let unknown = self.refuse_call(receiver, &name, start);
        let arguments = self.arguments()?;
        let count = arguments.len();
        let mut arguments = arguments.into_iter().map(Box::new);
        let kind = match (receiver, name.as_str(), count, arguments.next()) {
            ("env", "get", 1 | 2, Some(name)) => Kind::Variable { name, default: arguments.next() },
            ("arch", "satisfies", 1, Some(constraint)) => Kind::Satisfies(constraint),
            ("re", "match" | "search" | "fullmatch", 2, Some(pattern)) => {
                let anchors = match name.as_str() {
                    "match" => Anchors::Start,
                    "search" => Anchors::Anywhere,
                    _ => Anchors::Whole,
                };
                let Some(text) = arguments.next() else { return Err(unknown) };
                Kind::Matches { anchors, pattern, text }
            }
            _ => return Err(unknown),
        };
        Ok(self.spanning(start, kind))
    }

    /// Reads what comes after the dot behind a text.
    fn method(&mut self, receiver: Expression, start: usize) -> Parsed {
        let name = self.method_name()?;
        let unknown = self.refuse_call("…", &name, start);
        let mut arguments = self.arguments()?.into_iter().map(Box::new);
        let receiver = Box::new(receiver);
        let kind = match (name.as_str(), arguments.next(), arguments.next()) {
            ("startswith", Some(start), None) => Kind::StartsWith(receiver, start),
            ("endswith", Some(end), None) => Kind::EndsWith(receiver, end),
            _ => return Err(unknown),
        };
        Ok(self.spanning(start, kind))
    }

    fn refuse_call(&self, receiver: &str, name: &str, start: usize) -> Refusal {
        let message = format!("`{receiver}.{name}` is not understood, at least not with these arguments");
        Refusal::new(start..self.span().start.max(start), message, HINT)
    }

    fn method_name(&mut self) -> Result<String, Refusal> {
        let refusal = self.refuse("expected the name of a method");
        match self.next() {
            Some(Token::Word(name)) => Ok(name),
            _ => Err(refusal),
        }
    }

    fn arguments(&mut self) -> Result<Vec<Expression>, Refusal> {
        self.expect("(")?;
        self.items(")")
    }
}
