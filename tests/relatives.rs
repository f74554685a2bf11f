//! Roots that a lockfile lacks, predicted from their nearest relatives in it.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests fail like tests")]

#[path = "common/prediction.rs"]
mod prediction;

use prediction::{Phase, names, with_lockfiles};
use proptest::prelude::*;
use spackplan::concretize::Lockfiles;
use spackplan::finding::Severity;
use spackplan::source::Source;
use spackplan::spec::Spec;
use spackplan::spec::concrete::{ConcreteSpec, SpecId};

/// A node of a lockfile: `name@version os`, with members of its own, and the names of what it needs.
fn node(text: &str, members: &str, needs: &[&str]) -> String {
    let (spec, os) = text.split_once(' ').unwrap();
    let (name, version) = spec.split_once('@').unwrap();
    let edges = needs.iter().map(|need| {
        let (target, virtuals) = need.split_once('=').map_or((*need, ""), |(language, target)| (target, language));
        let virtuals = if virtuals.is_empty() { String::new() } else { format!("\"{virtuals}\"") };
        let name = target.split(['_', '@']).next().unwrap();
        format!(
            r#"{{"name":"{name}","hash":"{}","parameters":{{"deptypes":["build","link"],"virtuals":[{virtuals}]}}}}"#,
            hash(target)
        )
    });
    let edges: Vec<String> = edges.collect();
    let members = if members.is_empty() { String::new() } else { format!(",{members}") };
    let parameters = if members.contains("parameters") { "" } else { r#","parameters":{}"# };
    let own = hash(&format!("{name}_{os}"));
    format!(
        r#""{own}":{{"name":"{name}","version":"{version}","arch":{{"platform":"linux","platform_os":"{os}","target":"x86_64"}},"namespace":"builtin"{parameters}{members},"dependencies":[{}],"hash":"{own}"}}"#,
        edges.join(",")
    )
}

fn hash(text: &str) -> String {
    let letters = text.bytes().map(|byte| char::from(b'a' + byte % 26));
    letters.chain(std::iter::repeat('q')).take(32).collect()
}

fn lock(roots: &[(&str, &str)], nodes: &[String]) -> Lockfiles {
    let roots: Vec<String> =
        roots.iter().map(|(text, node)| format!(r#"{{"hash":"{}","spec":"{text}"}}"#, hash(node))).collect();
    let text = format!(
        r#"{{"_meta":{{"file-type":"spack-lockfile","lockfile-version":6,"specfile-version":5}},"roots":[{}],"concrete_specs":{{{}}}}}"#,
        roots.join(","),
        nodes.join(",")
    );
    Lockfiles::of_main(Source::new("spack.lock", text))
}

/// A lockfile of today: `app` needs `lib`, both compiled by one gcc that is a node; another gcc compiles `tool`.
fn today() -> Lockfiles {
    let external = r#""external":{"path":"/usr","module":null,"extra_attributes":{}}"#;
    lock(
        &[("app os=centos7 %gcc@12", "app_centos7"), ("tool %gcc@13", "tool_centos7")],
        &[
            node(
                "app@1.0 centos7",
                r#""parameters":{"shared":true}"#,
                &["lib_centos7", "c=gcc_centos7", "gcc-runtime_centos7"],
            ),
            node("lib@2.0 centos7", "", &["c=gcc_centos7", "gcc-runtime_centos7"]),
            node("gcc-runtime@12.2.0 centos7", "", &["gcc_centos7"]),
            node("gcc@12.2.0 centos7", external, &[]),
            node("tool@3.0 centos7", "", &["c=gcc_other"]),
            node("gcc@13.1.0 other", external, &[]).replace("\"platform_os\":\"other\"", "\"platform_os\":\"centos7\""),
        ],
    )
}

/// A lockfile of before Spack 1.0: compilers are annotations.
fn before() -> Lockfiles {
    let gcc = r#""compiler":{"name":"gcc","version":"5.5.0"}"#;
    let other = r#""compiler":{"name":"gcc","version":"8.3.0"}"#;
    lock(
        &[("app %gcc@5.5.0 os=centos7", "app_centos7"), ("tool %gcc@8.3.0 os=centos7", "tool_centos7")],
        &[
            node("app@1.0 centos7", gcc, &["lib_centos7", "tool_centos7"]),
            node("lib@2.0 centos7", gcc, &[]),
            node("tool@3.0 centos7", other, &[]),
        ],
    )
}

fn root(phase: &Phase) -> (SpecId, &ConcreteSpec) {
    let id = phase.specs.roots.last().unwrap().spec;
    (id, phase.specs.spec(id))
}

/// Returns what the last root needs directly.
fn needs(phase: &Phase) -> Vec<&ConcreteSpec> {
    phase.specs.dependencies(root(phase).0).iter().map(|edge| phase.specs.spec(edge.spec)).collect()
}

fn message(phase: &Phase, part: &str) -> bool {
    phase.findings.iter().any(|finding| finding.message.contains(part))
}

#[test]
fn another_operating_system_changes_the_whole_dag_and_is_marked() {
    let phase = with_lockfiles(&["app os=ubuntu18.04 %gcc@5.5.0"], &before());
    let (_, app) = root(&phase);
    assert!(app.is_predicted() && &*app.arch.os == "ubuntu18.04", "{app:?}");
    for spec in needs(&phase) {
        assert!(spec.is_predicted() && &*spec.arch.os == "ubuntu18.04", "{spec:?}");
    }
    assert!(
        message(&phase, "3 of 3 specs of phase `specs` are predicted from locked relatives"),
        "{:?}",
        phase.findings
    );
    assert!(message(&phase, "as `app@1.0 /") && message(&phase, "with `os=ubuntu18.04`"), "{:?}", phase.findings);
}

#[test]
fn another_annotated_compiler_is_taken_where_the_relatives_was_and_what_it_did_not_compile_is_shared() {
    let phase = with_lockfiles(&["app %gcc@8: os=centos7"], &before());
    let (_, app) = root(&phase);
    assert_eq!(app.compiler.as_ref().unwrap().version.to_string(), "8.3.0", "a locked one that fits");
    let needs = needs(&phase);
    let of = |name: &str| needs.iter().find(|spec| &*spec.name == name).unwrap();
    assert_eq!(of("lib").compiler.as_ref().unwrap().version.to_string(), "8.3.0");
    assert!(of("lib").is_predicted() && !of("tool").is_predicted());
}

#[test]
fn another_compiler_node_is_taken_with_its_runtime() {
    let phase = with_lockfiles(&["app os=centos7 %gcc@13"], &today());
    let (_, app) = root(&phase);
    assert!(app.is_predicted());
    let needs = needs(&phase);
    let version = |name: &str| needs.iter().find(|spec| &*spec.name == name).unwrap().version.to_string();
    assert_eq!(
        (version("gcc"), version("gcc-runtime"), version("lib")),
        ("13.1.0".into(), "13.1.0".into(), "2.0".into())
    );
    let gcc = needs.iter().find(|spec| &*spec.name == "gcc").unwrap();
    assert!(gcc.external && !gcc.is_predicted(), "the locked compiler is the one");
    assert!(message(&phase, "with `%gcc@13.1.0`"), "{:?}", phase.findings);
}

#[test]
fn a_locked_dependency_that_fits_is_the_answer_itself() {
    let phase = with_lockfiles(&["lib os=centos7 %gcc@12"], &today());
    let (_, lib) = root(&phase);
    assert!(!lib.is_predicted());
    assert!(!message(&phase, "are predicted"), "{:?}", phase.findings);
    assert!(message(&phase, "lacks one root"), "it is still said that the lockfile is stale");
}

#[test]
fn variants_and_versions_are_changed_on_the_root_alone() {
    let phase = with_lockfiles(&["app@1.1 ~shared os=centos7 %gcc@12"], &today());
    let (_, app) = root(&phase);
    assert_eq!((app.version.to_string().as_str(), app.parameters.variants_text().as_str()), ("1.1", "~shared"));
    assert!(needs(&phase).iter().all(|spec| !spec.is_predicted()), "what it needs is shared");
    assert!(message(&phase, "with `@1.1 ~shared`"), "{:?}", phase.findings);
}

#[test]
fn what_is_asked_of_a_dependency_changes_that_and_what_needs_it() {
    let phase = with_lockfiles(&["app os=centos7 ^lib@2.5"], &today());
    let needs = needs(&phase);
    let lib = needs.iter().find(|spec| &*spec.name == "lib").unwrap();
    assert_eq!(lib.version.to_string(), "2.5");
    assert!(message(&phase, "with `^lib@2.5`"), "{:?}", phase.findings);
}

#[test]
fn of_several_relatives_the_nearest_is_taken() {
    let gcc = |version: &str| format!(r#""compiler":{{"name":"gcc","version":"{version}"}}"#);
    let locked = lock(
        &[("app %gcc@5 os=a", "app_a"), ("app %gcc@8 os=b", "app_b")],
        &[node("app@1.0 a", &gcc("5.5.0"), &[]), node("app@1.1 b", &gcc("8.3.0"), &[])],
    );
    for (text, version) in [("app %gcc@5 os=c", "1.0"), ("app %gcc@8 os=c", "1.1"), ("app@1.1 %gcc@5 os=a", "1.1")] {
        assert_eq!(root(&with_lockfiles(&[text], &locked)).1.version.to_string(), version, "{text}");
    }
}

#[test]
fn where_variants_change_what_is_needed_the_catalogue_is_asked_with_what_is_locked() {
    let compiler = r#""compiler":{"name":"gcc","version":"12.2.0"}"#;
    let hdf5 = format!(r#"{compiler},"parameters":{{"mpi":false,"build_system":"cmake"}}"#);
    let locked = lock(
        &[("hdf5~mpi", "hdf5_centos7")],
        &[node("hdf5@1.14.1-2 centos7", &hdf5, &["zlib-ng_centos7"]), node("zlib-ng@2.1.3 centos7", compiler, &[])],
    );
    let phase = with_lockfiles(&["hdf5+mpi"], &locked);
    assert!(names(&phase).contains(&"openmpi".to_owned()), "{:?}", names(&phase));
    let (_, hdf5) = root(&phase);
    assert_eq!(hdf5.version.to_string(), "1.14.1-2", "the version is the locked one");
    assert_eq!(hdf5.compiler.as_ref().unwrap().version.to_string(), "12.2.0", "and so is the compiler");
    let zlib = needs(&phase).into_iter().find(|spec| &*spec.name == "zlib-ng").unwrap();
    assert!(!zlib.is_predicted(), "what is locked and fits is shared");
    assert!(message(&phase, "from the catalogue"), "{:?}", phase.findings);
}

#[test]
fn what_no_relative_can_have_is_left_to_the_catalogue() {
    for text in ["app platform=darwin", "app /zzzz", "app ^nowhere", "app %clang@15"] {
        let phase = with_lockfiles(&[text], &today());
        assert!(!message(&phase, "nearest locked relative"), "{text}: {:?}", phase.findings);
    }
}

proptest! {
    #[test]
    fn a_predicted_root_satisfies_its_constraint_and_is_reported_otherwise(
        name in "app|lib|tool|gcc", version in "(@1\\.0|@2:|@3\\.0)?", variant in "( \\+shared| ~shared| fabrics=a,b)?",
        os in "( os=centos7| os=x)?", target in "( target=x86_64| target=x86_64_v3:)?",
        compiler in "( %gcc| %gcc@12| %gcc@8| %gcc@13| %clang)?", needs in "( \\^lib@2| \\^lib@7 os=y| \\^zlib)?",
    ) {
        let text = format!("{name}{version}{variant}{os}{target}{compiler}{needs}");
        for locked in [today(), before()] {
            let phase = with_lockfiles(&[&text], &locked);
            let wanted = Spec::parse(&text).unwrap();
            match phase.specs.roots.first() {
                Some(root) => prop_assert!(phase.specs.satisfies(root.spec, &wanted).is_ok(), "{}", text),
                None => prop_assert!(phase.findings.iter().any(|finding| finding.severity == Severity::Error)),
            }
        }
    }
}

#[test]
fn equal_lockfiles_and_roots_give_equal_predictions() {
    let roots = ["app os=x %gcc@13", "app os=y %gcc@12", "lib os=x %gcc@13", "tool os=x"];
    let told = || {
        let phase = with_lockfiles(&roots, &today());
        phase.specs.iter().map(|(_, spec)| format!("{} {}", spec.name, spec.hash)).collect::<Vec<_>>()
    };
    assert_eq!(told(), told());
}
