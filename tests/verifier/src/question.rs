//! What can be asked: one type for every world, so that a vector means the same in this process and in a proxy.

use authn::policy::{Algorithm, Jws, Key, KeySet, Signature, Undecided};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A vector.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Question {
    /// Has this key made this signature?
    Signature {
        /// The public key.
        jwk: Map<String, Value>,
        /// The algorithm's registered name.
        algorithm: String,
        /// What was signed, in hex.
        message: String,
        /// The signature as JOSE wants it, in hex.
        signature: String,
    },
    /// Has one of these keys signed this token? What the token says is not asked.
    Token {
        /// A JWK set.
        keys: Value,
        /// Whether it is an operator's own set of secrets, not an issuer's of public keys.
        are_secret: bool,
        /// The token in its compact form.
        token: String,
    },
}

/// More than any vector has keys.
const MAX_KEYS_TRIED: usize = 10;

impl Question {
    /// Whether authn accepts it, by what `is_good` says of signatures. Undecided is also what cannot be read.
    pub fn is_accepted(
        &self,
        is_good: impl FnMut(&Signature<'_>) -> Result<bool, Undecided>,
    ) -> Result<bool, Undecided> {
        match self {
            Self::Signature { jwk, algorithm, message, signature } => {
                let algorithm = Algorithm::named(algorithm).ok_or(Undecided)?;
                of_signature(jwk, algorithm, &unhex(message)?, &unhex(signature)?, is_good)
            }
            Self::Token { keys, are_secret, token } => of_token(keys, *are_secret, token, is_good),
        }
    }
}

fn of_signature(
    jwk: &Map<String, Value>,
    algorithm: Algorithm,
    message: &[u8],
    signature: &[u8],
    mut is_good: impl FnMut(&Signature<'_>) -> Result<bool, Undecided>,
) -> Result<bool, Undecided> {
    let Ok(key) = Key::read(jwk, &[algorithm]) else { return Ok(false) };
    Signature::new(algorithm, &key, message, signature).map_or(Ok(false), |signature| is_good(&signature))
}

fn of_token(
    keys: &Value,
    are_secret: bool,
    token: &str,
    is_good: impl FnMut(&Signature<'_>) -> Result<bool, Undecided>,
) -> Result<bool, Undecided> {
    let (keys, family) = if are_secret {
        (KeySet::secrets(keys, Algorithm::SECRET), Algorithm::SECRET)
    } else {
        (KeySet::read(keys, Algorithm::PUBLIC), Algorithm::PUBLIC)
    };
    let (Ok(keys), Ok(token)) = (keys, Jws::read(token)) else { return Ok(false) };
    let Ok(algorithm) = token.header.algorithm(family) else { return Ok(false) };
    match token.signer(&keys, algorithm, MAX_KEYS_TRIED, is_good) {
        Ok(_) => Ok(true),
        Err(denial) if denial.reason == authn::policy::Reason::CannotVerify => Err(Undecided),
        Err(_) => Ok(false),
    }
}

fn unhex(text: &str) -> Result<Vec<u8>, Undecided> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let digit = |byte: u8| u8::try_from(char::from(byte).to_digit(16)?).ok();
    let byte = |[high, low]: &[u8; 2]| Some(digit(*high)? << 4 | digit(*low)?);
    let bytes = pairs.iter().map(byte).collect::<Option<Vec<u8>>>();
    bytes.filter(|_| rest.is_empty()).ok_or(Undecided)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn hex_is_read_whole_or_not_at_all() {
        assert_eq!(unhex("00fF"), Ok(vec![0, 255]));
        assert_eq!(unhex(""), Ok(vec![]));
        for text in ["0", "0g", "+1", "é"] {
            assert_eq!(unhex(text), Err(Undecided), "{text}");
        }
    }

    #[test]
    fn a_question_travels_as_json() {
        let question = json!({"signature": {"jwk": {}, "algorithm": "ES256", "message": "", "signature": ""}});
        let read: Question = serde_json::from_value(question.clone()).unwrap();
        assert_eq!(serde_json::to_value(&read).unwrap(), question);
        assert_eq!(read.is_accepted(|_| Ok(true)), Ok(false), "a key that cannot be read makes no signature");
    }
}
