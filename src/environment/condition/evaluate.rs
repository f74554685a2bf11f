//! The value of a condition on a host, by Python's rules.

use super::Refusal;
use super::context::{Context, Fact};
use super::expression::{Anchors, Expression, Kind};
use crate::spec::Spec;
use regex::Regex;
use std::ops::Range;

/// What an expression comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    None,
    Bool(bool),
    Text(String),
    List(Vec<Value>),
    /// What `re.match` returns when it finds something.
    Match,
}

impl Value {
    /// Tells whether Python takes the value for true.
    pub(super) fn is_true(&self) -> bool {
        match self {
            Self::None => false,
            Self::Bool(value) => *value,
            Self::Text(text) => !text.is_empty(),
            Self::List(items) => !items.is_empty(),
            Self::Match => true,
        }
    }
}

type Evaluated = Result<Value, Refusal>;

/// Evaluates an expression; what comes after the deciding operand of `and` and `or` is not looked at.
pub(super) fn evaluate(expression: &Expression, context: &Context) -> Evaluated {
    let value = |expression: &Expression| evaluate(expression, context);
    let text = |expression: &Expression| text_of(expression, context);
    Ok(match &expression.kind {
        Kind::Bool(value) => Value::Bool(*value),
        Kind::None => Value::None,
        Kind::Text(text) => Value::Text(text.clone()),
        Kind::List(items) => Value::List(items.iter().map(value).collect::<Result<_, _>>()?),
        Kind::Fact(fact) => Value::Text(known(context, *fact, &expression.span)?.to_owned()),
        Kind::Architecture => {
            let fact = |fact| known(context, fact, &expression.span);
            Value::Text(format!("{}-{}-{}", fact(Fact::Platform)?, fact(Fact::Os)?, fact(Fact::Target)?))
        }
        Kind::Variable { name, default } => match (context.variable(&text(name)?), default) {
            (Some(found), _) => Value::Text(found.to_owned()),
            (None, Some(default)) => value(default)?,
            (None, None) => Value::None,
        },
        Kind::RequiredVariable(name) => required(context, &text(name)?, &expression.span)?,
        Kind::HasVariable(name) => Value::Bool(context.variable(&text(name)?).is_some()),
        Kind::Satisfies(constraint) => Value::Bool(satisfies(context, constraint)?),
        Kind::Matches { anchors, pattern, text: subject } => matches(*anchors, pattern, &text(subject)?, context)?,
        Kind::StartsWith(whole, start) => Value::Bool(text(whole)?.starts_with(&text(start)?)),
        Kind::EndsWith(whole, end) => Value::Bool(text(whole)?.ends_with(&text(end)?)),
        Kind::Equal(left, right) => Value::Bool(value(left)? == value(right)?),
        Kind::In(item, whole) => match value(whole)? {
            Value::List(items) => Value::Bool(items.contains(&value(item)?)),
            Value::Text(whole) => Value::Bool(whole.contains(&text(item)?)),
            _ => return Err(not_a("a text or list", whole)),
        },
        Kind::Not(operand) => Value::Bool(!value(operand)?.is_true()),
        Kind::And(operands) => decide(operands, context, false)?,
        Kind::Or(operands) => decide(operands, context, true)?,
    })
}

/// Returns the first operand whose truth is `deciding`, else the last one.
fn decide(operands: &[Expression], context: &Context, deciding: bool) -> Evaluated {
    let mut last = Value::Bool(!deciding);
    for operand in operands {
        last = evaluate(operand, context)?;
        if last.is_true() == deciding {
            break;
        }
    }
    Ok(last)
}

fn text_of(expression: &Expression, context: &Context) -> Result<String, Refusal> {
    match evaluate(expression, context)? {
        Value::Text(text) => Ok(text),
        _ => Err(not_a("a text", expression)),
    }
}

fn not_a(kind: &str, expression: &Expression) -> Refusal {
    let hint = "give `env.get` a default, as in env.get(\"NAME\", \"\"), where a variable may be missing";
    Refusal::new(expression.span.clone(), format!("this is not {kind}"), hint)
}

fn known<'a>(context: &'a Context, fact: Fact, span: &Range<usize>) -> Result<&'a str, Refusal> {
    context.fact(fact).ok_or_else(|| {
        let name = fact.name();
        let message = format!("the {name} of the host is not known");
        Refusal::new(span.clone(), message, format!("say what it is: --context {name}=…"))
    })
}

fn required(context: &Context, name: &str, span: &Range<usize>) -> Evaluated {
    let found = context.variable(name).ok_or_else(|| {
        let hint = format!("set it (--context env.{name}=…), or write env.get(\"{name}\")");
        Refusal::new(span.clone(), format!("the variable `{name}` is not set"), hint)
    })?;
    Ok(Value::Text(found.to_owned()))
}

