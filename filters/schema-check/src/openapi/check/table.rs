//! The objects of the specification and their fields, as its own tables list them (sections "Fixed Fields").

use super::super::Version;
use Is::{Any, Flag, List, Map, Object, OrReference, Text};
use Version::{V30, V31, V32};

/// An object of the specification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The document itself.
    Document,
    /// Who made it.
    Info,
    /// Contact Object.
    Contact,
    /// License Object.
    License,
    /// Server Object.
    Server,
    /// Server Variable Object.
    ServerVariable,
    /// Paths Object.
    Paths,
    /// Path Item Object.
    PathItem,
    /// Operation Object.
    Operation,
    /// External Documentation Object.
    ExternalDocs,
    /// Parameter Object.
    Parameter,
    /// Request Body Object.
    RequestBody,
    /// Media Type Object.
    MediaType,
    /// Encoding Object.
    Encoding,
    /// Responses Object.
    Responses,
    /// Response Object.
    Response,
    /// Callback Object.
    Callback,
    /// Example Object.
    Example,
    /// Link Object.
    Link,
    /// Header Object.
    Header,
    /// Tag Object.
    Tag,
    /// Components Object.
    Components,
    /// Schema Object.
    Schema,
    /// Discriminator Object.
    Discriminator,
    /// XML Object.
    Xml,
    /// Security Scheme Object.
    SecurityScheme,
    /// OAuth Flows Object.
    OauthFlows,
    /// OAuth Flow Object.
    OauthFlow,
    /// Security Requirement Object.
    SecurityRequirement,
}

/// What a field holds.
#[derive(Debug, Clone, Copy)]
pub(super) enum Is {
    Any,
    Text,
    Flag,
    Object(Kind),
    /// The object, or a Reference Object to one.
    OrReference(Kind),
    List(&'static Is),
    Map(Keys, &'static Is),
}

/// What the keys of a map may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keys {
    Any,
    /// `^[a-zA-Z0-9._-]+$`
    Component,
    /// Beginning with `/`.
    Path,
    /// `200`, `2XX` or `default`.
    Status,
    /// A token of RFC 9110 section 5.6.2.
    Token,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) is: Is,
    /// The last version that wants it there.
    pub(super) needed_until: Option<Version>,
    pub(super) since: Version,
}

const fn may(name: &'static str, is: Is) -> Field {
    Field { name, is, needed_until: None, since: V30 }
}

const fn must(name: &'static str, is: Is) -> Field {
    Field { name, is, needed_until: Some(V32), since: V30 }
}

impl Field {
    const fn since(self, since: Version) -> Self {
        Self { since, ..self }
    }

    const fn needed_until(self, version: Version) -> Self {
        Self { needed_until: Some(version), ..self }
    }
}

const TEXTS: Is = List(&Text);
const SERVERS: Is = List(&Object(Kind::Server));
const SECURITY: Is = List(&Object(Kind::SecurityRequirement));
const PARAMETERS: Is = List(&OrReference(Kind::Parameter));
const CONTENT: Is = Map(Keys::Any, &OrReference(Kind::MediaType));
const EXAMPLES: Is = Map(Keys::Any, &OrReference(Kind::Example));
const HEADERS: Is = Map(Keys::Token, &OrReference(Kind::Header));
const ENCODINGS: Is = Map(Keys::Any, &Object(Kind::Encoding));

const fn named(is: &'static Is) -> Is {
    Map(Keys::Component, is)
}

impl Kind {
    /// What it is called in a sentence.
    pub fn name(self) -> String {
        format!("{self:?} Object")
    }

    /// Whether fields that begin with `x-` are allowed and say nothing.
    pub(super) fn is_extensible(self) -> bool {
        self != Self::SecurityRequirement
    }

