//! What a condition says, once its text is read.

use super::context::Fact;
use std::ops::Range;

/// A condition or a part of one.
#[derive(Clone, Debug)]
pub(super) struct Expression {
    pub(super) kind: Kind,
    /// Its bytes in the condition.
    pub(super) span: Range<usize>,
}

#[derive(Clone, Debug)]
pub(super) enum Kind {
    Bool(bool),
    None,
    Text(String),
    List(Vec<Expression>),
    Fact(Fact),
    /// `platform-os-target`.
    Architecture,
    /// `env.get("NAME", default)`.
    Variable {
        name: Box<Expression>,
        default: Option<Box<Expression>>,
    },
    /// `env["NAME"]`.
    RequiredVariable(Box<Expression>),
    /// `"NAME" in env`.
    HasVariable(Box<Expression>),
    /// `arch.satisfies("…")`.
    Satisfies(Box<Expression>),
    /// `re.match("…", x)` and its like.
    Matches {
        anchors: Anchors,
        pattern: Box<Expression>,
        text: Box<Expression>,
    },
    /// `x.startswith("…")`.
    StartsWith(Box<Expression>, Box<Expression>),
    /// `x.endswith("…")`.
    EndsWith(Box<Expression>, Box<Expression>),
    Equal(Box<Expression>, Box<Expression>),
    In(Box<Expression>, Box<Expression>),
    Not(Box<Expression>),
    And(Vec<Expression>),
    Or(Vec<Expression>),
}

/// Which part of the text a pattern has to cover.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchors {
    Start,
    Anywhere,
    Whole,
}
