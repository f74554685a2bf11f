//! A stand-in for Spack's concretizer, in a directory of its own: see `tests/fixtures/concretize/spack`.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used, reason = "each test binary uses a part")]

use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A stand-in for Spack that does as it is set.
pub struct Stub {
    directory: TempDir,
}

impl Stub {
    /// Makes one with settings, a line each: `MODE=fail`.
    pub fn new(settings: &str) -> Self {
        let directory = TempDir::new().unwrap();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/concretize/spack");
        // A link, since a program that was just written may still be open elsewhere and then cannot be run.
        std::os::unix::fs::symlink(script, directory.path().join("spack")).unwrap();
        let stub = Self { directory };
        stub.set(settings);
        stub
    }

    /// Gives it other settings.
    pub fn set(&self, settings: &str) {
        fs::write(self.directory.path().join("stub.conf"), settings).unwrap();
    }

    /// Returns the program.
    pub fn program(&self) -> PathBuf {
        self.directory.path().join("spack")
    }

    /// Returns a file that it recorded, if it did.
    pub fn recorded(&self, name: &str) -> Option<String> {
        fs::read_to_string(self.directory.path().join(name)).ok()
    }

    /// Returns the calls that it recorded.
    pub fn calls(&self) -> Vec<String> {
        self.recorded("calls").unwrap_or_default().lines().map(str::to_owned).collect()
    }

    /// Tells whether any process of a solve that hangs is still there.
    pub fn is_running(&self) -> bool {
        let pids = self.recorded("pids").unwrap_or_default();
        let is_live = |pid: &str| {
            let state = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            // A process that ended and was not waited for yet is a zombie.
            state.rsplit(')').next().is_some_and(|rest| !rest.trim().is_empty() && !rest.trim().starts_with('Z'))
        };
        pids.split_whitespace().any(is_live)
    }
}

/// A release of 2019: a bootstrap list, two operating systems, a mapping for all.
pub const RELEASE: &str = "spack:
  definitions:
  - compilers: ['gcc@8.3.0 os=centos7', 'gcc@8.3.0 os=ubuntu18.04']
  specs:
  - zlib@1.3 os=centos7
  - readline os=centos7
  mirrors: {m: 'https://mirror.example.org'}
  gitlab-ci:
    bootstrap: [compilers]
    mappings:
    - match: ['@:']
      runner-attributes: {tags: [any]}
";
