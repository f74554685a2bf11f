//! Expands lists into root specs: references spliced in, matrices multiplied out, excluded combinations kept aside.
//!
//! As in Spack 1.1, the values of a combination are merged from left to right, and `exclude` is tested on the result.

mod product;

use super::list::{Item, List, MatrixItem};
use super::reader::{self, Reading};
use super::{Axis, AxisValue, Excluded, Matrix, Origin, RootSpec, SpecList};
use crate::error::{Error, Result};
use crate::spec::Spec;
use product::{Combination, Value, combinations};
use std::sync::Arc;

/// Expands a list; its size has to be checked before.
pub(super) fn expand(list: &List, reading: Reading) -> Result<SpecList> {
    let mut expansion = Expansion { result: SpecList::default(), group: None, reading };
    expansion.list(list, "")?;
    Ok(expansion.result)
}

struct Expansion {
    result: SpecList,
    group: Option<Arc<str>>,
    reading: Reading,
}

impl Expansion {
    /// Adds what a list stands for; a sigil is put before every spec.
    fn list(&mut self, list: &List, sigil: &str) -> Result<()> {
        for item in &list.items {
            match item {
                Item::Spec(node) => {
                    let spec = reader::spec(node, &prefixed(sigil, node.as_text().unwrap_or_default()), self.reading)?;
                    self.push(spec, Origin::Plain(node.place.clone()));
                }
                Item::Matrix(matrix) => self.matrix(matrix, sigil)?,
                Item::Reference { list, sigil: own } => self.list(list, &format!("{sigil}{own}"))?,
                Item::Group { name, list } => {
                    self.group = Some(Arc::clone(name));
                    self.list(list, sigil)?;
                    self.group = None;
                }
            }
        }
        Ok(())
    }

    fn push(&mut self, spec: Spec, origin: Origin) {
        self.result.roots.push(RootSpec { spec, origin, group: self.group.clone() });
    }

    fn matrix(&mut self, item: &MatrixItem, sigil: &str) -> Result<()> {
        let axes = axes(item, self.reading)?;
        let matrix = self.result.matrices.len();
        let mut excluded = Vec::new();
        combinations(&axes, item, |combination| {
            let values = combination.indices.to_vec();
            if let Some(rule) = combination.excluded_by() {
                excluded.push(Excluded { values, spec: combination.spec.clone(), rule });
                return Ok(());
            }
            let spec =
                if sigil.is_empty() { combination.spec.clone() } else { sigilled(&combination, sigil, self.reading)? };
            self.push(spec, Origin::Combination { matrix, values });
            Ok(())
        })?;
        let rows = axes.into_iter().zip(&item.rows).map(|(values, (_, place))| {
            let values = values.into_iter().map(|value| AxisValue { text: value.text, place: value.place }).collect();
            Axis { values, place: place.clone() }
        });
        self.result.matrices.push(Matrix {
            axes: rows.collect(),
            excludes: item.excludes.clone(),
            excluded,
            place: item.place.clone(),
        });
        Ok(())
    }
}

fn prefixed(sigil: &str, text: &str) -> String {
    if sigil.is_empty() { text.to_owned() } else { format!("{sigil}{text}") }
}

fn axes(item: &MatrixItem, reading: Reading) -> Result<Vec<Vec<Value>>> {
    item.rows
        .iter()
        .map(|(list, _)| {
            let mut values = Vec::new();
            row(list, "", reading, &mut values)?;
            Ok(values)
        })
        .collect()
}

/// Adds the values of a row; every combination of a matrix in it is one value.
fn row(list: &List, sigil: &str, reading: Reading, values: &mut Vec<Value>) -> Result<()> {
    for item in &list.items {
        match item {
            Item::Spec(node) => {
                let text = prefixed(sigil, node.as_text().unwrap_or_default());
                values.push(Value { spec: reader::spec(node, &text, reading)?, text, place: node.place.clone() });
            }
            Item::Matrix(matrix) => {
                combinations(&axes(matrix, reading)?, matrix, |combination| {
                    if combination.excluded_by().is_none() {
                        values.push(joined(&combination, sigil, reading)?);
                    }
                    Ok(())
                })?;
            }
            Item::Reference { list, sigil: own } => row(list, &format!("{sigil}{own}"), reading, values)?,
            Item::Group { list, .. } => row(list, sigil, reading, values)?,
        }
    }
    Ok(())
}

/// Makes one value of a combination, as Spack does: its constraints are written one after the other and read again, so
/// that a `%compiler` after a `^dependency` speaks of the dependency.
fn joined(combination: &Combination<'_>, sigil: &str, reading: Reading) -> Result<Value> {
    let text = combination.values().map(|value| value.spec.to_string()).collect::<Vec<_>>().join(" ");
    let text = prefixed(sigil, &text);
    let place = combination.matrix.place.clone();
    match reading.parse(&text) {
        Ok(spec) => Ok(Value { text, spec, place }),
        Err(error) => {
            Err(Error::input(format!("`{text}`, a combination of this matrix, is no spec: {error}")).at(&place))
        }
    }
}

/// Merges a combination whose first value gets a sigil.
fn sigilled(combination: &Combination<'_>, sigil: &str, reading: Reading) -> Result<Spec> {
    let place = &combination.matrix.place;
    let mut values = combination.values();
    let first = prefixed(sigil, &values.next().map(|value| value.spec.to_string()).unwrap_or_default());
    let refused = |cause: String| Error::input(format!("`{first}` cannot be merged here: {cause}")).at(place);
    let mut spec = reading.parse(&first).map_err(|error| refused(error.to_string()))?;
    for value in values {
        spec.constrain(&value.spec).map_err(|conflict| refused(conflict.to_string()))?;
    }
    Ok(spec)
}
