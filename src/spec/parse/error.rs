//! Why a text is no spec, and where.

use std::fmt;
use std::ops::Range;

/// What is wrong with a text.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParseErrorKind {
    /// A character that nothing in the language begins with here.
    UnexpectedCharacter,
    /// A second spec where one was expected.
    MoreThanOne,
    /// No spec where one was expected.
    Missing,
    /// A node with two `@`.
    SeveralVersions,
    /// A version or range that makes no sense.
    Version(super::VersionListError),
    /// A variant that is named twice.
    DuplicateVariant(String),
    /// The reserved value `*` among others.
    ReservedValue,
    /// `platform`, `os` or `target` given twice.
    DuplicateArchitecture(String),
    /// `==` where nothing can be propagated, as in `os==centos7`.
    CannotPropagate(String),
    /// `+os` and the like, which need a value.
    NeedsValue(String),
    /// An attribute in `%[…]` other than `deptypes`, `virtuals` and `when`.
    UnknownEdgeAttribute(String),
    /// Something in `%[…]` that is no attribute, or a `]` that is missing.
    BadEdgeAttribute,
    /// A kind of dependency that does not exist.
    UnknownDependencyType(String),
    /// Two mentions of a dependency that cannot both hold.
    DuplicateDependency(String),
    /// A `^` or `%` with nothing behind it.
    MissingDependency,
    /// The path of a spec file, which is not read.
    SpecFile,
    /// `when` conditions nested too deeply.
    TooDeep,
}

/// An error in a spec, with its place in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// The bytes of the text that the error is about.
    pub span: Range<usize>,
    /// What is wrong.
    pub kind: ParseErrorKind,
    column: usize,
    found: String,
    hint: Option<&'static str>,
}

impl ParseError {
    pub(super) fn new(text: &str, span: Range<usize>, kind: ParseErrorKind) -> Self {
        let span = span.start.min(text.len())..span.end.min(text.len());
        let column = text.get(..span.start).map_or(1, |before| before.chars().count() + 1);
        let found = text.get(span.clone()).unwrap_or_default().to_owned();
        let hint = hint(text, &span, &kind);
        Self { span, kind, column, found, hint }
    }

    /// Returns the column of the error, in characters from 1.
    pub fn column(&self) -> usize {
        self.column
    }

    /// Returns what to write instead, where that can be guessed.
    pub fn hint(&self) -> Option<&'static str> {
        self.hint
    }
}

fn hint(text: &str, span: &Range<usize>, kind: &ParseErrorKind) -> Option<&'static str> {
    let before = &text[..span.start];
    let here = &text[span.start..];
    match kind {
        ParseErrorKind::UnexpectedCharacter => match here.chars().next()? {
            '@' if here.starts_with("@@") => Some("a version has one `@`: `@1.2`, or `@=1.2` for exactly that version"),
            '@' => Some("`@` is followed by a version, a range or a list: `@1.2`, `@1.2:1.4`, `@1.2,1.4:`"),
            '=' => Some("a variant is written without blanks around `=`, and values with other characters in quotes"),
            '+' | '~' | '-' => Some("`+` and `~` are followed by the name of a variant"),
            '/' => Some("`/` is followed by a hash of letters and digits"),
            ',' | ':' => Some("lists and ranges only stand in versions (`@1.2:1.4,1.6`) and values (`x=a,b`)"),
            '\'' | '"' => Some("a quoted text follows `name=`, and its quote must be closed"),
            '$' => Some("references such as `$compilers` stand alone in a list, not within a spec"),
            _ => None,
        },
        ParseErrorKind::MoreThanOne if before.trim_end().ends_with('=') => {
            Some("a variant is written without blanks around `=`")
        }
        ParseErrorKind::MoreThanOne if here.starts_with(']') => Some("there is no `[` for this `]`"),
        ParseErrorKind::MoreThanOne => {
            Some("the name of the package comes first, and every variant has a sigil or a value")
        }
        ParseErrorKind::CannotPropagate(_) => Some("write `=`"),
        ParseErrorKind::BadEdgeAttribute => Some(
            "attributes are written `%[virtuals=c,cxx when='+x' deptypes=build] gcc`, special characters in quotes",
        ),
        ParseErrorKind::UnknownDependencyType(_) => Some("the types are build, link, run and test"),
        _ => None,
    }
}

impl fmt::Display for ParseError {
    /// Writes what is wrong, without the place.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let found = self.found.escape_debug();
        match &self.kind {
            ParseErrorKind::UnexpectedCharacter => write!(f, "unexpected `{found}`"),
            ParseErrorKind::MoreThanOne => write!(f, "expected a single spec, but another one begins with `{found}`"),
            ParseErrorKind::Missing => f.write_str("expected a spec"),
            ParseErrorKind::SeveralVersions => write!(f, "a second version `{found}`"),
            ParseErrorKind::Version(error) => write!(f, "{error}"),
            ParseErrorKind::DuplicateVariant(name) => write!(f, "the variant `{name}` is given twice"),
            ParseErrorKind::ReservedValue => f.write_str("the value `*` must stand alone"),
            ParseErrorKind::DuplicateArchitecture(name) => write!(f, "`{name}` is given twice"),
            ParseErrorKind::CannotPropagate(name) => write!(f, "`{name}` cannot be propagated with `==`"),
            ParseErrorKind::NeedsValue(name) => write!(f, "`{name}` needs a value: `{name}=…`"),
            ParseErrorKind::UnknownEdgeAttribute(name) => {
                write!(f, "unknown attribute `{name}`: dependencies have `deptypes`, `virtuals` and `when`")
            }
            ParseErrorKind::BadEdgeAttribute if self.found.is_empty() => f.write_str("the `]` is missing"),
            ParseErrorKind::BadEdgeAttribute => write!(f, "expected an attribute or `]`, found `{found}`"),
            ParseErrorKind::UnknownDependencyType(name) => {
                write!(f, "unknown dependency type `{}`", name.escape_debug())
            }
            ParseErrorKind::DuplicateDependency(why) => write!(f, "{why}"),
            ParseErrorKind::MissingDependency => write!(f, "a package must follow `{found}`"),
            ParseErrorKind::SpecFile => write!(f, "the spec file `{found}` is not read; name the spec itself"),
            ParseErrorKind::TooDeep => f.write_str("conditions are nested too deeply"),
        }
    }
}

impl std::error::Error for ParseError {}
