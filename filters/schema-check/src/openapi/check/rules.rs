//! The sentences of the specification about one object that its table does not hold.

use serde_json::{Map, Value};

use super::super::pointer::child;
use super::super::{Fault, Version};
use super::table::Kind;
use super::walk::{Seen, if_it, is_token};

type Fields = Map<String, Value>;

/// Fields that exclude each other, by object.
const EXCLUSIONS: &[(Kind, &str, &str)] = &[
    (Kind::License, "identifier", "url"),
    (Kind::Parameter, "example", "examples"),
    (Kind::Parameter, "schema", "content"),
    (Kind::Header, "example", "examples"),
    (Kind::Header, "schema", "content"),
    (Kind::MediaType, "example", "examples"),
    (Kind::MediaType, "encoding", "prefixEncoding"),
    (Kind::MediaType, "encoding", "itemEncoding"),
    (Kind::Encoding, "encoding", "prefixEncoding"),
    (Kind::Encoding, "encoding", "itemEncoding"),
    (Kind::Example, "value", "externalValue"),
    (Kind::Example, "value", "dataValue"),
    (Kind::Example, "value", "serializedValue"),
    (Kind::Example, "serializedValue", "externalValue"),
    (Kind::Link, "operationRef", "operationId"),
    (Kind::Xml, "nodeType", "attribute"),
    (Kind::Xml, "nodeType", "wrapped"),
    (Kind::Header, "content", "style"),
    (Kind::Header, "content", "explode"),
    (Kind::Parameter, "content", "style"),
    (Kind::Parameter, "content", "explode"),
    (Kind::Parameter, "content", "allowReserved"),
];

pub(super) fn look(seen: &Seen<'_>, version: Version) -> Result<(), Fault> {
    exclusions(seen)?;
    let (at, fields) = (seen.pointer, seen.fields);
    match seen.kind {
        Kind::Document => document(at, fields, version),
        Kind::Server => server(at, fields),
        Kind::ServerVariable => server_variable(at, fields),
        Kind::Parameter => parameter(at, fields, version),
        Kind::Header => header(at, fields),
        Kind::Encoding => style(at, fields, &["form", "spaceDelimited", "pipeDelimited", "deepObject"]),
        Kind::Responses => responses(at, fields),
        Kind::PathItem => additional_operations(at, fields),
        Kind::Link => needs_one(at, fields, "operationRef", "operationId"),
        Kind::Xml => words(at, fields, "nodeType", &["element", "attribute", "text", "cdata", "none"]),
        Kind::SecurityScheme => security_scheme(at, fields, version),
        Kind::OauthFlows => oauth_flows(at, fields),
        _ => Ok(()),
    }
}

fn exclusions(seen: &Seen<'_>) -> Result<(), Fault> {
    let both = EXCLUSIONS.iter().find(|(kind, one, other)| {
        *kind == seen.kind && seen.fields.contains_key(*one) && seen.fields.contains_key(*other)
    });
    match both {
        Some((_, one, other)) => {
            Err(Fault::new(child(seen.pointer, other), format!("one of {one} and {other}: they exclude each other")))
        }
        None => Ok(()),
    }
}

fn document(at: &str, fields: &Fields, version: Version) -> Result<(), Fault> {
    let is_there = ["paths", "components", "webhooks"].iter().any(|name| fields.contains_key(*name));
    if_it(is_there || version == Version::V30, at, "one of paths, components and webhooks at least")
}

fn server(at: &str, fields: &Fields) -> Result<(), Fault> {
    let url = text(fields, "url");
    let names = expressions(url).ok_or_else(|| Fault::new(child(at, "url"), "a closing } for each {"))?;
    let variables = fields.get("variables").and_then(Value::as_object);
    let is_declared = |name: &&str| variables.is_some_and(|variables| variables.contains_key(*name));
    match names.iter().find(|name| !is_declared(name)) {
        Some(name) => Err(Fault::new(child(at, "url"), format!("{name} among variables"))),
        None => Ok(()),
    }
}

