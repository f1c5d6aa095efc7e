//! Case tables: what is asked, what must be answered, and what must not happen, as YAML that runs in
//! every world (the fake host, a real Envoy over HTTP/1.1, the same over HTTP/2).
//!
//! A table is a file under `tests/cases/`, named after its torture row or its topic. Unknown keys are
//! refused everywhere.
//!
//! ```yaml
//! row: AUTHN-021                   # the torture row, if it stands for one; the file name begins with it
//! name: junk-after-token
//! filter: authn                    # the package of the filter under test
//! config: one-issuer               # a file of tests/cases/configs/, such a file with changes (`{base: one-issuer,
//!                                  # with: {realm: x}}`, null removes), or the configuration itself
//! tokens:                          # each is GOOD with changes; `good` is always there
//!   unsigned: {header: {alg: none}, sign: nobody}
//!   stale: {claims: {exp: {$now: -61}}, without: [nbf]}
//! request: {path: /v1/models}      # what every case sends unless it says otherwise, field by field
//! expect: {status: 401, code: invalid_token}
//! cases:
//! - name: a space and more
//!   request: {headers: [[authorization, "Bearer ${good} x"]]}
//! - name: bytes that are no text
//!   request: {headers: [[authorization, [Bearer, {bytes: ' \xff\xfe'}]]]}
//! - name: no signature
//!   request: {bearer: unsigned}
//! - name: nothing wrong
//!   request: {bearer: good}
//!   expect: {status: 200, code: none}
//! ```
//!
//! Rules that hold for every case without being written:
//! 1. The upstream is reached once for an answer of 2xx and not at all for a refusal.
//! 2. After the case, the table's GOOD request (`good:`, by default `GET /` with the good token) is
//!    served on every worker within a second, and no trap is in the log.
//! 3. A refusal of ours is JSON of at most 4 KiB with a stable code. Neither it nor the log contains
//!    a token, key or secret of the request.
//! 4. Decision, status and code are the same in every world.
//! 5. No case brings forth a metric that was not there when the filter was loaded.
//!
//! In every world the log has a line for each stream, so that rule 3 holds for access logs too:
//! `stream <status> <details> identity=<filter state> authn=<verdict> rbac=<verdict> schema_check=<verdict>
//! prompt_guard=<verdict> ratelimit=<verdict>`, and in Envoy `path=<path>` where a table says so.
//!
//! Texts ([`text::Text`]) may be strings with `${token}`, `${token.payload}`, `${n}` (which repetition),
//! `${world}` and `${case}` in them; see there for bytes, repetitions and encodings. Directives in
//! configurations and claims: `{$now: -61}`, `{$jwk: k1}`, `{$jwks: [k1, es256]}`, `{$jwks_text: [k1]}`. An entry of
//! these sets may also be `{key: k1, with: {alg: PS256, use: null}}`, `{jwk: {kty: …}}` or `{decoys: 199}`. A whole
//! configuration may be `{$text: 'not JSON'}`; a part of it that is too long to be written here is `{$text: <text>}` or
//! `{$json: <text>}`. The words of JSON Schema that begin with `$` are no directives.

pub mod gateway;
pub mod mint;
pub mod report;
pub mod run;
pub mod text;

pub use report::{Failure, Report};
pub use run::{Open, Served, Setup, World, run, text_of};

use crate::client::{Body, Request};
use crate::workspace;
use mint::{TokenSpec, Words};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;
use text::{Ith, Text};

/// The worlds there are, by the names that `only:` and reports use.
pub const WORLDS: [&str; 3] = ["fake", "h1", "h2"];

/// A file of cases.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Where it was read.
    #[serde(skip)]
    pub file: PathBuf,
    /// The torture row it stands for.
    #[serde(default)]
    pub row: Option<String>,
    /// What it is about.
    pub name: String,
    /// Why it is there: the attack, the issue, the specification.
    #[serde(default)]
    pub why: Option<String>,
    /// The package of the filter under test.
    pub filter: String,
    /// Its configuration.
    pub config: Config,
    /// Filters before it in the chain.
    #[serde(default)]
    pub before: Vec<Neighbour>,
    /// What surrounds the filters.
    #[serde(default)]
    pub gateway: Gateway,
    /// Environment variables that the filters may read.
    #[serde(default)]
    pub variables: BTreeMap<String, String>,
    /// What the cluster `documents` serves, by path.
    #[serde(default)]
    pub documents: BTreeMap<String, Document>,
    /// What the upstream answers, by path; anything else gets its own 200.
    #[serde(default)]
    pub upstream: BTreeMap<String, Document>,
    /// Credentials by name.
    #[serde(default)]
    pub tokens: BTreeMap<String, TokenSpec>,
    /// The request that must be served after every case.
    #[serde(default)]
    pub good: Option<RequestSpec>,
    /// What every case sends unless it says otherwise.
    #[serde(default)]
    pub request: RequestSpec,
    /// What every case expects unless it says otherwise.
    #[serde(default)]
    pub expect: Expect,
    /// The cases.
    pub cases: Vec<Case>,
}

