//! The only module that changes the world: files, the downstream branch, CDash. It knows bytes, not plans.
//!
//! Everything slow here takes a closure for progress and a flag to cancel, so that the command line and the review
//! screen's worker call the same functions. Of its modules only `downstream` and what is below it name git's library.

pub mod cdash;
pub mod clone;
pub mod downstream;
pub mod file;
pub mod pre_ci;
pub mod prune;
pub mod trailers;
pub mod verify;
pub mod watch;
