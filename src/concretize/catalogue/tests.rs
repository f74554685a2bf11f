//! Reading small catalogues and resolving with them, each made for one point.

use super::{Catalogue, CatalogueError, Prediction, predict};
use crate::environment::{Origin, RootSpec, SpecList};
use crate::finding::Rule;
use crate::source::{Place, Source};
use crate::spec::Spec;
use crate::spec::concrete::{Architecture, ConcreteSpec, ConcreteSpecs};

fn predicted(packages: &str, root: &str) -> Prediction {
    let text = format!("compiler: gcc\nvirtuals: {{mpi: openmpi}}\npackages:\n  gcc: {{versions: 9.1}}\n{packages}");
    let catalogue = Catalogue::parse(&text).unwrap();
    let place = Place::new(&Source::new("spack.yaml", root), 0..root.len());
    let root = RootSpec { spec: Spec::parse(root).unwrap(), origin: Origin::Plain(place), group: None };
    let list = SpecList { roots: vec![root], matrices: Vec::new() };
    let defaults = Architecture { platform: "linux".into(), os: "centos7".into(), target: "x86_64".into() };
    predict(&catalogue, &list, &[0], &defaults, &ConcreteSpecs::default()).unwrap()
}

/// Returns the specs as `name@version variants`, in the order they are built in.
fn texts(prediction: &Prediction) -> Vec<String> {
    let text = |spec: &ConcreteSpec| {
        let variants = spec.parameters.variants.iter().map(|(name, value)| format!(" {}", value.text(name)));
        format!("{}@{}{}", spec.name, spec.version, variants.collect::<String>())
    };
    prediction.specs.iter().map(text).collect()
}

fn reason(prediction: &Prediction) -> &str {
    assert!(prediction.roots.is_empty() && prediction.findings[0].rule == Rule::Unpredictable);
    &prediction.findings[0].message
}

#[test]
fn the_newest_version_is_chosen_unless_one_is_preferred() {
    assert_eq!(texts(&predicted("  a: {versions: 3 2 1}", "a")), ["a@3"]);
    assert_eq!(texts(&predicted("  a: {versions: 3 2* 1}", "a")), ["a@2"]);
    assert_eq!(texts(&predicted("  a: {versions: 3 2* 1}", "a@3:")), ["a@3"]);
    assert_eq!(texts(&predicted("  a: {versions: 3 2* 1}", "a@1.5")), ["a@1.5"]);
}

#[test]
fn a_dependency_is_needed_where_its_condition_holds() {
    let packages = r#"  a: {versions: 2 1, variants: "~x", build-link: "b if @2\nc if +x\nd if %clang\ne if os=rhel9"}
  b: {versions: 1}
  c: {versions: 1}
  d: {versions: 1}
  e: {versions: 1}"#;
    assert_eq!(texts(&predicted(packages, "a")), ["b@1", "a@2 ~x"]);
    assert_eq!(texts(&predicted(packages, "a@1 +x os=rhel9 %clang@9")), ["c@1", "d@1", "e@1", "a@1 +x"]);
}

#[test]
fn a_condition_on_a_dependency_sees_who_provides_a_virtual_package() {
    let packages = r#"  a: {versions: 1, build-link: "mpi\nx if ^[virtuals=mpi] mpich@3:\ny if ^openmpi"}
  x: {versions: 1}
  y: {versions: 1}
  mpich: {versions: 3, provides: "mpi"}
  openmpi: {versions: 4, provides: "mpi"}"#;
    assert_eq!(texts(&predicted(packages, "a")), ["openmpi@4", "y@1", "a@1"]);
    assert_eq!(texts(&predicted(packages, "a ^mpich")), ["mpich@3", "x@1", "a@1"]);
}

#[test]
fn a_provider_that_some_package_needs_by_name_provides_for_all() {
    let packages = r#"  a: {versions: 1, build-link: "mpi\nb"}
  b: {versions: 1, build-link: "mpich"}
  mpich: {versions: 3, provides: "mpi"}
  openmpi: {versions: 4, provides: "mpi"}"#;
    assert_eq!(texts(&predicted(packages, "a")), ["mpich@3", "b@1", "a@1"]);
}

#[test]
fn a_provider_takes_the_variants_that_providing_needs() {
    let packages = r#"  a: {versions: 1, build-link: "mpi"}
  openmpi: {versions: 4, variants: "~mpi", provides: "mpi if +mpi"}"#;
    assert_eq!(texts(&predicted(packages, "a")), ["openmpi@4 +mpi", "a@1"]);
}

