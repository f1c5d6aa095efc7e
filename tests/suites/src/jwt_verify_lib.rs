//! `google/jwt_verify_lib`: the vectors of the engine behind Envoy's own `jwt_authn`.
//!
//! - `parse`: which tokens are sound in form. Ours is asked with a whole filter in front of it: a token is accepted if
//!   whatever it is refused for is not its form (nobody has signed these).
//! - `jwks`: which sets of keys are read.
//!
//! Label: the status `Ok` is accept, every other one refuse. The archive has no text for tokens and keys that the
//! suite's own code puts together; those are named as left out.

use authn::Authn;
use authn::policy::Algorithm;
use portcullis::host::fake::{Envoy, Request};
use portcullis::json::{self, Limits};
use serde::Deserialize;
use serde_json::json;

use crate::jose;
use crate::suite::{Fault, Ground, Score, Suite, Verdict, Verdicts};

pub(crate) const SUITE: Suite = Suite { name: "jwt_verify_lib", groups: &[PARSE, JWKS], run };

const PARSE: &str = "jwt_verify_lib.parse";
const JWKS: &str = "jwt_verify_lib.jwks";

/// The suite's entry in `expectations.yaml`.
#[derive(Debug, Deserialize)]
struct Expectations {
    extracted: Extracted,
}

/// Numbers with words around them: `33 (29 with a literal token; …)`.
#[derive(Debug, Deserialize)]
struct Extracted {
    parse: String,
    jwks: String,
}

#[derive(Debug, Deserialize)]
struct Vectors {
    parse: Vec<Vector>,
    jwks: Vec<Vector>,
}

#[derive(Debug, Clone, Deserialize)]
struct Vector {
    /// The name of the test; some tests have several vectors.
    test: String,
    #[serde(alias = "jwt")]
    input: Option<String>,
    status: String,
}

fn run(ground: &Ground) -> Result<Vec<Score>, Fault> {
    let expected: Expectations = ground.expected("jwt_verify_lib")?;
    let vectors: Vectors = jose::read(&ground.folder.join("jwt_verify_lib/jwt_verify_lib.json"))?;
    let gateway = Gateway::new()?;
    Ok(vec![
        score(PARSE, &expected.extracted.parse, &vectors.parse, ground, |token| gateway.takes(token))?,
        score(JWKS, &expected.extracted.jwks, &vectors.jwks, ground, |keys| Ok(are_read(keys)))?,
    ])
}

fn score(
    group: &str,
    expected: &str,
    vectors: &[Vector],
    ground: &Ground,
    is_accepted: impl Fn(&str) -> Result<bool, Fault>,
) -> Result<Score, Fault> {
    let counts: Vec<usize> = expected.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse().ok()).collect();
    let &[all, literal, ..] = counts.as_slice() else {
        return Err(Fault::Table(format!("expectations.yaml: {group}: expected two numbers, found {expected}")));
    };
    if vectors.len() != all {
        return Err(Fault::Table(format!("{group}: expected {all} vectors, found {}", vectors.len())));
    }
    let (mut labels, mut did) = (Verdicts::new(), Verdicts::new());
    for (name, vector) in named(vectors) {
        let Some(input) = &vector.input else { continue };
        labels.insert(name.clone(), Verdict::of(vector.status == "Ok"));
        did.insert(name, Verdict::of(is_accepted(input)?));
    }
    let must = ground.differences.applied(group, &labels)?;
    let absent = vectors.iter().filter(|vector| vector.input.is_none());
    let left_out = absent.map(|vector| format!("{}: the archive has no text for it", vector.test));
    Ok(Score::of(group, literal, &must, &did).leaving_out(left_out))
}

/// Vectors by their test, the second one of a test as `test#2`.
fn named(vectors: &[Vector]) -> Vec<(String, &Vector)> {
    let name = |(at, vector): (usize, &Vector)| match vectors.iter().take(at).filter(|v| v.test == vector.test).count()
    {
        0 => vector.test.clone(),
        earlier => format!("{}#{}", vector.test, earlier.saturating_add(1)),
    };
    vectors.iter().enumerate().map(|at| (name(at), at.1)).collect()
}

/// Our filter before an upstream, with providers for the issuers of the vectors.
struct Gateway(Envoy);

/// What a sound token is refused for here.
const NOT_ITS_FORM: &[&str] =
    &["unknown_issuer", "wrong_audience", "token_expired", "token_not_yet_valid", "unknown_key", "bad_signature"];

impl Gateway {
    fn new() -> Result<Gateway, Fault> {
        // A key of nobody's: Wycheproof's.
        let key = json!({
            "kty": "EC", "crv": "P-256",
            "x": "04N0xi21hshyvBp7I167sbE_bXqyqkAPfefdklMO7wY", "y": "UI8exy-C06a7DUnjIdENkxeFtHM4-l_41LqEw9nVgmw",
        });
        let algorithms: Vec<_> = Algorithm::PUBLIC.iter().map(|algorithm| algorithm.name()).collect();
        let provider = |issuer: &str| {
            json!({
                "issuer": issuer, "audiences": ["aud1", "example_service"], "algorithms": algorithms,
                "jwks_inline": {"keys": [key]},
            })
        };
        let providers = json!({"a": provider("https://example.com"), "b": provider("test_issuer")});
        let envoy = Envoy::of_filter::<Authn>(&json!({"providers": providers}).to_string());
        envoy.map(Gateway).map_err(|error| Fault::Surroundings(format!("jwt_verify_lib: {error:?}")))
    }

    fn takes(&self, token: &str) -> Result<bool, Fault> {
        let answer = self.0.send(&Request::get("/").header("authorization", format!("Bearer {token}")));
        match answer.details.strip_prefix("portcullis_authn_") {
            Some(code) => Ok(NOT_ITS_FORM.contains(&code)),
            None => Err(Fault::Surroundings(format!("jwt_verify_lib: expected a refusal, got {answer:?}"))),
        }
    }
}

/// Whether a text is a JWK set with a key that we use.
fn are_read(text: &str) -> bool {
    json::parse(text.as_bytes(), Limits::default()).is_ok_and(|keys| jose::are_read(&keys))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vectors_of_one_test_have_names_of_their_own() {
        let vector = |test: &str| Vector { test: test.to_owned(), input: None, status: "Ok".to_owned() };
        let vectors = ["a", "b", "a", "a"].map(vector);
        let names: Vec<String> = named(&vectors).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["a", "b", "a#2", "a#3"]);
    }

    #[test]
    fn a_token_is_taken_unless_its_form_is_wrong() {
        let gateway = Gateway::new().unwrap();
        // {"alg":"ES256"} and {"iss":"test_issuer","sub":"a","aud":"aud1","exp":1}, then one whose `exp` is text.
        let (expired, wrong_type) = (
            "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJ0ZXN0X2lzc3VlciIsInN1YiI6ImEiLCJhdWQiOiJhdWQxIiwiZXhwIjoxfQ.AAAA",
            "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJ0ZXN0X2lzc3VlciIsImF1ZCI6ImF1ZDEiLCJleHAiOiIxIn0.AAAA",
        );
        for (token, taken) in [(expired, true), (wrong_type, false), ("", false), ("a.b.c", false)] {
            assert_eq!(gateway.takes(token).unwrap(), taken, "{token}");
        }
    }

    #[test]
    fn a_set_is_read_if_one_key_of_it_is_used() {
        assert!(!are_read("{"));
        assert!(!are_read(r#"{"keys": []}"#));
        assert!(are_read(&format!(r#"{{"keys": [{{"kty": "oct", "k": "{}"}}]}}"#, "AAAA".repeat(22))));
    }
}