    /// Fields whose names are data.
    pub(super) fn pattern(self) -> Option<(Keys, Is)> {
        match self {
            Self::Paths => Some((Keys::Path, Object(Self::PathItem))),
            Self::Responses => Some((Keys::Status, OrReference(Self::Response))),
            Self::Callback => Some((Keys::Any, Object(Self::PathItem))),
            Self::SecurityRequirement => Some((Keys::Any, TEXTS)),
            _ => None,
        }
    }

    #[rustfmt::skip]
    #[allow(clippy::too_many_lines)] // A table.
    pub(super) fn fields(self) -> &'static [Field] {
        match self {
            Self::Document => const { &[
                must("openapi", Text), may("$self", Text).since(V32), must("info", Object(Self::Info)),
                may("jsonSchemaDialect", Text).since(V31), may("servers", SERVERS),
                may("paths", Object(Self::Paths)).needed_until(V30),
                may("webhooks", Map(Keys::Any, &Object(Self::PathItem))).since(V31),
                may("components", Object(Self::Components)), may("security", SECURITY),
                may("tags", List(&Object(Self::Tag))), may("externalDocs", Object(Self::ExternalDocs)),
            ] },
            Self::Info => const { &[
                must("title", Text), may("summary", Text).since(V31), may("description", Text),
                may("termsOfService", Text), may("contact", Object(Self::Contact)),
                may("license", Object(Self::License)), must("version", Text),
            ] },
            Self::Contact => const { &[may("name", Text), may("url", Text), may("email", Text)] },
            Self::License => const { &[must("name", Text), may("identifier", Text).since(V31), may("url", Text)] },
            Self::Server => const { &[
                must("url", Text), may("description", Text), may("name", Text).since(V32),
                may("variables", Map(Keys::Any, &Object(Self::ServerVariable))),
            ] },
            Self::ServerVariable => const { &[may("enum", TEXTS), must("default", Text), may("description", Text)] },
            Self::Components => const { &[
                may("schemas", named(&Object(Self::Schema))), may("responses", named(&OrReference(Self::Response))),
                may("parameters", named(&OrReference(Self::Parameter))),
                may("examples", named(&OrReference(Self::Example))),
                may("requestBodies", named(&OrReference(Self::RequestBody))),
                may("headers", named(&OrReference(Self::Header))),
                may("securitySchemes", named(&OrReference(Self::SecurityScheme))),
                may("links", named(&OrReference(Self::Link))), may("callbacks", named(&OrReference(Self::Callback))),
                may("pathItems", named(&Object(Self::PathItem))).since(V31),
                may("mediaTypes", named(&OrReference(Self::MediaType))).since(V32),
            ] },
            Self::PathItem => const { &[
                may("$ref", Text), may("summary", Text), may("description", Text),
                may("get", Object(Self::Operation)), may("put", Object(Self::Operation)),
                may("post", Object(Self::Operation)), may("delete", Object(Self::Operation)),
                may("options", Object(Self::Operation)), may("head", Object(Self::Operation)),
                may("patch", Object(Self::Operation)), may("trace", Object(Self::Operation)),
                may("query", Object(Self::Operation)).since(V32),
                may("additionalOperations", Map(Keys::Token, &Object(Self::Operation))).since(V32),
                may("servers", SERVERS), may("parameters", PARAMETERS),
            ] },
            Self::Operation => const { &[
                may("tags", TEXTS), may("summary", Text), may("description", Text),
                may("externalDocs", Object(Self::ExternalDocs)), may("operationId", Text),
                may("parameters", PARAMETERS), may("requestBody", OrReference(Self::RequestBody)),
                may("responses", Object(Self::Responses)).needed_until(V30),
                may("callbacks", Map(Keys::Any, &OrReference(Self::Callback))), may("deprecated", Flag),
                may("security", SECURITY), may("servers", SERVERS),
            ] },
            Self::ExternalDocs => const { &[may("description", Text), must("url", Text)] },
            Self::Parameter => const { &[
                must("name", Text), must("in", Text), may("description", Text), may("required", Flag),
                may("deprecated", Flag), may("allowEmptyValue", Flag), may("style", Text), may("explode", Flag),
                may("allowReserved", Flag), may("schema", Object(Self::Schema)), may("example", Any),
                may("examples", EXAMPLES), may("content", CONTENT),
            ] },
            Self::Header => const { &[
                may("description", Text), may("required", Flag), may("deprecated", Flag), may("style", Text),
                may("explode", Flag), may("schema", Object(Self::Schema)), may("example", Any),
                may("examples", EXAMPLES), may("content", CONTENT),
            ] },
            Self::RequestBody => const { &[may("description", Text), must("content", CONTENT), may("required", Flag)] },
            Self::MediaType => const { &[
                may("description", Text).since(V32), may("schema", Object(Self::Schema)),
                may("itemSchema", Object(Self::Schema)).since(V32), may("example", Any), may("examples", EXAMPLES),
                may("encoding", ENCODINGS), may("prefixEncoding", List(&Object(Self::Encoding))).since(V32),
                may("itemEncoding", Object(Self::Encoding)).since(V32),
            ] },
            Self::Encoding => const { &[
                may("contentType", Text), may("headers", HEADERS), may("style", Text), may("explode", Flag),
                may("allowReserved", Flag), may("encoding", ENCODINGS).since(V32),
                may("prefixEncoding", List(&Object(Self::Encoding))).since(V32),
                may("itemEncoding", Object(Self::Encoding)).since(V32),
            ] },
            Self::Response => const { &[
                may("summary", Text).since(V32), may("description", Text).needed_until(V31), may("headers", HEADERS),
                may("content", CONTENT), may("links", named(&OrReference(Self::Link))),
            ] },
            Self::Example => const { &[
                may("summary", Text), may("description", Text), may("value", Any), may("externalValue", Text),
                may("dataValue", Any).since(V32), may("serializedValue", Text).since(V32),
            ] },
            Self::Link => const { &[
                may("operationRef", Text), may("operationId", Text), may("parameters", Map(Keys::Any, &Any)),
                may("requestBody", Any), may("description", Text), may("server", Object(Self::Server)),
            ] },
            Self::Tag => const { &[
                must("name", Text), may("summary", Text).since(V32), may("description", Text),
                may("externalDocs", Object(Self::ExternalDocs)), may("parent", Text).since(V32),
                may("kind", Text).since(V32),
            ] },
            Self::Discriminator => const { &[
                must("propertyName", Text), may("mapping", Map(Keys::Any, &Text)),
                may("defaultMapping", Text).since(V32),
            ] },
            Self::Xml => const { &[
                may("nodeType", Text).since(V32), may("name", Text), may("namespace", Text), may("prefix", Text),
                may("attribute", Flag), may("wrapped", Flag),
            ] },
            Self::SecurityScheme => const { &[
                must("type", Text), may("description", Text), may("name", Text), may("in", Text),
                may("scheme", Text), may("bearerFormat", Text), may("flows", Object(Self::OauthFlows)),
                may("openIdConnectUrl", Text), may("oauth2MetadataUrl", Text).since(V32),
                may("deprecated", Flag).since(V32),
            ] },
            Self::OauthFlows => const { &[
                may("implicit", Object(Self::OauthFlow)), may("password", Object(Self::OauthFlow)),
                may("clientCredentials", Object(Self::OauthFlow)), may("authorizationCode", Object(Self::OauthFlow)),
                may("deviceAuthorization", Object(Self::OauthFlow)).since(V32),
            ] },
            Self::OauthFlow => const { &[
                may("authorizationUrl", Text), may("tokenUrl", Text), may("refreshUrl", Text),
                may("deviceAuthorizationUrl", Text).since(V32), must("scopes", Map(Keys::Any, &Text)),
            ] },
            Self::Paths | Self::Responses | Self::Callback | Self::SecurityRequirement | Self::Schema => &[],
        }
    }
}
