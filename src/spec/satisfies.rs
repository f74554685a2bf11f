//! Whether one constraint implies another.
