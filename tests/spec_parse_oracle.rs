//! What Spack 1.1 reads and prints, row by row.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "tests may end where they stand")]

#[path = "common/oracle.rs"]
mod oracle;

use serde_json::{Value, json};
use spackplan::spec::{ParseError, ParseErrorKind, Propagation, Reach, Spec, VariantTest};

/// Spack's name for the class of an error.
fn class(error: &ParseError) -> &'static str {
    match &error.kind {
        ParseErrorKind::UnexpectedCharacter => "SpecTokenizationError",
        ParseErrorKind::Version(spackplan::spec::VersionListError::EmptyRange(_)) => "EmptyRangeError",
        ParseErrorKind::MoreThanOne
        | ParseErrorKind::Missing
        | ParseErrorKind::UnknownDependencyType(_)
        | ParseErrorKind::Version(_) => "ValueError",
        ParseErrorKind::SpecFile => "NoSuchSpecFileError",
        // Spack stumbles over the missing token.
        ParseErrorKind::MissingDependency => "AttributeError",
        _ => "SpecParsingError",
    }
}

fn detail(spec: &Spec) -> Value {
    let variant = |test: &VariantTest| match test {
        VariantTest::Bool(value) => ("BOOL", json!([value]), true),
        VariantTest::Any => ("MULTI", json!([]), false),
        VariantTest::Includes(values) => ("MULTI", json!(strings(values)), false),
        VariantTest::Exactly(values) => ("MULTI", json!(strings(values)), true),
    };
    let variants: serde_json::Map<String, Value> = spec
        .variants()
        .iter()
        .map(|(name, clause)| {
            let (kind, values, concrete) = variant(&clause.test);
            let propagate = clause.propagation == Propagation::Propagated;
            (name.to_string(), json!({"type": kind, "values": values, "concrete": concrete, "propagate": propagate}))
        })
        .collect();
    let flags: serde_json::Map<String, Value> = spec
        .flags()
        .iter()
        .map(|(name, flags)| {
            let flags: Vec<Value> =
                flags.iter().map(|f| json!([&*f.text, f.propagation == Propagation::Propagated])).collect();
            (name.to_string(), json!(flags))
        })
        .collect();
    let architecture = spec.architecture();
    let arch = (!architecture.is_empty()).then(|| {
        json!([
            architecture.platform.as_deref(),
            architecture.os.as_deref(),
            architecture.target.as_ref().map(spackplan::spec::target::TargetClause::as_str)
        ])
    });
    let mut deps: Vec<Value> = spec
        .dependencies()
        .iter()
        .map(|d| {
            json!({
                "direct": d.reach == Reach::Direct,
                "depflag": d.types.0,
                "virtuals": d.virtuals.iter().map(ToString::to_string).collect::<Vec<_>>(),
                "propagation": if d.propagation == Propagation::Propagated { "PREFERENCE" } else { "NONE" },
                "when": d.when.as_ref().map(ToString::to_string).unwrap_or_default(),
                "spec": d.spec.to_string(),
                "dep": detail(&d.spec),
            })
        })
        .collect();
    deps.sort_by_key(Value::to_string);
    json!({
        "name": spec.name().unwrap_or(""),
        "namespace": spec.namespace(),
        "versions": spec.versions().to_string(),
        "hash": spec.hash(),
        "variants": variants,
        "flags": flags,
        "arch": arch,
        "deps": deps,
    })
}

fn strings(values: &[std::sync::Arc<str>]) -> Vec<&str> {
    values.iter().map(|v| &**v).collect()
}

/// Sorts dependencies, whose order in the data is that of mention, and says no architecture in one way.
fn normalized(mut detail: Value) -> Value {
    if detail["arch"] == json!([null, null, null]) {
        detail["arch"] = Value::Null;
    }
    if let Some(deps) = detail["deps"].as_array_mut() {
        for dep in deps.iter_mut() {
            dep["dep"] = normalized(dep["dep"].take());
        }
        deps.sort_by_key(Value::to_string);
    }
    detail
}

#[test]
fn a_spec_reads_and_prints_as_spack_does() {
    let Some(folder) = oracle::folder() else { return };
    let mut wrong = Vec::new();
    let rows = oracle::rows(&folder.join("spec-parse.jsonl"));
    for row in &rows {
        let input = row["input"].as_str().unwrap();
        match (Spec::parse(input), row["ok"].as_bool().unwrap()) {
            (Ok(spec), true) => {
                if spec.to_string() != row["str"].as_str().unwrap() {
                    wrong.push(format!("{input:?}: {:?} instead of {}", spec.to_string(), row["str"]));
                } else if detail(&spec) != normalized(row["detail"].clone()) {
                    wrong.push(format!(
                        "{input:?}: {}\n instead of {}",
                        detail(&spec),
                        normalized(row["detail"].clone())
                    ));
                }
                if row["reparse_stable"] == json!(true)
                    && Spec::parse(&spec.to_string()).map(|s| s.to_string()) != Ok(spec.to_string())
                {
                    wrong.push(format!("{input:?}: {spec} is not stable"));
                }
            }
            (Err(error), false) => {
                if class(&error) != row["error"].as_str().unwrap() {
                    wrong.push(format!("{input:?}: {error} instead of {}", row["error"]));
                }
            }
            (Ok(spec), false) => wrong.push(format!("{input:?}: {spec} instead of {}", row["error"])),
            (Err(error), true) => wrong.push(format!("{input:?}: {error} instead of {}", row["str"])),
        }
    }
    assert!(wrong.is_empty(), "{} of {} rows differ:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}

#[test]
fn several_specs_read_as_spack_reads_them() {
    let Some(folder) = oracle::folder() else { return };
    let mut wrong = Vec::new();
    let rows = oracle::rows(&folder.join("spec-parse-multi.jsonl"));
    for row in &rows {
        let input = row["input"].as_str().unwrap();
        let found = match Spec::parse_all(input) {
            Ok(specs) => json!(specs.iter().map(ToString::to_string).collect::<Vec<_>>()),
            Err(error) => json!(class(&error)),
        };
        let expected = match row["error"].as_str() {
            // Spack never ends on a stray bracket; here it is what it is for a single spec.
            Some("SPACK-INFINITE-LOOP") => &json!("ValueError"),
            Some(_) => &row["error"],
            None => &row["strs"],
        };
        if found != *expected {
            wrong.push(format!("{input:?}: {found} instead of {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {} rows differ:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}