/// A configuration: written here, the name of a file in `tests/cases/configs/` without `.yaml`, or such a file with
/// changes.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Config {
    /// A file.
    Named(String),
    /// A file with changes.
    Changed(Changed),
    /// The configuration itself.
    Here(Value),
}

/// Part of [`Config`].
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Changed {
    /// The file.
    pub base: String,
    /// What is merged into it (RFC 7396).
    pub with: Value,
}

/// Another filter of the chain.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Neighbour {
    /// Its package.
    pub filter: String,
    /// Its configuration.
    pub config: Config,
}

/// What surrounds the filters in Envoy. The fake host has none of it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gateway {
    /// How many workers; by default two.
    pub workers: Option<u32>,
    /// `allow_on_headers_stop_iteration` of the filter under test; on by default.
    pub allow_on_headers_stop_iteration: Option<bool>,
    /// `per_connection_buffer_limit_bytes`.
    pub buffer_limit: Option<u32>,
    /// Whether the log has the path of each request, as most access logs do: for tables about credentials in queries.
    #[serde(default)]
    pub logs_path: bool,
    /// Fields merged into the connection manager.
    pub manager: Option<Value>,
    /// Routes before the default one.
    #[serde(default)]
    pub routes: Vec<Value>,
}

/// An answer of the cluster `documents`, or of the upstream.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// The status, 200 by default.
    pub status: Option<u16>,
    /// Header fields.
    #[serde(default)]
    pub headers: Vec<(Text, Text)>,
    /// A body of any bytes…
    pub body: Option<Text>,
    /// …or of JSON, directives included.
    pub json: Option<Value>,
}

/// One thing that is tried.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// What is tried, unique in its table.
    pub name: String,
    /// Why it is there.
    #[serde(default)]
    pub why: Option<String>,
    /// The issue it keeps from coming back.
    #[serde(default)]
    pub issue: Option<String>,
    /// Another configuration than the table's.
    #[serde(default)]
    pub config: Option<Config>,
    /// Credentials beside the table's, or instead of them.
    #[serde(default)]
    pub tokens: BTreeMap<String, TokenSpec>,
    /// Further texts that neither our answer nor the log may contain.
    #[serde(default)]
    pub secrets: Vec<Text>,
    /// What is sent.
    #[serde(default)]
    pub request: RequestSpec,
    /// How many times.
    #[serde(default)]
    pub repeat: Option<u32>,
    /// What is expected each time.
    #[serde(default)]
    pub expect: Expect,
    /// What is sent afterwards.
    #[serde(default)]
    pub then: Vec<Step>,
    /// Waits for the beginning of a second, so that `$now` and the filter's clock are the same second.
    #[serde(default)]
    pub at_second: bool,
    /// Whether every world opens anew for this case alone.
    #[serde(default)]
    pub fresh: bool,
    /// The worlds it runs in, if not in all; needs a reason.
    #[serde(default)]
    pub only: Vec<String>,
    /// Why not in all worlds, and whose behaviour that is.
    #[serde(default)]
    pub reason: Option<String>,
    /// Why the GOOD request is not served after this case.
    #[serde(default)]
    pub without_good: Option<String>,
    /// The case makes the filter trap on purpose.
    #[serde(default)]
    pub traps: bool,
}

/// A further request of a case.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// A pause before it.
    #[serde(default)]
    pub after_ms: Option<u64>,
    /// What is sent; what it leaves out is as in the table, not as in the case.
    #[serde(default)]
    pub request: RequestSpec,
    /// How many times.
    #[serde(default)]
    pub repeat: Option<u32>,
    /// What is expected each time.
    #[serde(default)]
    pub expect: Expect,
}

