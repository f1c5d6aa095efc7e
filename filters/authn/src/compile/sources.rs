//! `credentials`: where callers show who they are.

use portcullis::prelude::ConfigError;

use super::values::{header_name, is_tchar, refuse_empty};
use crate::config;
use crate::policy::{Content, Form, Place, Source, Sources};

pub(super) fn compile(written: &[config::Credential]) -> Result<Sources, ConfigError> {
    refuse_empty("credentials", written.is_empty(), "at least one place: nobody could show who they are")?;
    let mut sources: Vec<Source> = Vec::new();
    for (index, credential) in written.iter().enumerate() {
        add(&mut sources, credential).map_err(|error| error.within(format!("credentials[{index}]")))?;
    }
    Ok(Sources::new(sources))
}

/// One header with several schemes is one source, so that it can hold only one credential.
fn add(sources: &mut Vec<Source>, written: &config::Credential) -> Result<(), ConfigError> {
    let place = place(written)?;
    let scheme = written.prefix.as_deref().map(scheme).transpose()?;
    let is_header = matches!(place, Place::Header(_));
    let content = match scheme {
        Some(scheme) if is_header => Content::Behind(vec![(scheme.to_owned(), form(written, Form::Any))]),
        Some(scheme) => return Err(ConfigError::new("prefix", scheme, "no prefix: only headers have schemes")),
        None => Content::Bare(form(written, Form::ApiKey)),
    };
    let Some(known) = sources.iter_mut().find(|source| source.place == place) else {
        sources.push(Source { place, content });
        return Ok(());
    };
    merge(known, content)
}

fn merge(known: &mut Source, content: Content) -> Result<(), ConfigError> {
    let repeated = || {
        let expected = "a place that has no bare credential and no such prefix yet";
        let (kind, name) = match &known.place {
            Place::Header(name) => ("header", name),
            Place::Query(name) => ("query", name),
            Place::Cookie(name) => ("cookie", name),
        };
        Err(ConfigError::new(kind, name, expected))
    };
    let (Content::Behind(schemes), Content::Behind(more)) = (&known.content, content) else { return repeated() };
    let is_known = |name: &str| schemes.iter().any(|(other, _)| other.eq_ignore_ascii_case(name));
    if more.iter().any(|(name, _)| is_known(name)) {
        return repeated();
    }
    known.content = Content::Behind([schemes.as_slice(), &more].concat());
    Ok(())
}

fn place(written: &config::Credential) -> Result<Place, ConfigError> {
    match (&written.header, &written.query, &written.cookie) {
        (Some(name), None, None) => Ok(Place::Header(header_name("header", name)?.to_owned())),
        (None, Some(name), None) => Ok(Place::Query(simple("query", name)?)),
        (None, None, Some(name)) => Ok(Place::Cookie(simple("cookie", name)?)),
        _ => Err(ConfigError::missing("", "exactly one of header, query and cookie")),
    }
}

/// Names that need no escape in a query and are tokens in a cookie (RFC 6265 section 4.1.1).
fn simple(place: &str, name: &str) -> Result<String, ConfigError> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let is_simple = (1..=64).contains(&name.len()) && name.bytes().all(fits);
    if is_simple { Ok(name.to_owned()) } else { Err(ConfigError::new(place, name, "1 to 64 letters, digits or -._~")) }
}

fn scheme(prefix: &str) -> Result<&str, ConfigError> {
    let scheme = prefix.strip_suffix(' ').filter(|scheme| !scheme.is_empty() && scheme.bytes().all(is_tchar));
    scheme.ok_or_else(|| ConfigError::new("prefix", prefix, "a scheme and one blank, such as \"Bearer \""))
}

fn form(written: &config::Credential, default: Form) -> Form {
    match written.form {
        None => default,
        Some(config::Form::Any) => Form::Any,
        Some(config::Form::ApiKey) => Form::ApiKey,
        Some(config::Form::Token) => Form::Token,
    }
}
