//! The embedded catalogue: what it knows holds together, and what it predicts keeps the constraints of its roots.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests fail like tests")]

#[path = "common/prediction.rs"]
mod prediction;

use prediction::{edges, findings, names, predicted, with_lockfiles};
use proptest::prelude::*;
use spackplan::concretize::Lockfiles;
use spackplan::concretize::catalogue::{Catalogue, VariantKind};
use spackplan::finding::{Rule, Severity};
use spackplan::source::Source;
use spackplan::spec::Spec;
use spackplan::spec::concrete::{DepTypes, VariantValue};
use std::collections::BTreeSet;

/// The packages whose closure the catalogue covers at least.
const COVERED: [&str; 15] = [
    "readline", "gcc", "llvm", "cmake", "python", "openssl", "curl", "hdf5", "mpich", "openmpi", "fftw", "openblas",
    "boost", "petsc", "git",
];

/// Compilers and architectures that roots are asked for with.
const COMPILERS: [&str; 4] = ["", " %gcc@9.5.0", " %clang@17", " %oneapi"];
const SYSTEMS: [&str; 4] = ["", " os=rhel9", " target=zen3", " target=x86_64_v2:"];

fn catalogue() -> &'static Catalogue {
    Catalogue::embedded().unwrap()
}

#[test]
fn every_fact_is_readable_and_every_dependency_is_known() {
    let catalogue = catalogue();
    let mut unknown = BTreeSet::new();
    for name in catalogue.names() {
        let package = catalogue.package(name).unwrap().unwrap();
        for needed in &package.build.needs {
            let target = needed.spec.name().unwrap();
            if !catalogue.is_virtual(target) && catalogue.package(target).unwrap().is_none() {
                unknown.insert(format!("{name} -> {target}"));
            }
        }
        for provided in &package.provides {
            if !catalogue.is_virtual(provided.spec.name().unwrap()) {
                unknown.insert(format!("{name} provides {}", provided.spec));
            }
        }
    }
    for (name, provider) in catalogue.virtuals() {
        assert!(catalogue.package(provider).unwrap().is_some(), "{name} has the unknown provider {provider}");
        assert!(catalogue.package(name).unwrap().is_none(), "{name} is a package too");
        let package = catalogue.package(provider).unwrap().unwrap();
        assert!(package.provides.iter().any(|one| one.spec.name() == Some(name)), "{provider} does not provide {name}");
    }
    assert!(unknown.is_empty(), "{unknown:#?}");
    assert!(catalogue.package(catalogue.default_compiler()).unwrap().is_some());
}

#[test]
fn versions_are_listed_newest_first_and_once() {
    for name in catalogue().names() {
        let versions = &catalogue().package(name).unwrap().unwrap().versions;
        let distinct: BTreeSet<_> = versions.iter().collect();
        assert_eq!(distinct.len(), versions.len(), "{name}");
        // A preferred version stands in front of newer ones.
        let falling = versions.windows(2).filter(|pair| pair[0] > pair[1]).count();
        assert!(falling + 2 >= versions.len(), "{name}: {versions:?}");
    }
}

#[test]
fn conditions_only_ask_for_variants_that_the_package_has() {
    let mut unknown = BTreeSet::new();
    for name in catalogue().names() {
        let package = catalogue().package(name).unwrap().unwrap();
        let variants: BTreeSet<&str> = package.build.variants.iter().map(|variant| &*variant.name).collect();
        let conditions = package.build.needs.iter().filter_map(|one| one.when.as_ref());
        let conditions = conditions.chain(package.build.variants.iter().filter_map(|one| one.when.as_ref()));
        let conflicts = package.conflicts.iter().flat_map(|one| one.when.iter().chain([&one.spec]));
        for condition in conditions.chain(conflicts) {
            for variant in condition.variants().keys().filter(|variant| !variants.contains(&***variant)) {
                unknown.insert(format!("{name}: {variant} in `{condition}`"));
            }
        }
    }
    assert!(unknown.is_empty(), "{unknown:#?}");
}

#[test]
fn demands_on_dependencies_name_variants_that_those_have() {
    let mut unknown = BTreeSet::new();
    for name in catalogue().names() {
        for needed in &catalogue().package(name).unwrap().unwrap().build.needs {
            let Some(target) = catalogue().package(needed.spec.name().unwrap()).unwrap() else { continue };
            let variants: BTreeSet<&str> = target.build.variants.iter().map(|variant| &*variant.name).collect();
            for variant in needed.spec.variants().keys().filter(|variant| !variants.contains(&***variant)) {
                unknown.insert(format!("{name}: {variant} in `{}`", needed.spec));
            }
        }
    }
    assert!(unknown.is_empty(), "{unknown:#?}");
}

