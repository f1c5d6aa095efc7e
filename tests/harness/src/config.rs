//! Envoy's configuration as values: a listener with its chain of filters, and the bootstrap around it.
//!
//! Nothing here is a template: every piece is JSON that Envoy reads as it is, and what has no method
//! is reached by [`Listener::manager`] or [`Listener::route`] with Envoy's own field names.

use crate::scratch::Scratch;
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The name of the default cluster, to which every request goes that no route sends elsewhere.
pub const UPSTREAM: &str = "upstream";

/// One listener: the chain of its HTTP filters and the options of its connection manager.
#[derive(Clone, Debug)]
pub struct Listener {
    filters: Vec<Value>,
    modules: Vec<PathBuf>,
    routes: Vec<Value>,
    default_route: Value,
    manager: Value,
    access_log: Option<String>,
    buffer_limit: Option<u32>,
    transport_socket: Option<Value>,
}

impl Default for Listener {
    fn default() -> Self {
        Self::new()
    }
}

impl Listener {
    /// A listener without filters that sends everything to the cluster `upstream`.
    pub fn new() -> Self {
        Self {
            filters: Vec::new(),
            modules: Vec::new(),
            routes: Vec::new(),
            default_route: json!({"match": {"prefix": "/"}, "route": {"cluster": UPSTREAM, "timeout": "0s"}}),
            manager: json!({}),
            access_log: None,
            buffer_limit: None,
            transport_socket: None,
        }
    }

    /// Appends a Wasm filter to the chain.
    pub fn filter(mut self, filter: WasmFilter) -> Self {
        self.modules.push(filter.module.clone());
        self.filters.push(filter.into_json());
        self
    }

    /// Appends a filter of Envoy's own to the chain, as Envoy writes it: `{name, typed_config}`.
    pub fn native(mut self, filter: Value) -> Self {
        self.filters.push(filter);
        self
    }

    /// Adds a route before the default one, as Envoy writes it: `{match, route}`.
    pub fn route(mut self, route: Value) -> Self {
        self.routes.push(route);
        self
    }

    /// Merges fields into the default route, for instance `typed_per_filter_config`.
    pub fn default_route(mut self, fields: &Value) -> Self {
        merge(&mut self.default_route, fields);
        self
    }

    /// Merges fields into the HTTP connection manager: objects are merged, lists are joined.
    pub fn manager(mut self, fields: &Value) -> Self {
        merge(&mut self.manager, fields);
        self
    }

    /// How long a stream may be silent.
    pub fn stream_idle_timeout(self, timeout: Duration) -> Self {
        let timeout = format!("{}s", timeout.as_secs_f64());
        self.manager(&json!({"stream_idle_timeout": timeout}))
    }

    /// Envoy's `per_connection_buffer_limit_bytes`.
    pub fn buffer_limit(mut self, bytes: u32) -> Self {
        self.buffer_limit = Some(bytes);
        self
    }

    /// What stands between the connection and HTTP, as Envoy writes it: `{name, typed_config}`.
    pub fn transport_socket(mut self, socket: Value) -> Self {
        self.transport_socket = Some(socket);
        self
    }

    /// Writes a line for each stream, in Envoy's format language.
    pub fn access_log(mut self, format: &str) -> Self {
        self.access_log = Some(format.to_owned());
        self
    }

    /// The folders of its modules: what a container must be shown.
    pub(crate) fn module_folders(&self) -> impl Iterator<Item = &Path> {
        self.modules.iter().filter_map(|module| module.parent())
    }

    /// The listener as Envoy reads it.
    pub(crate) fn to_json(&self, name: &str, address: &Value, access_log: &Path) -> Value {
        let router = json!({
            "name": "envoy.filters.http.router",
            "typed_config": {"@type": TYPE_ROUTER}
        });
        let mut manager = json!({
            "@type": TYPE_MANAGER,
            "stat_prefix": name,
            "codec_type": "AUTO",
            "http_protocol_options": {"enable_trailers": true},
            "route_config": {
                "name": "routes",
                "virtual_hosts": [{"name": "all", "domains": ["*"], "routes": self.all_routes()}]
            },
            "http_filters": crate::chain::completed(&self.filters).into_iter().chain([router]).collect::<Vec<_>>(),
        });
        if let Some(format) = &self.access_log {
            manager["access_log"] = json!([file_access_log(access_log, format)]);
        }
        merge(&mut manager, &self.manager);
        let mut listener = json!({
            "name": name,
            "address": address,
            // Each new connection goes to the worker that has fewest: tests can reach all workers.
            "connection_balance_config": {"exact_balance": {}},
            "filter_chains": [{"filters": [{
                "name": "envoy.filters.network.http_connection_manager",
                "typed_config": manager
            }]}]
        });
        if let Some(bytes) = self.buffer_limit {
            listener["per_connection_buffer_limit_bytes"] = json!(bytes);
        }
        if let Some(socket) = &self.transport_socket {
            listener["filter_chains"][0]["transport_socket"] = socket.clone();
        }
        listener
    }