/// A request.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RequestSpec {
    /// By default GET, with a body POST.
    pub method: Option<Text>,
    /// By default `/`.
    pub path: Option<Text>,
    /// What is left out: `path`, `authority`.
    pub without: Option<Vec<Part>>,
    /// Host or `:authority`.
    pub authority: Option<Text>,
    /// Fields in their order.
    pub headers: Option<Vec<(Text, Text)>>,
    /// Fields after these, so many.
    pub many: Option<Many>,
    /// The token that stands as Bearer in `authorization`, before the other fields; `none` for none.
    pub bearer: Option<String>,
    /// A whole body.
    pub body: Option<Text>,
    /// A whole body of JSON with its content type.
    pub json: Option<Value>,
    /// A body in pieces, chunked in HTTP/1.1.
    pub chunks: Option<Vec<Text>>,
    /// Fields after the body.
    pub trailers: Option<Vec<(Text, Text)>>,
    /// All bytes of the request (HTTP/1.1 only); nothing else is sent.
    pub raw: Option<Text>,
}

/// Many fields; `${i}` in their texts is which.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Many {
    /// How many.
    pub times: usize,
    /// The name of each.
    pub name: Text,
    /// The value of each.
    pub value: Text,
}

/// A part of a request that can be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// `:path`, in HTTP/2.
    Path,
    /// `:authority` or `Host`.
    Authority,
}

/// What is expected. What is left out is as in the table, else not asked, but for the rules above.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Expect {
    /// One of these statuses.
    pub status: Option<OneOrMore<u16>>,
    /// One of these codes in our body; `none` where the table expects one and this case does not.
    pub code: Option<OneOrMore<String>>,
    /// Whether the upstream is reached; by default once for 2xx, else not.
    pub upstream: Option<Reach>,
    /// Fields of the answer.
    pub headers: BTreeMap<String, FieldRule>,
    /// Fields of the request as the upstream got it.
    pub upstream_headers: BTreeMap<String, FieldRule>,
    /// The path of the request as the upstream got it, with its query.
    pub upstream_path: Option<Text>,
    /// The body as the upstream got it.
    pub upstream_body: Option<Text>,
    /// The whole body of the answer.
    pub body: Option<Text>,
    /// By how much our counters rise over all repetitions, exactly.
    pub counters: BTreeMap<String, u64>,
    /// What our gauges stand at.
    pub gauges: BTreeMap<String, u64>,
    /// Within how many milliseconds the fastest of all repetitions is answered, in Envoy.
    pub within_ms: Option<u64>,
    /// Texts that the answer's body has.
    pub body_contains: Option<OneOrMore<Text>>,
    /// Texts that it has not.
    pub body_lacks: Option<OneOrMore<Text>>,
    /// Texts that are new in the log.
    pub log_contains: Option<OneOrMore<Text>>,
    /// Texts that are not.
    pub log_lacks: Option<OneOrMore<Text>>,
    /// Envoy may refuse it before any filter, in all worlds or in these: then it is enough that the
    /// upstream was not reached. An answer of ours is judged as ever.
    pub by_envoy: Option<ByEnvoy>,
    /// The configuration itself is refused, and the log says this.
    pub refused_config: Option<String>,
}

/// One value or a list. A list of texts is a list; joined texts stand in a list of their own.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum OneOrMore<T> {
    /// A list.
    More(Vec<T>),
    /// One.
    One(T),
}

impl<T> OneOrMore<T> {
    /// As a slice.
    pub fn all(&self) -> &[T] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::More(more) => more,
        }
    }
}

/// Whether the upstream is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// Not at all.
    Untouched,
    /// Once for each repetition.
    Reached,
    /// Not asked.
    Any,
}

/// Who may refuse beside us.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum ByEnvoy {
    /// In all worlds, or in none.
    Everywhere(bool),
    /// In these worlds.
    In(Vec<String>),
    /// In all worlds, but only with this status.
    With(u16),
}

impl ByEnvoy {
    fn allows(&self, world: &str, status: Option<u16>) -> bool {
        match self {
            Self::Everywhere(allowed) => *allowed,
            Self::In(worlds) => worlds.iter().any(|name| name == world),
            Self::With(wanted) => status == Some(*wanted),
        }
    }
}

/// What a field must be: `absent`, `present`, a text, or `{contains: text}`.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum FieldRule {
    /// `absent`, `present`, or exactly this text.
    Is(Text),
    /// Has this text in it.
    Has(Contains),
}

/// Part of [`FieldRule`].
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contains {
    /// The text.
    pub contains: Text,
}

