//! What an operator writes. Each field says what it decides, its unit, default and range, and what follows from it.
//!
//! `schema.json` and the README's table follow this text.

use std::collections::BTreeMap;

use portcullis::ai::vocabulary::{Operation, Provenance};
use portcullis::config::{Secret, Size};
use portcullis::prelude::Millis;
use portcullis::select::When as Select;
use serde::Deserialize;
use serde_json::Value;

use crate::detect::injection::Point;
use crate::detect::pii::{Check, Kind};
use crate::detect::signature::Reason;

/// The configuration of one instance, beside the settings that every filter has (`name`, `max_body_bytes`,
/// `memory_budget`).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// What is looked for in which requests, at most 64 policies; the first that is about a request decides. Default: one
    /// named `default` that is about all, with the defaults of its members.
    pub policies: Option<Vec<Policy>>,
    /// What becomes of a request with a body that no policy is about. Default `deny`: 403 `no_policy`. One without a body
    /// has nothing to look at, and passes.
    #[serde(default)]
    pub unmatched: Unmatched,
    /// Whether decision and coverage are written to filter state `portcullis.prompt_guard` for access logs, and the risk to
    /// `portcullis.risk` for other filters. Default `true`.
    #[serde(default = "yes")]
    pub verdict: bool,
}

/// What becomes of a request that no policy is about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unmatched {
    /// It is refused (403).
    #[default]
    Deny,
    /// It passes, and nothing of it is looked at. The gauge `open` says so.
    Pass,
}

/// What is looked for, where, and what follows. Of `select`, `tenants`, `models` and `operations` all that are given must
/// fit.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Its name, in verdicts: 1 to 64 lower-case letters, digits, `-` and `_`. No two policies have one name.
    pub name: String,
    /// Which requests: `hosts`, `methods`, `paths`, `routes`. Default: all.
    #[serde(default)]
    pub select: Select,
    /// The tenants of callers, as authn wrote them; a caller without a tenant is none of them. Default: all callers.
    pub tenants: Option<Vec<String>>,
    /// The models, each with `*` for any run of characters, compared as a server could take them: in any case, without
    /// blanks around, without `models/`. The path, the query, the body and a header may name one. A
    /// request whose models are under several policies is refused (400 `several_policies`). Default: all, and none.
    pub models: Option<Vec<String>>,
    /// The operations: `chat`, `responses`, `embeddings`, `mcp` … Default: all.
    pub operations: Option<Vec<Operation>>,
    /// What is looked for. Default: shapes that only an attack has and secrets are refused, attacks in plain words and personal
    /// data are told, and no text is longer than 256 KiB.
    pub detectors: Option<Detectors>,
    /// What becomes of a body that nobody here can read: of a path that no API documents, or that is no JSON. Default
    /// `deny`.
    #[serde(default)]
    pub unrecognised: Unrecognised,
    /// What becomes of parts that are no text.
    #[serde(default)]
    pub unread: Unread,
    /// How that is written which is masked.
    #[serde(default)]
    pub mask: Mask,
    /// Marks texts that nobody in the conversation wrote, so that a model can tell them from what it is told to do. Default:
    /// none are marked.
    pub spotlight: Option<Spotlight>,
    /// How a request is refused. Default: 400 in the words of its API, with the code `content_filter`.
    #[serde(default)]
    pub refusal: Refusal,
}

/// What becomes of a body that nobody here can read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unrecognised {
    /// It is refused: 415 if its type or coding is the reason, else 404.
    #[default]
    Deny,
    /// It is looked at as one text from nobody in particular, if it is UTF-8; else it is refused. What would be masked in it
    /// is refused.
    ScanRaw,
    /// It passes and is not looked at, which the verdict says. The gauge `open` says so.
    Allow,
}

/// What becomes of parts that are no text. Each is counted, and the verdict of a request that passes has their number.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Unread {
    /// Text as numbers of a model's vocabulary. Default `embeddings`: they pass where vectors are asked for or tokens are
    /// counted, and are refused where a model would act on them.
    pub token_ids: TokenIds,
    /// What is stored elsewhere: prompts, conversations, files. Default `pass`: it was looked at when it was stored, if it
    /// came through here.
    pub by_reference: Part,
    /// Pictures, sound and files in the body. Default `pass`.
    pub binary: Part,
    /// Texts that could be decoded in more ways than are tried: no honest text is encoded in so many at once. Default `deny`.
    pub undecoded: Part,
    /// Addresses that the model's server fetches. Default `pass`; schema-check has a list of hosts.
    pub remote: Part,
}

