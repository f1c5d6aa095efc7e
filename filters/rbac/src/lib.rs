//! Who may do what, with which model and operation.
//!
//! # The rules, in the order they are applied
//!
//! 1. The path, the host, the method and the query must be clear: what two servers could read in two ways is refused
//!    (400 `ambiguous_request`), whether a rule looks at it or not.
//! 2. Who is calling is what stands in filter state, where authn wrote it and no client can. An identity that cannot be
//!    read lets nobody pass (503). None is an anonymous caller.
//! 3. The endpoint of the path says the operation, and whether the body is JSON that is read. Models are those of path,
//!    query and body, all of them; what is named where the server does not look counts against the caller alone.
//! 4. A credential that is limited to some models reaches no other, whatever the rules say, and nobody names more than 64
//!    different ones (400 `too_many_models`).
//! 5. The rules: the first that matches decides (`first_match`), or a deny before an allow (`deny_overrides`). A request
//!    that no rule allows is refused. A condition that cannot be told counts against the caller: an allow rule does not
//!    match, a deny rule does.
//! 6. Only if a rule can still change the outcome by it, the body is awaited and read: once, strictly, by the table of its
//!    endpoint. What the API does not document in a place that decides is refused (400), a coded body too (415). Uploads
//!    and what belongs to no API are decided on their heads; rules that want to know their bodies do not let them pass.
//! 7. An allow rule can want a fresher or stronger login (401, RFC 9470), and can cut the body to caps: what is higher is
//!    lowered, what is missing is put in, and where there is no place for it the request is refused (403).
//! 8. Headers and a parameter that would make the method another are taken out of what goes on (`method_override`).
//! 9. When the answer comes and a rule looks at routes, the route must be the one that was decided on (502 `route_moved`).
//!    A list of models is cut to what the caller may use; one that cannot be read is not shown (502).
//! 10. Models, operations and hosts that were allowed and answered with 2xx for the first time are told in one log line.
//! 11. A rule in shadow is skipped, and counted where it would have decided otherwise. No body is awaited for it: what it
//!     wants to know of one is known where another reason has it read.
//!
//! What "refused" looks like: a status, a stable code and one sentence, in the error shape of the API that was called. It
//! says that a rule denies, and not which; access logs and counters know more. Nothing of the request is in any of them.
//!
//! ```text
//! HTTP/1.1 403 Forbidden
//! content-type: application/json
//!
//! {"error":{"code":"no_rule","message":"This request is not allowed.","param":null,"type":"permission_error"}}
//! ```
//!
//! # What a deployment must get right
//!
//! - `authn` stands before it, and nothing between them writes `portcullis.identity`.
//! - `allow_on_headers_stop_iteration: true` on this filter: without it no body is held, and what needs one is answered
//!   500 `flag_missing`.
//! - `use_remote_address: true` at the edge if a rule looks at `source`: else Envoy takes the address from a header.
//! - `headers_with_underscores_action: REJECT_REQUEST` on the connection manager: to some servers `x_role` is `x-role`. Where
//!   a rule looks at `x-role`, the other is refused here too (400 `repeated_header`); of headers that no rule looks at
//!   nothing is known here.
//! - `client_certificates: validated_by_listener` only where the listener checks every certificate that it is shown:
//!   `trusted_ca`, and no `ACCEPT_UNTRUSTED`. Envoy tells the first alternative name of each kind.
//! - A decompressor before it if clients send coded bodies. Answers that list models come uncoded: the request says so.
//! - No filter behind it moves requests to other routes: they are refused when the answer comes, which is after the
//!   upstream has worked.
//! - `vm_id` is rbac's own: plugins that share it can write the table of what was seen. `failure_policy: FAIL_CLOSED` or
//!   `FAIL_RELOAD`.
//!
//! # Example
//!
//! ```
//! use portcullis::host::fake::{Envoy, Request};
//! use portcullis::identity::{self, Identity};
//! use rbac::Rbac;
//!
//! let envoy = Envoy::of_filter::<Rbac>(include_str!("../example.json")).unwrap();
//! let mut alice = Identity::of("alice");
//! alice.roles = vec!["user".to_owned()];
//! envoy.world().state(identity::STATE, alice.to_state().as_deref());
//!
//! // What a rule allows, cut to its caps.
//! let chat = |body: &str| Request::post("/v1/chat/completions", body.as_bytes());
//! let upstream = envoy.send(&chat(r#"{"model": "gpt-mini", "max_tokens": 90000}"#)).upstream.unwrap();
//! assert_eq!(upstream.body, br#"{"model": "gpt-mini", "max_tokens": 1024}"#);
//!
//! // What none allows.
//! let answer = envoy.send(&chat(r#"{"model": "gpt-5"}"#));
//! assert_eq!((answer.status, answer.upstream.is_some()), (403, false));
//! ```
//!
//! # The rooms
//!
//! [`config`] is what an operator writes, [`compile`] turns it into a [`policy`], which decides without knowing a proxy.
//! `filter` does what it says, `visit` takes one request and its answer `step` by step, about the `facts` of its head
//! (with the client's `certificate`) and what its body has `asked` for; `clamp` cuts bodies, `models` lists (`splice`
//! writes both), `inventory` remembers what was seen, `refusal` says no. [`offline`] is for the command line: the same
//! steps without a proxy.

mod asked;
mod certificate;
mod clamp;
pub mod compile;
pub mod config;
mod facts;
mod filter;
mod inventory;
mod metrics;
mod models;
pub mod offline;
pub mod policy;
mod refusal;
mod step;
#[cfg(test)]
#[allow(
    clippy::arithmetic_side_effects,
    clippy::string_slice,
    clippy::format_collect,
    clippy::needless_pass_by_value,
    clippy::too_many_lines
)]
mod tests;
mod visit;

pub use filter::Rbac;

#[cfg(feature = "module")]
portcullis::entry!(Rbac);
