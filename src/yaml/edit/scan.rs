//! Lines, blanks and comments of a text.

/// Returns the first offset from `at` on that is neither blank, line end nor comment.
pub(super) fn after_trivia(text: &str, mut at: usize) -> usize {
    let bytes = text.as_bytes();
    while let Some(byte) = bytes.get(at) {
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' => at += 1,
            b'#' => at = end_of_line(text, at),
            0xef if text[at..].starts_with('\u{feff}') => at += '\u{feff}'.len_utf8(),
            _ => break,
        }
    }
    at
}

/// Returns where the line of `at` ends, its line break not included.
pub(super) fn end_of_line(text: &str, at: usize) -> usize {
    let end = text[at..].find('\n').map_or(text.len(), |length| at + length);
    if end > at && text.as_bytes()[end - 1] == b'\r' { end - 1 } else { end }
}

/// Returns where the line of `at` begins, behind a byte order mark.
pub(super) fn start_of_line(text: &str, at: usize) -> usize {
    match text[..at].rfind('\n') {
        Some(end) => end + 1,
        None if text.starts_with('\u{feff}') => '\u{feff}'.len_utf8().min(at),
        None => 0,
    }
}

/// Returns where a block scalar ends whose header stands at `header`: with its last line, and with the blank lines
/// behind it if its header keeps them.
pub(super) fn end_of_lines(text: &str, header: usize, end: usize) -> usize {
    let header_end = end_of_line(text, header);
    let keeps = text[header..header_end].split('#').next().is_some_and(|indicators| indicators.contains('+'));
    let mut end = end.max(header_end);
    // The parser counts the indentation of the line behind it in.
    let last = text[header_end..end].rfind('\n').map_or(end, |at| header_end + at + 1);
    if text[last..end].trim().is_empty() {
        end = last;
    }
    while let Some(rest) = text[header_end..end].strip_suffix('\n') {
        end = header_end + rest.strip_suffix('\r').unwrap_or(rest).len();
        let last = rest.rfind('\n').map_or(rest, |at| &rest[at + 1..]);
        if keeps || !last.trim().is_empty() {
            break;
        }
        end = header_end + rest.rfind('\n').map_or(0, |at| at + 1);
    }
    end
}
