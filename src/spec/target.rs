//! Microarchitectures and their partial order: `x86_64 < x86_64_v2 < nehalem < … < zen4`.

mod clause;

pub use clause::{TargetClause, TargetTerm};

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The known microarchitectures with their direct ancestors; ancestors come first.
const PARENTS: [(&str, &[&str]); 80] = [
    ("x86", &[]),
    ("i686", &["x86"]),
    ("pentium2", &["i686"]),
    ("pentium3", &["pentium2"]),
    ("pentium4", &["pentium3"]),
    ("prescott", &["pentium4"]),
    ("x86_64", &[]),
    ("x86_64_v2", &["x86_64"]),
    ("x86_64_v3", &["x86_64_v2"]),
    ("x86_64_v4", &["x86_64_v3"]),
    ("nocona", &["x86_64"]),
    ("core2", &["nocona"]),
    ("nehalem", &["core2", "x86_64_v2"]),
    ("westmere", &["nehalem"]),
    ("sandybridge", &["westmere"]),
    ("ivybridge", &["sandybridge"]),
    ("haswell", &["ivybridge", "x86_64_v3"]),
    ("broadwell", &["haswell"]),
    ("skylake", &["broadwell"]),
    ("mic_knl", &["broadwell"]),
    ("skylake_avx512", &["skylake", "x86_64_v4"]),
    ("cannonlake", &["skylake"]),
    ("cascadelake", &["skylake_avx512"]),
    ("icelake", &["cascadelake", "cannonlake"]),
    ("sapphirerapids", &["icelake"]),
    ("k10", &["x86_64"]),
    ("bulldozer", &["x86_64_v2"]),
    ("piledriver", &["bulldozer"]),
    ("steamroller", &["piledriver"]),
    ("excavator", &["steamroller", "x86_64_v3"]),
    ("zen", &["x86_64_v3"]),
    ("zen2", &["zen"]),
    ("zen3", &["zen2"]),
    ("zen4", &["zen3", "x86_64_v4"]),
    ("zen5", &["zen4"]),
    ("ppc64", &[]),
    ("power7", &["ppc64"]),
    ("power8", &["power7"]),
    ("power9", &["power8"]),
    ("power10", &["power9"]),
    ("ppc64le", &[]),
    ("power8le", &["ppc64le"]),
    ("power9le", &["power8le"]),
    ("power10le", &["power9le"]),
    ("aarch64", &[]),
    ("armv8.1a", &["aarch64"]),
    ("armv8.2a", &["armv8.1a"]),
    ("armv8.3a", &["armv8.2a"]),
    ("armv8.4a", &["armv8.3a"]),
    ("armv8.5a", &["armv8.4a"]),
    ("armv8.6a", &["armv8.5a"]),
    ("armv9.0a", &["armv8.5a"]),
    ("thunderx2", &["armv8.1a"]),
    ("a64fx", &["armv8.2a"]),
    ("cortex_a72", &["aarch64"]),
    ("neoverse_n1", &["cortex_a72", "armv8.2a"]),
    ("neoverse_v1", &["neoverse_n1", "armv8.4a"]),
    ("neoverse_v2", &["neoverse_n1", "armv9.0a"]),
    ("neoverse_n2", &["neoverse_n1", "armv9.0a"]),
    ("m1", &["armv8.4a"]),
    ("m2", &["m1", "armv8.5a"]),
    ("m3", &["m2", "armv8.6a"]),
    ("m4", &["m3", "armv8.6a"]),
    ("arm", &[]),
    ("ppc", &[]),
    ("ppcle", &[]),
    ("sparc", &[]),
    ("sparc64", &[]),
    ("riscv64", &[]),
    ("u74mc", &["riscv64"]),
    ("alderlake", &["skylake"]),
    ("arrowlake", &["alderlake"]),
    ("arrowlake_s", &["arrowlake"]),
    ("zen6", &["zen5"]),
    ("armv9.2a", &["armv9.0a", "armv8.6a"]),
    ("ampere1", &["neoverse_n1", "armv8.6a"]),
    ("ampere1a", &["ampere1"]),
    ("neoverse_v3ae", &["neoverse_v2", "armv9.2a"]),
    ("olympus", &["armv9.2a"]),
    ("x60", &["riscv64"]),
];

