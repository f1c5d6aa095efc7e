//! Finding filters: in files, in documents of each kind, in chains.

use std::path::{Path, PathBuf};

use serde::Deserialize as _;
use serde_json::Value;

use super::chain::{Chain, Manager};
use super::found::{Found, Host, Written};
use super::lines::{Lines, escaped};
use crate::Fault;

const WASM: &str = "envoy.extensions.filters.http.wasm.v3.Wasm";
const MANAGER: &str = "http_connection_manager.v3.HttpConnectionManager";

/// What was found so far.
#[derive(Default)]
pub(super) struct Search {
    /// What stands in no chain.
    loose: Chain,
    chains: Vec<Chain>,
    /// Filters of a mesh, by the workloads that they are for.
    meshes: Vec<(String, Chain)>,
}

impl Search {
    /// All chains; first what stands in none.
    pub(super) fn into_chains(self) -> Vec<Chain> {
        let in_order = |(_, mut chain): (String, Chain)| {
            chain.found.sort_by_key(|found| found.order);
            chain
        };
        [self.loose].into_iter().chain(self.chains).chain(self.meshes.into_iter().map(in_order)).collect()
    }

    /// Whoever names files says that a filter is in one of them; `envoy/*.yaml` names others too.
    pub(super) fn expect_some(&self, named: &[PathBuf]) -> Result<(), Fault> {
        if self.has_some() {
            return Ok(());
        }
        let named: Vec<_> = named.iter().map(|path| path.display().to_string()).collect();
        Err(format!("expected a Wasm filter of Envoy, Istio or Envoy Gateway, found none in {}", named.join(", "))
            .into())
    }

    fn has_some(&self) -> bool {
        let mut chains = self.chains.iter().chain([&self.loose]).chain(self.meshes.iter().map(|(_, chain)| chain));
        chains.any(|chain| !chain.found.is_empty())
    }

    /// A file, or every YAML file below a folder.
    pub(super) fn look_at(&mut self, path: &Path) -> Result<(), Fault> {
        if !path.is_dir() {
            return self.look_into(path);
        }
        for file in files_below(path)? {
            self.look_into(&file)?;
        }
        Ok(())
    }

    fn look_into(&mut self, file: &Path) -> Result<(), Fault> {
        let name = file.display().to_string();
        let text = std::fs::read_to_string(file).map_err(|error| format!("{name}: {error}"))?;
        if !is_yaml(file) {
            self.loose.found.push(Found::of_json(&name, text));
            return Ok(());
        }
        self.look_through(&name, &text, 1)
    }

    /// Every document of a text that begins in this line of a file.
    pub(super) fn look_through(&mut self, file: &str, text: &str, first: usize) -> Result<(), Fault> {
        let values: Result<Vec<Value>, _> =
            serde_norway::Deserializer::from_str(text).map(Value::deserialize).collect();
        let values = values.map_err(|error| format!("{file}: {error}"))?;
        let lines = Lines::of_each(text, first).into_iter().chain(std::iter::repeat_with(Lines::default));
        for (value, lines) in values.iter().zip(lines).filter(|(value, _)| !value.is_null()) {
            self.look_at_document(&Document { file, root: value, lines: &lines })?;
        }
        Ok(())
    }

    fn look_at_document(&mut self, document: &Document<'_>) -> Result<(), Fault> {
        let value = document.root;
        match value.get("kind").and_then(Value::as_str).filter(|_| value.get("apiVersion").is_some()) {
            Some("ConfigMap") => self.look_into_map(document),
            Some("List") => self.look_into_list(document),
            Some(kind) => {
                document.of_mesh(kind, self);
                Ok(())
            }
            None => {
                document.collect(value, "", &mut self.loose, &mut self.chains);
                Ok(())
            }
        }
    }

    /// Resources that `kubectl get` prints together.
    fn look_into_list(&mut self, list: &Document<'_>) -> Result<(), Fault> {
        let items = list.root.get("items").and_then(Value::as_array).into_iter().flatten();
        items.enumerate().try_for_each(|(at, root)| {
            let lines = list.lines.under(&format!("/items/{at}"));
            self.look_at_document(&Document { file: list.file, root, lines: &lines })
        })
    }