#[test]
fn a_package_that_demands_too_much_is_taken_in_an_older_version() {
    let packages = r#"  a: {versions: 1, build-link: "c@:1\nb"}
  b: {versions: 3 2 1, build-link: "c@2: if @2:\nc"}
  c: {versions: 2 1}"#;
    assert_eq!(texts(&predicted(packages, "a")), ["c@1", "b@1", "a@1"]);
    let fixed = predicted(packages, "a ^b@3");
    assert!(reason(&fixed).contains("`c@2:` of b contradicts `c@:1` of a"), "{}", reason(&fixed));
}

#[test]
fn a_default_that_is_excluded_gives_way_to_what_is_demanded() {
    let packages = r#"  a: {versions: 2 1, variants: "+x\ns=1 one of 1 2", conflicts: "+x if @1\ns=1 if @1"}"#;
    assert_eq!(texts(&predicted(packages, "a")), ["a@2 s=1 +x"]);
    assert_eq!(texts(&predicted(packages, "a@1")), ["a@1 s=2 ~x"]);
    assert_eq!(predicted(packages, "a@1 +x").findings[0].rule, Rule::Unpredictable);
}

#[test]
fn a_variant_that_only_older_versions_have_takes_one_of_them() {
    let packages = r#"  a: {versions: 3 2 1, variants: "~x if @:2"}"#;
    assert_eq!(texts(&predicted(packages, "a")), ["a@3"]);
    assert_eq!(texts(&predicted(packages, "a +x")), ["a@2 +x"]);
}

#[test]
fn propagated_variants_reach_the_dependencies_that_have_them() {
    let packages = r#"  a: {versions: 1, variants: "~x", build-link: "b\nc"}
  b: {versions: 1, variants: "~x"}
  c: {versions: 1}"#;
    assert_eq!(texts(&predicted(packages, "a ++x")), ["b@1 +x", "c@1", "a@1 +x"]);
    assert_eq!(texts(&predicted(packages, "a +x")), ["b@1 ~x", "c@1", "a@1 +x"]);
}

#[test]
fn packages_that_depend_on_each_other_cannot_be_built() {
    let packages = r#"  a: {versions: 1, build-link: "b"}
  b: {versions: 1, variants: "~x", build-link: "a if +x"}"#;
    assert_eq!(texts(&predicted(packages, "a")), ["b@1 ~x", "a@1"]);
    let cycle = predicted(packages, "a ^b+x");
    assert!(reason(&cycle).ends_with("a -> b -> a"), "{}", reason(&cycle));
}

#[test]
fn demands_that_undo_their_own_ground_end() {
    let packages = r#"  a: {versions: 1, build-link: "b\nc"}
  b: {versions: 2 1, build-link: "d if @2"}
  c: {versions: 1}
  d: {versions: 1, build-link: "b@1"}"#;
    assert_eq!(texts(&predicted(packages, "a")), ["b@1", "c@1", "a@1"]);
}

const SMALL: &str = r#"compiler: gcc
virtuals: {mpi: openmpi}
packages:
  gcc: {versions: 9.1 8.2}
  mpich: {versions: '3', provides: "mpi"}
  openmpi: {versions: '4', provides: "mpi@:3 if @4"}
"#;

#[test]
fn the_default_provider_comes_first() {
    let catalogue = Catalogue::parse(SMALL).unwrap();
    assert_eq!(catalogue.providers("mpi").collect::<Vec<_>>(), ["openmpi", "mpich"]);
    assert_eq!(catalogue.providers("nothing").count(), 0);
}

#[test]
fn names_of_similar_spelling_are_offered() {
    let catalogue = Catalogue::parse(SMALL).unwrap();
    assert_eq!(catalogue.nearest("opnempi"), ["openmpi"]);
    assert_eq!(catalogue.nearest("mpihc"), ["mpich"]);
    assert!(catalogue.nearest("something-else").is_empty());
}

#[test]
fn a_key_that_facts_do_not_have_is_refused() {
    let text = SMALL.replace("mpich: {versions: '3', provides", "mpich: {versions: '3', provide");
    assert!(matches!(Catalogue::parse(&text), Err(CatalogueError::Shape(cause)) if cause.contains("provide")));
}

#[test]
fn a_malformed_fact_is_told_with_its_package() {
    let catalogue = Catalogue::parse(&SMALL.replace("\"mpi\"", "\"mpi if @@\"")).unwrap();
    assert!(catalogue.package("mpich").unwrap_err().to_string().contains("`mpi if @@` of mpich"));
    assert!(catalogue.package("openmpi").is_ok());
}
