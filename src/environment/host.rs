//! What the machine is that the program runs on, in Spack's words.

mod cpu;

use super::condition::Context;
use std::path::Path;

/// Returns the facts of this machine, as far as they can be read.
pub fn facts() -> Context {
    let mut context = Context::default();
    let mut fact = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            // The names are those that `set` knows.
            let _ = context.set(&format!("{name}={value}"));
        }
    };
    fact("platform", Some(platform().to_owned()));
    fact("os", operating_system());
    fact("target", Some(cpu::target(&read("/proc/cpuinfo").unwrap_or_default(), family())));
    fact("hostname", hostname());
    for (name, value) in std::env::vars_os() {
        if let (Ok(name), Ok(value)) = (name.into_string(), value.into_string()) {
            fact(&format!("env.{name}"), Some(value));
        }
    }
    context
}

fn read(path: &str) -> Option<String> {
    std::fs::read(Path::new(path)).ok().map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

fn platform() -> &'static str {
    match std::env::consts::OS {
        "macos" => "darwin",
        other => other,
    }
}

/// Returns the family of microarchitectures that this program was built for.
fn family() -> &'static str {
    match std::env::consts::ARCH {
        "x86" => "x86",
        "powerpc64" if cfg!(target_endian = "little") => "ppc64le",
        "powerpc64" => "ppc64",
        other => other,
    }
}

fn operating_system() -> Option<String> {
    match platform() {
        "linux" => read("/etc/os-release").or_else(|| read("/usr/lib/os-release")).and_then(|text| distribution(&text)),
        "darwin" => read("/System/Library/CoreServices/SystemVersion.plist")
            .and_then(|text| release_name(&text).map(str::to_owned)),
        _ => None,
    }
}

/// Returns a Linux distribution's name as Spack forms it from `os-release`: `centos7`, `ubuntu22.04`, `debian12`.
fn distribution(os_release: &str) -> Option<String> {
    let value = |key: &str| {
        let line = os_release.lines().find_map(|line| line.trim().strip_prefix(key)?.strip_prefix('='))?;
        Some(line.trim_matches(['"', '\'']).to_owned())
    };
    let id = value("ID")?.to_lowercase().replace([' ', '-'], "_");
    let id = match id.as_str() {
        "ol" => "oracle",
        "redhat" | "redhatenterpriseserver" | "redhatenterpriselinux" => "rhel",
        "opensuse_leap" => "opensuse",
        other => other,
    };
    let version = value("VERSION_ID").unwrap_or_default();
    let mut parts = version.split(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '-'));
    let first = parts.next().unwrap_or_default();
    Some(match parts.next() {
        Some(second) if id == "ubuntu" => format!("{id}{first}.{second}"),
        _ => format!("{id}{first}"),
    })
}

/// Returns the name of a macOS release from the system's property list.
fn release_name(plist: &str) -> Option<&'static str> {
    let (_, rest) = plist.split_once("<key>ProductVersion</key>")?;
    let version = rest.split_once("<string>")?.1.split(['.', '<']).next()?;
    Some(match version {
        "10" => "catalina",
        "11" => "bigsur",
        "12" => "monterey",
        "13" => "ventura",
        "14" => "sonoma",
        "15" => "sequoia",
        "26" => "tahoe",
        _ => return None,
    })
}

fn hostname() -> Option<String> {
    let name = read("/proc/sys/kernel/hostname").or_else(|| read("/etc/hostname"))?;
    Some(name.trim().to_owned()).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distributions_are_named_as_spack_names_them() {
        for (text, name) in [
            ("ID=debian\nVERSION_ID=\"12\"\n", "debian12"),
            ("NAME=x\nID=ubuntu\nVERSION_ID=\"22.04\"\n", "ubuntu22.04"),
            ("ID=\"centos\"\nVERSION_ID=\"7\"\n", "centos7"),
            ("ID=rhel\nVERSION_ID=\"8.10\"", "rhel8"),
            ("ID=\"opensuse-leap\"\nVERSION_ID=\"15.5\"", "opensuse15"),
            ("ID=arch\n", "arch"),
        ] {
            assert_eq!(distribution(text).as_deref(), Some(name));
        }
    }

    #[test]
    fn a_machine_knows_its_platform_and_target() {
        let architecture = facts().architecture();
        assert_ne!(&*architecture.platform, "unknown");
        assert_ne!(&*architecture.target, "unknown");
    }
}
