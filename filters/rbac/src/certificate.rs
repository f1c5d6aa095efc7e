//! The client certificate as Envoy tells it, for operators who say that their listener validates it.
//!
//! Envoy tells that a certificate was shown, its subject, and of each kind of alternative name the first one only. Whether
//! it was validated is the listener's business (`require_client_certificate` with a `validation_context`).

use portcullis::prelude::*;

use crate::policy::Certificate;

/// The certificate of the connection; `None` if none was shown.
pub(crate) fn read(host: &dyn Host) -> Result<Option<Certificate>, HostError> {
    if host.property(&["connection", "mtls"])?.as_deref() != Some(&[1]) {
        return Ok(None);
    }
    Ok(Some(Certificate {
        subject: text(host, "subject_peer_certificate")?.unwrap_or_default(),
        uri_sans: text(host, "uri_san_peer_certificate")?.into_iter().collect(),
        dns_sans: text(host, "dns_san_peer_certificate")?.into_iter().collect(),
    }))
}

/// A name that is there; one that is no text is none.
fn text(host: &dyn Host, attribute: &str) -> Result<Option<String>, HostError> {
    let value = host.property(&["connection", attribute])?;
    Ok(value.and_then(|value| String::from_utf8(value).ok()).filter(|text| !text.is_empty()))
}
