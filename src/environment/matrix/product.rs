//! The product of the axes of a matrix, the last one running fastest.

use crate::environment::list::MatrixItem;
use crate::error::{Error, Result};
use crate::source::Place;
use crate::spec::Spec;

/// A value of an axis, read.
#[derive(Debug)]
pub(super) struct Value {
    pub(super) text: String,
    pub(super) spec: Spec,
    pub(super) place: Place,
}

/// One value of each axis, merged.
pub(super) struct Combination<'a> {
    pub(super) matrix: &'a MatrixItem,
    axes: &'a [Vec<Value>],
    pub(super) indices: &'a [usize],
    pub(super) spec: &'a Spec,
}

impl Combination<'_> {
    /// Returns the values, in the order of the axes.
    pub(super) fn values(&self) -> impl Iterator<Item = &Value> {
        self.indices.iter().zip(self.axes).map(|(index, axis)| &axis[*index])
    }

    /// Returns the first `exclude` rule that takes the combination out.
    pub(super) fn excluded_by(&self) -> Option<usize> {
        let excludes = |rule: &Spec| {
            // Most rules speak of another package; that is cheaper to see here.
            let other = matches!((rule.name(), self.spec.name()), (Some(wanted), Some(name)) if wanted != name);
            !other && self.spec.satisfies(rule).is_ok()
        };
        self.matrix.excludes.iter().position(|rule| excludes(&rule.spec))
    }
}

/// Calls `visit` with every combination in order.
///
/// # Errors
/// Returns an error about the first combination whose values contradict each other, and what `visit` returns.
pub(super) fn combinations(
    axes: &[Vec<Value>],
    matrix: &MatrixItem,
    mut visit: impl FnMut(Combination<'_>) -> Result<()>,
) -> Result<()> {
    if axes.iter().any(Vec::is_empty) {
        return Ok(());
    }
    let mut indices = vec![0; axes.len()];
    // What the values of the first axes merge to, for each number of axes; a step of the last axis merges once.
    let mut merged: Vec<Spec> = Vec::with_capacity(axes.len());
    loop {
        while merged.len() < axes.len() {
            let value = &axes[merged.len()][indices[merged.len()]];
            let next = match merged.last() {
                None => value.spec.clone(),
                Some(before) => {
                    let mut next = before.clone();
                    next.constrain(&value.spec).map_err(|conflict| {
                        contradiction(axes, &indices[..merged.len()], value, &conflict.to_string())
                    })?;
                    next
                }
            };
            merged.push(next);
        }
        if let Some(spec) = merged.last() {
            visit(Combination { matrix, axes, indices: &indices, spec })?;
        }
        let Some(step) = (0..axes.len()).rev().find(|at| indices[*at] + 1 < axes[*at].len()) else {
            return Ok(());
        };
        indices[step] += 1;
        indices[step + 1..].fill(0);
        merged.truncate(step);
    }
}

/// Makes the error about a value that contradicts one of the values before it.
fn contradiction(axes: &[Vec<Value>], before: &[usize], added: &Value, conflict: &str) -> Error {
    let earlier: Vec<&Value> = before.iter().zip(axes).map(|(index, axis)| &axis[*index]).collect();
    let culprit = earlier.iter().find(|value| !value.spec.intersects(&added.spec)).or(earlier.last());
    let texts = earlier.iter().chain([&added]).map(|value| value.text.as_str()).collect::<Vec<_>>().join(" ");
    let failure = match culprit {
        Some(value) => Error::input(format!(
            "the combination `{texts}` contradicts itself: `{}` does not go with `{}` ({conflict})",
            added.text, value.text
        ))
        .related(&value.place, format!("`{}` is demanded here", value.text)),
        None => Error::input(format!("the combination `{texts}` contradicts itself: {conflict}")),
    };
    failure.at(&added.place).hint(
        "split the matrix, so that the two never meet; `exclude` does not help, as it looks at merged combinations",
    )
}
