//! How large a document of an AI API may be that a filter reads.

use crate::json::Limits;

/// For [`read`](super::read::read) and whoever reads the same body again: as large as JSON may be, so that a vector of an
/// embedding or a list of tokens is read to its end.
pub const LIMITS: Limits = Limits::DEFAULT;

/// The most that is told of a document: texts, notes, numbers, names that nobody knows and what cannot be read, together.
/// Each takes about 60 bytes of memory, which no cap on the body counts, and stands for two bytes or more. So there may be
/// one for each eight bytes of a MiB (`too_many_values`): a million tokens of prose are a few hundred.
pub(super) const TOLD: usize = 1 << 17;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ai::testing::request;

    #[test]
    fn a_body_of_a_mebibyte_does_not_become_many() {
        for (path, item) in [("/mcp", "{\"a\":1},"), ("/v1/chat/completions", "\"a\","), ("/model/m/invoke", "1,")] {
            let body = format!("[{}0]", item.repeat((1 << 20) / item.len()));
            assert_eq!(request(path, &body).unwrap_err().code(), "too_many_values", "{path}");
            let body = format!("[{}0]", item.repeat(TOLD / 2 - 2));
            assert!(request(path, &body).is_ok(), "{path}");
        }
    }

    #[test]
    fn what_waits_for_its_type_counts_too() {
        let body = format!(
            r#"{{"messages": [{{"content": [{{"source": {{"data": [{}""]}}}}]}}]}}"#,
            r#""","#.repeat(TOLD + 2048)
        );
        assert_eq!(request("/v1/messages", &body).unwrap_err().code(), "too_many_values");
    }

    #[test]
    fn what_is_told_as_one_may_be_long() {
        let tokens = format!(r#"{{"prompt": [{}0]}}"#, "1,".repeat(400_000));
        assert_eq!(request("/v1/completions", &tokens).unwrap().unread.len(), 1);
    }
}