impl Default for Unread {
    fn default() -> Self {
        Self {
            token_ids: TokenIds::Embeddings,
            by_reference: Part::Pass,
            binary: Part::Pass,
            undecoded: Part::Deny,
            remote: Part::Pass,
        }
    }
}

/// What becomes of tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenIds {
    /// They pass where vectors are asked for or tokens are counted, and are refused elsewhere.
    Embeddings,
    /// They pass.
    Pass,
    /// They are refused.
    Deny,
}

/// What becomes of a part that is no text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// It passes.
    Pass,
    /// The request is refused.
    Deny,
}

/// What follows from something that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// It is counted and stands in the verdict, and weighs nothing.
    Shadow,
    /// The request goes on; the verdict and the risk say it.
    Flag,
    /// It is taken out of the body that goes on.
    Mask,
    /// The request is refused.
    Block,
}

impl Action {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Shadow => "shadow",
            Self::Flag => "flag",
            Self::Mask => "mask",
            Self::Block => "block",
        }
    }
}

/// What is looked for. A detector that is not given does not look.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Detectors {
    /// Words and expressions of the operator's own.
    pub deny: Vec<Deny>,
    /// What other detectors find inside of these is none.
    pub allow: Vec<Allow>,
    /// Shapes that only an attack has.
    pub signature: Vec<Signature>,
    /// Texts that want a model to leave what it was told.
    pub injection: Vec<Injection>,
    /// Personal data.
    pub pii: Vec<Pii>,
    /// Keys, tokens and passwords.
    pub secrets: Vec<Secrets>,
    /// How large and of what texts may be.
    pub shape: Vec<Shape>,
    /// A service that judges texts which nothing above refused. Default: none is asked.
    pub moderation: Option<Moderation>,
}

/// Words and expressions of the operator's own. They are looked for in the normalised text and in every text that could be
/// decoded from it; literals in the normalised text across the borders of parts and messages too.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deny {
    /// Its name, in verdicts and counters: 1 to 32 lower-case letters, digits, `-` and `_`.
    pub name: String,
    /// Words and phrases, at most 10,000 of at most 256 bytes, whatever their case; a blank stands for any run of white
    /// space, and a letter without accents for one with any. Default: none.
    #[serde(default)]
    pub literals: Vec<String>,
    /// Whether a literal is found inside of a longer word. Default `false`. In scripts without blanks it always is.
    #[serde(default)]
    pub inside_words: bool,
    /// Regular expressions in the syntax of the crate `regex`, whatever their case; at most 100 of at most 1,024 bytes. Each
    /// match is looked for in linear time. Default: none.
    #[serde(default)]
    pub expressions: Vec<String>,
    /// Default `block`.
    #[serde(default = "block")]
    pub action: Action,
    /// Whose texts. Default: all.
    pub provenances: Option<Vec<Provenance>>,
}

/// What other detectors find inside of one of these is none: the e-mail address of the company, an example key.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Allow {
    /// Words and phrases, as in `deny`.
    #[serde(default)]
    pub literals: Vec<String>,
    /// Expressions, as in `deny`.
    #[serde(default)]
    pub expressions: Vec<String>,
    /// The detectors that are told so: `deny`, `signature`, `pii`, `secrets`. Required.
    pub detectors: Vec<String>,
}

/// Shapes that only an attack has.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    /// Which: `chat_template`, `tag_characters`, `exfiltration_link`, `hidden_comment`. Default: all.
    pub shapes: Option<Vec<Reason>>,
    /// Default `block`.
    #[serde(default = "block")]
    pub action: Action,
    /// Whose texts. Default: all but `system`, `developer` and `reasoning`: who writes those writes templates.
    pub provenances: Option<Vec<Provenance>>,
}

/// Texts that want a model to leave what it was told, give out what it guards, or be somebody without bounds.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Injection {
    /// From which score on: `flag`, from which a text is rather an attack than not, or `block`, from which it is one. Default:
    /// `block` for a rule that blocks, else `flag`.
    pub from: Option<Point>,
    /// `shadow`, `flag` or `block`: nothing smaller than the text is at fault. Default `flag`.
    #[serde(default = "flag")]
    pub action: Action,
    /// Whose texts. Default: `user`, `tool_result`, `tool_arguments`, `tool_definition`, `description`, `document`,
    /// `file_name` and `unknown`.
    pub provenances: Option<Vec<Provenance>>,
}