    /// The files in YAML that a `ConfigMap` holds.
    fn look_into_map(&mut self, map: &Document<'_>) -> Result<(), Fault> {
        let data = map.root.get("data").and_then(Value::as_object).into_iter().flatten();
        let mut files = data.filter_map(|(name, text)| Some((name, text.as_str()?)));
        files.try_for_each(|(name, text)| {
            let first = map.lines.line(&format!("/data/{}", escaped(name)));
            if is_yaml(Path::new(name)) { self.look_through(map.file, text, first) } else { Ok(()) }
        })
    }

    /// The chain of the workloads that a resource is for.
    fn mesh(&mut self, resource: &Value) -> &mut Chain {
        let key = workloads(resource);
        let at = self.meshes.iter().position(|(own, _)| *own == key).unwrap_or_else(|| {
            self.meshes.push((key, Chain::default()));
            self.meshes.len().saturating_sub(1)
        });
        match self.meshes.get_mut(at) {
            Some((_, chain)) => chain,
            None => &mut self.loose,
        }
    }
}

/// The namespace of a resource and what it selects there.
fn workloads(resource: &Value) -> String {
    let namespace = resource.pointer("/metadata/namespace").unwrap_or(&Value::Null);
    let places = ["/spec/selector/matchLabels", "/spec/workloadSelector/labels", "/spec/targetRefs", "/spec/targetRef"];
    let selected = places.iter().find_map(|place| resource.pointer(place)).unwrap_or(&Value::Null);
    // One target is a list of one.
    let selected = selected.as_array().filter(|list| list.len() == 1).and_then(|list| list.first()).unwrap_or(selected);
    format!("{namespace} {selected}")
}

fn is_yaml(file: &Path) -> bool {
    file.extension().is_some_and(|kind| kind == "yaml" || kind == "yml")
}

fn files_below(folder: &Path) -> Result<Vec<PathBuf>, Fault> {
    let fault = |error: std::io::Error| format!("{}: {error}", folder.display());
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(fault)? {
        paths.push(entry.map_err(fault)?.path());
    }
    paths.sort();
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() && !path.is_symlink() {
            files.extend(files_below(&path)?);
        } else if is_yaml(&path) {
            files.push(path);
        }
    }
    Ok(files)
}

fn is_type(value: &Value, name: &str) -> bool {
    value.get("@type").and_then(Value::as_str).is_some_and(|kind| kind.ends_with(name))
}

/// Envoy's Wasm filter, as it is or in a `TypedStruct`, and where in the value it stands.
fn wasm_of(value: &Value) -> Option<(&Value, &'static str)> {
    if is_type(value, WASM) {
        return Some((value, ""));
    }
    let held = value.get("type_url").and_then(Value::as_str).filter(|_| is_type(value, ".TypedStruct"));
    held.filter(|name| name.ends_with(WASM)).and(value.get("value")).map(|filter| (filter, "/value"))
}

/// A document of a file.
struct Document<'d> {
    file: &'d str,
    root: &'d Value,
    lines: &'d Lines,
}

