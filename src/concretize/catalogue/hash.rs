//! A stand-in for Spack's hash of specs that Spack has not seen: equal specs with equal dependencies have the same.

use crate::spec::concrete::{ConcreteSpec, Dependency, VariantValue};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::sync::Arc;

/// Base32 as Spack writes hashes.
const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
/// The characters of a hash, of five bits each.
const LENGTH: usize = 32;

/// Returns the hash of a spec; `dependency` gives that of another node.
pub(in crate::concretize) fn hash(
    spec: &ConcreteSpec,
    edges: &[Dependency],
    dependency: impl Fn(&Dependency) -> Arc<str>,
) -> Arc<str> {
    let mut text = format!("predicted\n{}\n{}\n{}\n", spec.namespace, spec.name, spec.version);
    let arch = &spec.arch;
    let _ = writeln!(text, "{} {} {}", arch.platform, arch.os, arch.target);
    if let Some(compiler) = &spec.compiler {
        let _ = writeln!(text, "%{}@{}", compiler.name, compiler.version);
    }
    for (name, value) in &spec.parameters.variants {
        let _ = match value {
            VariantValue::Bool(value) => writeln!(text, "{name} {value}"),
            VariantValue::Single(value) => writeln!(text, "{name} = {value}"),
            VariantValue::Multi(values) => writeln!(text, "{name} = {values:?}"),
        };
    }
    for (name, flags) in &spec.parameters.flags {
        let _ = writeln!(text, "{name} {flags:?}");
    }
    for edge in edges {
        let _ = writeln!(text, "^{} {} {:?}", dependency(edge), edge.types.0, edge.virtuals);
    }
    base32(&Sha256::digest(text)).into()
}

fn base32(bytes: &[u8]) -> String {
    let bit = |at: usize| bytes.get(at / 8).map_or(0, |byte| byte >> (7 - at % 8) & 1);
    let letter = |at: usize| (0..5).fold(0, |value, offset| value << 1 | bit(5 * at + offset));
    (0..LENGTH).map(|at| char::from(ALPHABET[usize::from(letter(at))])).collect()
}

#[cfg(test)]
mod tests {
    use super::base32;

    #[test]
    fn base32_is_that_of_spack() {
        assert_eq!(base32(b"foobarfoobarfoobarfo"), "mzxw6ytbojtg633cmfzgm33pmjqxeztp");
    }
}
