//! The list of specs that are known not to build (`broken-specs-url`): a directory with a file for each, named by its hash.

use super::location::directory;
use crate::environment::Environment;
use crate::pipeline::spack_ci::settings::BrokenList;
use std::fs::DirEntry;
use std::io;
use std::path::PathBuf;

/// Reads the list that an environment names, if it is a directory of this machine by a `file://` URL; like Spack, it takes
/// nothing else.
pub fn broken_specs(environment: &Environment) -> BrokenList {
    let Some(path) = environment.ci.broken_specs.as_ref().and_then(|list| path(&list.url)) else {
        return BrokenList::Unread;
    };
    let names = std::fs::read_dir(path).and_then(|entries| entries.map(|entry| Ok(name(&entry?))).collect());
    names.map_or_else(
        |cause: io::Error| BrokenList::Unreadable(cause.to_string()),
        |names: Vec<_>| BrokenList::Read(names.into_iter().flatten().collect()),
    )
}

fn path(url: &str) -> Option<PathBuf> {
    url.strip_prefix("file://").map(directory)
}

/// Returns the name of a file; directories list nothing.
fn name(entry: &DirEntry) -> Option<String> {
    let lists = !entry.path().is_dir();
    lists.then(|| entry.file_name().to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::condition::Context;
    use crate::source::Source;

    fn read(url: &str) -> BrokenList {
        let text = format!("spack:\n  specs: []\n  ci: {{pipeline-gen: [], broken-specs-url: '{url}'}}\n");
        broken_specs(&Environment::parse(Source::new("/e/spack.yaml", text), &Context::default()).unwrap())
    }

    #[test]
    fn each_file_of_the_directory_lists_a_spec() {
        let directory = tempfile::tempdir().unwrap();
        let list = directory.path().join("a list");
        std::fs::create_dir_all(list.join("cccc")).unwrap();
        std::fs::write(list.join("aaaa"), "").unwrap();
        let expected = BrokenList::Read(["aaaa".to_owned()].into());
        for name in ["a list", "a%20list/"] {
            assert_eq!(read(&format!("file://{}/{name}", directory.path().display())), expected, "{name}");
        }
    }

    #[test]
    fn what_is_not_there_is_unreadable_and_what_is_elsewhere_not_read() {
        assert!(matches!(read("file:///nowhere/at/all"), BrokenList::Unreadable(_)));
        assert_eq!(read("https://example.org/list"), BrokenList::Unread);
        assert_eq!(read("s3://bucket/list"), BrokenList::Unread);
        assert_eq!(read("/"), BrokenList::Unread);
    }
}
