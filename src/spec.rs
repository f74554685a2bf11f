//! Spack's spec language: constraints, their canonical text, and which concrete specs satisfy them.

pub mod concrete;
pub mod version;
