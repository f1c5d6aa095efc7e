//! What `envoy/gateway.yaml` needs beside itself: certificates and the credentials of providers, made for one test.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::scratch::Scratch;
use crate::tls::{Authority, Names, SERVER};

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
    certify(&authority, "models", &["eu.models.example", "us.models.example"]);
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
