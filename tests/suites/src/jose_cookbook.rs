//! ietf-jose/cookbook: the examples of RFC 7520 (keys and signatures), RFC 7797 and RFC 8037.
//!
//! All are sound examples of their RFC, so all are labelled accept; which of them a bearer token cannot be, and whose
//! decision that is, stands in `differences.yaml`. A verifier has the public half of a key pair, and so have we. A token
//! is tried in its compact form; where an example has none, as the JSON that it is.

use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::jose::{self, Case};
use crate::suite::{Fault, Ground, Score, Suite, Verdict, Verdicts};

pub(crate) const SUITE: Suite = Suite { name: "jose_cookbook", groups: &[JWS, JWK], run };

const JWS: &str = "jose_cookbook.jws";
const JWK: &str = "jose_cookbook.jwk";

/// The examples of tokens.
const TOKENS: &[&str] = &[
    "jws/4_1.rsa_v15_signature.json",
    "jws/4_2.rsa-pss_signature.json",
    "jws/4_3.ecdsa_signature.json",
    "jws/4_4.hmac-sha2_integrity_protection.json",
    "jws/4_5.signature_with_detached_content.json",
    "jws/4_6.protecting_specific_header_fields.json",
    "jws/4_7.protecting_content_only.json",
    "jws/4_8.multiple_signatures.json",
    "rfc7797/4.2.hmac-sha2_b64_false.json",
    "rfc7797/hmac-sha2_b64_false.json",
    "curve25519/jws.json",
    "curve25519/ecdh-es.json",
];

/// The examples of keys.
const KEYS: &[&str] = &[
    "jwk/3_1.ec_public_key.json",
    "jwk/3_2.ec_private_key.json",
    "jwk/3_3.rsa_public_key.json",
    "jwk/3_4.rsa_private_key.json",
    "jwk/3_5.symmetric_key_mac_computation.json",
    "jwk/3_6.symmetric_key_encryption.json",
];

#[derive(Debug, Deserialize)]
struct Example {
    input: Input,
    output: Output,
}

#[derive(Debug, Deserialize)]
struct Input {
    key: OneOrMore,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(Map<String, Value>),
    More(Vec<Map<String, Value>>),
}

#[derive(Debug, Deserialize)]
struct Output {
    compact: Option<String>,
    json: Value,
}

fn run(ground: &Ground) -> Result<Vec<Score>, Fault> {
    let folder = ground.folder.join("jose-cookbook");
    let tokens = TOKENS.iter().map(|file| token(&folder, file)).collect::<Result<Vec<_>, _>>()?;
    let keys = KEYS.iter().map(|file| is_read(&folder, file)).collect::<Result<Verdicts, _>>()?;
    let must = |group, labels: &Verdicts| ground.differences.applied(group, labels);
    let all = keys.keys().map(|name| (name.clone(), Verdict::Accept)).collect();
    Ok(vec![
        Score::of(JWS, TOKENS.len(), &must(JWS, &jose::labels(&tokens))?, &jose::verdicts(&tokens, &mut jose::here)?),
        Score::of(JWK, KEYS.len(), &must(JWK, &all)?, &keys),
    ])
}

fn token(folder: &Path, file: &str) -> Result<Case, Fault> {
    let Example { input, output } = jose::read(&folder.join(file))?;
    let pairs = match input.key {
        OneOrMore::One(key) => vec![key],
        OneOrMore::More(keys) => keys,
    };
    let keys: Vec<_> = pairs.iter().map(jose::public).collect();
    let text = output.compact.unwrap_or_else(|| output.json.to_string());
    let question = jose::token(json!({"keys": keys}), &text);
    Ok(Case { name: file.to_owned(), label: Verdict::Accept, question })
}

/// Whether a key is read as it is, private half and all: as a public key, or as an operator's own secret.
fn is_read(folder: &Path, file: &str) -> Result<(String, Verdict), Fault> {
    let key: Value = jose::read(&folder.join(file))?;
    let keys = json!({"keys": [key]});
    Ok((file.to_owned(), Verdict::of(jose::are_read(&keys))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_example_that_is_not_there_is_no_score() {
        let folder = std::env::temp_dir();
        assert!(matches!(token(&folder, "jws/none.json"), Err(Fault::Surroundings(_))));
        assert!(matches!(is_read(&folder, "jwk/none.json"), Err(Fault::Surroundings(_))));
    }
}
