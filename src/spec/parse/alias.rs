//! The compiler names of old, and the packages they stand for.

use std::sync::Arc;

const ALIASES: [(&str, &str); 5] = [
    ("clang", "llvm"),
    ("oneapi", "intel-oneapi-compilers"),
    ("rocmcc", "llvm-amdgpu"),
    ("intel", "intel-oneapi-compilers-classic"),
    ("arm", "acfl"),
];

/// Returns the package that a compiler name stands for: `llvm` for `clang`.
pub(in crate::spec) fn package(name: &Arc<str>) -> Arc<str> {
    ALIASES.iter().find(|(old, _)| *old == &**name).map_or_else(|| Arc::clone(name), |(_, new)| Arc::from(*new))
}

/// Returns the compiler name of a package: `clang` for `llvm`.
pub(in crate::spec) fn legacy(package: &str) -> &str {
    ALIASES.iter().find(|(_, new)| *new == package).map_or(package, |(old, _)| old)
}
