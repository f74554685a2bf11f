//! `spack.lock`, versions 1 to 6: the concrete specs that Spack chose.
//!
//! The text is parsed in place: strings are borrowed, and members that recur literally (architectures, parameter sets,
//! kinds of dependency) are read once and shared. Every node remembers where its JSON stands.

mod intern;
mod json;

use crate::error::{Error, Result};
use crate::source::{Place, Source};
use crate::spec::concrete::{ConcreteSpec, ConcreteSpecs, Cycle, Dependency, Provenance, SpackRelease, SpecId};
use intern::Interner;
use json::{Document, Edge, Edges, Node, Text};
use rustc_hash::FxHashMap;
use serde_json::value::RawValue;
use std::ops::Range;
use std::sync::Arc;

/// The newest lockfile version whose layout is known (Spack 1.0 and later).
pub const NEWEST_VERSION: u32 = 6;
/// The last version that wraps each node in a map from its name.
const LAST_WRAPPED: u32 = 2;

/// A lockfile's content.
#[derive(Clone, Debug)]
pub struct Lockfile {
    /// `lockfile-version`.
    pub version: u32,
    /// All its nodes; [`ConcreteSpecs::roots`] is empty.
    pub specs: ConcreteSpecs,
    /// Its roots in order: the abstract spec as written, where it stands, and the node it became.
    pub roots: Vec<LockedRoot>,
}

/// A root of a lockfile.
#[derive(Clone, Debug)]
pub struct LockedRoot {
    /// The abstract spec, as Spack wrote it.
    pub text: Arc<str>,
    /// Where it is written.
    pub place: Place,
    /// What it was concretized to.
    pub spec: SpecId,
}

/// Reads a lockfile.
///
/// # Errors
/// Returns an error with its place if the text is no JSON, no lockfile, or names specs that it does not hold, twice, or
/// in a cycle.
pub fn parse(source: &Arc<Source>) -> Result<Lockfile> {
    Reader { source, interner: Interner::default() }.read()
}

/// Reads one lockfile.
struct Reader<'a> {
    source: &'a Arc<Source>,
    interner: Interner<'a>,
}

impl<'a> Reader<'a> {
    fn read(mut self) -> Result<Lockfile> {
        let text = self.source.text();
        let document: Document<'a> = serde_json::from_str(text).map_err(|cause| self.json_error(text, &cause))?;
        let version = document.meta.version;
        if version == 0 {
            return Err(self
                .error(0..1, "lockfile version 0 does not exist")
                .hint("let Spack write the lockfile again"));
        }
        let mut ids: FxHashMap<&str, SpecId> = FxHashMap::default();
        ids.reserve(document.specs.0.len());
        for (index, (key, raw)) in (0u32..).zip(&document.specs.0) {
            if ids.insert(key.as_str(), SpecId(index)).is_some() {
                return Err(
                    self.error(self.range(raw.get()), format!("the hash `{key}` occurs twice in `concrete_specs`"))
                );
            }
        }
        let mut specs = Vec::with_capacity(document.specs.0.len());
        let mut dependencies = Vec::with_capacity(document.specs.0.len());
        for (key, raw) in &document.specs.0 {
            let (spec, edges) = self.node(version, key, raw, &ids)?;
            specs.push(spec);
            dependencies.push(edges);
        }
        let roots = document.roots.iter().map(|root| self.root(root, &ids)).collect::<Result<Vec<_>>>()?;
        let mut specs =
            ConcreteSpecs::new(specs, dependencies).map_err(|cycle| self.cycle(&cycle, &document.specs.0))?;
        specs.lockfile = Some(Arc::clone(self.source));
        specs.lockfile_version = Some(version);
        specs.written_by = document.spack.map(|spack| SpackRelease { version: spack.version, commit: spack.commit });
        Ok(Lockfile { version, specs, roots })
    }

    fn root(&self, root: &json::Root<'a>, ids: &FxHashMap<&str, SpecId>) -> Result<LockedRoot> {
        let spec = ids.get(root.hash.as_str()).copied().ok_or_else(|| self.dangling("root", &root.spec, &root.hash))?;
        let place = Place::new(self.source, self.range_of(&root.spec));
        Ok(LockedRoot { text: root.spec.as_str().into(), place, spec })
    }

    fn node(
        &mut self,
        version: u32,
        key: &Text<'a>,
        raw: &'a RawValue,
        ids: &FxHashMap<&str, SpecId>,
    ) -> Result<(ConcreteSpec, Vec<Dependency>)> {
        let (name, node) = self.unwrap(version, raw)?;
        let Some(name) = name.or(node.name) else {
            return Err(self.error(self.range(raw.get()), "a concrete spec has no `name`"));
        };
        self.check(&name, "package name", is_name_character)?;
        let Some(number) = &node.version else {
            return Err(self.error(self.range(raw.get()), format!("`{name}` has no `version`; it is not concrete")));
        };
        self.check(number, "version", is_version_character)?;
        self.check(key, "hash", |c| c.is_ascii_alphanumeric())?;
        let key: Arc<str> = key.as_str().into();
        let hash = match &node.hash {
            Some(hash) if hash.as_str() != &*key => {
                self.check(hash, "hash", |c| c.is_ascii_alphanumeric())?;
                hash.as_str().into()
            }
            _ => Arc::clone(&key),
        };
        let compiler = match node.compiler.filter(|raw| raw.get() != "null") {
            Some(raw) => Some(self.interner.compiler(raw).map_err(|cause| self.json_error(raw.get(), &cause))?),
            None => self.annotated_compiler(node.annotations)?,
        };
        let edges = node.dependencies.map_or_else(|| Ok(Vec::new()), |edges| self.edges(edges, raw, &name, ids))?;
        let spec = ConcreteSpec {
            name: self.interner.text(name.as_str()),
            namespace: self.interner.text(node.namespace.as_ref().map_or("builtin", Text::as_str)),
            version: self.interner.version(number.as_str()),
            arch: self.interner.architecture(node.arch).map_err(|cause| self.json_error(node.arch.get(), &cause))?,
            parameters: match node.parameters {
                Some(raw) => self.interner.parameters(raw).map_err(|cause| self.json_error(raw.get(), &cause))?,
                None => Arc::default(),
            },
            compiler,
            hash,
            key,
            external: node.external.is_some_and(|raw| raw.get() != "null"),
            provenance: Provenance::Locked(self.range(raw.get())),
        };
        Ok((spec, edges))
    }

