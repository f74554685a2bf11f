//! A Spack environment (`spack.yaml`): definitions, spec matrices, runner rules, bootstrap lists, mirrors, CDash.

pub mod attributes;