/// Personal data.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pii {
    /// Which: `email`, `card`, `iban` … the README lists them. Default: all; those that look like other numbers are found
    /// behind a word for them alone. An empty list with `own` looks for these alone.
    pub kinds: Option<Vec<Kind>>,
    /// What an operator adds, by name: 1 to 32 lower-case letters, digits, `-` and `_`. Default: none.
    #[serde(default)]
    pub own: BTreeMap<String, Own>,
    /// How many there must be in a request before anything follows: 1 to 1,000. Default 1.
    #[serde(default = "one")]
    pub at_least: usize,
    /// Default `flag`.
    #[serde(default = "flag")]
    pub action: Action,
    /// Whose texts. Default: all but `tool_definition` and `description`.
    pub provenances: Option<Vec<Provenance>>,
}

/// Personal data of the operator's own: a number of a member, of a patient.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Own {
    /// What it looks like: a regular expression of the crate `regex` that needs at least one character; case counts.
    pub expression: String,
    /// What the digits and letters of a match must satisfy: `luhn`, `iban`, `mod97`, `mod11`, `mod11_10`, `verhoeff`.
    /// Default: nothing.
    pub check: Option<Check>,
}

/// Keys, tokens and passwords.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Secrets {
    /// Which, by the names of the README. Default: all.
    pub kinds: Option<Vec<String>>,
    /// Default `block`.
    #[serde(default = "block")]
    pub action: Action,
    /// Whose texts. Default: all but `tool_definition` and `description`.
    pub provenances: Option<Vec<Provenance>>,
}

/// How large and of what texts may be. What is not given is not looked at, but for `max_text_bytes`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Shape {
    /// The longest text. Default `256KiB`.
    pub max_text_bytes: Size,
    /// The most bytes of all strings of a request. Default: what `max_body_bytes` lets through.
    pub max_total_bytes: Option<Size>,
    /// The most messages of a request, 1 to 100,000: hundreds of made-up turns teach a model to go on like them
    /// (many-shot jailbreaking). Default: any number.
    pub max_messages: Option<u32>,
    /// The scripts that letters may have, by their Unicode names: `latin`, `cyrillic`, `han` … Default: all.
    pub scripts: Option<Vec<String>>,
    /// The languages that texts may be in, by their codes of ISO 639-3: `eng`, `deu`, `fra` … A piece of 2 KiB counts if it
    /// has 60 letters and its language is plain. It takes about 50 ns a byte. Default: all.
    pub languages: Option<Vec<String>>,
    /// Whether control characters but tab, line feed and carriage return are found. Default `false`.
    pub control_characters: bool,
    /// The most hidden characters in a text: tag characters, selectors that carry bytes, marks that turn text
    /// around. Default: any number; `signature` knows those that carry a message.
    pub max_hidden: Option<usize>,
    /// The largest share of a text that repeats what stood before, in percent, 1 to 100, of texts of 1 KiB and more.
    /// Default: any share.
    pub max_repetition: Option<u8>,
    /// Default `block`.
    pub action: Action,
    /// Whose texts. Default: all.
    pub provenances: Option<Vec<Provenance>>,
}

impl Default for Shape {
    fn default() -> Self {
        Self {
            max_text_bytes: Size(256 << 10),
            max_total_bytes: None,
            max_messages: None,
            scripts: None,
            languages: None,
            control_characters: false,
            max_hidden: None,
            max_repetition: None,
            action: Action::Block,
            provenances: None,
        }
    }
}