#[test]
fn every_package_resolves_by_default_without_complaint() {
    for name in catalogue().names() {
        let phase = predicted(&[name]);
        assert_eq!(phase.specs.roots.len(), 1, "{name}: {:#?}", phase.findings);
        let severe: Vec<_> =
            findings(&phase, |finding| finding.rule != Rule::PredictedSpec || finding.severity == Severity::Note);
        assert!(severe.is_empty(), "{name}: {severe:#?}");
        for (id, spec) in phase.specs.iter() {
            assert!(spec.is_predicted() && !spec.version.is_develop(), "{name}: {}@{}", spec.name, spec.version);
            assert!(spec.compiler.as_ref().is_some_and(|compiler| &*compiler.name == "gcc"));
            assert!(phase.specs.dependencies(id).iter().all(|edge| edge.types != DepTypes::default()));
        }
    }
    for name in COVERED {
        assert!(catalogue().package(name).unwrap().is_some(), "{name}");
    }
}

#[test]
fn readline_for_two_systems_is_six_specs_in_chains_of_three() {
    let phase = predicted(&["readline@7.0 %gcc@5.5.0 os=ubuntu18.04", "readline@7.0 %gcc@5.5.0 os=centos7"]);
    assert_eq!(names(&phase), ["ncurses", "ncurses", "pkgconf", "pkgconf", "readline", "readline"]);
    let expected = [("ncurses", "pkgconf"), ("readline", "ncurses")].map(|(from, to)| (from.to_owned(), to.to_owned()));
    assert_eq!(edges(&phase), BTreeSet::from(expected));
    for (_, spec) in phase.specs.iter() {
        assert_eq!(spec.compiler.as_ref().unwrap().version.as_str(), "5.5.0");
        assert!(
            spec.hash.len() == 32 && spec.hash.bytes().all(|b| b.is_ascii_lowercase() || (b'2'..=b'7').contains(&b))
        );
    }
    let systems: BTreeSet<&str> = phase.specs.iter().map(|(_, spec)| &*spec.arch.os).collect();
    assert_eq!(systems, BTreeSet::from(["centos7", "ubuntu18.04"]));
}

#[test]
fn equal_specs_of_several_roots_are_one_node() {
    let phase = predicted(&["readline", "ncurses", "sqlite"]);
    let all = names(&phase);
    let distinct: BTreeSet<&String> = all.iter().collect();
    assert_eq!(distinct.len(), all.len(), "{all:?}");
    let again = predicted(&["readline", "ncurses", "sqlite"]);
    let hashes =
        |phase: &prediction::Phase| phase.specs.iter().map(|(_, spec)| spec.hash.to_string()).collect::<Vec<_>>();
    assert_eq!(hashes(&phase), hashes(&again));
}

#[test]
fn a_named_provider_takes_the_place_of_the_default_one() {
    let phase = predicted(&["hdf5 +mpi ^mpich@4.1"]);
    assert!(names(&phase).contains(&"mpich".to_owned()) && !names(&phase).contains(&"openmpi".to_owned()));
    let root = phase.specs.roots[0].spec;
    let edge =
        phase.specs.dependencies(root).iter().find(|edge| &*phase.specs.spec(edge.spec).name == "mpich").unwrap();
    assert_eq!(edge.virtuals.iter().map(|name| &**name).collect::<Vec<_>>(), ["mpi"]);
    assert!(phase.specs.satisfies(root, &Spec::parse("hdf5 ^mpi").unwrap()).is_ok());
    let by_virtual = predicted(&["hdf5 ^[virtuals=mpi] mpich"]);
    assert!(names(&by_virtual).contains(&"mpich".to_owned()), "{:?}", names(&by_virtual));
    assert!(names(&predicted(&["hdf5"])).contains(&"openmpi".to_owned()));
}

#[test]
fn a_constraint_on_a_dependency_reaches_it_wherever_it_is() {
    let phase = predicted(&["git ^zlib@1.2.13 ~shared ^perl@5.36"]);
    let zlib = phase.specs.spec(phase.specs.named("zlib")[0]);
    assert_eq!((zlib.version.as_str(), &zlib.parameters.variants["shared"]), ("1.2.13", &VariantValue::Bool(false)));
    assert!(phase.specs.named("zlib-ng").is_empty(), "one provider of zlib-api");
    assert!(phase.specs.spec(phase.specs.named("perl")[0]).version.as_str().starts_with("5.36"));
    assert_eq!(phase.specs.roots.len(), 1, "{:#?}", phase.findings);
}