impl Document<'_> {
    /// Filters in the order in which they stand: those of this chain, and those of the chains that begin within.
    fn collect(&self, value: &Value, pointer: &str, chain: &mut Chain, others: &mut Vec<Chain>) {
        if let Some((filter, below)) = wasm_of(value) {
            chain.found.push(self.in_envoy(filter, &format!("{pointer}{below}")));
            return;
        }
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    let below = format!("{pointer}/{}", escaped(name));
                    if name == "http_filters" {
                        let mut own =
                            Chain { is_whole: true, manager: self.manager(value, pointer), ..Chain::default() };
                        self.collect(member, &below, &mut own, others);
                        others.push(own);
                    } else {
                        self.collect(member, &below, chain, others);
                    }
                }
            }
            Value::Array(values) => {
                for (at, value) in values.iter().enumerate() {
                    self.collect(value, &format!("{pointer}/{at}"), chain, others);
                }
            }
            _ => {}
        }
    }

    /// What stands beside `http_filters`: a connection manager, as a rule.
    fn manager(&self, value: &Value, pointer: &str) -> Option<Manager> {
        is_type(value, MANAGER).then(|| Manager::of(value, &self.lines.under(pointer)))
    }

    fn in_envoy(&self, filter: &Value, pointer: &str) -> Found {
        let written = Written { value: filter.clone(), lines: self.lines.under(pointer) };
        let places = ["local/filename", "remote/http_uri/uri"];
        let code = places.iter().find_map(|place| written.text(&format!("/config/vm_config/code/{place}")));
        let place = "/config/configuration/value";
        let (text, lines) = match filter.pointer(place) {
            Some(Value::String(text)) => (text.clone(), Lines::of_text(text, written.lines.line(place))),
            // A Struct, which a note is about.
            Some(members) => (members.to_string(), written.lines.under(place)),
            None => (String::new(), written.lines.under("/config")),
        };
        Found {
            file: self.file.to_owned(),
            name: Some(written.text("/config/name").unwrap_or("a filter without a name").to_owned()),
            code: code.map(str::to_owned),
            text,
            lines,
            host: Host::Envoy(written),
            order: (PATCHED, 0),
        }
    }

    /// A resource of Istio or Envoy Gateway; another has no filters.
    fn of_mesh(&self, kind: &str, search: &mut Search) {
        match kind {
            "WasmPlugin" => {
                let written = self.part("/spec");
                let of_phase = |phase: &str| ["AUTHN", "AUTHZ", "STATS"].iter().position(|own| *own == phase);
                let phase = written.text("/phase").and_then(of_phase).and_then(|at| u8::try_from(at).ok());
                let priority = written.value.get("priority").and_then(Value::as_i64).unwrap_or_default();
                let (code, name) = (written.text("/url"), written.text("/pluginName"));
                let name = name.or_else(|| self.root.pointer("/metadata/name").and_then(Value::as_str));
                let order = (phase.unwrap_or(UNPHASED), priority.saturating_neg());
                let found = self.made("/spec/pluginConfig", name, code, order);
                search.mesh(self.root).found.push(found(Host::WasmPlugin(written)));
            }
            "EnvoyExtensionPolicy" => {
                let wasm = self.root.pointer("/spec/wasm").and_then(Value::as_array).map_or(0, Vec::len);
                for at in 0..wasm {
                    let place = format!("/spec/wasm/{at}");
                    let written = self.part(&place);
                    let code = written.text("/code/image/url").or_else(|| written.text("/code/http/url"));
                    let found = self.made(&format!("{place}/config"), written.text("/name"), code, (0, 0));
                    search.mesh(self.root).found.push(found(Host::ExtensionPolicy(written)));
                }
            }
            "EnvoyFilter" | "EnvoyPatchPolicy" => {
                let mut within = Vec::new();
                let mut chain = Chain::default();
                self.collect(self.root, "", &mut chain, &mut within);
                let all = chain.found.into_iter().chain(within.into_iter().flat_map(|chain| chain.found));
                search.mesh(self.root).found.extend(all);
            }
            _ => {}
        }
    }

    fn part(&self, pointer: &str) -> Written {
        let value = self.root.pointer(pointer).cloned().unwrap_or_default();
        Written { value, lines: self.lines.under(pointer) }
    }

    /// A filter whose configuration is an object, which the control plane hands on as text.
    fn made(
        &self,
        pointer: &str,
        name: Option<&str>,
        code: Option<&str>,
        order: (u8, i64),
    ) -> impl FnOnce(Host) -> Found + use<> {
        let file = self.file.to_owned();
        let name = Some(name.unwrap_or("a filter without a name").to_owned());
        let code = code.map(str::to_owned);
        let text = self.root.pointer(pointer).map(ToString::to_string).unwrap_or_default();
        let lines = self.lines.under(pointer);
        move |host| Found { file, name, code, text, lines, host, order }
    }
}

/// A plugin without a phase stands behind those that have one, and what a patch puts before the router behind all.
const UNPHASED: u8 = 3;
const PATCHED: u8 = 4;
