//! Credentials of a case table: GOOD with changes, minted when a case first names them.

use super::text::Text;
use crate::token::{Key, Token, base64url, now, unbase64url};
use jsonwebtoken::Algorithm;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// What `${name}` stands for.
pub trait Words {
    /// The bytes, or what is wrong with the name.
    fn word(&self, name: &str) -> Result<Vec<u8>, String>;
}

/// A token: GOOD, with these changes.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TokenSpec {
    /// Members of the header that are set, directives included.
    pub header: Map<String, Value>,
    /// Members of the header that are removed.
    pub without_header: Vec<String>,
    /// All bytes of the header instead.
    pub raw_header: Option<Text>,
    /// Claims that are set, directives included.
    pub claims: Map<String, Value>,
    /// Claims that are removed.
    pub without: Vec<String>,
    /// All bytes of the payload instead.
    pub raw_claims: Option<Text>,
    /// Who signs; by default `k1`.
    pub sign: Sign,
    /// Header and payload as they are signed, with their dot, instead.
    pub message: Option<Text>,
    /// The whole token as a text instead.
    pub text: Option<Text>,
}

/// Who signs: the name of a key, `nobody`, or one of the maps.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Sign {
    /// A key by name, or `nobody`.
    By(String),
    /// A key with another algorithm than its own.
    As(SignAs),
    /// HMAC with this secret.
    Hmac(SignHmac),
    /// These bytes, whatever they are.
    Bytes(SignBytes),
}

/// Part of [`Sign`].
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignAs {
    /// The key.
    pub key: String,
    /// The algorithm.
    pub r#as: Algorithm,
}

/// Part of [`Sign`].
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignHmac {
    /// The secret.
    pub hmac: Text,
    /// The algorithm, HS256 by default.
    pub r#as: Option<Algorithm>,
}

/// Part of [`Sign`].
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignBytes {
    /// The signature.
    pub signature: Text,
}

impl Default for Sign {
    fn default() -> Self {
        Self::By(Key::K1.name().to_owned())
    }
}

/// The words of one case: its credentials, and what the runner adds.
pub struct Credentials {
    specs: BTreeMap<String, TokenSpec>,
    minted: RefCell<BTreeMap<String, Vec<u8>>>,
    being_minted: RefCell<BTreeSet<String>>,
    others: RefCell<BTreeMap<String, String>>,
}

impl Credentials {
    /// These credentials and `good`.
    pub fn new(specs: impl IntoIterator<Item = (String, TokenSpec)>) -> Self {
        let good = ("good".to_owned(), TokenSpec::default());
        let specs = [good].into_iter().chain(specs).collect();
        Self { specs, minted: RefCell::default(), being_minted: RefCell::default(), others: RefCell::default() }
    }

    /// Sets a further word.
    pub fn set(&self, name: &str, value: &str) {
        self.others.borrow_mut().insert(name.to_owned(), value.to_owned());
    }

    /// Every credential that was used.
    pub fn used(&self) -> Vec<Vec<u8>> {
        self.minted.borrow().values().cloned().collect()
    }

    fn token(&self, name: &str) -> Result<Vec<u8>, String> {
        if let Some(token) = self.minted.borrow().get(name) {
            return Ok(token.clone());
        }
        let spec = self.specs.get(name).ok_or_else(|| {
            format!("nothing is named {name:?}; there are {:?}", self.specs.keys().collect::<Vec<_>>())
        })?;
        if !self.being_minted.borrow_mut().insert(name.to_owned()) {
            return Err(format!("token {name:?} is made of itself"));
        }
        let token = spec.mint(self).map_err(|fault| format!("token {name:?}: {fault}"))?;
        self.minted.borrow_mut().insert(name.to_owned(), token.clone());
        Ok(token)
    }
}

impl Words for Credentials {
    fn word(&self, name: &str) -> Result<Vec<u8>, String> {
        if let Some(word) = self.others.borrow().get(name) {
            return Ok(word.clone().into_bytes());
        }
        let (token, part) = match name.rsplit_once('.') {
            Some((token, "header")) => (token, 0),
            Some((token, "payload")) => (token, 1),
            Some((token, "signature")) => (token, 2),
            _ => return self.token(name),
        };
        let token = self.token(token)?;
        let part = token.split(|&byte| byte == b'.').nth(part);
        part.map(<[u8]>::to_vec).ok_or_else(|| format!("{name:?}: the token has no such part"))
    }
}

