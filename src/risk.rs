//! How risky a request was found: a number from 0 to 1 in filter state, written by the filter that looks at prompts and read
//! by those that remember who is calling.

use crate::host::Host;

/// The name in filter state.
pub const STATE: &str = "portcullis.risk";

/// The same name as the proxy's properties say it.
pub const IN_FILTER_STATE: &str = "wasm.portcullis.risk";

/// How risky the request was found; 0 where nobody says so in a number.
pub fn read(host: &dyn Host) -> f64 {
    let Ok(state) = host.property(&["filter_state", IN_FILTER_STATE]) else {
        host.tolerate();
        return 0.0;
    };
    let text = state.and_then(|state| String::from_utf8(state).ok());
    text.and_then(|text| text.parse().ok()).unwrap_or_default()
}
