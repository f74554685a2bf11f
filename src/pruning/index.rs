//! The index of a mirror: which specs it has binaries of, in Spack's two layouts.

use super::problem::Problem;
use crate::http::Failure;
use flate2::read::GzDecoder;
use rustc_hash::FxHashSet;
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::collections::BTreeMap;
use std::io::Read as _;

/// Bytes of an index that are read at most; that of Spack's public mirror has some 200 MB.
pub(super) const LONGEST: u64 = 1 << 30;
/// Bytes of a manifest that are read at most; most have a few hundred.
pub(super) const LONGEST_MANIFEST: u64 = 1 << 20;
/// What the media type of an index begins with; the version of the database follows.
const MEDIA_TYPE: &str = "application/vnd.spack.db.v";

/// The content that a manifest of layout 3 speaks of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Blob {
    /// Its SHA-256 as hexadecimal digits.
    pub(super) checksum: String,
    pub(super) compression: Compression,
}

/// How content is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compression {
    None,
    Gzip,
}

impl Blob {
    /// Returns where it is, seen from the mirror.
    pub(super) fn path(&self) -> String {
        format!("blobs/sha256/{}/{}", &self.checksum[..2], self.checksum)
    }
}

#[derive(Deserialize)]
struct Manifest {
    data: Vec<Record>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record {
    media_type: String,
    compression: String,
    checksum_algorithm: String,
    checksum: String,
}

/// Reads the manifest of an index, which may be signed; the signature is not looked at.
pub(super) fn manifest(bytes: &[u8]) -> Result<Blob, Problem> {
    let wrong = |what: &str| Problem::Content(what.to_owned());
    let manifest: Manifest = serde_json::from_slice(unsigned(bytes)).map_err(|_| wrong("manifest is not one"))?;
    let record = manifest.data.into_iter().find(|record| record.media_type.starts_with(MEDIA_TYPE));
    let record = record.ok_or_else(|| wrong("manifest names no index"))?;
    let is_digest = record.checksum.len() == 64 && record.checksum.bytes().all(|byte| byte.is_ascii_hexdigit());
    if record.checksum_algorithm != "sha256" || !is_digest {
        return Err(wrong("manifest has no SHA-256"));
    }
    let compression = match record.compression.as_str() {
        "none" => Compression::None,
        "gzip" => Compression::Gzip,
        _ => return Err(wrong("is compressed in a way that is not known")),
    };
    Ok(Blob { checksum: record.checksum, compression })
}

/// Returns the signed part of a text with a signature in clear, or all of it.
fn unsigned(bytes: &[u8]) -> &[u8] {
    if !bytes.starts_with(b"-----BEGIN PGP SIGNED MESSAGE-----") {
        return bytes;
    }
    let position = |wanted: &[u8]| bytes.windows(wanted.len()).position(|window| window == wanted);
    match (position(b"{"), position(b"-----BEGIN PGP SIGNATURE-----")) {
        (Some(begin), Some(end)) if begin < end => &bytes[begin..end],
        _ => bytes,
    }
}

/// Takes compressed content apart.
pub(super) fn decompress(bytes: Vec<u8>, compression: Compression) -> Result<Vec<u8>, Problem> {
    match compression {
        Compression::None => Ok(bytes),
        Compression::Gzip => {
            let mut out = Vec::new();
            let read = GzDecoder::new(bytes.as_slice()).take(LONGEST + 1).read_to_end(&mut out);
            read.map_err(|_| Problem::Content("is not compressed as its manifest says".to_owned()))?;
            if out.len() as u64 > LONGEST { Err(Failure::TooLong.into()) } else { Ok(out) }
        }
    }
}

#[derive(Deserialize)]
struct Index {
    database: Database,
}

#[derive(Deserialize)]
struct Database {
    installs: BTreeMap<String, Install>,
}

#[derive(Deserialize)]
struct Install {
    #[serde(default)]
    in_buildcache: bool,
    #[serde(default)]
    spec: Facts,
}

#[derive(Default, Deserialize)]
struct Facts {
    external: Option<IgnoredAny>,
}

/// Returns the hashes of the specs that an index has: those with binaries and, as Spack does, external ones.
pub(super) fn hashes(bytes: &[u8]) -> Result<FxHashSet<String>, Problem> {
    let index: Index = serde_json::from_slice(bytes).map_err(|cause| {
        let what = if cause.is_data() { "is none of Spack's" } else { "is not JSON" };
        Problem::Content(format!("{what} (line {}, column {})", cause.line(), cause.column()))
    })?;
    let has = |install: &Install| install.in_buildcache || install.spec.external.is_some();
    Ok(index.database.installs.into_iter().filter(|(_, install)| has(install)).map(|(hash, _)| hash).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = r#"{"version": 3, "data": [{"contentLength": 3, "mediaType": "application/vnd.spack.db.v8+json",
        "compression": "none", "checksumAlgorithm": "sha256", "checksum": "SUM"}]}"#;

    fn text() -> String {
        MANIFEST.replace("SUM", &"ab".repeat(32))
    }

    #[test]
    fn an_index_lists_what_it_has_binaries_of_and_externals() {
        let text = r#"{"database": {"version": "8", "installs": {
            "a": {"spec": {"name": "x"}, "in_buildcache": true},
            "b": {"spec": {"name": "y"}, "ref_count": 1},
            "c": {"spec": {"name": "z", "external": {"path": "/usr"}}},
            "d": {"spec": {"name": "z", "external": null}, "in_buildcache": false}}}}"#;
        let mut found: Vec<_> = hashes(text.as_bytes()).unwrap().into_iter().collect();
        found.sort();
        assert_eq!(found, ["a", "c"]);
    }

    #[test]
    fn what_is_no_index_is_refused_with_the_place() {
        let refused = |text: &str| hashes(text.as_bytes()).unwrap_err().to_string();
        assert_eq!(refused("<html>"), "the index is not JSON (line 1, column 1)");
        assert_eq!(refused(r#"{"database": 3}"#), "the index is none of Spack's (line 1, column 14)");
        assert!(refused("[]").contains("none of Spack's"));
        assert!(refused("").contains("not JSON"));
    }

    #[test]
    fn a_manifest_names_the_blob_of_the_index() {
        let blob = manifest(text().as_bytes()).unwrap();
        assert_eq!(blob.path(), format!("blobs/sha256/ab/{}", "ab".repeat(32)));
        let signed = format!(
            "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n{}\n-----BEGIN PGP SIGNATURE-----\n\nx{{}}\n",
            text()
        );
        assert_eq!(manifest(signed.as_bytes()).unwrap(), blob);
    }

    #[test]
    fn a_checksum_that_leads_out_of_the_mirror_is_refused() {
        for sum in ["../../../../etc/passwd", "ab", ""] {
            let text = MANIFEST.replace("SUM", sum);
            assert_eq!(manifest(text.as_bytes()), Err(Problem::Content("manifest has no SHA-256".to_owned())));
        }
        assert!(manifest(b"{}").is_err() && manifest(b"-----BEGIN PGP SIGNED MESSAGE-----").is_err());
    }
}