/// The names in braces; none if a brace has no other.
pub(super) fn expressions(template: &str) -> Option<Vec<&str>> {
    let mut pieces = template.split('{');
    if pieces.next()?.contains('}') {
        return None;
    }
    pieces.map(|piece| piece.split_once('}').filter(|(_, rest)| !rest.contains('}')).map(|(name, _)| name)).collect()
}

fn server_variable(at: &str, fields: &Fields) -> Result<(), Fault> {
    let Some(values) = fields.get("enum").and_then(Value::as_array) else { return Ok(()) };
    let enum_at = child(at, "enum");
    if_it(!values.is_empty(), &enum_at, "one value at least")?;
    let is_among = fields.get("default").is_some_and(|default| values.contains(default));
    if_it(is_among, &child(at, "default"), "one of the values of enum")
}

fn parameter(at: &str, fields: &Fields, version: Version) -> Result<(), Fault> {
    let place = text(fields, "in");
    let styles: &[&str] = match place {
        "path" => &["matrix", "label", "simple"],
        "query" => &["form", "spaceDelimited", "pipeDelimited", "deepObject"],
        "header" => &["simple"],
        "cookie" if version >= Version::V32 => &["form", "cookie"],
        "cookie" => &["form"],
        "querystring" if version >= Version::V32 => &[],
        _ => return Err(Fault::new(child(at, "in"), "path, query, header or cookie (since 3.2 querystring)")),
    };
    if place == "querystring" {
        querystring(at, fields)?;
    }
    needs_one(at, fields, "schema", "content")?;
    style(at, fields, styles)?;
    one_media_type(at, fields)?;
    parameter_name(at, fields, place)?;
    allow_reserved(at, fields, place, version)?;
    let is_empty_allowed = place == "query" || !fields.contains_key("allowEmptyValue");
    if_it(is_empty_allowed, &child(at, "allowEmptyValue"), "allowEmptyValue with in: query only")?;
    // With `content` the rule stands in the text of the specification alone, where its own examples break it: there it
    // is held against operations, not against components.
    let is_required = place != "path" || !fields.contains_key("schema") || fields.get("required") == Some(&true.into());
    if_it(is_required, at, "required: true, for it stands in the path")
}

/// 3.2: it is the whole query, so nothing says how a value stands in it.
fn querystring(at: &str, fields: &Fields) -> Result<(), Fault> {
    let other = ["schema", "style", "explode", "allowReserved"].into_iter().find(|name| fields.contains_key(*name));
    match other {
        Some(name) => Err(Fault::new(child(at, name), "content alone with in: querystring")),
        None => Ok(()),
    }
}

fn parameter_name(at: &str, fields: &Fields, place: &str) -> Result<(), Fault> {
    let (name, at) = (text(fields, "name"), child(at, "name"));
    match place {
        "header" => if_it(is_token(name), &at, "a header name, of the characters of RFC 9110 section 5.6.2"),
        "path" => {
            let is_name = !name.is_empty() && !name.contains(['{', '}', '/', '?', '#']);
            if_it(is_name, &at, "a name that can stand between the braces of a path")
        }
        _ => if_it(!name.is_empty(), &at, "a name"),
    }
}

/// It is about percent-encoding, which headers and `style: cookie` do not have; before 3.2 it was for queries. In 3.0 it
/// could stand everywhere and said something with `in: query`; elsewhere it is refused as well.
fn allow_reserved(at: &str, fields: &Fields, place: &str, version: Version) -> Result<(), Fault> {
    let is_encoded = match place {
        "query" => true,
        "path" => version >= Version::V32,
        "cookie" => version >= Version::V32 && fields.get("style") != Some(&"cookie".into()),
        _ => false,
    };
    let expected =
        "allowReserved only where values are percent-encoded: in: query (since 3.2 path, and cookie with form)";
    if_it(is_encoded || !fields.contains_key("allowReserved"), &child(at, "allowReserved"), expected)
}