    fn all_routes(&self) -> Vec<Value> {
        self.routes.iter().cloned().chain([self.default_route.clone()]).collect()
    }
}

/// What Envoy does after a module trapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailurePolicy {
    /// Refuse until a new VM is there: what we publish.
    Reload,
    /// Refuse for ever.
    Closed,
    /// Let pass.
    Open,
}

/// A compiled filter in the chain.
#[derive(Clone, Debug)]
pub struct WasmFilter {
    name: String,
    module: PathBuf,
    configuration: Value,
    vm_id: String,
    failure_policy: FailurePolicy,
    holds_headers: bool,
    passed_variables: Vec<String>,
    variables: Map<String, Value>,
}

impl WasmFilter {
    /// The filter of this package, built if need be, with an empty configuration.
    pub fn new(package: &str) -> Self {
        Self::at(package, crate::wasm(package))
    }

    /// A filter from a file.
    pub fn at(name: &str, module: impl Into<PathBuf>) -> Self {
        Self {
            name: name.to_owned(),
            module: module.into(),
            configuration: string_value("{}"),
            vm_id: String::new(),
            failure_policy: FailurePolicy::Reload,
            holds_headers: true,
            passed_variables: Vec::new(),
            variables: Map::new(),
        }
    }

    /// The name of the instance: Envoy's plugin name and the filter's name in the chain.
    pub fn named(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self
    }

    /// The configuration, passed as a JSON text.
    pub fn configured(self, configuration: &Value) -> Self {
        self.configured_raw(&configuration.to_string())
    }

    /// The configuration as a text that need not be JSON.
    pub fn configured_raw(mut self, configuration: &str) -> Self {
        self.configuration = string_value(configuration);
        self
    }

    /// The configuration as a typed value of Envoy's, `@type` included.
    pub fn configured_any(mut self, configuration: Value) -> Self {
        self.configuration = configuration;
        self
    }

    /// Which VM runs it; filters with the same module and id share one for each worker.
    pub fn vm_id(mut self, id: &str) -> Self {
        id.clone_into(&mut self.vm_id);
        self
    }

    /// What happens after a trap; by default a reload.
    pub fn failure_policy(mut self, policy: FailurePolicy) -> Self {
        self.failure_policy = policy;
        self
    }

    /// Envoy's `allow_on_headers_stop_iteration`; on by default.
    pub fn allow_on_headers_stop_iteration(mut self, allowed: bool) -> Self {
        self.holds_headers = allowed;
        self
    }

    /// Shows the module a variable of Envoy's environment.
    pub fn passes_variable(mut self, name: &str) -> Self {
        self.passed_variables.push(name.to_owned());
        self
    }

    /// Shows the module a variable with this value.
    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_owned(), json!(value));
        self
    }

    fn into_json(self) -> Value {
        let policy = match self.failure_policy {
            FailurePolicy::Reload => "FAIL_RELOAD",
            FailurePolicy::Closed => "FAIL_CLOSED",
            FailurePolicy::Open => "FAIL_OPEN",
        };
        let mut vm = json!({
            "vm_id": self.vm_id,
            "runtime": "envoy.wasm.runtime.v8",
            "code": {"local": {"filename": self.module}},
        });
        if !self.passed_variables.is_empty() || !self.variables.is_empty() {
            vm["environment_variables"] = json!({"host_env_keys": self.passed_variables, "key_values": self.variables});
        }
        json!({
            "name": self.name,
            "typed_config": {
                "@type": TYPE_WASM,
                "config": {
                    "name": self.name,
                    "root_id": self.name,
                    "failure_policy": policy,
                    "allow_on_headers_stop_iteration": self.holds_headers,
                    "configuration": self.configuration,
                    "vm_config": vm,
                }
            }
        })
    }
}

