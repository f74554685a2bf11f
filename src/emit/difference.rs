//! How two texts differ.

use similar::TextDiff;
use std::time::Duration;

/// After this long a difference is given as found so far, with larger hunks.
const DEADLINE: Duration = Duration::from_secs(5);

/// Returns the unified difference of two texts, a line each.
pub fn unified(old: &str, new: &str, old_name: &str, new_name: &str) -> Vec<String> {
    let mut config = TextDiff::configure();
    let diff = config.timeout(DEADLINE).diff_lines(old, new);
    diff.unified_diff().header(old_name, new_name).to_string().lines().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::unified;

    #[test]
    fn changed_lines_stand_between_those_around_them() {
        let lines = unified("a\nb\nc\n", "a\nB\nc\n", "on disk", "as planned");
        assert_eq!(lines, ["--- on disk", "+++ as planned", "@@ -1,3 +1,3 @@", " a", "-b", "+B", " c"]);
    }

    #[test]
    fn equal_texts_have_no_difference() {
        assert!(unified("a\n", "a\n", "on disk", "as planned").is_empty());
    }
}
