//! Writes an environment with a generated lockfile, to measure the program on: `generate SPECS DIRECTORY`.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a tool for measuring: what is wrong may end it")]

#[path = "../common/lockfile.rs"]
mod lockfile;

use std::path::PathBuf;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let specs: usize = arguments.next().and_then(|text| text.parse().ok()).expect("the number of specs");
    let directory = PathBuf::from(arguments.next().expect("a directory"));
    std::fs::create_dir_all(&directory).unwrap();
    let lock = lockfile::generate(specs, 1);
    std::fs::write(directory.join("spack.yaml"), lockfile::environment_of(&lock)).unwrap();
    std::fs::write(directory.join("spack.lock"), lock).unwrap();
}
