//! Just enough of a lockfile reader for tests of the spec module: nodes by name (version 2) or flat (version 6).

use serde_json::{Map, Value};
use spackplan::spec::Version;
use spackplan::spec::concrete::{
    Architecture, Compiler, ConcreteSpec, ConcreteSpecs, DepTypes, Dependency, FLAG_NAMES, Parameters, Provenance,
    SpecId, VariantValue,
};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// Reads the nodes of a lockfile.
pub(crate) fn read(path: &Path) -> ConcreteSpecs {
    let text = std::fs::read_to_string(path).unwrap();
    let lock: Value = serde_json::from_str(&text).unwrap();
    let nodes: Vec<(&String, &str, &Value)> = lock["concrete_specs"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(key, node)| match node["name"].as_str() {
            Some(name) => (key, name, node),
            None => node.as_object().unwrap().iter().map(|(name, node)| (key, name.as_str(), node)).next().unwrap(),
        })
        .collect();
    let ids: BTreeMap<&str, SpecId> =
        nodes.iter().enumerate().map(|(i, (key, ..))| (key.as_str(), SpecId(u32::try_from(i).unwrap()))).collect();
    let specs = nodes.iter().map(|(key, name, node)| spec(key, name, node)).collect();
    let dependencies = nodes.iter().map(|(_, _, node)| dependencies(node, &ids)).collect();
    ConcreteSpecs::new(specs, dependencies).unwrap()
}

fn text(value: &Value) -> Arc<str> {
    value.as_str().unwrap().into()
}

fn texts(value: &Value) -> Vec<Arc<str>> {
    value.as_array().map(|all| all.iter().map(text).collect()).unwrap_or_default()
}

fn spec(key: &str, name: &str, node: &Value) -> ConcreteSpec {
    let arch = &node["arch"];
    let target = &arch["target"];
    let compiler = node.get("compiler").map(|compiler| {
        let version = Version::parse(compiler["version"].as_str().unwrap());
        Arc::new(Compiler { name: text(&compiler["name"]), version })
    });
    ConcreteSpec {
        name: name.into(),
        namespace: text(&node["namespace"]),
        version: Arc::new(Version::parse(node["version"].as_str().unwrap())),
        arch: Arc::new(Architecture {
            platform: text(&arch["platform"]),
            os: text(&arch["platform_os"]),
            target: text(if target.is_object() { &target["name"] } else { target }),
        }),
        parameters: Arc::new(parameters(node["parameters"].as_object().unwrap())),
        compiler,
        hash: text(&node["hash"]),
        key: key.into(),
        external: node.get("external").is_some(),
        provenance: Provenance::Locked(0..0),
    }
}

fn parameters(all: &Map<String, Value>) -> Parameters {
    let mut parameters = Parameters::default();
    for (name, value) in all {
        let name: Arc<str> = name.as_str().into();
        if FLAG_NAMES.contains(&&*name) {
            if !texts(value).is_empty() {
                parameters.flags.insert(name, texts(value));
            }
            continue;
        }
        let value = match value {
            Value::Bool(value) => VariantValue::Bool(*value),
            Value::Array(_) => VariantValue::Multi(texts(value)),
            _ => VariantValue::Single(text(value)),
        };
        parameters.variants.insert(name, value);
    }
    parameters
}

fn dependencies(node: &Value, ids: &BTreeMap<&str, SpecId>) -> Vec<Dependency> {
    let edge = |hash: &Value, types: &Value, virtuals: &Value| Dependency {
        spec: ids[hash.as_str().unwrap()],
        types: texts(types)
            .iter()
            .filter_map(|name| DepTypes::from_name(name))
            .fold(DepTypes::default(), DepTypes::union),
        virtuals: texts(virtuals).into(),
    };
    match &node["dependencies"] {
        Value::Array(all) => {
            all.iter().map(|d| edge(&d["hash"], &d["parameters"]["deptypes"], &d["parameters"]["virtuals"])).collect()
        }
        Value::Object(all) => all.values().map(|d| edge(&d["hash"], &d["type"], &Value::Null)).collect(),
        _ => Vec::new(),
    }
}