fn header(at: &str, fields: &Fields) -> Result<(), Fault> {
    needs_one(at, fields, "schema", "content")?;
    style(at, fields, &["simple"])?;
    one_media_type(at, fields)
}

fn one_media_type(at: &str, fields: &Fields) -> Result<(), Fault> {
    let content = fields.get("content").and_then(Value::as_object);
    if_it(content.is_none_or(|content| content.len() == 1), &child(at, "content"), "exactly one media type")
}

fn style(at: &str, fields: &Fields, styles: &[&str]) -> Result<(), Fault> {
    words(at, fields, "style", styles)
}

fn responses(at: &str, fields: &Fields) -> Result<(), Fault> {
    if_it(fields.keys().any(|key| !key.starts_with("x-")), at, "one status, class or default at least")
}

fn additional_operations(at: &str, fields: &Fields) -> Result<(), Fault> {
    let fixed = ["get", "put", "post", "delete", "options", "head", "patch", "trace", "query"];
    let Some(added) = fields.get("additionalOperations").and_then(Value::as_object) else { return Ok(()) };
    match added.keys().find(|method| fixed.contains(&method.to_ascii_lowercase().as_str())) {
        Some(method) => {
            let at = child(&child(at, "additionalOperations"), method);
            Err(Fault::new(at, "a method that has no field of its own in the Path Item Object"))
        }
        None => Ok(()),
    }
}

fn security_scheme(at: &str, fields: &Fields, version: Version) -> Result<(), Fault> {
    let needed: &[&str] = match text(fields, "type") {
        "apiKey" => &["name", "in"],
        "http" => &["scheme"],
        "mutualTLS" if version >= Version::V31 => &[],
        "oauth2" => &["flows"],
        "openIdConnect" => &["openIdConnectUrl"],
        _ => return Err(Fault::new(child(at, "type"), "apiKey, http, mutualTLS (since 3.1), oauth2 or openIdConnect")),
    };
    needs(at, fields, needed)?;
    words(at, fields, "in", &["query", "header", "cookie"])
}

fn oauth_flows(at: &str, fields: &Fields) -> Result<(), Fault> {
    for (flow, needed) in [
        ("implicit", &["authorizationUrl"][..]),
        ("password", &["tokenUrl"]),
        ("clientCredentials", &["tokenUrl"]),
        ("authorizationCode", &["authorizationUrl", "tokenUrl"]),
        ("deviceAuthorization", &["deviceAuthorizationUrl", "tokenUrl"]),
    ] {
        if let Some(fields) = fields.get(flow).and_then(Value::as_object) {
            needs(&child(at, flow), fields, needed)?;
        }
    }
    Ok(())
}

fn needs(at: &str, fields: &Fields, needed: &[&str]) -> Result<(), Fault> {
    match needed.iter().find(|name| !fields.contains_key(**name)) {
        Some(name) => Err(Fault::new(at, format!("the field {name}"))),
        None => Ok(()),
    }
}

fn needs_one(at: &str, fields: &Fields, one: &str, other: &str) -> Result<(), Fault> {
    let is_there = fields.contains_key(one) || fields.contains_key(other);
    if is_there { Ok(()) } else { Err(Fault::new(at, format!("{one} or {other}"))) }
}

fn words(at: &str, fields: &Fields, name: &str, words: &[&str]) -> Result<(), Fault> {
    let Some(found) = fields.get(name) else { return Ok(()) };
    let is_one = found.as_str().is_some_and(|found| words.contains(&found));
    if is_one { Ok(()) } else { Err(Fault::new(child(at, name), format!("one of: {}", words.join(", ")))) }
}

fn text<'a>(fields: &'a Fields, name: &str) -> &'a str {
    fields.get(name).and_then(Value::as_str).unwrap_or_default()
}