    /// Returns a node, and the name that it is wrapped in up to version 2.
    fn unwrap(&self, version: u32, raw: &'a RawValue) -> Result<(Option<Text<'a>>, Node<'a>)> {
        if version > LAST_WRAPPED {
            let node = serde_json::from_str(raw.get()).map_err(|cause| self.json_error(raw.get(), &cause))?;
            return Ok((None, node));
        }
        let wrapped: json::Wrapped<'a> =
            serde_json::from_str(raw.get()).map_err(|cause| self.json_error(raw.get(), &cause))?;
        Ok((Some(wrapped.name), wrapped.node))
    }

    fn annotated_compiler(
        &mut self,
        annotations: Option<&'a RawValue>,
    ) -> Result<Option<Arc<crate::spec::concrete::Compiler>>> {
        let Some(raw) = annotations.filter(|raw| raw.get() != "null") else { return Ok(None) };
        self.interner.annotation(raw).map_err(|cause| self.json_error(raw.get(), &cause))
    }

    fn edges(
        &mut self,
        edges: Edges<'a>,
        node: &'a RawValue,
        dependent: &Text<'a>,
        ids: &FxHashMap<&str, SpecId>,
    ) -> Result<Vec<Dependency>> {
        let edge = |edge: Edge<'a>| {
            let hashes = [&edge.build_hash, &edge.hash];
            let Some(hash) = hashes.into_iter().flatten().next() else {
                return Err(self.error(self.range(node.get()), format!("a dependency of `{dependent}` has no `hash`")));
            };
            let spec = ids.get(hash.as_str()).copied();
            let spec = spec.ok_or_else(|| self.dangling("dependency of", dependent, hash))?;
            let kind = edge.parameters.or(edge.types);
            let (types, virtuals) = match kind {
                Some(raw) => self.interner.dependency_kind(raw).map_err(|cause| self.json_error(raw.get(), &cause))?,
                None => Default::default(),
            };
            Ok(Dependency { spec, types, virtuals })
        };
        edges.0.into_iter().map(edge).collect()
    }

    /// Refuses texts that could not have come from Spack, before they reach file names, shells or screens.
    fn check(&self, text: &Text<'a>, what: &str, fits: impl Fn(char) -> bool) -> Result<()> {
        if text.as_str().chars().all(fits) && !text.as_str().is_empty() {
            return Ok(());
        }
        let message = format!("`{}` is not a {what}", text.as_str().escape_debug());
        Err(self.error(self.range_of(text), message).hint("let Spack write the lockfile again"))
    }

    fn dangling(&self, what: &str, name: &Text<'a>, hash: &Text<'a>) -> Error {
        let message = format!(
            "{what} `{}` is `{}`, which `concrete_specs` does not hold",
            name.as_str().escape_debug(),
            hash.as_str().escape_debug()
        );
        self.error(self.range_of(hash), message).hint("the lockfile is cut or was edited; let Spack write it again")
    }

    fn cycle(&self, cycle: &Cycle, nodes: &[(Text<'a>, &'a RawValue)]) -> Error {
        let keys: Vec<&str> = cycle.0.iter().map(|id| nodes[id.index()].0.as_str()).collect();
        let place = cycle.0.first().map_or(0..1, |id| self.range(nodes[id.index()].1.get()));
        let shown: Vec<String> = keys.iter().take(8).map(|key| format!("{key:.7}")).collect();
        let message = format!("{} concrete specs depend on each other in a cycle: {}", keys.len(), shown.join(" → "));
        self.error(place, message).hint("Spack never writes this; concretize again")
    }

    fn error(&self, range: Range<usize>, message: impl Into<String>) -> Error {
        Error::input(message).at(&Place::new(self.source, range))
    }

    /// Returns where a part of the text stands.
    fn range(&self, part: &str) -> Range<usize> {
        let start = (part.as_ptr() as usize).wrapping_sub(self.source.text().as_ptr() as usize);
        if start < self.source.text().len() { start..start + part.len() } else { 0..1 }
    }

    /// Returns where a string stands, if it is written without escapes.
    fn range_of(&self, text: &Text<'a>) -> Range<usize> {
        self.range(text.as_str())
    }

    /// Turns an error about `part` of the text into one about the text.
    fn json_error(&self, part: &str, cause: &serde_json::Error) -> Error {
        let line_start = match cause.line() {
            0 | 1 => 0,
            line => part.match_indices('\n').nth(line - 2).map_or(0, |(at, _)| at + 1),
        };
        let at = self.range(part).start + (line_start + cause.column().saturating_sub(1)).min(part.len());
        let message = cause.to_string();
        let message = message.split(" at line ").next().unwrap_or(&message);
        let hint =
            if cause.is_eof() { "the file is cut short; fetch it again" } else { "let Spack write the lockfile again" };
        self.error(at..at + 1, format!("this is not a lockfile as Spack writes it: {message}")).hint(hint)
    }
}

fn is_name_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')
}

fn is_version_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '=' | '/' | '+' | ':' | '@' | '~')
}
