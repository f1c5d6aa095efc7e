//! What an operator writes. Each field says what it decides, its unit, default and range, and what follows from it.
//!
//! `schema.json` and the README's table follow this text.

use std::collections::BTreeMap;

use portcullis::config::Size;
use portcullis::select::When as Select;
use serde::Deserialize;
use serde_json::Value;

/// The configuration of one instance, beside the settings that every filter has (`name`, `max_body_bytes`,
/// `memory_budget`).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Which contract is for which requests, at most 64 rules; the first whose `select` matches decides. Required.
    pub rules: Vec<Rule>,
    /// What becomes of a request that no rule is about. Default `deny`: 404 `unknown_operation`.
    #[serde(default)]
    pub unmatched: Unmatched,
    /// How large a JSON document may be, in every rule.
    #[serde(default)]
    pub limits: Limits,
    /// Whether the decision is written to filter state `portcullis.schema_check` for access logs. Default `true`.
    #[serde(default = "yes")]
    pub verdict: bool,
}

/// What becomes of a request that no rule is about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unmatched {
    /// It is refused (404).
    #[default]
    Deny,
    /// It passes, and nothing of it is looked at. The gauge `open` says so.
    Pass,
}

/// A contract, and the requests that it is for. Exactly one of `openapi`, `schemas` and `contract` is given.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Its name, in verdicts: 1 to 64 lower-case letters, digits, `-` and `_`. No two rules have one name.
    pub name: String,
    /// Which requests: `hosts`, `methods`, `paths`, `routes`. Default: all.
    #[serde(default)]
    pub select: Select,
    /// A document of OpenAPI 3.0, 3.1 or 3.2, as JSON: its operations are the ones that there are. One of more than 256
    /// KiB must be made by `portcullis bundle`.
    pub openapi: Option<Value>,
    /// The path below which the document's paths are. Default: the paths of its servers. With `openapi` alone.
    pub base_path: Option<String>,
    /// A schema for requests, one for answers, whatever the method and path.
    pub schemas: Option<Schemas>,
    /// A contract that comes with the filter, by the name of an API and what it does: `openai.chat`, `anthropic.chat`,
    /// `mcp.mcp`; `openai` is all of it. It is found at the paths that the API documents and at those of `dialects`. `@1`
    /// behind the name keeps to that version; without it a newer filter may have a newer one.
    pub contract: Option<String>,
    /// What becomes of members that the API does not document, at any depth. Default `pass`. With `contract` alone.
    #[serde(default)]
    pub unknown_members: UnknownMembers,
    /// Whether `format` is checked. Default `true`; in `schemas` it is what the dialect says unless it is given.
    pub formats: Option<bool>,
    /// Whether a parameter of the query that the contract does not have is refused. Default `true`. With `openapi` alone.
    #[serde(default = "yes")]
    pub refuse_undeclared_parameters: bool,
    /// What becomes of requests that are not as the contract says. Default `enforce`.
    #[serde(default)]
    pub requests: Requests,
    /// What becomes of answers. Default `pass`.
    #[serde(default)]
    pub responses: Responses,
    /// What becomes of the answer to a request that asks for a structured output, where the model's text is not as the
    /// schema of the request says. Default `pass`.
    #[serde(default)]
    pub structured_outputs: StructuredOutputs,
    /// What files in forms, bodies and `data:` URLs must be. Default: the defaults of its members, and addresses in JSON are
    /// not looked at.
    pub files: Option<Files>,
}

/// What files must be. A picture is what its first bytes say, and that is what it must be declared to be.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Files {
    /// The formats that pictures may have: `png`, `jpeg`, `gif`, `webp`. Default: all four. No other picture passes.
    pub pictures: Vec<Picture>,
    /// The longest side of a picture, in pixels, 1 to 65,535. Default 8192.
    pub max_side: u32,
    /// The most pixels of a picture, at least 1. Default 50,000,000: unpacked, 200 MB.
    pub max_pixels: u64,
    /// The largest picture. Default `20MiB`.
    pub max_picture_bytes: Size,
    /// The largest file of any other kind. Default `512MiB`.
    pub max_file_bytes: Size,
    /// The largest body that is read while it passes: forms, lines, files. Default `1024MiB`.
    pub max_bytes: Size,
    /// Which addresses a body may name. Default: they are not looked at.
    pub urls: Option<Urls>,
}

impl Default for Files {
    fn default() -> Self {
        Self {
            pictures: vec![Picture::Png, Picture::Jpeg, Picture::Gif, Picture::Webp],
            max_side: 8192,
            max_pixels: 50_000_000,
            max_picture_bytes: Size(20 << 20),
            max_file_bytes: Size(512 << 20),
            max_bytes: Size(1024 << 20),
            urls: None,
        }
    }
}

