//! Lockfiles of any size, shaped like those of production stacks: version 6, about 1.5 kB a spec, parameter sets that
//! recur, blocks of 450 packages for one target and compiler each, chains some thirty long.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses a part")]
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "tests say what they skip, and may end where they stand")]

use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Packages in a block, and how many of them end it as roots.
const BLOCK: usize = 450;
const ROOTS: usize = 15;
const LEVELS: usize = 30;
const TARGETS: [&str; 8] =
    ["x86_64", "x86_64_v2", "x86_64_v3", "x86_64_v4", "zen2", "zen3", "icelake", "sapphirerapids"];

/// A small generator of pseudo-random numbers (xorshift), so that a seed always gives the same lockfile.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % bound.max(1)
    }
}

/// Returns the hash of a spec: 32 characters of lower-case base32.
fn hash(index: usize, seed: u64) -> String {
    let mut random = Random((index as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (seed + 1));
    (0..32).map(|_| char::from(b"abcdefghijklmnopqrstuvwxyz234567"[random.below(32)])).collect()
}

/// Returns the variants of a package: some settings of them recur all over the file.
fn parameters(package: usize, setting: usize) -> String {
    let mut text = String::from("{\"build_system\":\"autotools\"");
    for variant in 0..12 {
        let on = (package + variant + setting).is_multiple_of(3);
        let _ = write!(text, ",\"variant_{variant}\":{on}");
    }
    let _ = write!(text, ",\"shared\":{}", (package + setting).is_multiple_of(2));
    text.push_str(",\"libs\":[\"shared\",\"static\"],\"cflags\":[],\"cppflags\":[],\"cxxflags\":[],\"fflags\":[],");
    text.push_str("\"ldflags\":[],\"ldlibs\":[]}");
    text
}

/// Returns a lockfile of `specs` specs.
pub fn generate(specs: usize, seed: u64) -> String {
    let mut random = Random(seed.wrapping_mul(2).wrapping_add(0x2545_f491_4f6c_dd1d));
    let (mut roots, mut nodes) = (Vec::new(), String::new());
    for index in 0..specs {
        let (block, package) = (index / BLOCK, index % BLOCK);
        let target = TARGETS[block % TARGETS.len()];
        let version = format!("{}.{}.{}", 1 + package % 5, block / TARGETS.len() % 40, block / TARGETS.len() / 40);
        let level = package * LEVELS / BLOCK;
        let below = level * BLOCK / LEVELS;
        let children: BTreeSet<usize> = (0..if level == 0 { 0 } else { 8 })
            .map(|_| below.saturating_sub(1 + random.below(below.min(90))))
            .collect();
        let mut edges = Vec::new();
        for child in &children {
            let kind = [r#""build""#, r#""build","link""#, r#""link","run""#][child % 3];
            let virtuals = if child % 40 == 7 { r#""mpi""# } else { "" };
            edges.push(format!(
                r#"{{"name":"pkg-{child}","hash":"{}","parameters":{{"deptypes":[{kind}],"virtuals":[{virtuals}]}}}}"#,
                hash(block * BLOCK + child, seed)
            ));
        }
        let dependencies =
            if edges.is_empty() { String::new() } else { format!(r#","dependencies":[{}]"#, edges.join(",")) };
        let own = hash(index, seed);
        if index > 0 {
            nodes.push(',');
        }
        let _ = write!(
            nodes,
            r#""{own}":{{"name":"pkg-{package}","version":"{version}","arch":{{"platform":"linux","platform_os":"debian12","target":"{target}"}},"namespace":"builtin","parameters":{}{dependencies},"package_hash":"{}====","annotations":{{"original_specfile_version":5,"compiler":"gcc@{}.2.0"}},"hash":"{own}"}}"#,
            parameters(package, block % 5),
            hash(package, 7),
            9 + block % 5,
        );
        if package + ROOTS >= BLOCK.min(specs - block * BLOCK) {
            roots.push(format!(r#"{{"hash":"{own}","spec":"pkg-{package}@{version} target={target}"}}"#));
        }
    }
    format!(
        r#"{{"_meta":{{"file-type":"spack-lockfile","lockfile-version":6,"specfile-version":5}},"spack":{{"version":"1.1.0","type":"release"}},"roots":[{}],"concrete_specs":{{{nodes}}}}}"#,
        roots.join(",")
    )
}

/// Returns an environment whose roots are those of a lockfile, with 200 match specs in 20 mappings.
pub fn environment_of(lock: &str) -> String {
    let document: serde_json::Value = serde_json::from_str(lock).unwrap();
    let mut text = String::from("spack:\n  specs:\n");
    for root in document["roots"].as_array().unwrap() {
        let _ = writeln!(text, "  - {}", root["spec"]);
    }
    let names: BTreeSet<&str> =
        document["concrete_specs"].as_object().unwrap().values().filter_map(|node| node["name"].as_str()).collect();
    text.push_str("  mirrors: {release: 's3://release'}\n  gitlab-ci:\n    mappings:\n");
    let names: Vec<&str> = names.into_iter().take(199).collect();
    for (index, chunk) in names.chunks(11).enumerate() {
        let _ = writeln!(text, "    - match: {chunk:?}\n      runner-attributes: {{tags: [runner-{index}]}}");
    }
    text.push_str("    - match: ['@:']\n      runner-attributes: {tags: [any], image: example/builder}\n");
    text
}
