//! A filter that was found: its configuration, and what runs it.

use clap::ValueEnum as _;
use portcullis::config::ConfigError;
use portcullis::json::{self, Limits};
use serde_json::Value;

use super::Kind;
use super::finding::{Finding, Level, Rule};
use super::lines::Lines;

/// A configuration, and where it was found.
pub(super) struct Found {
    pub(super) file: String,
    /// What the filter is called where it stands; a file of JSON does not say.
    pub(super) name: Option<String>,
    /// The file, the URL or the image of its module.
    pub(super) code: Option<String>,
    pub(super) text: String,
    /// Of the configuration.
    pub(super) lines: Lines,
    pub(super) host: Host,
    /// Among the filters of a mesh: what comes first has less.
    pub(super) order: (u8, i64),
}

/// What says how the filter runs.
pub(super) enum Host {
    /// Nothing: the file is the configuration.
    None,
    /// Envoy's own filter.
    Envoy(Written),
    /// The `spec` of a `WasmPlugin` of Istio.
    WasmPlugin(Written),
    /// An entry of an `EnvoyExtensionPolicy` of Envoy Gateway.
    ExtensionPolicy(Written),
}

/// A part of a document.
pub(super) struct Written {
    pub(super) value: Value,
    pub(super) lines: Lines,
}

impl Written {
    pub(super) fn text(&self, pointer: &str) -> Option<&str> {
        self.value.pointer(pointer).and_then(Value::as_str)
    }

    pub(super) fn is_true(&self, pointer: &str) -> bool {
        self.value.pointer(pointer) == Some(&Value::Bool(true))
    }
}

impl Found {
    /// A file that is a configuration.
    pub(super) fn of_json(file: &str, text: String) -> Self {
        let lines = Lines::of_text(&text, 1);
        let (file, order) = (file.to_owned(), (0, 0));
        Self { file, name: None, code: None, text, lines, host: Host::None, order }
    }

    /// `envoy.yaml: rbac`, or the file alone.
    pub(super) fn shown(&self) -> String {
        self.name.as_ref().map_or_else(|| self.file.clone(), |name| format!("{}: {name}", self.file))
    }

    /// Whose it is, as its module says, else its members, else what it is called: who misspells a member means ours still.
    pub(super) fn kind(&self) -> Option<Kind> {
        let code = || self.code.as_deref().and_then(module_of);
        let called = || code().into_iter().chain(self.name.as_deref()).find_map(Kind::called);
        code().and_then(Kind::of_module).or_else(|| self.by_members()).or_else(called)
    }

    /// rbac must say how rules combine, a rate limit has a list of limits, schema-check's rules have contracts, prompt-guard
    /// has policies, and authn knows no such members.
    fn by_members(&self) -> Option<Kind> {
        let members = json::parse(self.text.as_bytes(), Limits::default()).ok()?;
        let has = |name| members.get(name).is_some();
        let kinds = [
            (has("combining"), Kind::Rbac),
            (has("providers") || has("key_sets"), Kind::Authn),
            (members.get("limits").is_some_and(Value::is_array), Kind::RateLimit),
            (has_contract(&members), Kind::SchemaCheck),
            (has("policies"), Kind::PromptGuard),
        ];
        kinds.into_iter().find(|(is_its, _)| *is_its).map(|(_, kind)| kind)
    }

    /// What a load would say.
    pub(super) fn fault(&self, error: &ConfigError) -> Finding {
        let place = match (&self.name, error.place()) {
            (None, "") => "configuration".to_owned(),
            (None, place) => place.to_owned(),
            (Some(name), "") => name.clone(),
            (Some(name), place) => format!("{name}: {place}"),
        };
        let (file, line) = (self.file.clone(), self.lines.of_place(error.place()));
        Finding { file, line, place, rule: Rule::Configuration, level: Level::Fault, says: error.problem().to_owned() }
    }

    /// Why what begins as JSON is none, whoever's it is.
    fn broken(&self) -> Option<ConfigError> {
        let is_meant = self.text.trim_start().starts_with('{');
        let fault = json::parse(self.text.as_bytes(), Limits::default()).err().filter(|_| is_meant)?;
        Some(ConfigError::new("", fault.to_string(), "JSON"))
    }

    /// What loads, and does not do what somebody meant.
    pub(super) fn note(&self, kind: Option<Kind>, rule: Rule, says: String) -> Finding {
        let line = self.lines.of_place("");
        self.note_at(kind, rule, line, says)
    }

    pub(super) fn note_at(&self, kind: Option<Kind>, rule: Rule, line: usize, says: String) -> Finding {
        let of_kind = || kind.and_then(|kind| Some(kind.to_possible_value()?.get_name().to_owned()));
        let place = self.name.clone().or_else(of_kind).unwrap_or_else(|| "configuration".to_owned());
        Finding { file: self.file.clone(), line, place, rule, level: Level::Note, says }
    }

    /// Neither the module's name nor a member tells whose it is.
    pub(super) fn is_nobodys(&self) -> Finding {
        const NAMES: &str = "authn, rbac, ratelimit-shared-data, schema-check or prompt-guard";
        if let Some(error) = self.broken() {
            return self.fault(&error);
        }
        let says = match self.host {
            Host::None => format!("expected a configuration of {NAMES}; --filter says whose it is"),
            _ => format!(
                "it was not looked at: neither its module nor its configuration is known as that of {NAMES}; --filter says \
                 whose it is"
            ),
        };
        let level = if matches!(self.host, Host::None) { Level::Fault } else { Level::Info };
        Finding { level, ..self.note(None, Rule::UnknownFilter, says) }
    }
}

/// What a module is called: `rbac` of `oci://registry.example/portcullis/rbac:0.1.0` and of `/etc/rbac.wasm`.
fn module_of(code: &str) -> Option<&str> {
    let last = code.rsplit('/').next().unwrap_or(code);
    let stem = last.split([':', '@']).next().unwrap_or(last);
    Some(stem.strip_suffix(".wasm").unwrap_or(stem)).filter(|stem| !stem.is_empty())
}

/// Whether a rule has what schema-check holds requests against.
fn has_contract(members: &Value) -> bool {
    let rules = members.get("rules").and_then(Value::as_array).into_iter().flatten();
    rules.into_iter().any(|rule| ["contract", "openapi", "schemas"].iter().any(|name| rule.get(name).is_some()))
}
