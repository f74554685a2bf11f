//! Values of a lockfile that recur, read once: equal JSON text gives the same allocation.

use super::json::Pairs;
use crate::spec::Version;
use crate::spec::concrete::{Architecture, Compiler, DepTypes, FLAG_NAMES, Parameters, VariantValue};
use rustc_hash::{FxHashMap, FxHashSet};
use serde::Deserialize;
use serde::de::Error as _;
use serde_json::value::RawValue;
use serde_json::{Error, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The kinds of an edge and the virtuals it provides.
type DependencyKind = (DepTypes, Arc<[Arc<str>]>);

/// Everything read so far, by the text it was read from.
#[derive(Debug, Default)]
pub(super) struct Interner<'a> {
    texts: FxHashSet<Arc<str>>,
    versions: FxHashMap<Box<str>, Arc<Version>>,
    architectures: FxHashMap<&'a str, Arc<Architecture>>,
    parameters: FxHashMap<&'a str, Arc<Parameters>>,
    compilers: FxHashMap<&'a str, Arc<Compiler>>,
    annotations: FxHashMap<&'a str, Option<Arc<Compiler>>>,
    kinds: FxHashMap<&'a str, DependencyKind>,
}

impl<'a> Interner<'a> {
    pub(super) fn text(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.texts.get(text) {
            return Arc::clone(known);
        }
        let shared: Arc<str> = text.into();
        self.texts.insert(Arc::clone(&shared));
        shared
    }

    pub(super) fn version(&mut self, text: &str) -> Arc<Version> {
        if let Some(known) = self.versions.get(text) {
            return Arc::clone(known);
        }
        let shared = Arc::new(Version::parse(text));
        self.versions.insert(text.into(), Arc::clone(&shared));
        shared
    }

    pub(super) fn architecture(&mut self, raw: &'a RawValue) -> Result<Arc<Architecture>, Error> {
        if let Some(known) = self.architectures.get(raw.get()) {
            return Ok(Arc::clone(known));
        }
        let read: ArchitectureJson = serde_json::from_str(raw.get())?;
        let target = match read.target {
            TargetJson::Name(name) | TargetJson::Described { name } => name,
        };
        for part in [&read.platform, &read.platform_os, &target] {
            if !part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '+')) {
                return Err(Error::custom(format!("`{}` is not part of an architecture", part.escape_debug())));
            }
        }
        let arch = Architecture {
            platform: self.text(&read.platform),
            os: self.text(&read.platform_os),
            target: self.text(&target),
        };
        let shared = Arc::new(arch);
        self.architectures.insert(raw.get(), Arc::clone(&shared));
        Ok(shared)
    }

    pub(super) fn parameters(&mut self, raw: &'a RawValue) -> Result<Arc<Parameters>, Error> {
        if let Some(known) = self.parameters.get(raw.get()) {
            return Ok(Arc::clone(known));
        }
        let read: Pairs<'a, Value> = serde_json::from_str(raw.get())?;
        let mut parameters = Parameters::default();
        let mut flags = BTreeMap::new();
        for (name, value) in read.0 {
            let key = self.text(name.as_str());
            let twice = if FLAG_NAMES.contains(&name.as_str()) {
                flags.insert(key, self.list(&value)?).is_some()
            } else {
                parameters.variants.insert(key, self.variant(&value)?).is_some()
            };
            if twice {
                return Err(Error::custom(format!("`{}` occurs twice in `parameters`", name.as_str().escape_debug())));
            }
        }
        parameters.flags = flags.into_iter().filter(|(_, words)| !words.is_empty()).collect();
        let shared = Arc::new(parameters);
        self.parameters.insert(raw.get(), Arc::clone(&shared));
        Ok(shared)
    }

    fn variant(&mut self, value: &Value) -> Result<VariantValue, Error> {
        match value {
            Value::Bool(value) => Ok(VariantValue::Bool(*value)),
            Value::String(text) => Ok(VariantValue::Single(self.text(text))),
            Value::Number(number) => Ok(VariantValue::Single(self.text(&number.to_string()))),
            Value::Array(_) => self.list(value).map(VariantValue::Multi),
            Value::Null | Value::Object(_) => {
                Err(Error::custom("a variant is a boolean, a string or a list of strings"))
            }
        }
    }

    fn list(&mut self, value: &Value) -> Result<Vec<Arc<str>>, Error> {
        let words: Vec<String> = Vec::deserialize(value)?;
        Ok(words.iter().map(|word| self.text(word)).collect())
    }

    pub(super) fn compiler(&mut self, raw: &'a RawValue) -> Result<Arc<Compiler>, Error> {
        if let Some(known) = self.compilers.get(raw.get()) {
            return Ok(Arc::clone(known));
        }
        let read: CompilerJson = serde_json::from_str(raw.get())?;
        let shared = self.checked_compiler(&read.name, &read.version)?;
        self.compilers.insert(raw.get(), Arc::clone(&shared));
        Ok(shared)
    }

    /// Reads `annotations`, which name the compiler of a spec that an older Spack installed.
    pub(super) fn annotation(&mut self, raw: &'a RawValue) -> Result<Option<Arc<Compiler>>, Error> {
        if let Some(known) = self.annotations.get(raw.get()) {
            return Ok(known.clone());
        }
        let read: AnnotationsJson = serde_json::from_str(raw.get())?;
        let compiler = match read.compiler.as_deref().and_then(|text| text.split_once('@')) {
            Some((name, version)) => Some(self.checked_compiler(name, version.trim_start_matches('='))?),
            None => None,
        };
        self.annotations.insert(raw.get(), compiler.clone());
        Ok(compiler)
    }

    fn checked_compiler(&mut self, name: &str, version: &str) -> Result<Arc<Compiler>, Error> {
        if !name.chars().all(super::is_name_character) || !version.chars().all(super::is_version_character) {
            return Err(Error::custom(format!(
                "`{}@{}` is not a compiler",
                name.escape_debug(),
                version.escape_debug()
            )));
        }
        Ok(Arc::new(Compiler { name: self.text(name), version: Version::parse(version) }))
    }

    pub(super) fn dependency_kind(&mut self, raw: &'a RawValue) -> Result<DependencyKind, Error> {
        if let Some(known) = self.kinds.get(raw.get()) {
            return Ok(known.clone());
        }
        let read: KindJson = serde_json::from_str(raw.get())?;
        let (types, virtuals) = match read {
            KindJson::Types(types) => (types, Vec::new()),
            KindJson::Parameters { deptypes, virtuals } => (deptypes, virtuals),
        };
        let union = types.iter().map(|name| {
            DepTypes::from_name(name)
                .ok_or_else(|| Error::custom(format!("`{}` is not a kind of dependency", name.escape_debug())))
        });
        let union = union.collect::<Result<Vec<_>, _>>()?.into_iter().fold(DepTypes::default(), DepTypes::union);
        let kind = (union, virtuals.iter().map(|name| self.text(name)).collect());
        self.kinds.insert(raw.get(), DependencyKind::clone(&kind));
        Ok(kind)
    }
}

#[derive(Deserialize)]
struct ArchitectureJson {
    #[serde(default)]
    platform: String,
    #[serde(default)]
    platform_os: String,
    target: TargetJson,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum TargetJson {
    Name(String),
    Described { name: String },
}

#[derive(Deserialize)]
struct CompilerJson {
    name: String,
    version: String,
}

#[derive(Deserialize)]
struct AnnotationsJson {
    #[serde(default)]
    compiler: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum KindJson {
    Types(Vec<String>),
    Parameters {
        deptypes: Vec<String>,
        #[serde(default)]
        virtuals: Vec<String>,
    },
}
