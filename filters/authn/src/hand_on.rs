//! What goes on to the upstream: requests without their credentials, and headers that say who is calling.

use portcullis::http::cookie::Cookies;
use portcullis::prelude::*;

use crate::policy::{Announced, Caller, Place};

/// The header that holds all cookies.
pub(crate) const COOKIE: &str = "cookie";

/// Says to the upstream who is calling. Whatever a caller put there itself is gone before.
pub(crate) fn announce(
    host: &dyn Host,
    headers: &Headers,
    announced: &[Announced],
    caller: Option<&Caller>,
) -> Result<(), HostError> {
    let said = caller.map(Caller::headers).unwrap_or_default();
    announced.iter().enumerate().try_for_each(|(index, announced)| match said.iter().find(|(of, _)| *of == index) {
        Some((_, value)) => host.set_header(Side::Request, &announced.header, value.as_bytes()),
        None if headers.first(&announced.header).is_some() => host.remove_header(Side::Request, &announced.header),
        None => Ok(()),
    })
}

/// Takes credentials out of a request.
pub(crate) fn strip(host: &dyn Host, headers: &Headers, places: &[&Place]) -> Result<(), HostError> {
    let (mut query, mut cookies) = (Vec::new(), Vec::new());
    for place in places {
        match place {
            Place::Header(name) => host.remove_header(Side::Request, name)?,
            Place::Query(name) => query.push(name.as_str()),
            Place::Cookie(name) => cookies.push(name.as_str()),
        }
    }
    if !query.is_empty() {
        host.remove_query(&query)?;
    }
    let rest = if cookies.is_empty() { None } else { Cookies::of(headers.all(COOKIE)).without(&cookies) };
    match rest {
        None => Ok(()),
        Some(rest) if rest.is_empty() => host.remove_header(Side::Request, COOKIE),
        Some(rest) => host.set_header(Side::Request, COOKIE, &rest),
    }
}
