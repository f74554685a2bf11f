//! A release of two packages, `app` and the `lib` it needs, with an external compiler, in `/e`.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used, reason = "each test binary uses a part")]

use super::common;
use spackplan::concretize::{self, Lockfiles};
use spackplan::environment::{Dialect, Environment, Inputs, Texts};
use spackplan::error::Result;
use spackplan::release::{Release, Request};
use spackplan::source::Source;

/// The text of an environment of today that asks for `app`, with sections of `pipeline-gen`.
pub fn with_rules(sections: &str) -> String {
    let indented: Vec<String> = sections.lines().map(|line| format!("    {line}")).collect();
    let indented = indented.join("\n");
    format!(
        "spack:\n  specs: [app]\n  ci:\n   pipeline-gen:\n{indented}\n  mirrors:\n    buildcache-destination: {{fetch: 'https://get', push: 'https://put'}}\n"
    )
}

/// Reads an environment.
pub fn parse(text: &str) -> Result<Environment> {
    parse_as(text, None)
}

/// Reads an environment for a dialect.
pub fn parse_as(text: &str, dialect: Option<Dialect>) -> Result<Environment> {
    let context = common::context();
    let inputs = Inputs { context: &context, files: &Texts::default(), dialect };
    Environment::read(Source::new("/e/spack.yaml", text), inputs)
}

fn node(name: &str, hash: &str, more: &str) -> String {
    format!(
        r#""{hash}":{{"name":"{name}","version":"1.0","arch":{{"platform":"linux","platform_os":"centos7","target":"x86_64"}},"namespace":"builtin","parameters":{{"build_system":"cmake","shared":true,"pic":false}},"hash":"{hash}"{more}}}"#
    )
}

/// The lockfile: `app` needs `lib` and the compiler, `lib` the compiler, and that `tool`, which Spack builds.
pub fn lockfile() -> String {
    let edge = |name: &str, hash: &str, virtuals: &str| {
        format!(r#"{{"name":"{name}","hash":"{hash}","parameters":{{"deptypes":["build"],"virtuals":[{virtuals}]}}}}"#)
    };
    let compiler = edge("gcc", "gggg", "\"c\"");
    let nodes = [
        node("app", "aaaa", &format!(r#","dependencies":[{compiler},{}]"#, edge("lib", "llll", ""))),
        node("lib", "llll", &format!(r#","dependencies":[{compiler}]"#)),
        node("gcc", "gggg", r#","external":{"path":"/usr","module":null,"extra_attributes":{}}"#),
    ];
    format!(
        r#"{{"_meta":{{"file-type":"spack-lockfile","lockfile-version":6,"specfile-version":5}},"spack":{{"version":"1.1.0","type":"release"}},"roots":[{{"hash":"aaaa","spec":"app"}}],"concrete_specs":{{{}}}}}"#,
        nodes.join(",")
    )
}

/// Plans an environment with the lockfile.
pub fn release(text: &str) -> Release {
    planned(parse(text).unwrap(), Request::default())
}

/// Plans an environment with the lockfile, as asked.
pub fn planned(environment: Environment, request: Request) -> Release {
    let lockfiles = Lockfiles::of_main(Source::new("/e/spack.lock", lockfile()));
    let concretization = concretize::concretize(&environment, &lockfiles, &common::architecture()).unwrap();
    Release::new(environment, concretization, request)
}
