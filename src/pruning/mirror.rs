//! Reads the indices of a mirror, each at most once and only where it has changed since.

use super::cache::{self, Entry};
use super::client::{Client, Fetched};
use super::index::{self, LONGEST, LONGEST_MANIFEST};
use super::location::Location;
use super::problem::Problem;
use crate::http::Failure;
use crate::publish::trailers::sha256;
use rustc_hash::FxHashSet;
use std::path::Path;

/// How the files of a mirror are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Layout {
    /// Manifests that name blobs (Spack 1.0 and later); looked at first.
    V3,
    /// One file a spec, in `build_cache`.
    V2,
}

impl Layout {
    pub(super) const ALL: [Self; 2] = [Self::V3, Self::V2];

    /// Returns its number.
    pub(super) fn number(self) -> u8 {
        match self {
            Self::V2 => 2,
            Self::V3 => 3,
        }
    }
}

/// A mirror that is asked.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) name: String,
    /// As people are shown it.
    pub(super) url: String,
    pub(super) location: Location,
    /// The part that is looked at, where it has several.
    pub(super) view: Option<String>,
}

impl Asked {
    /// Returns the hashes that the index of a layout has.
    pub(super) fn index(
        &self,
        layout: Layout,
        client: &Client<'_>,
        cache: Option<&Path>,
    ) -> Result<FxHashSet<String>, Problem> {
        // What is on this machine is as quickly read as a copy of it.
        let cache = cache.filter(|_| matches!(self.location, Location::Web(_)));
        let path = self.index_path(layout);
        let url = match &self.location {
            Location::Web(base) => format!("{base}/{path}"),
            Location::Directory(_) => String::new(),
        };
        let known = cache.and_then(|cache| cache::read(cache, &url));
        let entry = match layout {
            Layout::V3 => self.third(client, &url, &path, known)?,
            Layout::V2 => self.second(client, &url, &path, known)?,
        };
        if let Some(cache) = cache {
            cache::write(cache, &entry);
        }
        Ok(entry.specs)
    }

    fn index_path(&self, layout: Layout) -> String {
        match (layout, &self.view) {
            (Layout::V3, Some(view)) => format!("v3/manifests/index/{view}/index.manifest.json"),
            (Layout::V3, None) => "v3/manifests/index/index.manifest.json".to_owned(),
            (Layout::V2, _) => "build_cache/index.json".to_owned(),
        }
    }

    /// Reads the manifest, and the index that it names unless that is the known one.
    fn third(&self, client: &Client<'_>, url: &str, path: &str, known: Option<Entry>) -> Result<Entry, Problem> {
        let tag = known.as_ref().and_then(|known| known.tag.as_deref());
        let (manifest, tag) = match (client.read(&self.location, path, LONGEST_MANIFEST, tag)?, &known) {
            (Fetched::New { bytes, tag }, _) => (bytes, tag),
            (Fetched::Unchanged, Some(known)) => return Ok(known.clone()),
            (Fetched::Unchanged, None) => return Err(Problem::Status(304)),
        };
        let blob = index::manifest(&manifest)?;
        if let Some(mut known) = known.filter(|known| known.checksum == blob.checksum) {
            known.tag = tag;
            return Ok(known);
        }
        let content = match client.read(&self.location, &blob.path(), LONGEST, None) {
            Ok(Fetched::New { bytes, .. }) => bytes,
            Ok(Fetched::Unchanged) => return Err(Problem::Status(304)),
            Err(Problem::Missing) => return Err(Problem::Content("is gone that its manifest names".to_owned())),
            Err(problem) => return Err(problem),
        };
        if sha256(&content) != blob.checksum.to_ascii_lowercase() {
            return Err(Problem::Content("is not the one that its manifest names".to_owned()));
        }
        let specs = index::hashes(&index::decompress(content, blob.compression)?)?;
        Ok(Entry::new(url, tag, blob.checksum, specs))
    }

    /// Reads the index unless the checksum beside it, or its tag, is the known one.
    fn second(&self, client: &Client<'_>, url: &str, path: &str, known: Option<Entry>) -> Result<Entry, Problem> {
        if let Some(known) = &known {
            match client.read(&self.location, &format!("{path}.hash"), 64, None) {
                Ok(Fetched::New { bytes, .. }) if bytes == known.checksum.as_bytes() => return Ok(known.clone()),
                Ok(_) | Err(Problem::Missing | Problem::Refused(_) | Problem::Http(Failure::TooLong)) => {}
                Err(problem) => return Err(problem),
            }
        }
        let tag = known.as_ref().and_then(|known| known.tag.as_deref());
        match (client.read(&self.location, path, LONGEST, tag)?, known) {
            (Fetched::New { bytes, tag }, _) => Ok(Entry::new(url, tag, sha256(&bytes), index::hashes(&bytes)?)),
            (Fetched::Unchanged, Some(known)) => Ok(known),
            (Fetched::Unchanged, None) => Err(Problem::Status(304)),
        }
    }
}