impl Table {
    /// Reads a table and checks what its types cannot say.
    pub fn read(file: &Path) -> Result<Self, String> {
        let text = fs::read_to_string(file).map_err(|e| e.to_string())?;
        let mut table: Self = serde_norway::from_str(&text).map_err(|e| e.to_string())?;
        file.clone_into(&mut table.file);
        table.check().map(|()| table)
    }

    /// Its name in reports: the row, if it has one, and what it is about.
    pub fn title(&self) -> String {
        self.row.iter().chain([&self.name]).map(String::as_str).collect::<Vec<_>>().join(" ")
    }

    fn check(&self) -> Result<(), String> {
        let stem = self.file.file_stem().unwrap_or_default().to_string_lossy();
        if let Some(row) = self.row.as_ref().filter(|row| !stem.starts_with(row.as_str())) {
            return Err(format!("the file of row {row} must be named after it"));
        }
        if self.cases.is_empty() {
            return Err("no cases".to_owned());
        }
        let mut names = BTreeSet::new();
        for case in &self.cases {
            if !names.insert(&case.name) {
                return Err(format!("two cases are named {:?}", case.name));
            }
            case.check().map_err(|fault| format!("case {:?}: {fault}", case.name))?;
        }
        Ok(())
    }
}

impl Case {
    fn check(&self) -> Result<(), String> {
        if let Some(unknown) = self.only.iter().find(|name| !WORLDS.contains(&name.as_str())) {
            return Err(format!("no world {unknown:?}; there are {WORLDS:?}"));
        }
        if self.only.is_empty() != self.reason.is_none() {
            return Err("`only` needs a `reason`, and the other way round".to_owned());
        }
        let raw = [&self.request].into_iter().chain(self.then.iter().map(|step| &step.request));
        if raw.clone().any(|request| request.raw.is_some()) && self.only != ["h1"] {
            return Err("`raw` needs `only: [h1]`".to_owned());
        }
        Ok(())
    }

    /// Whether it runs in this world.
    pub fn runs_in(&self, world: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|name| name == world)
    }
}

impl Config {
    /// The JSON a filter gets, directives carried out.
    pub fn resolve(&self) -> Result<Value, String> {
        let value = match self {
            Self::Here(value) => value.clone(),
            Self::Named(name) => config_file(name)?,
            Self::Changed(Changed { base, with }) => {
                let mut value = config_file(base)?;
                patch(&mut value, with);
                value
            }
        };
        mint::directives(value)
    }
}

fn config_file(name: &str) -> Result<Value, String> {
    let file = folder().join("configs").join(format!("{name}.yaml"));
    let text = fs::read_to_string(&file).map_err(|e| format!("{}: {e}", file.display()))?;
    serde_norway::from_str(&text).map_err(|e| format!("{}: {e}", file.display()))
}

/// JSON merge patch (RFC 7396); a directive is one value, replaced as a whole.
fn patch(value: &mut Value, changes: &Value) {
    match (value, changes) {
        (Value::Object(members), Value::Object(changes)) if !is_directive(members) && !is_directive(changes) => {
            for (name, change) in changes {
                patch(members.entry(name.clone()).or_insert_with(|| Value::Object(Map::new())), change);
            }
            members.retain(|_, value| !value.is_null());
        }
        (value, changes) => *value = changes.clone(),
    }
}

fn is_directive(members: &Map<String, Value>) -> bool {
    members.keys().any(|name| mint::is_directive(name))
}

impl RequestSpec {
    /// This request, with what it leaves out taken from another.
    pub fn over(&self, base: &Self) -> Self {
        let has_body = self.body.is_some() || self.json.is_some() || self.chunks.is_some();
        let pick = |own: &Option<Text>, other: &Option<Text>| own.clone().or_else(|| other.clone());
        Self {
            method: pick(&self.method, &base.method),
            path: pick(&self.path, &base.path),
            without: self.without.clone().or_else(|| base.without.clone()),
            authority: pick(&self.authority, &base.authority),
            headers: self.headers.clone().or_else(|| base.headers.clone()),
            many: self.many.clone().or_else(|| base.many.clone()),
            bearer: self.bearer.clone().or_else(|| base.bearer.clone()),
            body: self.body.clone().or_else(|| base.body.clone().filter(|_| !has_body)),
            json: self.json.clone().or_else(|| base.json.clone().filter(|_| !has_body)),
            chunks: self.chunks.clone().or_else(|| base.chunks.clone().filter(|_| !has_body)),
            trailers: self.trailers.clone().or_else(|| base.trailers.clone()),
            raw: pick(&self.raw, &base.raw),
        }
    }