/// A service that judges texts: another model, asked through a cluster of Envoy before a request goes on.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Moderation {
    /// The Envoy cluster that leads to it: TLS, addresses and circuit breakers are the cluster's.
    pub cluster: String,
    /// Its URL: host and path of the call.
    pub url: String,
    /// How it is spoken to. Default `openai`.
    #[serde(default)]
    pub api: Api,
    /// The model to ask. Default: the service's own; `chat` needs one.
    pub model: Option<String>,
    /// The body of a call, in which the string `"$text"` stands for the texts. With `json` alone, which needs it.
    pub request: Option<Value>,
    /// A JSON pointer (RFC 6901) to the judgement in an answer: `true`, `false`, or a number that `threshold` is compared
    /// with. With `json` alone, which needs it.
    pub verdict: Option<String>,
    /// What is sent as `authorization: Bearer`. Default: nothing.
    pub token: Option<Secret>,
    /// From which score on a text is at fault, 0 to 1: the highest of `category_scores`, or the number of `json`. Default:
    /// what the service itself says. `chat` has none.
    pub threshold: Option<f64>,
    /// When it is asked. Default `always`.
    #[serde(default)]
    pub ask: Ask,
    /// How long a request waits for it, `50ms` to `30s`. Default `2s`.
    #[serde(default = "two_seconds")]
    pub timeout: Millis,
    /// How many questions of one worker may be open, 1 to 1,000. Default 64. One more is unavailable.
    #[serde(default = "sixty_four")]
    pub max_open: usize,
    /// The most text of one question. Default `64KiB`. More is unavailable: nothing is judged by its beginning.
    #[serde(default = "question")]
    pub max_bytes: Size,
    /// What becomes of a request that it could not judge. Default `deny`: 503 `moderation_unavailable`.
    #[serde(default)]
    pub on_unavailable: OnUnavailable,
    /// How many judgements are remembered by a hash of the texts, 0 to 100,000. Default 1,000; 0 asks each time.
    #[serde(default = "thousand")]
    pub cache_entries: usize,
    /// How long a judgement is remembered, `1s` to `24h`. Default `5m`.
    #[serde(default = "five_minutes")]
    pub cache_age: Millis,
    /// Default `block`.
    #[serde(default = "block")]
    pub action: Action,
    /// Whose texts. Default `user`, `tool_result`, `document` and `unknown`.
    pub provenances: Option<Vec<Provenance>>,
}

/// How a service is spoken to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Api {
    /// As OpenAI's `POST /v1/moderations`: one result for each text.
    #[default]
    Openai,
    /// A chat model in OpenAI's words that answers `safe` or `unsafe`, as Llama Guard does.
    Chat,
    /// Any JSON: `request` and `verdict` say where what stands.
    Json,
}

/// When a service is asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ask {
    /// About every request that has such texts.
    #[default]
    Always,
    /// Only if another detector found something that is not refused, and not in `shadow`.
    Flagged,
}

/// What becomes of a request that a service could not judge.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnUnavailable {
    /// It is refused.
    #[default]
    Deny,
    /// It passes, counted. The gauge `open` says so.
    Allow,
}

/// How that is written which is masked.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mask {
    /// Default `placeholder`.
    pub with: With,
    /// What becomes of a request whose body is signed (AWS Signature Version 4, RFC 9421, a digest), which nobody can write
    /// anew. Default `deny`.
    pub signed: Signed,
}

/// How that is written which is masked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum With {
    /// `⟦EMAIL_1⟧`, the same for the same value in a request, so that a model can tell two from each other.
    #[default]
    Placeholder,
    /// `⟦EMAIL⟧`: of two values nobody can tell whether they are one.
    Label,
    /// Something of the same form that is nobody's: `masked-1@example.invalid`, `000-00-0001`. The same for the same value
    /// in a request.
    Format,
}

/// What becomes of a request whose body is signed, and would be written anew.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Signed {
    /// It is refused.
    #[default]
    Deny,
    /// It passes as it is, counted and named in the verdict.
    Pass,
}

/// Marks texts that nobody in the conversation wrote.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Spotlight {
    /// Whose texts. Default `tool_result` and `document`.
    pub provenances: Vec<Provenance>,
}

impl Default for Spotlight {
    fn default() -> Self {
        Self { provenances: vec![Provenance::ToolResult, Provenance::Document] }
    }
}

/// How a request is refused in which something was found.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Refusal {
    /// What the caller reads, 1 to 1,024 bytes without control characters. Default: a sentence that says that the content
    /// is not allowed.
    pub text: Option<String>,
    /// In which shape. Default `error`.
    #[serde(rename = "as")]
    pub shape: RefusalAs,
}

/// The shape of a refusal.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusalAs {
    /// 400 in the words of the API, with the code `content_filter`.
    #[default]
    Error,
    /// 200 with the answer of a model that declines, whole or streamed as it was asked for. An API that has no such answer
    /// gets the error.
    Answer,
}

impl Default for Config {
    fn default() -> Self {
        Self { policies: None, unmatched: Unmatched::default(), verdict: true }
    }
}

fn yes() -> bool {
    true
}

fn block() -> Action {
    Action::Block
}

fn flag() -> Action {
    Action::Flag
}

fn two_seconds() -> Millis {
    Millis(2_000)
}

fn five_minutes() -> Millis {
    Millis(300_000)
}

fn sixty_four() -> usize {
    64
}

fn thousand() -> usize {
    1_000
}

fn question() -> Size {
    Size(64 << 10)
}

fn one() -> usize {
    1
}
