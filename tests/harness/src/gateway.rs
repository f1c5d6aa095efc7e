//! What `envoy/gateway.yaml` needs beside itself: certificates and the credentials of providers, made for one test.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::config::socket_address;
use crate::scratch::Scratch;
use crate::tls::{Authority, Names, SERVER};
use crate::token::{Key, Token, jwks};

/// Where the configuration looks for them.
pub const FILES: &str = "/etc/portcullis";
/// The regions that have a provider.
const REGIONS: [&str; 2] = ["eu", "us"];

/// The files, in a folder of their own.
pub struct Files {
    folder: Scratch,
    /// Who signed the gateway's certificate, and those of who stands behind it.
    pub authority: Authority,
    /// Who signs those of clients.
    pub clients: Authority,
}

/// Writes the files, and says who signed: the gateway's certificate and those of who stands behind it, and clients'.
pub fn write(folder: &Path) -> [Authority; 2] {
    let (authority, clients) = (Authority::default(), Authority::new("clients"));
    let write = |name: &str, text: &str| fs::write(folder.join(name), text).expect("a file");
    for room in ["tls", "secrets"] {
        fs::create_dir_all(folder.join(room)).expect("a folder");
    }
    let certify = |authority: &Authority, file: &str, dns: &[&str]| {
        let [certificate, key] = authority.sign(Names { common: dns[0], dns, ..Names::default() }).pem();
        write(&format!("tls/{file}.crt"), &certificate);
        write(&format!("tls/{file}.key"), &key);
    };
    certify(&authority, "gateway", &[SERVER, "localhost"]);
    certify(&authority, "models", &["eu.models.example", "eu-canary.models.example", "us.models.example"]);
    certify(&authority, "idp", &["idp.example", "localhost"]);
    certify(&clients, "client", &["client.example"]);
    write("tls/clients-ca.crt", &clients.pem());
    write("tls/providers-ca.crt", &authority.pem());
    for region in REGIONS {
        write(&format!("secrets/provider-{region}.yaml"), &secret(&credential(region)));
    }
    [authority, clients]
}

impl Files {
    /// New ones.
    pub fn new() -> Self {
        let folder = Scratch::new("gateway");
        let [authority, clients] = write(folder.path());
        Self { folder, authority, clients }
    }

    /// Where they are.
    pub fn path(&self) -> &str {
        self.folder.path().to_str().expect("UTF-8")
    }

    /// Writes another file beside them.
    pub fn replace(&self, name: &str, content: &str) -> PathBuf {
        self.folder.replace(name, content)
    }
}

/// The Wasm filters of `envoy/gateway.yaml`, in the order of the chain.
pub fn filters() -> Vec<Value> {
    let config = published(&Files::new());
    let manager = "/static_resources/listeners/0/filter_chains/0/filters/1/typed_config/http_filters";
    let all = config.pointer(manager).and_then(Value::as_array).expect("filters");
    all.iter().filter(|filter| filter.pointer("/typed_config/config/vm_config").is_some()).cloned().collect()
}

/// `envoy/gateway.yaml`, with these files.
pub fn published(files: &Files) -> Value {
    let text = fs::read_to_string(crate::workspace().join("envoy/gateway.yaml")).expect("the gateway's configuration");
    let root = crate::workspace().join("target/wasm");
    let text = text.replace(FILES, files.path()).replace("target/wasm", root.to_str().expect("UTF-8"));
    serde_norway::from_str(&text).expect("YAML")
}

/// Changes the configuration of one of our filters, as Envoy's YAML holds it.
pub fn edit(filter: &mut Value, change: impl FnOnce(&mut Value)) {
    let text = filter.pointer_mut("/typed_config/config/configuration/value").expect("a configuration");
    let mut written: Value = serde_json::from_str(text.as_str().expect("a string")).expect("JSON");
    change(&mut written);
    *text = json!(written.to_string());
}

/// The filters of a listener.
pub fn filters_of(listener: &mut Value) -> &mut Vec<Value> {
    let filters = listener.pointer_mut("/filter_chains/0/filters/1/typed_config/http_filters");
    filters.and_then(Value::as_array_mut).expect("filters")
}

/// One of them.
pub fn filter_of<'l>(listener: &'l mut Value, name: &str) -> &'l mut Value {
    let named = filters_of(listener).iter_mut().find(|filter| filter["name"] == name);
    named.unwrap_or_else(|| panic!("the gateway has no filter {name:?}"))
}

/// authn believes these keys.
pub fn trust(listener: &mut Value, keys: &[Key]) {
    edit(filter_of(listener, "authn"), |written| written["providers"]["main"]["jwks_inline"] = jwks(keys));
}

/// All callers may come from one address.
pub fn lift_limit_by_address(listener: &mut Value) {
    edit(filter_of(listener, "edge"), |written| {
        let limit = written["limits"][0].as_object_mut().expect("a limit");
        limit.remove("burst");
        limit.insert("limit".to_owned(), json!(1_000_000_000));
    });
}

/// The file in plain HTTP: its first listener alone, and providers for the regions `eu` and `us`.
pub fn plain(files: &Files, eu: SocketAddr, us: SocketAddr) -> Value {
    let mut config = published(files);
    let listeners = config["static_resources"]["listeners"].as_array_mut().expect("listeners");
    listeners.truncate(1);
    listeners[0]["filter_chains"][0].as_object_mut().expect("a chain").remove("transport_socket");
    for cluster in config["static_resources"]["clusters"].as_array_mut().into_iter().flatten() {
        match cluster["name"].as_str() {
            Some("models_eu" | "models_eu_canary") => lead_to(cluster, eu),
            Some("models_us") => lead_to(cluster, us),
            _ => {}
        }
    }
    config
}

/// Its only listener.
pub fn listener_of(config: &mut Value) -> &mut Value {
    &mut config["static_resources"]["listeners"][0]
}

/// Another provider in a cluster, one without TLS.
pub fn lead_to(cluster: &mut Value, provider: SocketAddr) {
    cluster.as_object_mut().expect("a cluster").remove("transport_socket");
    cluster["load_assignment"]["endpoints"] = endpoint(provider);
}

/// A cluster's only endpoint.
pub fn endpoint(address: SocketAddr) -> Value {
    let address = socket_address(&address.ip().to_string(), address.port());
    json!([{"lb_endpoints": [{"endpoint": {"address": address}}]}])
}

/// A token that the gateway takes from its issuer, once it has the key; of no tenant if that is empty.
pub fn token(subject: &str, tenant: &str) -> Token {
    let token = Token::good().header("typ", "at+jwt").claim("iss", "https://idp.example").claim("aud", "api");
    let token = token.claim("roles", json!(["user"])).claim("client_id", "c").claim("jti", "1").claim("sub", subject);
    if tenant.is_empty() { token } else { token.claim("tenant", tenant) }
}

impl Default for Files {
    fn default() -> Self {
        Self::new()
    }
}

/// What a region's provider is told.
pub fn credential(region: &str) -> String {
    format!("Bearer key-of-{region}")
}

fn secret(value: &str) -> String {
    json!({"resources": [{
        "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret",
        "name": "provider",
        "generic_secret": {"secret": {"inline_string": value}},
    }]})
    .to_string()
}
