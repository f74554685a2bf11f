//! What a plain scalar means: the core schema of YAML 1.2, which is also how Spack's own reader takes it.
//! So `yes`, `on` and `1:30` are strings, and a number keeps the digits it was written with.

use super::Value;

/// Takes the text of a plain scalar for null, a boolean, a number, or else a string.
pub(super) fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ if is_number(text) => Value::Number(text.to_owned()),
        _ => Value::String(text.to_owned()),
    }
}

fn is_number(text: &str) -> bool {
    if let Some(digits) = text.strip_prefix("0o") {
        return all(digits, |b| (b'0'..=b'7').contains(&b));
    }
    if let Some(digits) = text.strip_prefix("0x") {
        return all(digits, |b| b.is_ascii_hexdigit());
    }
    if matches!(text, ".nan" | ".NaN" | ".NAN") {
        return true;
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    matches!(unsigned, ".inf" | ".Inf" | ".INF") || is_decimal(unsigned)
}

fn is_decimal(text: &str) -> bool {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let exponent_is_digits =
        exponent.is_none_or(|e| all(e.strip_prefix(['-', '+']).unwrap_or(e), |b| b.is_ascii_digit()));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    exponent_is_digits && digits(whole) && digits(fraction) && !(whole.is_empty() && fraction.is_empty())
}

fn all(text: &str, accepts: impl Fn(u8) -> bool) -> bool {
    !text.is_empty() && text.bytes().all(accepts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_yaml_one_one_are_strings() {
        for text in
            ["yes", "No", "on", "off", "y", "1:30", "0b1", "1_000", "2019-09-03", ".", "-", "e3", "1e", "0x", "<<"]
        {
            assert_eq!(plain(text), Value::String(text.to_owned()));
        }
    }

    #[test]
    fn a_number_keeps_its_digits() {
        for text in ["1.10", "007", "-3", "+.5", "1e3", "1.", "0o17", "0xFF", ".inf", "-.INF", ".nan"] {
            assert_eq!(plain(text), Value::Number(text.to_owned()));
        }
    }

    #[test]
    fn nothing_and_the_tilde_are_null() {
        assert_eq!(plain(""), Value::Null);
        assert_eq!(plain("~"), Value::Null);
        assert_eq!(plain("TRUE"), Value::Bool(true));
    }
}