    /// The request as a client sends it.
    pub fn resolve(&self, words: &dyn Words) -> Result<Request, String> {
        let text = |text: &Text| text.bytes(words);
        let pairs = |pairs: &Option<Vec<(Text, Text)>>| -> Result<crate::Headers, String> {
            pairs.iter().flatten().map(|(name, value)| Ok((text(name)?, text(value)?))).collect()
        };
        let has_body = self.body.is_some() || self.json.is_some() || self.chunks.is_some();
        let method = self.method.as_ref().map(text).transpose()?;
        let path = self.path.as_ref().map(text).transpose()?;
        let method = method.unwrap_or_else(|| if has_body { b"POST".into() } else { b"GET".into() });
        let mut request = Request::new(method, path.unwrap_or_else(|| b"/".into()));
        for part in self.without.iter().flatten() {
            match part {
                Part::Path => request.path = None,
                Part::Authority => request.authority = None,
            }
        }
        if let Some(authority) = &self.authority {
            request = request.authority(text(authority)?);
        }
        if let Some(token) = self.bearer.as_ref().filter(|token| *token != "none") {
            request = request.bearer(words.word(token)?);
        }
        if let Some(json) = &self.json {
            request = request.header("content-type", "application/json").body(json.to_string());
        }
        request.headers.extend(pairs(&self.headers)?);
        if let Some(Many { times, name, value }) = &self.many {
            for i in 0..*times {
                let words = Ith { words, i };
                request.headers.push((name.bytes(&words)?, value.bytes(&words)?));
            }
        }
        if let Some(body) = &self.body {
            request = request.body(text(body)?);
        }
        if let Some(chunks) = &self.chunks {
            let piece = |chunk: &Text| Ok((Duration::ZERO, text(chunk)?));
            request.body = Body::Pieces(chunks.iter().map(piece).collect::<Result<_, String>>()?);
        }
        request.trailers = pairs(&self.trailers)?;
        Ok(request)
    }
}

impl Expect {
    /// This expectation, with what it leaves out taken from another.
    pub fn over(&self, base: &Self) -> Self {
        fn both<T: Clone>(own: &BTreeMap<String, T>, base: &BTreeMap<String, T>) -> BTreeMap<String, T> {
            let mut all = base.clone();
            all.extend(own.clone());
            all
        }
        let pick =
            |own: &Option<OneOrMore<Text>>, other: &Option<OneOrMore<Text>>| own.clone().or_else(|| other.clone());
        Self {
            status: self.status.clone().or_else(|| base.status.clone()),
            code: self.code.clone().or_else(|| base.code.clone()),
            upstream: self.upstream.or(base.upstream),
            headers: both(&self.headers, &base.headers),
            upstream_headers: both(&self.upstream_headers, &base.upstream_headers),
            upstream_path: self.upstream_path.clone().or_else(|| base.upstream_path.clone()),
            upstream_body: self.upstream_body.clone().or_else(|| base.upstream_body.clone()),
            body: self.body.clone().or_else(|| base.body.clone()),
            counters: both(&self.counters, &base.counters),
            gauges: both(&self.gauges, &base.gauges),
            within_ms: self.within_ms.or(base.within_ms),
            body_contains: pick(&self.body_contains, &base.body_contains),
            body_lacks: pick(&self.body_lacks, &base.body_lacks),
            log_contains: pick(&self.log_contains, &base.log_contains),
            log_lacks: pick(&self.log_lacks, &base.log_lacks),
            by_envoy: self.by_envoy.clone().or_else(|| base.by_envoy.clone()),
            refused_config: self.refused_config.clone().or_else(|| base.refused_config.clone()),
        }
    }
}

/// Where the tables lie.
pub fn folder() -> PathBuf {
    workspace().join("tests/cases")
}

/// All tables whose file name begins with `prefix`, in the order of their names.
///
/// Panics with every fault of every file.
pub fn tables(prefix: &str) -> Vec<Table> {
    let entries = fs::read_dir(folder()).unwrap_or_else(|e| panic!("{}: {e}", folder().display()));
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|file| {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with(prefix) && name.ends_with(".yaml")
    });
    files.sort();
    let read = |file: &PathBuf| Table::read(file).map_err(|fault| format!("{}: {fault}", file.display()));
    let (tables, faults): (Vec<_>, Vec<_>) = files.iter().map(read).partition(Result::is_ok);
    let faults: Vec<String> = faults.into_iter().filter_map(Result::err).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    tables.into_iter().filter_map(Result::ok).collect()
}
