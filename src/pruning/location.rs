//! Where the files of a mirror are: a directory, or the address of a server.

use crate::environment::Mirror;
use percent_encoding::percent_decode_str;
use std::path::{Path, PathBuf};

/// A place that files can be read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Location {
    /// A directory of this machine.
    Directory(PathBuf),
    /// An http(s) URL without a slash at its end.
    Web(String),
}

/// Why a mirror is not asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NotAsked {
    pub(super) reason: &'static str,
    pub(super) hint: &'static str,
}

impl Location {
    /// Finds out where a mirror's files are.
    pub(super) fn of(mirror: &Mirror) -> Result<Self, NotAsked> {
        let url = mirror.fetch_url.trim_end_matches('/');
        if url.contains('$') {
            let reason = "its URL has a variable that is not replaced here";
            return Err(NotAsked { reason, hint: "write the URL out" });
        }
        let Some((scheme, rest)) = url.split_once("://") else { return Ok(Self::Directory(PathBuf::from(url))) };
        match scheme {
            "file" => Ok(Self::Directory(directory(rest))),
            "http" | "https" => Ok(Self::Web(url.to_owned())),
            "s3" => match mirror.endpoint.as_deref().map(|endpoint| endpoint.trim_end_matches('/')) {
                Some(endpoint) if endpoint.starts_with("http://") || endpoint.starts_with("https://") => {
                    Ok(Self::Web(format!("{endpoint}/{rest}")))
                }
                _ => Err(NotAsked {
                    reason: "it is an S3 bucket",
                    hint: "name the https:// address that it can be read at, as `fetch` or `endpoint_url`",
                }),
            },
            "oci" => Err(NotAsked {
                reason: "it is a container registry",
                hint: "its jobs look for binaries when they run; or use a mirror on the web",
            }),
            _ => Err(NotAsked {
                reason: "nothing is known of its kind of URL",
                hint: "mirrors are asked at paths, file://, http:// and https://",
            }),
        }
    }
}

/// Returns the path of a `file://` URL; one that exists as it is written is taken so.
pub(super) fn directory(rest: &str) -> PathBuf {
    let path = if rest.starts_with('/') { rest } else { rest.find('/').map_or(rest, |at| &rest[at..]) };
    if Path::new(path).exists() {
        return PathBuf::from(path);
    }
    PathBuf::from(percent_decode_str(path).decode_utf8_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::condition::Context;
    use crate::environment::{Environment, Mirror};
    use crate::source::Source;

    fn mirror(entry: &str) -> Mirror {
        let text = format!("spack:\n  specs: []\n  mirrors:\n    m: {entry}\n  ci: {{pipeline-gen: []}}\n");
        Environment::parse(Source::new("/e/spack.yaml", text), &Context::default()).unwrap().mirrors.remove(0)
    }

    fn location(entry: &str) -> Result<Location, NotAsked> {
        Location::of(&mirror(entry))
    }

    #[test]
    fn paths_and_file_urls_are_directories() {
        for (entry, path) in [
            ("/m", "/m"),
            ("file:///m/", "/m"),
            ("./m", "/e/m"),
            ("file:///a%20b", "/a b"),
            ("file://localhost/m", "/m"),
        ] {
            assert_eq!(location(entry), Ok(Location::Directory(PathBuf::from(path))), "{entry}");
        }
    }

    #[test]
    fn an_s3_bucket_is_asked_where_its_endpoint_is_said() {
        let at = location("{url: 's3://bucket/release', endpoint_url: 'https://s3.example.org/'}");
        assert_eq!(at, Ok(Location::Web("https://s3.example.org/bucket/release".to_owned())));
        assert_eq!(location("s3://bucket").unwrap_err().reason, "it is an S3 bucket");
    }

    #[test]
    fn registries_unknown_schemes_and_variables_are_not_asked() {
        for entry in ["oci://ghcr.io/x", "gopher://x", "$MIRROR/x"] {
            assert!(location(entry).is_err(), "{entry}");
        }
    }
}
