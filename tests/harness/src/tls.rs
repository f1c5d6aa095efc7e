//! TLS for tests: an authority that signs certificates, and a tunnel through which a client that knows nothing of TLS
//! reaches a listener that wants it.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::thread;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, SanType};
use serde_json::{Value, json};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// The name in the certificates of servers.
pub const SERVER: &str = "gateway.test";

/// Who signs certificates.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate and its key.
pub struct Certificate {
    certificate: rcgen::Certificate,
    key: KeyPair,
}

/// Names in a client's certificate.
#[derive(Clone, Copy, Debug, Default)]
pub struct Names<'n> {
    /// The common name of its subject.
    pub common: &'n str,
    /// URIs, in this order.
    pub uris: &'n [&'n str],
    /// DNS names, in this order.
    pub dns: &'n [&'n str],
}

impl Certificate {
    /// The certificate, and its key.
    pub fn pem(&self) -> [String; 2] {
        [self.certificate.pem(), self.key.serialize_pem()]
    }
}

impl Default for Authority {
    fn default() -> Self {
        Self::new("tests")
    }
}

impl Authority {
    /// An authority of this name, with a key of its own.
    pub fn new(name: &str) -> Self {
        let mut params = named(name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, key()).expect("an authority"))
    }

    /// A certificate with these names.
    pub fn sign(&self, names: Names<'_>) -> Certificate {
        let mut params = named(names.common);
        let text = |name: &&str| (*name).try_into().expect("ASCII");
        params.subject_alt_names.extend(names.uris.iter().map(|uri| SanType::URI(text(uri))));
        params.subject_alt_names.extend(names.dns.iter().map(|dns| SanType::DnsName(text(dns))));
        let key = key();
        Certificate { certificate: params.signed_by(&key, &self.0).expect("a certificate"), key }
    }

    /// Its own certificate.
    pub fn pem(&self) -> String {
        self.0.pem()
    }

    /// The transport socket of a listener with a certificate of this authority, which asks for client certificates of
    /// `clients` and checks them. `more` is merged into its `common_tls_context.validation_context`.
    pub fn listener(&self, clients: &Self, must_show: bool, more: &Value) -> Value {
        let server = self.sign(Names { common: SERVER, dns: &[SERVER], ..Names::default() });
        let mut validation = json!({"trusted_ca": {"inline_string": clients.0.pem()}});
        crate::config::merge(&mut validation, more);
        json!({"name": "envoy.transport_sockets.tls", "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext",
            "require_client_certificate": must_show,
            "common_tls_context": {
                "tls_certificates": [{
                    "certificate_chain": {"inline_string": server.certificate.pem()},
                    "private_key": {"inline_string": server.key.serialize_pem()},
                }],
                "validation_context": validation,
            },
        }})
    }

    /// An address at which plain connections end that go on through TLS to `server`, which this authority signed for. It
    /// lasts as long as the process; where the server refuses, the connection is closed.
    pub fn tunnel(&self, server: SocketAddr, client: Option<&Certificate>) -> SocketAddr {
        let connector = TlsConnector::from(Arc::new(self.client(client)));
        let plain = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = plain.local_addr().expect("bound");
        plain.set_nonblocking(true).expect("a socket");
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                let plain = TcpListener::from_std(plain).expect("a listener");
                while let Ok((near, _)) = plain.accept().await {
                    tokio::spawn(carry(near, server, connector.clone()));
                }
            });
        });
        address
    }

    /// Whether the server speaks TLS 1.2 with who speaks nothing above it.
    pub fn speaks_1_2(&self, server: SocketAddr) -> std::io::Result<()> {
        let mut roots = RootCertStore::empty();
        roots.add(self.0.der().clone()).expect("an authority");
        let versions = &[&tokio_rustls::rustls::version::TLS12];
        let config = ClientConfig::builder_with_protocol_versions(versions).with_root_certificates(roots);
        let connector = TlsConnector::from(Arc::new(config.with_no_client_auth()));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let far = TcpStream::connect(server).await?;
            connector.connect(ServerName::try_from(SERVER).expect("a name"), far).await.map(drop)
        })
    }

    fn client(&self, certificate: Option<&Certificate>) -> ClientConfig {
        let mut roots = RootCertStore::empty();
        roots.add(self.0.der().clone()).expect("an authority");
        let config = ClientConfig::builder().with_root_certificates(roots);
        let Some(certificate) = certificate else { return config.with_no_client_auth() };
        let chain: Vec<CertificateDer<'static>> = vec![certificate.certificate.der().clone()];
        let key = PrivateKeyDer::try_from(certificate.key.serialize_der()).expect("a key");
        config.with_client_auth_cert(chain, key).expect("a key that fits")
    }
}

async fn carry(mut near: TcpStream, server: SocketAddr, connector: TlsConnector) {
    let Ok(far) = TcpStream::connect(server).await else { return };
    let name = ServerName::try_from(SERVER).expect("a name");
    let Ok(mut far) = connector.connect(name, far).await else { return };
    let _ = copy_bidirectional(&mut near, &mut far).await;
}

fn key() -> KeyPair {
    KeyPair::generate().expect("a key")
}

fn named(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params
}
