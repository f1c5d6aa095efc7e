//! What the rows should cost at most, and whether they do.

use std::fmt;

use serde_json::{Value, json};

use crate::{Summary, tenth};

/// An upper bound in microseconds.
pub(crate) struct Aim {
    what: &'static str,
    bound: &'static str,
    measured_us: f64,
    bound_us: f64,
}

/// The aims whose rows were measured.
pub(crate) fn of(rows: &[Summary]) -> Vec<Aim> {
    let row = |name: &str| rows.iter().find(|row| row.name == name);
    let cost = |name| row(name).map(|row| row.cpu_us);
    let empty = row("empty_wasm");
    let cold = |what, bound, native| {
        let bound_us = 1.05 * (cost(native)? + empty?.added_us);
        Some(Aim { what, bound, measured_us: cost(what)?, bound_us })
    };
    let warm =
        |name, what, bound, bound_us| Some(Aim { what, bound, measured_us: cost(name)? - empty?.cpu_us, bound_us });
    let less = |what, bound, from: f64, bound_us| Some(Aim { what, bound, measured_us: cost(what)? - from, bound_us });
    let identified = cost("identity_empty_wasm");
    let aims = [
        cold("authn_cold_rs256", "1.05 x (native_jwt_rs256 + what empty_wasm adds)", "native_jwt_rs256"),
        cold("authn_cold_es256", "1.05 x (native_jwt_es256 + what empty_wasm adds)", "native_jwt_es256"),
        warm("authn_warm_rs256_identity", "authn_warm_rs256_identity - empty_wasm", "5, identity alone", 5.0),
        warm("authn_warm_rs256", "authn_warm_rs256 - empty_wasm", "8, with rule, verdict and counters", 8.0),
        warm("authn_warm_es256", "authn_warm_es256 - empty_wasm", "8, with rule, verdict and counters", 8.0),
        less("rbac_1000_head", "3, over rbac_10_head", cost("rbac_10_head").unwrap_or(f64::NAN), 3.0),
        less("rbac_100_head", "6, over identity_empty_wasm", identified.unwrap_or(f64::NAN), 6.0),
        warm("ratelimit_hot_key", "ratelimit_hot_key - empty_wasm", "7, one limit of requests", 7.0),
        warm("ratelimit_100k_keys", "ratelimit_100k_keys - empty_wasm", "7, one limit of requests", 7.0),
        less("ratelimit_tokens_chat4k", "12, over rbac_100_chat4k", cost("rbac_100_chat4k").unwrap_or(f64::NAN), 12.0),
        less("guard_chat4k", "250, over empty_chat4k", cost("empty_chat4k").unwrap_or(f64::NAN), 250.0),
        less("chain_chat4k", "400, over chain_none", cost("chain_none").unwrap_or(f64::NAN), 400.0),
        less("rbac_100_chat4k", "40, over rbac_100_head", cost("rbac_100_head").unwrap_or(f64::NAN), 40.0),
    ];
    aims.into_iter().flatten().filter(|aim| !aim.measured_us.is_nan()).collect()
}

impl Aim {
    fn is_met(&self) -> bool {
        self.measured_us <= self.bound_us
    }

    pub(crate) fn to_json(&self) -> Value {
        json!({"what": self.what, "bound": self.bound, "measured_us": tenth(self.measured_us),
            "bound_us": tenth(self.bound_us), "met": self.is_met()})
    }
}

impl fmt::Display for Aim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = if self.is_met() { "met" } else { "MISSED" };
        let Self { what, bound, measured_us, bound_us } = self;
        write!(f, "aim {verdict}: {what} {measured_us:.1} <= {bound_us:.1} us ({bound})")
    }
}
