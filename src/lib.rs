//! Plans the release of a Spack software stack.
//!
//! The chain of types, read from left to right, is the whole program:
//!
//! ```text
//! spack.yaml ─► Environment ─► SpecMatrix ─► ConcreteSpecs ─► Plan ─► Pipeline ─► .gitlab-ci.yml
//! ```
//!
//! A module uses only those before it: `spec ← environment ← concretize ← plan ← pipeline ← release ← emit`;
//! `edit` changes the text of an environment; `publish` knows bytes only. `pruning` and `dynamic` ask the world, before and
//! after planning, and hand data to it. What is temporary, directories and child processes, is kept by `scratch`; `redact`
//! makes texts fit to be shown. They all may use these two.

pub mod concretize;
pub mod delivery;
pub mod dynamic;
pub mod edit;
pub mod emit;
pub mod environment;
pub mod error;
pub mod finding;
mod http;
pub mod pipeline;
pub mod plan;
pub mod pruning;
pub mod publish;
pub mod redact;
pub mod release;
pub mod scratch;
pub mod source;
pub mod spec;
#[cfg(feature = "tui")]
pub mod tui;
pub mod yaml;
