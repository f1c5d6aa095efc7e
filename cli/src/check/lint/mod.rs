//! What loads, and does not do what somebody meant: of one filter, and of filters that a request meets one after the other.

pub(super) mod alone;
pub(super) mod together;
