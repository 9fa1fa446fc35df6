//! The reader of numbers that may have a fraction.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use syn::Lit;

use super::value::{Value, assigned};
use crate::language::diag::{Diag, Place, message};
use crate::language::literal::{Written, literal};
use crate::language::split::Form;
use crate::language::tokens::{flatten, is_punct};

/// The valid numbers of one key.
pub(crate) struct Range {
    pub(crate) from: f64,
    pub(crate) to: f64,
    /// The description of a valid number, for messages.
    pub(crate) rule: &'static str,
    pub(crate) example: &'static str,
}

impl Range {
    fn contains(&self, number: f64) -> bool {
        (self.from..=self.to).contains(&number)
    }
}

/// Reads a number of the range.
pub(crate) fn number(key: &Ident, form: Form, range: &Range, diag: &mut Diag) -> Value<f64> {
    let Some(value) = assigned(key, form, range.example, diag) else { return Value::Wrong };
    let help = match (written(&value), literal(&value)) {
        (Some((number, at)), _) if range.contains(number) => return Value::Known(number, at),
        (None, Written::Name(_) | Written::Expression) => return Value::Dynamic(value),
        (None, Written::Text(text, _)) if text.parse().is_ok_and(|n| range.contains(n)) => {
            format!("write `{text}`")
        }
        _ => format!("`{key} = {}`", range.example),
    };
    let text = message(format!("`{key}` must be {}", range.rule));
    diag.error(Place::from(&value), text.help(help));
    Value::Wrong
}

/// Returns the number that is written as a literal, which may have a sign.
fn written(value: &TokenStream) -> Option<(f64, Span)> {
    let tokens = flatten(value.clone());
    let (sign, literal) = match tokens.as_slice() {
        [TokenTree::Literal(literal)] => (1.0, literal),
        [minus, TokenTree::Literal(literal)] if is_punct(minus, '-') => (-1.0, literal),
        _ => return None,
    };
    let number = match Lit::new(literal.clone()) {
        Lit::Int(number) if is_suffix(number.suffix()) => number.base10_parse::<f64>().ok()?,
        Lit::Float(number) if is_suffix(number.suffix()) => number.base10_parse::<f64>().ok()?,
        _ => return None,
    };
    Some((sign * number, literal.span()))
}

/// Returns whether the suffix of a literal is one of Rust's. The compiler never sees a literal such
/// as `2x`, because the macro replaces it; so the macro has to reject it.
fn is_suffix(suffix: &str) -> bool {
    suffix.is_empty() || suffix.starts_with(['u', 'i', 'f'])
}