const TYPE_WASM: &str = "type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm";
const TYPE_ROUTER: &str = "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router";
const TYPE_MANAGER: &str =
    "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager";
const TYPE_FILE_LOG: &str = "type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog";
const TYPE_HTTP_OPTIONS: &str = "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
const TYPE_LISTENER: &str = "type.googleapis.com/envoy.config.listener.v3.Listener";

/// How Envoy speaks to a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// HTTP/1.1, trailers included.
    H1,
    /// HTTP/2 with prior knowledge.
    H2,
}

/// A static cluster, as Envoy reads it. Without an address it has no endpoints.
///
/// In container mode a loopback address is rewritten to the one that containers reach.
pub fn cluster(name: &str, address: Option<std::net::SocketAddr>, protocol: Protocol) -> Value {
    let options = match protocol {
        Protocol::H1 => json!({"http_protocol_options": {"enable_trailers": true}}),
        Protocol::H2 => json!({"http2_protocol_options": {}}),
    };
    json!({
        "name": name,
        "type": "STATIC",
        "connect_timeout": "2s",
        "load_assignment": {
            "cluster_name": name,
            "endpoints": [{"lb_endpoints": address.map(endpoint).into_iter().collect::<Vec<_>>()}]
        },
        "typed_extension_protocol_options": {
            "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
                "@type": TYPE_HTTP_OPTIONS,
                "explicit_http_config": options
            }
        }
    })
}

/// A cluster whose endpoints come and go: Envoy watches a file for them. For processes alone; a container does not see it.
pub struct Endpoints {
    cluster: String,
    folder: Scratch,
}

impl Endpoints {
    /// None, for a cluster of this name.
    pub fn of(cluster: &str) -> Self {
        let endpoints = Self { cluster: cluster.to_owned(), folder: Scratch::new("endpoints") };
        endpoints.set(None);
        endpoints
    }

    /// From now on there is this one, or none.
    pub fn set(&self, address: Option<std::net::SocketAddr>) {
        let assignment = json!({
            "@type": "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment",
            "cluster_name": self.cluster,
            "endpoints": [{"lb_endpoints": address.map(endpoint).into_iter().collect::<Vec<_>>()}]
        });
        self.folder.replace("endpoints.json", &json!({"resources": [assignment]}).to_string());
    }

    /// The cluster, HTTP/1.1, as Envoy reads it.
    pub fn cluster(&self) -> Value {
        let file = self.folder.path().join("endpoints.json");
        let mut cluster = cluster(&self.cluster, None, Protocol::H1);
        cluster["type"] = json!("EDS");
        cluster["eds_cluster_config"] = json!({"eds_config": {"path_config_source": {"path": file}}});
        cluster.as_object_mut().map(|members| members.remove("load_assignment"));
        cluster
    }
}

fn endpoint(address: std::net::SocketAddr) -> Value {
    let seen = crate::container::seen_from_inside(address);
    json!({"endpoint": {"address": socket_address(&seen.ip().to_string(), seen.port())}})
}

pub(crate) fn socket_address(host: &str, port: u16) -> Value {
    json!({"socket_address": {"address": host, "port_value": port}})
}

/// The file that Envoy watches for new listeners.
pub(crate) fn discovery_response(listeners: Vec<Value>) -> Value {
    let typed = |mut listener: Value| {
        listener["@type"] = json!(TYPE_LISTENER);
        listener
    };
    json!({"resources": listeners.into_iter().map(typed).collect::<Vec<_>>()})
}

/// Merges `fields` into `base`: objects are merged, lists are joined, anything else is replaced.
pub fn merge(base: &mut Value, fields: &Value) {
    match (base, fields) {
        (Value::Object(base), Value::Object(fields)) => {
            for (name, field) in fields {
                merge(base.entry(name.clone()).or_insert(Value::Null), field);
            }
        }
        (Value::Array(base), Value::Array(more)) => base.extend(more.iter().cloned()),
        (base, field) => *base = field.clone(),
    }
}

fn string_value(text: &str) -> Value {
    json!({"@type": "type.googleapis.com/google.protobuf.StringValue", "value": text})
}

fn file_access_log(path: &Path, format: &str) -> Value {
    json!({
        "name": "envoy.access_loggers.file",
        "typed_config": {
            "@type": TYPE_FILE_LOG,
            "path": path,
            "log_format": {"text_format_source": {"inline_string": format!("{format}\n")}}
        }
    })
}
