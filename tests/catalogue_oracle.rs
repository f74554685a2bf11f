//! How near predictions come to what Spack itself concretized: floors under the figures that the README states.
//!
//! The catalogue's facts are of 2026. In 2019 packages needed fewer others and had older versions; since 2025 compilers
//! and what they bring along are nodes, which the catalogue leaves out by design.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests fail like tests")]

#[path = "common/agreement.rs"]
mod agreement;
#[path = "common/mod.rs"]
mod common;
#[path = "common/prediction.rs"]
mod prediction;

use agreement::{Figures, Others, lockfiles, read};
use std::path::Path;

fn figures(folder: &Path) -> Figures {
    let mut figures = Figures::default();
    for path in lockfiles(folder) {
        figures.add_catalogue(&read(&path).0);
    }
    figures
}

#[test]
fn predictions_come_near_to_what_spack_chose() {
    let Some(oracle) = common::oracle() else { return };
    let (first, today) = (figures(&oracle.join("release-jobs")), figures(&oracle.join("stacks")));
    for (era, figures) in [("2019", &first), ("2025", &today)] {
        figures.print(era);
        figures.print_differences();
    }
    assert!(first.unpredictable.is_empty() && first.names.percent().0 >= 50 && first.names.percent().1 >= 80);
    assert!(today.names.percent().0 >= 85 && today.names.percent().1 >= 85);
}

#[test]
fn predictions_beside_other_roots_come_nearer() {
    let Some(oracle) = common::oracle() else { return };
    let mut others = Others::default();
    for stack in ["build_systems", "tutorial"] {
        let (lock, json) = read(&oracle.join("stacks").join(stack).join("spack.lock"));
        others.add(&lock, &json);
    }
    for (from, figures) in [("relatives", &others.relatives), ("the catalogue", &others.catalogue)] {
        figures.print(from);
        figures.print_differences();
    }
    assert!(others.relatives.versions.percent().0 >= 80 && others.catalogue.versions.percent().0 >= 60);
}