/// A format of pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Picture {
    /// PNG.
    Png,
    /// JPEG.
    Jpeg,
    /// GIF.
    Gif,
    /// WebP.
    Webp,
}

/// Which addresses a body may name for somebody else to fetch (SSRF, OWASP API7:2023).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Urls {
    /// The names of the members whose strings, alone or in lists, are addresses: anywhere in JSON, in lines of it, and in
    /// fields of forms; in any case, with or without `_` and `-`. Default: `url`, `urls`, `uri`, `image_url`, `file_url`,
    /// `audio_url`, `video_url`, `server_url` and `file_uri`.
    pub members: Vec<String>,
    /// The hosts that may be named, exact or `*.example.com`. Default: none, and only `data:` URLs pass.
    pub hosts: Vec<String>,
    /// The ports that may be named beside that of the scheme. Default: none.
    pub ports: Vec<u16>,
    /// Whether `http:` is an address. Default `false`.
    pub http: bool,
}

impl Default for Urls {
    fn default() -> Self {
        let members = [
            "url",
            "urls",
            "uri",
            "image_url",
            "file_url",
            "audio_url",
            "video_url",
            "server_url",
            "fileUri",
            "file_uri",
        ];
        Self { members: members.map(str::to_owned).into(), hosts: Vec::new(), ports: Vec::new(), http: false }
    }
}

/// What becomes of members that an API does not document.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnknownMembers {
    /// They pass: APIs gain members, and servers ignore what they do not know.
    #[default]
    Pass,
    /// They are refused.
    Deny,
}

/// What becomes of requests that are not as the contract says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Requests {
    /// They are refused.
    #[default]
    Enforce,
    /// They pass, counted and named in the verdict. JSON, forms and heads that can be read in two ways are refused.
    Shadow,
}

/// What becomes of answers that are not as the contract says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Responses {
    /// Nothing: they are not looked at.
    #[default]
    Pass,
    /// They pass, counted.
    Shadow,
    /// The caller gets 502 instead.
    Enforce,
    /// Members that the contract does not have (`additionalProperties: false`, `unevaluatedProperties: false`) are taken
    /// out; what is not as the contract says beyond that is answered 502.
    Redact,
}

/// What becomes of structured outputs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StructuredOutputs {
    /// Nothing: the schema of a request is the model's to keep.
    #[default]
    Pass,
    /// They are judged, and pass, counted.
    Shadow,
    /// The caller gets 502 instead; of an answer that streams, an end in error. A request whose schema cannot be enforced is
    /// refused.
    Enforce,
}

/// Schemas for the bodies of requests and answers; at least one of them.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Schemas {
    /// What the body of a request is. Default: anything, as far as this rule is concerned.
    pub request: Option<Value>,
    /// What the body of a 2xx answer is. Default: anything.
    pub response: Option<Value>,
    /// The draft that a schema follows that does not say so by `$schema`: `4`, `6`, `7`, `2019-09` or `2020-12`. Default
    /// `2020-12`.
    pub draft: Option<String>,
    /// Documents that the schemas refer to, by their URI. Nothing is fetched. Default: none.
    pub resources: BTreeMap<String, Value>,
    /// The media types of bodies, such as `application/json` or `application/*`; others are refused (415), and so are
    /// those of a range that cannot be held against the schema. Bodies of a type that is named and no JSON pass. Default `["application/json"]`.
    pub content_types: Option<Vec<String>>,
    /// Whether a request must have a body. Default `true`.
    pub body_required: Option<bool>,
}

/// How large a JSON document may be. The cap on bytes is `max_body_bytes`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// The most arrays and objects inside each other, 1 to 128. Default 64: deeper ones are read by nobody, and every level
    /// costs stack.
    pub depth: u8,
    /// The most members of one object, 1 to 100,000. Default 10,000.
    pub members: usize,
    /// The most values, containers included, 1 to 1,000,000. Default 131,072. A value takes 24 bytes while it is checked.
    pub values: usize,
    /// The longest string, as written. Default `16MiB`.
    pub string_bytes: Size,
    /// The longest name of a member, as written. Default `4KiB`.
    pub name_bytes: Size,
    /// Which integers are taken: beyond it a server that reads 64-bit floats reads another number. Default `int64`.
    pub integers: Integers,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            depth: 64,
            members: 10_000,
            values: 131_072,
            string_bytes: Size(16 << 20),
            name_bytes: Size(4 << 10),
            integers: Integers::Int64,
        }
    }
}

/// Which integers are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Integers {
    /// Up to 2^53 - 1 in magnitude, which every server reads alike (RFC 8259 section 6); larger numbers of any form are
    /// refused.
    Safe,
    /// From -2^63 to 2^64 - 1, compared exactly; larger integers are refused.
    Int64,
    /// Any, compared as 64-bit floats where they are larger.
    Any,
}

fn yes() -> bool {
    true
}
