//! YAML with places: read so that every value knows its line, written so that YAML 1.1 and 1.2 agree on it.

pub mod edit;
pub mod merge;
mod node;
mod read;
mod schema;
mod write;

pub use node::{Entry, Mapping, Node, Value};
pub use read::read;
pub use write::{Writer, inline, scalar, write_key};
