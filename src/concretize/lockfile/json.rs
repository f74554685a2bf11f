//! The shapes that a lockfile's JSON has had, borrowed from its text.

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;
use std::marker::PhantomData;

/// A string, borrowed unless it has escapes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Text<'a>(Cow<'a, str>);

impl Text<'_> {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;
        impl<'de> Visitor<'de> for TextVisitor {
            type Value = Text<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }
            fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(TextVisitor)
    }
}

/// The whole file; members that planning does not need are skipped.
#[derive(Debug, serde::Deserialize)]
pub(super) struct Document<'a> {
    #[serde(rename = "_meta")]
    pub(super) meta: Meta,
    /// The Spack that wrote it, from version 5 on.
    #[serde(default)]
    pub(super) spack: Option<Writer>,
    #[serde(borrow)]
    pub(super) roots: Vec<Root<'a>>,
    #[serde(borrow, rename = "concrete_specs")]
    pub(super) specs: Pairs<'a, &'a RawValue>,
}

#[derive(Debug, serde::Deserialize)]
pub(super) struct Meta {
    #[serde(rename = "lockfile-version")]
    pub(super) version: u32,
}

#[derive(Debug, serde::Deserialize)]
pub(super) struct Writer {
    pub(super) version: String,
    #[serde(default)]
    pub(super) commit: Option<String>,
}

#[derive(Debug, serde::Deserialize)]
pub(super) struct Root<'a> {
    #[serde(borrow)]
    pub(super) hash: Text<'a>,
    #[serde(borrow)]
    pub(super) spec: Text<'a>,
}

/// A map as the list of its entries, duplicates kept.
#[derive(Debug)]
pub(super) struct Pairs<'a, V>(pub(super) Vec<(Text<'a>, V)>);

impl<'de: 'a, 'a, V: Deserialize<'de>> Deserialize<'de> for Pairs<'a, V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PairsVisitor<V>(PhantomData<V>);
        impl<'de, V: Deserialize<'de>> Visitor<'de> for PairsVisitor<V> {
            type Value = Vec<(Text<'de>, V)>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(entries)
            }
        }
        deserializer.deserialize_map(PairsVisitor(PhantomData)).map(Pairs)
    }
}

/// A node; the name is inside from version 3 on.
#[derive(Debug, serde::Deserialize)]
pub(super) struct Node<'a> {
    #[serde(borrow, default)]
    pub(super) name: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(super) version: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) arch: &'a RawValue,
    #[serde(borrow, default)]
    pub(super) namespace: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(super) parameters: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) compiler: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) dependencies: Option<Edges<'a>>,
    #[serde(borrow, default)]
    pub(super) external: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) annotations: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) hash: Option<Text<'a>>,
}

/// A node up to version 2: a map with one entry, from its name.
#[derive(Debug)]
pub(super) struct Wrapped<'a> {
    pub(super) name: Text<'a>,
    pub(super) node: Node<'a>,
}

impl<'de: 'a, 'a> Deserialize<'de> for Wrapped<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut entries = Pairs::<Node<'_>>::deserialize(deserializer)?.0;
        match (entries.pop(), entries.pop()) {
            (Some((name, node)), None) => Ok(Self { name, node }),
            _ => Err(serde::de::Error::custom("expected a map with one entry, from the package's name")),
        }
    }
}

/// An edge: `hash` or `build_hash` of what is depended on, and what for.
#[derive(Debug, serde::Deserialize)]
pub(super) struct Edge<'a> {
    #[serde(borrow, default)]
    pub(super) hash: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(super) build_hash: Option<Text<'a>>,
    /// Versions 1 to 4: a list of kinds.
    #[serde(borrow, default, rename = "type")]
    pub(super) types: Option<&'a RawValue>,
    /// Version 5 and later: kinds and virtuals.
    #[serde(borrow, default)]
    pub(super) parameters: Option<&'a RawValue>,
}

/// The dependencies of a node: a map from names up to version 2, then a list.
#[derive(Debug)]
pub(super) struct Edges<'a>(pub(super) Vec<Edge<'a>>);

impl<'de: 'a, 'a> Deserialize<'de> for Edges<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct EdgesVisitor;
        impl<'de> Visitor<'de> for EdgesVisitor {
            type Value = Vec<Edge<'de>>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list or map of dependencies")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut edges = Vec::new();
                let mut names = BTreeSet::new();
                while let Some((name, edge)) = map.next_entry::<Text<'de>, _>()? {
                    if !names.insert(name.as_str().to_owned()) {
                        return Err(A::Error::custom(format!("dependency `{}` occurs twice", name.0.escape_debug())));
                    }
                    edges.push(edge);
                }
                Ok(edges)
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                let mut edges = Vec::new();
                while let Some(edge) = list.next_element()? {
                    edges.push(edge);
                }
                Ok(edges)
            }
        }
        deserializer.deserialize_any(EdgesVisitor).map(Edges)
    }
}
