//! Texts of a case table that may be any bytes.
//!
//! | written | means |
//! |---|---|
//! | `Bearer ${good}` | the text, with what `${…}` names; `$${` is a plain `${` |
//! | `{bytes: 'a\xff\r\n'}` | these bytes, with `\xNN`, `\r`, `\n`, `\t`, `\0`, `\\` |
//! | `{repeat: a, times: 8192}` | a text many times; `${i}` in it is which |
//! | `{base64: …}`, `{base64url: …}` | a text in that encoding (the second without padding) |
//! | `{trim_end: …}` | a text without white space at its end |
//! | `{flip_tail: "${good.signature}"}` | base64url of the same bytes in another spelling |
//! | `{public: k1, as: spki_pem}` | the public half of a key: `spki_pem`, `spki_der`, `pkcs1_pem`, `pkcs1_der`, `jwk`, `modulus`, `point` |
//! | `[a, {bytes: …}, b]` | texts joined |

use super::mint::Words;
use crate::token::{Key, base64url, pem, unbase64url};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer};
use std::fmt;

/// See the head of this file.
#[derive(Clone, Debug)]
pub enum Text {
    /// A string with references.
    Plain(String),
    /// Any bytes.
    Bytes(Vec<u8>),
    /// A text many times.
    Repeat(Box<Text>, usize),
    /// A text in an encoding.
    Encoded(Encoding, Box<Text>),
    /// The public half of a key.
    Public(Key, Form),
    /// A text without white space at its end.
    Trimmed(Box<Text>),
    /// Texts joined.
    Joined(Vec<Text>),
}

/// How a text is encoded.
#[derive(Clone, Copy, Debug)]
pub enum Encoding {
    /// With padding.
    Base64,
    /// Without padding.
    Base64Url,
    /// It is base64url already, and its last character is exchanged for one of the same meaning.
    FlipTail,
}

/// How a public key is written.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Form {
    SpkiPem,
    SpkiDer,
    Pkcs1Pem,
    Pkcs1Der,
    Jwk,
    Modulus,
    Point,
}

impl Text {
    /// The bytes it stands for.
    pub fn bytes(&self, words: &dyn Words) -> Result<Vec<u8>, String> {
        match self {
            Self::Plain(text) => referenced(text, words),
            Self::Bytes(bytes) => Ok(bytes.clone()),
            Self::Repeat(text, times) => {
                let each: Result<Vec<_>, _> = (0..*times).map(|i| text.bytes(&Ith { words, i })).collect();
                Ok(each?.concat())
            }
            Self::Encoded(encoding, text) => encoding.encode(&text.bytes(words)?),
            Self::Public(key, form) => Ok(form.write(*key)),
            Self::Trimmed(text) => Ok(text.bytes(words)?.trim_ascii_end().to_vec()),
            Self::Joined(texts) => {
                let parts: Result<Vec<_>, _> = texts.iter().map(|text| text.bytes(words)).collect();
                Ok(parts?.concat())
            }
        }
    }
}

/// The words within a repetition.
pub(super) struct Ith<'w> {
    pub(super) words: &'w dyn Words,
    pub(super) i: usize,
}

impl Words for Ith<'_> {
    fn word(&self, name: &str) -> Result<Vec<u8>, String> {
        if name == "i" { Ok(self.i.to_string().into_bytes()) } else { self.words.word(name) }
    }
}

impl Encoding {
    fn encode(self, bytes: &[u8]) -> Result<Vec<u8>, String> {
        match self {
            Self::Base64 => Ok(STANDARD.encode(bytes).into_bytes()),
            Self::Base64Url => Ok(base64url(bytes).into_bytes()),
            Self::FlipTail => flip_tail(bytes),
        }
    }
}

impl Form {
    fn write(self, key: Key) -> Vec<u8> {
        let member = |name: &str| unbase64url(key.jwk()[name].as_str().unwrap_or_default());
        match self {
            Self::SpkiPem => pem("PUBLIC KEY", &key.rsa_public_spki()).into_bytes(),
            Self::SpkiDer => key.rsa_public_spki(),
            Self::Pkcs1Pem => pem("RSA PUBLIC KEY", &key.rsa_public_pkcs1()).into_bytes(),
            Self::Pkcs1Der => key.rsa_public_pkcs1(),
            Self::Jwk => key.jwk().to_string().into_bytes(),
            Self::Modulus => member("n"),
            Self::Point => [member("x"), member("y")].concat(),
        }
    }
}

/// Exchanges the last character for another that decodes to the same bytes in a careless decoder.
fn flip_tail(text: &[u8]) -> Result<Vec<u8>, String> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let last = text.last().and_then(|last| ALPHABET.iter().position(|letter| letter == last));
    let (Some(last), 2 | 3) = (last, text.len() % 4) else {
        return Err("flip_tail: the last character has no unused bits".to_owned());
    };
    let mut other = text.to_vec();
    if let Some(tail) = other.last_mut() {
        *tail = ALPHABET[last ^ 1];
    }
    Ok(other)
}