/// A name that is no known microarchitecture, where one is needed to compare.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no known microarchitecture")]
pub struct UnknownTarget(pub String);

/// Per known name, the bits of itself and of all its ancestors.
static LINEAGES: LazyLock<BTreeMap<&'static str, Lineage>> = LazyLock::new(|| {
    let mut known: BTreeMap<&str, Lineage> = BTreeMap::new();
    for (index, (name, parents)) in PARENTS.iter().enumerate() {
        let inherited = parents.iter().filter_map(|parent| known.get(parent)).fold(0, |all, p| all | p.members);
        let family = parents.first().and_then(|parent| known.get(parent)).map_or(*name, |p| p.family);
        known.insert(name, Lineage { members: inherited | 1 << index, family });
    }
    known
});

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Lineage {
    members: u128,
    family: &'static str,
}

/// A microarchitecture by name; one that is not known has no ancestors and is a family of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Microarchitecture<'a> {
    name: &'a str,
    lineage: Option<Lineage>,
}

impl<'a> Microarchitecture<'a> {
    /// Takes any name.
    pub fn new(name: &'a str) -> Self {
        Self { name, lineage: LINEAGES.get(name).copied() }
    }

    /// Takes a name that must be known.
    pub fn known(name: &'a str) -> Result<Self, UnknownTarget> {
        let this = Self::new(name);
        if this.lineage.is_some() { Ok(this) } else { Err(UnknownTarget(name.to_owned())) }
    }

    /// Tells whether code for `other` runs on this microarchitecture.
    pub fn runs(self, other: Microarchitecture<'_>) -> bool {
        match (self.lineage, other.lineage) {
            (Some(mine), Some(theirs)) => mine.members & theirs.members == theirs.members,
            _ => self.name == other.name,
        }
    }

    /// Returns the oldest ancestor: `x86_64`, `aarch64`, …
    pub fn family(self) -> &'a str {
        self.lineage.map_or(self.name, |lineage| lineage.family)
    }
}

/// Returns the names of all known microarchitectures, every one after its ancestors.
pub fn names() -> impl Iterator<Item = &'static str> {
    PARENTS.iter().map(|(name, _)| *name)
}

#[cfg(test)]
mod tests {
    use super::{Microarchitecture, PARENTS, UnknownTarget};

    fn runs(new: &str, old: &str) -> bool {
        Microarchitecture::new(new).runs(Microarchitecture::new(old))
    }

    #[test]
    fn a_newer_microarchitecture_runs_the_code_of_its_ancestors_only() {
        assert!(runs("zen4", "x86_64_v4") && runs("zen2", "zen") && runs("haswell", "core2"));
        assert!(!runs("zen2", "haswell") && !runs("zen", "zen2") && !runs("zen2", "aarch64"));
    }

    #[test]
    fn an_unknown_name_only_equals_itself() {
        assert!(runs("my_cpu", "my_cpu") && !runs("my_cpu", "x86_64") && !runs("zen2", "my_cpu"));
        assert_eq!(Microarchitecture::known("my_cpu"), Err(UnknownTarget("my_cpu".into())));
    }

    #[test]
    fn every_family_is_the_oldest_ancestor() {
        assert_eq!(Microarchitecture::new("icelake").family(), "x86_64");
        assert_eq!(Microarchitecture::new("neoverse_v2").family(), "aarch64");
        assert_eq!(Microarchitecture::new("pentium4").family(), "x86");
    }

    #[test]
    fn the_table_names_every_ancestor_before_its_descendants() {
        for (index, (name, parents)) in PARENTS.iter().enumerate() {
            for parent in *parents {
                assert!(PARENTS[..index].iter().any(|(known, _)| known == parent), "{parent} before {name}");
            }
        }
    }
}
