//! How much of an answer a request asks for: the cap on its tokens, and how many answers.
//!
//! Rules:
//! 1. of several caps the largest counts; of several numbers of answers too, those that are made and thrown away included;
//! 2. an API that has its cap at the top of the body, or whose answers are no tokens, is capped by nothing else: the cap of a
//!    model to fall back to is none;
//! 3. of a batch no cap is known, because one of its requests could be without.

use super::dialect::Dialect;
use super::endpoint::Endpoint;
use super::read::Reading;
use super::vocabulary::{Measure, Operation};

impl Endpoint {
    /// The cap that a request sets on the tokens of an answer; `None` if it sets none.
    pub fn cap(&self, reading: &Reading<'_>) -> Option<u64> {
        if self.operation == Operation::Batch {
            return None;
        }
        let is_at_top = self.cap_member().is_some() || !self.operation.has_output();
        let counts = |measure, depth| measure == Measure::MaxOutputTokens && (!is_at_top || depth == 1);
        // The cap of the request decides whether there is one, and the largest of all how large it is.
        reading.largest(counts)?;
        reading.largest(|measure, _| measure == Measure::MaxOutputTokens)
    }

    /// The member at the top of a body in which the API has its cap.
    pub fn cap_member(&self) -> Option<&'static str> {
        match (self.dialect, self.operation) {
            (Dialect::OpenAi, Operation::Chat) => Some("max_completion_tokens"),
            (Dialect::OpenAi, Operation::Responses) => Some("max_output_tokens"),
            (Dialect::Anthropic, Operation::Completion) => Some("max_tokens_to_sample"),
            (Dialect::OpenAi, Operation::Completion) | (Dialect::Anthropic | Dialect::Cohere, Operation::Chat) => {
                Some("max_tokens")
            }
            _ => None,
        }
    }
}

impl Reading<'_> {
    /// How many answers are wanted, those that are made and thrown away included; `None` if the request does not say.
    pub fn choices(&self) -> Option<u64> {
        self.largest(|measure, _| matches!(measure, Measure::Choices | Measure::BestOf))
    }

    /// The largest number of a measure, in so many arrays and objects.
    pub fn largest(&self, counts: impl Fn(Measure, usize) -> bool) -> Option<u64> {
        let numbers = self.numbers.iter().zip(&self.places);
        numbers.filter(|((measure, _), place)| counts(*measure, place.depth)).map(|((_, value), _)| *value).max()
    }
}

#[cfg(test)]
mod tests {
    use crate::ai::LIMITS;
    use crate::ai::endpoint::Endpoint;
    use crate::ai::read::read;
    use crate::http::path::Canonical;

    const CHAT: &str = "/v1/chat/completions";

    fn of(path: &str, body: &str) -> (Option<u64>, Option<u64>) {
        let canonical = Canonical::read(path.as_bytes()).unwrap();
        let endpoint = Endpoint::find("POST", &canonical).unwrap().endpoint;
        let reading = read(body.as_bytes(), endpoint.request, LIMITS).unwrap();
        (endpoint.cap(&reading), reading.choices())
    }

    #[test]
    fn a_cap_is_that_of_the_request_and_of_no_part_of_it() {
        for (path, body, cap) in [
            (CHAT, r#"{"max_tokens": 5}"#, Some(5)),
            (CHAT, r#"{"max_tokens": 5, "max_completion_tokens": 9}"#, Some(9)),
            (CHAT, r#"{"max_tokens": null}"#, None),
            (CHAT, r#"{"max_tokens": -1}"#, Some(u64::MAX)),
            ("/v1/messages", r#"{"fallbacks": [{"model": "b", "max_tokens": 5}]}"#, None),
            ("/v1/messages", r#"{"max_tokens": 3, "fallbacks": [{"model": "b", "max_tokens": 5}]}"#, Some(5)),
            (CHAT, r#"{"fallbacks": [{"model": "b", "max_tokens": 5}]}"#, None),
            (CHAT, r#"{"extra_body": {"max_tokens": 5}}"#, None),
            (CHAT, r#"{"max_tokens": 3, "extra_body": {"max_tokens": 5}}"#, Some(5)),
            ("/v1/images/generations", r#"{"fallbacks": [{"model": "b", "max_tokens": 5}]}"#, None),
            ("/v1/messages/batches", r#"{"requests": [{"params": {"max_tokens": 3}}, {"params": {}}]}"#, None),
            ("/v1beta/models/g:generateContent", r#"{"generationConfig": {"maxOutputTokens": 7}}"#, Some(7)),
            ("/api/chat", r#"{"options": {"num_predict": 8}}"#, Some(8)),
        ] {
            assert_eq!(of(path, body).0, cap, "{path} {body}");
        }
    }

    #[test]
    fn answers_that_are_made_and_thrown_away_count() {
        assert_eq!(of("/v1/completions", r#"{"n": 1, "best_of": 20}"#).1, Some(20));
        assert_eq!(of(CHAT, "{}").1, None);
    }
}