#[test]
fn architecture_and_compiler_of_the_root_hold_for_its_dependencies_unless_told_otherwise() {
    let phase = predicted(&["readline %clang@17 platform=linux os=rhel9 target=zen3 ^pkgconf %gcc@12"]);
    for (_, spec) in phase.specs.iter() {
        assert_eq!((&*spec.arch.os, &*spec.arch.target), ("rhel9", "zen3"));
        let compiler = spec.compiler.as_ref().unwrap();
        let expected = if &*spec.name == "pkgconf" { ("gcc", "12.") } else { ("clang", "17") };
        assert_eq!(&*compiler.name, expected.0, "{}", spec.name);
        assert!(compiler.version.as_str().starts_with(expected.1), "{}", compiler.version);
    }
    let range = predicted(&["zlib target=x86_64_v3:"]);
    assert_eq!(&*range.specs.spec(range.specs.roots[0].spec).arch.target, "x86_64_v3");
}

#[test]
fn a_package_that_is_not_known_is_a_job_by_itself_and_a_finding() {
    let phase = predicted(&["readlin@3.1 +x y=z %gcc@9"]);
    assert_eq!(names(&phase), ["readlin"]);
    let spec = phase.specs.spec(phase.specs.roots[0].spec);
    assert_eq!((spec.version.as_str(), &spec.parameters.variants["x"]), ("3.1", &VariantValue::Bool(true)));
    let found = findings(&phase, |finding| finding.rule == Rule::UnknownPackage);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].severity, Severity::Warning);
    assert!(found[0].message.contains("`readlin`"), "{}", found[0].message);
    assert!(found[0].hint.as_ref().unwrap().contains("did you mean `readline`?"));
    assert_eq!(found[0].place.as_ref().unwrap().line(), 1);
    assert_eq!(predicted(&["unheard-of"]).specs.iter().next().unwrap().1.version.as_str(), "develop");
}

#[test]
fn what_nothing_leads_to_is_planned_below_the_root_that_asks_for_it() {
    let phase = predicted(&["zlib ^unheard-of@2", "unheard-of-too ^readline@8.2"]);
    assert_eq!(phase.specs.roots.len(), 2, "{:#?}", phase.findings);
    let pairs = edges(&phase);
    assert!(pairs.contains(&("zlib".to_owned(), "unheard-of".to_owned())));
    assert!(pairs.contains(&("unheard-of-too".to_owned(), "readline".to_owned())));
    assert!(pairs.contains(&("readline".to_owned(), "ncurses".to_owned())));
}

#[test]
fn demands_that_contradict_each_other_are_told_and_the_root_is_left_out() {
    let phase = predicted(&["python@3.12 +ssl ^openssl@1.0", "zlib"]);
    assert_eq!(phase.specs.roots.len(), 1);
    assert_eq!(phase.specs.roots[0].root, 1);
    let found = findings(&phase, |finding| finding.rule == Rule::Unpredictable);
    assert_eq!((found.len(), found[0].severity), (1, Severity::Error));
    assert!(
        found[0].message.contains("`openssl@1.1.1:` of python contradicts `openssl@1.0` of the root"),
        "{}",
        found[0].message
    );
}

#[test]
fn what_no_prediction_can_have_leaves_the_root_out() {
    for text in ["zlib/abcdef", "zlib %gcc/abcdef", "+shared", "hdf5 %c=gcc %fortran=clang"] {
        let phase = predicted(&[text]);
        assert!(phase.specs.roots.is_empty(), "{text}");
        assert_eq!(findings(&phase, |finding| finding.rule == Rule::Unpredictable).len(), 1, "{text}");
    }
}

#[test]
fn choices_that_exclude_each_other_are_a_finding() {
    let phase = predicted(&["ncurses@5.9 abi=6"]);
    assert_eq!(phase.specs.roots.len(), 1);
    let found = findings(&phase, |finding| finding.rule == Rule::Unpredictable);
    assert!(found.len() == 1 && found[0].message.contains("`abi=6` excludes `@:5.9`"), "{found:#?}");
}

#[test]
fn variants_that_the_catalogue_does_not_know_are_taken_and_noted() {
    let phase = predicted(&["zlib +turbo"]);
    assert_eq!(phase.specs.roots.len(), 1);
    let found = findings(&phase, |finding| finding.severity == Severity::Note);
    assert!(found.len() == 1 && found[0].message.contains("`zlib +turbo`"), "{found:#?}");
}

#[test]
fn a_phase_of_predicted_specs_says_so() {
    let phase = predicted(&["zlib"]);
    let found = findings(&phase, |finding| finding.rule == Rule::PredictedSpec);
    assert!(found.len() == 1 && found[0].message.contains("1 of 1 specs"), "{found:#?}");
}

