//! Guesses the microarchitecture from `/proc/cpuinfo`: by model where that is certain, else by instruction sets.

use crate::spec::target::Microarchitecture;

/// The instruction sets that each level of `x86_64` adds, by the kernel's names.
const LEVELS: [(&str, &[&str]); 3] = [
    ("x86_64_v2", &["cx16", "lahf_lm", "popcnt", "sse4_1", "sse4_2", "ssse3"]),
    ("x86_64_v3", &["avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "abm", "movbe", "xsave"]),
    ("x86_64_v4", &["avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"]),
];

/// What models have beside their level, where virtual machines may hide it.
const SPECIAL: [(&str, &[&str]); 4] = [
    ("zen3", &["pku", "vaes", "vpclmulqdq"]),
    ("zen4", &["avx512_bf16", "avx512_vnni", "flush_l1d", "gfni"]),
    ("zen5", &["avx512_vp2intersect", "avx_vnni", "ibrs_enhanced", "movdir64b", "movdiri", "tsc_adjust"]),
    (
        "sapphirerapids",
        &["amx_bf16", "amx_int8", "amx_tile", "cldemote", "movdir64b", "movdiri", "serialize", "waitpkg"],
    ),
];

/// Returns the microarchitecture, or the family where nothing more is certain.
pub(super) fn target(cpuinfo: &str, family: &'static str) -> String {
    let cpu = Cpu(cpuinfo);
    let guess = match family {
        "x86_64" => cpu.x86_64(),
        "aarch64" => cpu.aarch64(),
        _ => None,
    };
    let known = guess.filter(|guess| Microarchitecture::new(guess).family() == family);
    known.unwrap_or(family).to_owned()
}

/// The description of the first processor.
struct Cpu<'a>(&'a str);

impl<'a> Cpu<'a> {
    fn value(&self, key: &str) -> Option<&'a str> {
        self.0.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            (name.trim() == key).then(|| value.trim())
        })
    }

    fn number(&self, key: &str) -> Option<u32> {
        let text = self.value(key)?;
        text.strip_prefix("0x").map_or_else(|| text.parse().ok(), |digits| u32::from_str_radix(digits, 16).ok())
    }

    fn x86_64(&self) -> Option<&'static str> {
        let flags: Vec<&str> = self.value("flags")?.split_ascii_whitespace().collect();
        let has = |all: &[&str]| all.iter().all(|flag| flags.contains(flag));
        let level = LEVELS.into_iter().take_while(|(_, flags)| has(flags)).last().map(|(level, _)| level);
        // A virtual machine may hide instruction sets of the model it names.
        let runs = |model: &&str| {
            level.is_some_and(|level| Microarchitecture::new(model).runs(Microarchitecture::new(level)))
                && LEVELS.into_iter().chain(SPECIAL).all(|(other, flags)| {
                    !Microarchitecture::new(model).runs(Microarchitecture::new(other)) || has(flags)
                })
        };
        self.x86_64_models(&flags).iter().copied().find(runs).or(level)
    }

    /// Returns the model that the processor names, and the older ones of which it is one.
    fn x86_64_models(&self, flags: &[&str]) -> &'static [&'static str] {
        let (Some(vendor), Some(family), Some(model)) =
            (self.value("vendor_id"), self.number("cpu family"), self.number("model"))
        else {
            return &[];
        };
        match (vendor, family, model) {
            ("AuthenticAMD", 0x17, 0..0x30) => &["zen"],
            ("AuthenticAMD", 0x17, _) => &["zen2", "zen"],
            ("AuthenticAMD", 0x19, _) => &["zen4", "zen3", "zen2", "zen"],
            ("AuthenticAMD", 0x1a, _) => &["zen5", "zen4", "zen3", "zen2", "zen"],
            ("GenuineIntel", 6, 60 | 63 | 69 | 70) => &["haswell"],
            ("GenuineIntel", 6, 61 | 71 | 79 | 86) => &["broadwell"],
            ("GenuineIntel", 6, 78 | 94 | 142 | 158) => &["skylake"],
            ("GenuineIntel", 6, 85) if flags.contains(&"avx512_vnni") => &["cascadelake"],
            ("GenuineIntel", 6, 85) => &["skylake_avx512"],
            ("GenuineIntel", 6, 106 | 108) => &["icelake"],
            ("GenuineIntel", 6, 143 | 207) => &["sapphirerapids"],
            _ => &[],
        }
    }

    fn aarch64(&self) -> Option<&'static str> {
        Some(match (self.number("CPU implementer")?, self.number("CPU part")?) {
            (0x41, 0xd0c) => "neoverse_n1",
            (0x41, 0xd40) => "neoverse_v1",
            (0x41, 0xd49) => "neoverse_n2",
            (0x41, 0xd4f) => "neoverse_v2",
            (0x41, 0xd08) => "cortex_a72",
            (0x46, 0x001) => "a64fx",
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn x86_64(model: &str, levels: usize, more: &str) -> String {
        let flags: Vec<&str> = LEVELS.iter().take(levels).flat_map(|(_, flags)| flags.iter().copied()).collect();
        target(&format!("{model}\nflags\t\t: fpu {} {more}\n", flags.join(" ")), "x86_64")
    }

    #[test]
    fn a_known_model_is_named() {
        let amd = "vendor_id\t: AuthenticAMD\ncpu family\t: 25\nmodel\t\t: 1";
        let zen3 = SPECIAL[0].1.join(" ");
        let zen4 = format!("{zen3} {}", SPECIAL[1].1.join(" "));
        assert_eq!(x86_64(amd, 3, &zen4), "zen4");
        assert_eq!(x86_64(amd, 2, &zen3), "zen3");
        assert_eq!(target("CPU implementer : 0x41\nCPU part : 0xd40\n", "aarch64"), "neoverse_v1");
    }

    #[test]
    fn a_model_whose_instruction_sets_are_hidden_is_taken_for_less() {
        let intel = "vendor_id : GenuineIntel\ncpu family : 6\nmodel : 106";
        assert_eq!(x86_64(intel, 3, ""), "icelake");
        assert_eq!(x86_64(intel, 2, ""), "x86_64_v3");
        assert_eq!(x86_64("model : 1", 0, ""), "x86_64");
        let amd = "vendor_id : AuthenticAMD\ncpu family : 25\nmodel : 17";
        assert_eq!(x86_64(amd, 2, "vaes vpclmulqdq"), "zen2");
        assert_eq!(x86_64(amd, 3, "vaes vpclmulqdq"), "x86_64_v4");
    }

    #[test]
    fn without_a_description_the_family_is_all_that_is_known() {
        assert_eq!(target("", "riscv64"), "riscv64");
    }
}
