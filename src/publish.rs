//! The only module that changes the world: writes files.

pub mod file;