const LOCK: &str = r#"{"_meta":{"file-type":"spack-lockfile","lockfile-version":6,"specfile-version":5},
 "roots":[{"hash":"hhh","spec":"zlib@1.3"}],
 "concrete_specs":{"hhh":{"name":"zlib","version":"1.3","arch":{"platform":"linux","platform_os":"os","target":"x"},
   "namespace":"builtin","parameters":{},"hash":"hhh"}}}"#;

#[test]
fn roots_that_a_lockfile_lacks_are_predicted_beside_its_specs() {
    let lockfiles = Lockfiles::of_main(Source::new("spack.lock", LOCK));
    let phase = with_lockfiles(&["readline@7.0", "zlib@1.3", "ncurses"], &lockfiles);
    let roots: Vec<(usize, &str, bool)> = phase
        .specs
        .roots
        .iter()
        .map(|root| {
            let spec = phase.specs.spec(root.spec);
            (root.root, &*spec.name, spec.is_predicted())
        })
        .collect();
    assert_eq!(roots, [(0, "readline", true), (1, "zlib", false), (2, "ncurses", true)]);
    assert_eq!(names(&phase), ["ncurses", "pkgconf", "readline", "zlib"]);
    assert!(edges(&phase).contains(&("readline".to_owned(), "ncurses".to_owned())));
    assert_eq!(phase.specs.order().len(), phase.specs.len());
    let found = findings(&phase, |finding| finding.rule == Rule::PredictedSpec);
    assert!(found.len() == 1 && found[0].message.contains("3 of 4 specs of phase `specs`"), "{found:#?}");
    assert_eq!(findings(&phase, |finding| finding.rule == Rule::StaleLockfile).len(), 1);
}

/// Returns constraints on any package of the catalogue, of the kinds that a prediction can keep.
fn constraint() -> impl Strategy<Value = String> {
    let names: Vec<&'static str> = catalogue().names().collect();
    let part = (
        prop::sample::select(names),
        any::<prop::sample::Index>(),
        prop::collection::vec(any::<prop::sample::Index>(), 0..3),
        any::<bool>(),
    );
    let text = |(name, version, variants, versioned): (&str, prop::sample::Index, Vec<prop::sample::Index>, bool)| {
        let package = catalogue().package(name).unwrap().unwrap();
        let mut text = name.to_owned();
        if versioned {
            text = format!("{text}@{}", package.versions[version.index(package.versions.len())]);
        }
        let mut used = BTreeSet::new();
        for index in variants.iter().filter(|_| !package.build.variants.is_empty()) {
            let variant = &package.build.variants[index.index(package.build.variants.len())];
            if used.insert(&variant.name) {
                text = match &variant.kind {
                    VariantKind::Bool(default) => {
                        format!("{text} {}{}", if *default { '~' } else { '+' }, variant.name)
                    }
                    VariantKind::One { default, values } => {
                        format!("{text} {}={}", variant.name, values.first().unwrap_or(default))
                    }
                    VariantKind::Many { values, .. } => format!("{text} {}={}", variant.name, values[0]),
                };
            }
        }
        text
    };
    let dependency = prop::option::of(part.clone().prop_map(text));
    (part.prop_map(text), dependency, prop::sample::select(&COMPILERS[..]), prop::sample::select(&SYSTEMS[..]))
        .prop_map(|(own, dependency, compiler, system)| {
            let dependency = dependency.map_or_else(String::new, |text| format!(" ^{text}"));
            format!("{own}{system}{compiler}{dependency}")
        })
        // A compiler may be drawn as the dependency too, in another version.
        .prop_filter("the constraint contradicts itself", |text| Spec::parse(text).is_ok())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_predicted_root_satisfies_its_constraint_with_one_version_of_each_package(text in constraint()) {
        let phase = predicted(&[&text]);
        let spec = Spec::parse(&text).unwrap();
        if let [root] = &phase.specs.roots[..] {
            prop_assert!(phase.specs.satisfies(root.spec, &spec).is_ok());
            let all = names(&phase);
            let distinct: BTreeSet<&String> = all.iter().collect();
            prop_assert_eq!(distinct.len(), all.len());
        } else {
            let found = findings(&phase, |finding| finding.rule == Rule::Unpredictable);
            prop_assert!(!found.is_empty() && found[0].place.is_some());
        }
        let again = predicted(&[&text]);
        let facts = |phase: &prediction::Phase| (names(phase), edges(phase), phase.findings.clone());
        prop_assert_eq!(facts(&phase), facts(&again));
    }
}
