//! Says in a few words how far work on a remote has come.

use crate::publish::watch::Progress;

/// Returns progress in words.
pub(super) fn words(progress: &Progress) -> String {
    match progress {
        Progress::Step(step) => (*step).to_owned(),
        Progress::Files(count) => format!("{count} files read"),
        Progress::Packed(done, all) => format!("{done} of {all} objects packed"),
        Progress::Sent(_, all, bytes) => format!("{} of {all} objects sent", amount(*bytes)),
        Progress::Received(done, all, bytes) => format!("{done} of {all} objects received, {}", amount(*bytes)),
        Progress::Remote(line) => format!("the remote says: {line}"),
    }
}

/// Returns a number of bytes in a unit that a person can grasp, rounded down to tenths.
fn amount(bytes: usize) -> String {
    if bytes < 1000 {
        return format!("{bytes} bytes");
    }
    let (mut tenths, mut unit) = (bytes.saturating_mul(10), "");
    for larger in ["kB", "MB", "GB"] {
        (tenths, unit) = (tenths / 1000, larger);
        if tenths < 10_000 {
            break;
        }
    }
    format!("{}.{} {unit}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_told_in_units_of_a_thousand() {
        for (bytes, expected) in [
            (0, "0 bytes"),
            (999, "999 bytes"),
            (1000, "1.0 kB"),
            (1_250_000, "1.2 MB"),
            (7_000_000_000_000, "7000.0 GB"),
        ] {
            assert_eq!(amount(bytes), expected);
        }
    }

    #[test]
    fn what_the_remote_says_is_quoted_as_its() {
        assert_eq!(words(&Progress::Remote("counting".to_owned())), "the remote says: counting");
    }
}
