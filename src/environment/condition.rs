//! The `when` conditions of definitions, which Spack hands to Python: here a small language over facts of the host.
//!
//! It knows the names Spack defines, comparisons, `in`, `and`/`or`/`not`, a few methods, and nothing that acts.

mod context;
mod evaluate;
mod expression;
mod lexer;
mod parse;
mod value;

pub use context::Context;

use std::ops::Range;

/// A condition that cannot be decided, with the part of its text that is the reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The bytes of the condition it is about.
    pub span: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What to write or set instead.
    pub hint: String,
}

impl Refusal {
    fn new(span: Range<usize>, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { span, message: message.into(), hint: hint.into() }
    }
}

/// Tells whether a condition holds on the host that `context` describes.
///
/// # Errors
/// Returns what is not understood, or which fact of the host is not known.
pub fn holds(text: &str, context: &Context) -> Result<bool, Refusal> {
    let expression = parse::parse(text)?;
    evaluate::evaluate(&expression, context).map(|value| value.is_true())
}
