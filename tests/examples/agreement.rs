//! Prints how near predictions come to lockfiles: the recorded ones where they are, else those of the project.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a tool for measuring: what is wrong may end it")]

#[path = "../common/agreement.rs"]
mod agreement;
#[path = "../common/mod.rs"]
mod common;
#[path = "../common/prediction.rs"]
mod prediction;

use agreement::{Figures, Others, lockfiles, read};
use std::path::PathBuf;

fn main() {
    let own = vec![common::example("locked").join("spack.lock")];
    let sets: Vec<(&str, Vec<PathBuf>)> = match common::oracle() {
        Some(oracle) => {
            vec![("2019", lockfiles(&oracle.join("release-jobs"))), ("2025", lockfiles(&oracle.join("stacks")))]
        }
        None => vec![("the project's own", own)],
    };
    for (era, paths) in sets {
        let (mut catalogue, mut others) = (Figures::default(), Others::default());
        for (lock, json) in paths.iter().map(|path| read(path)) {
            catalogue.add_catalogue(&lock);
            others.add(&lock, &json);
        }
        catalogue.print(&format!("{era}, from the catalogue alone"));
        others.relatives.print(&format!("{era}, from the nearest relative among the other roots"));
        others.catalogue.print(&format!("{era}, from the catalogue and the versions of the other roots"));
    }
}