impl TokenSpec {
    fn mint(&self, words: &dyn Words) -> Result<Vec<u8>, String> {
        if let Some(text) = &self.text {
            return text.bytes(words);
        }
        if let Some(message) = &self.message {
            return self.sign.sign_message(&message.bytes(words)?);
        }
        let mut token = Token::good();
        for (name, value) in &self.header {
            token = token.header(name, directives(value.clone())?);
        }
        for (name, value) in &self.claims {
            token = token.claim(name, directives(value.clone())?);
        }
        token = self.without_header.iter().fold(token, |token, name| token.without_header(name));
        token = self.without.iter().fold(token, |token, name| token.without(name));
        if let Some(header) = &self.raw_header {
            token = token.raw_header(header.bytes(words)?);
        }
        if let Some(claims) = &self.raw_claims {
            token = token.raw_payload(claims.bytes(words)?);
        }
        self.sign.sign(&token, words).map(String::into_bytes)
    }
}

impl Sign {
    fn sign(&self, token: &Token, words: &dyn Words) -> Result<String, String> {
        match self {
            Self::By(name) if name == "nobody" => Ok(token.unsigned()),
            Self::By(name) => Ok(token.sign(key(name)?)),
            Self::As(how) => Ok(token.sign_as(key(&how.key)?, how.r#as)),
            Self::Hmac(how) => Ok(token.sign_hmac_as(&how.hmac.bytes(words)?, how.r#as.unwrap_or(Algorithm::HS256))),
            Self::Bytes(how) => Ok(token.with_signature(&how.signature.bytes(words)?)),
        }
    }

    fn sign_message(&self, message: &[u8]) -> Result<Vec<u8>, String> {
        let (key, algorithm) = match self {
            Self::By(name) => (key(name)?, key(name)?.algorithm()),
            Self::As(how) => (key(&how.key)?, how.r#as),
            Self::Hmac(_) | Self::Bytes(_) => return Err("`message` needs a key to be signed with".to_owned()),
        };
        let signature = base64url(&key.signature(message, algorithm));
        Ok([message, b".", signature.as_bytes()].concat())
    }
}

/// The words of JSON Schema that look like directives and are none.
const SCHEMA_WORDS: [&str; 8] =
    ["$schema", "$id", "$ref", "$defs", "$anchor", "$dynamicRef", "$dynamicAnchor", "$recursiveRef"];

/// Whether the name of a member is that of a directive.
pub(super) fn is_directive(name: &str) -> bool {
    name.starts_with('$') && !SCHEMA_WORDS.contains(&name)
}

/// A JSON value with its directives carried out: maps with one key that begins with `$`.
pub fn directives(value: Value) -> Result<Value, String> {
    match value {
        Value::Array(list) => list.into_iter().map(directives).collect(),
        Value::Object(members) => {
            if let Some((name, argument)) = members.iter().next().filter(|(name, _)| is_directive(name)) {
                return directive(name, argument).ok_or_else(|| format!("no directive {name}: {argument}"));
            }
            let each = |(name, value)| Ok((name, directives(value)?));
            members.into_iter().map(each).collect::<Result<Map<_, _>, String>>().map(Value::Object)
        }
        other => Ok(other),
    }
}

fn directive(name: &str, argument: &Value) -> Option<Value> {
    let keys = || {
        let entries = argument.as_array()?.iter().map(entries);
        Some(json!({"keys": entries.collect::<Option<Vec<_>>>()?.concat()}))
    };
    match name {
        "$now" => Some(json!(now() + argument.as_i64()?)),
        "$jwk" => entries(argument)?.into_iter().next(),
        "$jwks" => keys(),
        "$jwks_text" => Some(json!(keys()?.to_string())),
        "$text" => String::from_utf8(plain(argument)?).ok().map(Value::from),
        "$json" => serde_json::from_slice(&plain(argument)?).ok(),
        "$base64url" => Some(json!(base64url(argument.as_str()?.as_bytes()))),
        _ => None,
    }
}

/// A text without references.
fn plain(text: &Value) -> Option<Vec<u8>> {
    let text: Text = serde_json::from_value(text.clone()).ok()?;
    text.bytes(&Credentials::new([])).ok()
}

/// Keys of a set: a name, `{key: k1, with: {alg: null}}`, `{jwk: {kty: …}}`, or `{decoys: 199}`.
fn entries(entry: &Value) -> Option<Vec<Value>> {
    if let Some(name) = entry.as_str() {
        return Some(vec![key(name).ok()?.jwk()]);
    }
    if let Some(count) = entry.get("decoys") {
        return Some((0..count.as_u64()?).map(decoy).collect());
    }
    if let Some(jwk) = entry.get("jwk") {
        return Some(vec![jwk.clone()]);
    }
    let mut jwk = key(entry.get("key")?.as_str()?).ok()?.jwk();
    for (name, value) in entry.get("with")?.as_object()? {
        jwk[name] = value.clone();
    }
    jwk.as_object_mut()?.retain(|_, value| !value.is_null());
    Some(vec![jwk])
}

/// An RSA key that nobody has: k1's modulus with other digits in its middle.
fn decoy(number: u64) -> Value {
    let mut jwk = Key::K1.jwk();
    let mut modulus = unbase64url(jwk["n"].as_str().unwrap_or_default());
    let digits = modulus.iter_mut().skip(8).zip(number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
    digits.for_each(|(byte, other)| *byte ^= other | 1);
    jwk["n"] = json!(base64url(&modulus));
    jwk["kid"] = json!(format!("decoy-{number}"));
    jwk
}

fn key(name: &str) -> Result<Key, String> {
    let key = Key::ALL.into_iter().find(|key| key.name() == name);
    key.ok_or_else(|| format!("no key {name:?}; there are {:?} and nobody", Key::ALL.map(Key::name)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::algorithm_name;

    fn credentials(yaml: &str) -> Credentials {
        Credentials::new(serde_norway::from_str::<BTreeMap<String, TokenSpec>>(yaml).unwrap())
    }

    fn part(credentials: &Credentials, name: &str) -> Value {
        let text = String::from_utf8(credentials.word(name).unwrap()).unwrap();
        serde_json::from_slice(&unbase64url(&text)).unwrap()
    }

    #[test]
    fn a_token_is_good_with_changes() {
        let words = credentials(
            "a: {header: {kid: x}, claims: {exp: {$now: -61}, sub: null}, without: [aud], sign: nobody}\n\
             b: {sign: {key: k1, as: PS256}}\n\
             c: {sign: {hmac: {public: k1, as: spki_pem}}}\n\
             d: {text: [{base64url: '{}'}, '.${a.payload}.${b.signature}']}\n\
             m: {message: '${good.header}.${good.payload}'}",
        );
        assert_eq!(part(&words, "a.header"), json!({"kid": "x", "typ": "at+jwt"}));
        let claims = part(&words, "a.payload");
        assert!(claims["exp"].as_i64().unwrap() < now() && claims["sub"].is_null() && claims.get("aud").is_none());
        assert_eq!(part(&words, "b.header")["alg"], "PS256");
        assert_eq!(part(&words, "c.header")["alg"], "HS256");
        assert_eq!(words.word("d.payload").unwrap(), words.word("a.payload").unwrap());
        assert_eq!(words.used().len(), 4);
        assert_eq!(words.word("m").unwrap(), words.word("good").unwrap());
        assert!(words.word("nobody.knows").is_err());
        assert!(credentials("e: {text: '${e}'}").word("e").unwrap_err().contains("made of itself"));
    }

    #[test]
    fn directives_become_values() {
        let value = directives(json!({"a": [{"$jwks": ["k1"]}]})).unwrap();
        assert_eq!(value["a"][0]["keys"][0]["kid"], "k1");
        assert!(directives(json!({"$nothing": 1})).is_err());
        let many = directives(json!({"$json": ["[", {"repeat": "${i},", "times": 3}, "3]"]})).unwrap();
        assert_eq!(many, json!([0, 1, 2, 3]));
        assert_eq!(directives(json!({"$text": {"repeat": "a", "times": 3}})).unwrap(), "aaa");
        let schema = json!({"$defs": {"a": {"$ref": "#/$defs/a"}}, "$dynamicRef": "#x"});
        assert_eq!(directives(schema.clone()).unwrap(), schema);
        let set =
            directives(json!({"$jwks": [{"decoys": 3}, {"key": "k2", "with": {"kid": "x", "alg": null}}]})).unwrap();
        let keys = set["keys"].as_array().unwrap();
        assert_eq!((keys.len(), &keys[3]["kid"], keys[3].get("alg")), (4, &json!("x"), None));
        assert!(keys[..3].iter().all(|key| key["n"] != Key::K1.jwk()["n"]) && keys[1]["n"] != keys[2]["n"]);
    }

    #[test]
    fn algorithm_names_are_those_of_the_table() {
        for name in ["RS256", "PS512", "ES384", "EdDSA"] {
            let algorithm: Algorithm = serde_json::from_value(json!(name)).unwrap();
            assert_eq!(algorithm_name(algorithm), name);
        }
    }
}
