//! How large a document of an AI API may be that a filter reads.

use crate::json::Limits;

/// For [`read`](super::read::read) and whoever reads the same body again: what is told of a document takes memory by the
/// value, about 60 bytes each, which no cap on the body counts. So there may be one value for each eight bytes of a MiB:
/// a million tokens of prose are a few hundred values, but a list of 200,000 tokens as numbers is refused
/// (`too_many_values`).
pub const LIMITS: Limits = Limits { values: 1 << 17, ..Limits::DEFAULT };

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ai::testing::request;

    #[test]
    fn a_body_of_a_mebibyte_does_not_become_many() {
        for (path, item) in [("/mcp", "{},"), ("/v1/chat/completions", "\"a\","), ("/model/m/invoke", "1,")] {
            let body = format!("[{}0]", item.repeat((1 << 20) / item.len()));
            assert_eq!(request(path, &body).unwrap_err().code(), "too_many_values", "{path}");
            let body = format!("[{}0]", item.repeat(LIMITS.values - 2));
            assert!(request(path, &body).is_ok(), "{path}");
        }
    }
}