/// A string with its references carried out.
fn referenced(text: &str, words: &dyn Words) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        if let Some(before) = before.strip_suffix('$') {
            bytes.extend([before, "${"].concat().as_bytes());
            rest = after;
            continue;
        }
        let (name, after) = after.split_once('}').ok_or_else(|| format!("no }} in {text:?}"))?;
        bytes.extend(before.as_bytes());
        bytes.extend(words.word(name)?);
        rest = after;
    }
    bytes.extend(rest.as_bytes());
    Ok(bytes)
}

/// Bytes by their escapes.
fn unescaped(text: &str) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        bytes.extend(before.as_bytes());
        let (byte, length) = match after.as_bytes() {
            [b'r', ..] => (b'\r', 1),
            [b'n', ..] => (b'\n', 1),
            [b't', ..] => (b'\t', 1),
            [b'0', ..] => (0, 1),
            [b'\\', ..] => (b'\\', 1),
            [b'x', ..] => {
                let digits = after.get(1..3).ok_or_else(|| format!("\\x needs two digits in {text:?}"))?;
                (u8::from_str_radix(digits, 16).map_err(|e| format!("{e} in {text:?}"))?, 3)
            }
            _ => return Err(format!("unknown escape in {text:?}")),
        };
        bytes.push(byte);
        rest = &after[length..];
    }
    bytes.extend(rest.as_bytes());
    Ok(bytes)
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor)
    }
}

struct TextVisitor;

/// The map forms of a text.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Forms {
    bytes: Option<String>,
    repeat: Option<Text>,
    times: Option<usize>,
    base64: Option<Text>,
    base64url: Option<Text>,
    flip_tail: Option<Text>,
    trim_end: Option<Text>,
    public: Option<String>,
    r#as: Option<Form>,
}

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(
            "a text, {bytes}, {repeat, times}, {base64}, {base64url}, {flip_tail}, {trim_end}, {public, as}, or a list \
             of these",
        )
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Text, E> {
        Ok(Text::Plain(text.to_owned()))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Text, E> {
        Ok(Text::Plain(number.to_string()))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Text, E> {
        Ok(Text::Plain(number.to_string()))
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Text, E> {
        Ok(Text::Plain(value.to_string()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Text, A::Error> {
        let mut texts = Vec::new();
        while let Some(text) = list.next_element()? {
            texts.push(text);
        }
        Ok(Text::Joined(texts))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Text, A::Error> {
        match Forms::deserialize(MapAccessDeserializer::new(map))? {
            Forms { bytes: Some(text), .. } => unescaped(&text).map(Text::Bytes).map_err(de::Error::custom),
            Forms { repeat: Some(text), times: Some(times), .. } => Ok(Text::Repeat(Box::new(text), times)),
            Forms { base64: Some(text), .. } => Ok(Text::Encoded(Encoding::Base64, Box::new(text))),
            Forms { base64url: Some(text), .. } => Ok(Text::Encoded(Encoding::Base64Url, Box::new(text))),
            Forms { flip_tail: Some(text), .. } => Ok(Text::Encoded(Encoding::FlipTail, Box::new(text))),
            Forms { trim_end: Some(text), .. } => Ok(Text::Trimmed(Box::new(text))),
            Forms { public: Some(name), r#as: Some(form), .. } => {
                let key = Key::ALL.into_iter().find(|key| key.name() == name);
                let key = key.ok_or_else(|| de::Error::custom(format!("no key {name:?}")))?;
                Ok(Text::Public(key, form))
            }
            _ => Err(de::Error::custom("a text in none of its forms")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct One;

    impl Words for One {
        fn word(&self, name: &str) -> Result<Vec<u8>, String> {
            if name == "good" { Ok(b"<token>".to_vec()) } else { Err(format!("no {name}")) }
        }
    }

    fn bytes(yaml: &str) -> Result<Vec<u8>, String> {
        let text: Text = serde_norway::from_str(yaml).map_err(|e| e.to_string())?;
        text.bytes(&One)
    }

    #[test]
    fn every_form_gives_its_bytes() {
        assert_eq!(bytes("Bearer ${good} x").unwrap(), b"Bearer <token> x");
        assert_eq!(bytes("'$${jndi:x} $5'").unwrap(), b"${jndi:x} $5");
        assert_eq!(bytes(r"{bytes: 'a\xff\0\r\n\\'}").unwrap(), b"a\xff\0\r\n\\");
        assert_eq!(bytes("{repeat: ab, times: 3}").unwrap(), b"ababab");
        assert_eq!(bytes("{repeat: '${i}${good}', times: 2}").unwrap(), b"0<token>1<token>");
        assert_eq!(bytes("[Bearer, {bytes: ' '}, {base64: a}]").unwrap(), b"Bearer YQ==");
        assert_eq!(bytes("{flip_tail: YQ}").unwrap(), b"YR");
        assert_eq!(bytes("{public: k1, as: modulus}").unwrap().len(), 256);
        assert_eq!(bytes(r"{trim_end: {bytes: ' a\n'}}").unwrap(), b" a");
        assert_eq!(bytes("12").unwrap(), b"12");
    }

    #[test]
    fn what_is_not_known_is_a_fault() {
        for yaml in ["${bad}", "${open", r"{bytes: '\q'}", "{repeat: a}", "{flip_tail: YQQQ}", "{nothing: 1}"] {
            assert!(bytes(yaml).is_err(), "{yaml}");
        }
    }
}
