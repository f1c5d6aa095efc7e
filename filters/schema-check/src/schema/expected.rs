//! What a schema expected, in words made of the schema alone.

use std::collections::BTreeSet;

use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};

/// How much of a schema's own words is shown.
const SHOWN_BYTES: usize = 160;

/// What was expected where this error is.
pub(super) fn expected(kind: &Kind) -> String {
    let text = match kind {
        Kind::Type { kind } => types(kind),
        Kind::Enum { options } => format!("one of {options}"),
        Kind::Constant { expected_value } => format!("{expected_value}"),
        Kind::Required { property } => format!("the member {property}"),
        Kind::AdditionalProperties { .. } | Kind::UnevaluatedProperties { .. } => {
            "no member beside those of the contract".to_owned()
        }
        Kind::AdditionalItems { .. } | Kind::UnevaluatedItems { .. } => {
            "no element beside those of the contract".to_owned()
        }
        Kind::AnyOf { context } => format!("one of {} forms", context.len()),
        Kind::OneOfNotValid { context } => format!("exactly one of {} forms", context.len()),
        Kind::OneOfMultipleValid { .. } => "exactly one form, and several fit".to_owned(),
        Kind::ContentEncoding { content_encoding } => content_encoding.clone(),
        Kind::ContentMediaType { content_media_type } => content_media_type.clone(),
        Kind::Contains => "an element that fits".to_owned(),
        Kind::Format { format } => format!("the format {format}"),
        Kind::Pattern { pattern } => format!("a string that matches {pattern}"),
        Kind::PropertyNames { error } => format!("a member name that is {}", expected(error.kind())),
        Kind::UniqueItems => "elements of which no two are equal".to_owned(),
        Kind::Not { .. } => "another value".to_owned(),
        Kind::FalseSchema => "nothing here".to_owned(),
        Kind::FromUtf8 { .. } => "text in UTF-8".to_owned(),
        Kind::MultipleOf { multiple_of } => format!("a multiple of {multiple_of}"),
        other => bound(other).unwrap_or_else(|| "what the contract says".to_owned()),
    };
    cut(text)
}

/// One of these words.
pub(super) fn one_of(words: &BTreeSet<String>) -> String {
    cut(format!("one of [{}]", words.iter().map(String::as_str).collect::<Vec<_>>().join(",")))
}

fn bound(kind: &Kind) -> Option<String> {
    Some(match kind {
        Kind::Maximum { limit } => format!("at most {limit}"),
        Kind::ExclusiveMaximum { limit } => format!("less than {limit}"),
        Kind::Minimum { limit } => format!("at least {limit}"),
        Kind::ExclusiveMinimum { limit } => format!("more than {limit}"),
        Kind::MaxItems { limit } => format!("at most {limit} elements"),
        Kind::MinItems { limit } => format!("at least {limit} elements"),
        Kind::MaxLength { limit } => format!("at most {limit} characters"),
        Kind::MinLength { limit } => format!("at least {limit} characters"),
        Kind::MaxProperties { limit } => format!("at most {limit} members"),
        Kind::MinProperties { limit } => format!("at least {limit} members"),
        _ => return None,
    })
}

fn types(kind: &TypeKind) -> String {
    match kind {
        TypeKind::Single(one) => one.to_string(),
        TypeKind::Multiple(several) => {
            let names: Vec<String> = several.iter().map(|one| one.to_string()).collect();
            names.join(" or ")
        }
    }
}

fn cut(mut text: String) -> String {
    if text.len() > SHOWN_BYTES {
        let end = (0..=SHOWN_BYTES).rev().find(|&at| text.is_char_boundary(at)).unwrap_or_default();
        text.truncate(end);
        text.push('…');
    }
    text
}