/// Tells whether the host's architecture satisfies a constraint such as `target=x86_64:`.
fn satisfies(context: &Context, constraint: &Expression) -> Result<bool, Refusal> {
    let parse = |text: &str| {
        Spec::parse(text).map_err(|error| {
            let hint = "give it a constraint such as \"os=centos7\" or \"target=x86_64:\"";
            Refusal::new(constraint.span.clone(), format!("`{text}` is no constraint: {error}"), hint)
        })
    };
    let wanted = parse(&text_of(constraint, context)?)?;
    let fact = |fact| known(context, fact, &constraint.span);
    let host =
        format!("platform='{}' os='{}' target='{}'", fact(Fact::Platform)?, fact(Fact::Os)?, fact(Fact::Target)?);
    Ok(parse(&host)?.satisfies(&wanted).is_ok())
}

fn matches(anchors: Anchors, pattern: &Expression, text: &str, context: &Context) -> Evaluated {
    let source = text_of(pattern, context)?;
    let anchored = match anchors {
        Anchors::Anywhere => source.clone(),
        Anchors::Start => format!(r"\A(?:{source})"),
        Anchors::Whole => format!(r"\A(?:{source})\z"),
    };
    let regex = Regex::new(&source).and_then(|_| Regex::new(&anchored)).map_err(|_| {
        let hint = "look-around and back-references are not understood, and brackets have to be closed";
        Refusal::new(pattern.span.clone(), format!("the pattern `{source}` is not understood"), hint)
    })?;
    Ok(if regex.is_match(text) { Value::Match } else { Value::None })
}

#[cfg(test)]
mod tests {
    use super::super::{Context, Refusal, holds};

    fn context() -> Context {
        let mut context = Context::default();
        for fact in ["platform=linux", "os=centos7", "target=zen3", "hostname=node-12", "env.SITE=lab", "env.EMPTY="] {
            context.set(fact).unwrap();
        }
        context
    }

    fn decided(text: &str) -> bool {
        holds(text, &context()).unwrap_or_else(|refusal| panic!("{text}: {refusal:?}"))
    }

    fn refused(text: &str) -> Refusal {
        holds(text, &context()).unwrap_err()
    }

    #[test]
    fn what_python_takes_for_true_holds() {
        for text in [
            "True",
            "platform == 'linux'",
            r#"platform == "linux" and arch.satisfies("target=x86_64:")"#,
            r"re.search(r'^lin', platform) and 'SURELY_NOT_SET' not in env",
            r#"env.get("SITE") == "lab""#,
            r#"env.get("NONE", "") == """#,
            r#"env.get("NONE") is None and env.get("SITE") is not None"#,
            r#"env["SITE"] != 'fab'"#,
            "'SITE' in env",
            "os in ('centos7', 'rhel7',)",
            "os in ['centos7']",
            "os not in ()",
            "'cent' in os",
            "not (target == 'riscv64' or os.startswith('rhel') or hostname == '')",
            "not not hostname.endswith('-12')",
            r"re.match('node-\d+', hostname)",
            r#"re.fullmatch(r"node-[0-9]{2}", hostname)"#,
            "not re.fullmatch('node', hostname) and re.match('node', hostname)",
            "architecture == 'linux-centos7-zen3' and arch_str == architecture",
            "arch.satisfies('os=centos7') and not arch.satisfies('os=centos')",
            "target == 'nothing' or platform",
            "env.get('NONE') or env.get('EMPTY') or hostname",
        ] {
            assert!(decided(text), "{text}");
        }
    }

    #[test]
    fn what_python_takes_for_false_does_not_hold() {
        for text in [
            "False",
            "None",
            "''",
            "()",
            "platform == 'darwin'",
            "env.get('NONE')",
            "env.get('EMPTY')",
            "re.match('12', hostname)",
            "re.fullmatch('a|node', hostname)",
            "arch.satisfies('target=zen4:')",
            "platform and 'NONE' in env",
            "not platform == 'linux' or os == ''",
        ] {
            assert!(!decided(text), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused_at_its_place() {
        for (text, part) in [
            ("plattform == 'linux'", "plattform"),
            ("__import__('os').getpid() > 0", ">"),
            ("True and __import__('os')", "__import__"),
            ("os.system('x')", "os.system"),
            ("env", "env"),
            ("platform = 'linux'", "="),
            ("platform == 'linux", "'linux"),
            ("platform == 1", "1"),
            ("a.b.c", "a"),
            ("re.match('a(', os)", "'a('"),
            ("re.search(r'(?=x)', os)", "r'(?=x)'"),
            ("arch.satisfies('@@')", "'@@'"),
            ("env['NONE']", "env['NONE']"),
            ("env.get('NONE').startswith('x')", "env.get('NONE')"),
            ("platform == os == target", "=="),
            (r"os == '\q'", r"\q"),
        ] {
            let refusal = refused(text);
            assert_eq!(&text[refusal.span.clone()], part, "{text}: {refusal:?}");
            assert!(!refusal.hint.is_empty());
        }
    }

    #[test]
    fn an_unknown_fact_is_asked_for() {
        let refusal = holds("os == 'x'", &Context::default()).unwrap_err();
        assert!(refusal.hint.contains("--context os="), "{refusal:?}");
    }

    #[test]
    fn deep_nesting_is_refused() {
        for open in ["(", "not ", "[", "env.get("] {
            let refusal = refused(&open.repeat(100_000));
            assert!(refusal.message.contains("levels"), "{refusal:?}");
        }
    }
}
