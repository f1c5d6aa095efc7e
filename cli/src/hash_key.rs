//! `portcullis hash-key`: from an API key to the entry that authn knows it by.
//!
//! 1. The key comes from standard input, or is made here (`--generate`). It is never an argument: shells remember those,
//!    and other users of the machine see them. One line end behind it is not part of it.
//! 2. It must be what a caller can send: 1 to 1024 visible ASCII characters.
//! 3. It is hashed with SHA-256; with a pepper, with HMAC-SHA-256 under it. The pepper comes from an environment
//!    variable, read as authn reads it.
//! 4. The entry is given to authn before it is printed, so what is printed is accepted.
//!
//! ```text
//! $ portcullis hash-key --generate --prefix sk- --id acme-1 --subject acme-app --role user --expires 90d
//! The key, shown once and stored nowhere:      <- standard error
//!     sk-4Uv9...
//! {                                            <- standard output: an item of key_sets.*.keys
//!   "id": "acme-1",
//!   "sha256": "b1f0...",
//!   "subject": "acme-app",
//!   "roles": ["user"],
//!   "not_after": 1807776000
//! }
//! ```

use std::io::{IsTerminal as _, Read as _};
use std::str::FromStr;

use authn::Authn;
use authn::policy::{Fingerprint, Pepper};
use clap::{Args, ValueEnum};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use portcullis::config::{Encoding, Secret};
use portcullis::filter::Env;
use serde::Serialize;
use serde_json::{Value, json};

use crate::Fault;

/// Print the entry of an API key for `key_sets.*.keys`, by its hash
///
/// The key is read from standard input, as in `hash-key --id acme --subject acme-app <key.txt`, or made with --generate.
#[derive(Args, Default)]
pub(crate) struct Arguments {
    /// Not taken: shells remember arguments
    #[arg(hide = true)]
    key: Option<String>,
    /// Make a random key (256 bits, base 62) and print it once, to standard error
    #[arg(long)]
    generate: bool,
    /// What a generated key begins with
    #[arg(long, value_name = "TEXT", requires = "generate", default_value = "", hide_default_value = true)]
    prefix: String,
    /// A name for the key that is no secret, unique in the configuration
    #[arg(long)]
    id: String,
    /// Who calls with it: `sub` of the identity
    #[arg(long)]
    subject: String,
    /// A role of the caller; may be repeated
    #[arg(long = "role", value_name = "ROLE")]
    roles: Vec<String>,
    /// An OAuth scope of the caller; may be repeated
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
    /// The caller's tenant
    #[arg(long)]
    tenant: Option<String>,
    /// A model that the key is good for; may be repeated [default: not limited]
    #[arg(long = "model", value_name = "MODEL")]
    models: Vec<String>,
    /// When it ends: a date as in 2027-01-31T00:00:00Z, or from now: 90d, 12h [default: no end]
    #[arg(long, value_name = "WHEN")]
    expires: Option<Expiry>,
    /// The environment variable that holds the set's pepper, at least 32 bytes
    #[arg(long, value_name = "NAME")]
    pepper_env: Option<String>,
    /// How the pepper is written in it
    #[arg(long, value_name = "ENCODING", requires = "pepper_env", value_enum, default_value_t)]
    pepper_encoding: PepperEncoding,
}

/// The `encoding` of a secret in a configuration.
#[derive(Clone, Copy, Default, Serialize, ValueEnum)]
#[serde(rename_all = "snake_case")]
enum PepperEncoding {
    #[default]
    Text,
    Base64,
    Hex,
}

impl From<PepperEncoding> for Encoding {
    fn from(encoding: PepperEncoding) -> Self {
        match encoding {
            PepperEncoding::Text => Self::Text,
            PepperEncoding::Base64 => Self::Base64,
            PepperEncoding::Hex => Self::Hex,
        }
    }
}

/// An item of `key_sets.*.keys`.
#[derive(Serialize)]
struct Entry<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hmac_sha256: Option<String>,
    subject: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    roles: &'a [String],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    scopes: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    tenant: Option<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    models: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    not_after: Option<i64>,
}

/// What surrounds the command.
struct Surroundings {
    now: Timestamp,
    variables: Vec<(String, String)>,
}

pub(crate) fn run(mut arguments: Arguments) -> Result<(), Fault> {
    if arguments.key.take().is_some() {
        return Err(
            "a key was given as an argument, where your shell remembers it and other users of this machine see it: \
                    write it to standard input, and replace it if it is in use"
                .into(),
        );
    }
    let key = if arguments.generate { generated(&arguments.prefix)? } else { from_standard_input()? };
    let entry = arguments.entry(&key, &Surroundings::of_this_process())?;
    if arguments.generate {
        eprintln!("The key, shown once and stored nowhere:\n\n    {key}\n");
    } else {
        doubts(&key).for_each(|doubt| eprintln!("portcullis: note: {doubt}"));
    }
    println!("{entry}");
    Ok(())
}

impl Surroundings {
    fn of_this_process() -> Self {
        // A variable that is not Unicode is no pepper that authn could read either.
        let variables =
            std::env::vars_os().filter_map(|(name, value)| name.into_string().ok().zip(value.into_string().ok()));
        Self { now: Timestamp::now(), variables: variables.collect() }
    }
}

impl Arguments {
    /// The entry as JSON, in a form that authn has accepted.
    fn entry(&self, key: &str, around: &Surroundings) -> Result<String, Fault> {
        let encoding = self.pepper_encoding;
        let pepper = self.pepper_env.clone().map(|env| Secret { env, encoding: encoding.into() });
        let (sha256, hmac_sha256) = match &pepper {
            None => (Some(Fingerprint::of(key.as_bytes()).to_hex()), None),
            Some(pepper) => (None, Some(peppered(key, pepper, around)?.to_hex())),
        };
        let not_after = self.expires.as_ref().map(|expiry| expiry.not_after(around.now)).transpose()?;
        let (id, subject, tenant) = (self.id.as_str(), self.subject.as_str(), self.tenant.as_deref());
        let (roles, scopes, models) = (&self.roles, &self.scopes, &self.models);
        let entry = Entry { id, sha256, hmac_sha256, subject, roles, scopes, tenant, models, not_after };
        let pepper = pepper.map(|pepper| json!({"env": pepper.env, "encoding": encoding}));
        check(&entry, pepper.as_ref(), around)?;
        serde_json::to_string_pretty(&entry).map_err(|error| Fault(error.to_string()))
    }
}

// The key.

const MAX_KEY_BYTES: usize = Fingerprint::MAX_KEY_BYTES;

fn from_standard_input() -> Result<String, Fault> {
    let mut input = std::io::stdin().lock();
    if input.is_terminal() {
        eprintln!("Paste the key, then press Enter and Ctrl-D. It is shown as you type; --generate makes one instead.");
    }
    let mut bytes = Vec::new();
    let most = u64::try_from(MAX_KEY_BYTES).unwrap_or(u64::MAX).saturating_add(3);
    input.by_ref().take(most).read_to_end(&mut bytes).map_err(|error| format!("standard input: {error}"))?;
    readable(&bytes)
}

/// The key in what was read: all of it but one line end.
fn readable(bytes: &[u8]) -> Result<String, Fault> {
    let key = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let key = key.strip_suffix(b"\r").unwrap_or(key);
    if key.is_empty() {
        return Err(
            "standard input is empty: expected an API key, as in `hash-key ... <key.txt`; --generate makes one".into(),
        );
    }
    if key.len() > MAX_KEY_BYTES {
        return Err(format!("the key is longer than {MAX_KEY_BYTES} bytes: expected one that fits in a header").into());
    }
    match key.iter().position(|byte| !byte.is_ascii_graphic()) {
        None => Ok(String::from_utf8_lossy(key).into_owned()),
        Some(at) => Err(format!(
            "byte {} of the key is a blank, a line end or no visible ASCII character: expected one key and nothing else",
            at.saturating_add(1)
        )
        .into()),
    }
}

/// What is accepted and yet may not be what somebody wants.
fn doubts(key: &str) -> impl Iterator<Item = &'static str> {
    let is_short = key.len() < 20;
    let has_other =
        !key.trim_end_matches('=').bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte));
    let doubts = [
        (
            is_short,
            "a key this short can be found from its hash unless a pepper guards it; --generate makes a long one",
        ),
        (
            has_other,
            "the key has characters that a bearer credential cannot have (RFC 6750): it works in a header of its own only",
        ),
    ];
    doubts.into_iter().filter(|(holds, _)| *holds).map(|(_, doubt)| doubt)
}

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// 43 digits of 62 kinds are 256 bits.
const GENERATED_DIGITS: usize = 43;

fn generated(prefix: &str) -> Result<String, Fault> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    if !prefix.bytes().all(fits) || prefix.len() > 64 {
        return Err("--prefix: expected at most 64 letters, digits, `-`, `.`, `_` and `~`, as in sk-acme-".into());
    }
    let mut key = prefix.to_owned();
    while key.len() < prefix.len().saturating_add(GENERATED_DIGITS) {
        let mut bytes = [0; 64];
        getrandom::getrandom(&mut bytes).map_err(|error| format!("the system gives no random bytes: {error}"))?;
        let missing = prefix.len().saturating_add(GENERATED_DIGITS).saturating_sub(key.len());
        key.extend(bytes.into_iter().filter_map(digit).take(missing));
    }
    Ok(key)
}

/// A digit for a random byte, each equally likely: four times 62 bytes have one, the other eight none.
fn digit(byte: u8) -> Option<char> {
    let at = usize::from(byte);
    let is_fair = at < DIGITS.len().saturating_mul(4);
    let digit = DIGITS.iter().cycle().nth(at).filter(|_| is_fair)?;
    Some(char::from(*digit))
}

// The hash.

fn peppered(key: &str, pepper: &Secret, around: &Surroundings) -> Result<Fingerprint, Fault> {
    let env = Env::new("authn", around.variables.iter().cloned());
    // The filter's own message is about a VM's environment; here it is the shell's.
    let secret = pepper.resolve(&env).map_err(|_| {
        let Secret { env: name, encoding } = pepper;
        format!("--pepper-env: expected {name} to be a variable that is set and holds {}", written_as(*encoding))
    })?;
    let pepper = Pepper::of(&secret).ok_or_else(|| {
        format!(
            "the pepper has {} bytes: expected at least {least}, as `openssl rand -hex {least}` prints with \
             --pepper-encoding hex",
            secret.len(),
            least = Pepper::MIN_BYTES,
        )
    })?;
    Ok(pepper.fingerprint(key.as_bytes()))
}

fn written_as(encoding: Encoding) -> &'static str {
    match encoding {
        Encoding::Text => "text",
        Encoding::Base64 => "padded base64",
        Encoding::Hex => "two hex digits for each byte",
    }
}

// The entry.

/// Asks authn itself: its rules are the only ones, and a fault names the member that is at fault.
fn check(entry: &Entry<'_>, pepper: Option<&Value>, around: &Surroundings) -> Result<(), Fault> {
    let configuration = json!({"key_sets": {"set": {"keys": [entry], "pepper": pepper}}}).to_string();
    let compiled = portcullis::adapter::compile::<Authn>(&around.variables, configuration.as_bytes());
    compiled.map(drop).map_err(|error| {
        let text = error.to_string();
        Fault(text.strip_prefix("key_sets.set.keys[0].").unwrap_or(&text).to_owned())
    })
}

/// When a key ends.
#[derive(Debug, Clone)]
enum Expiry {
    At(Timestamp),
    In(Span),
}

impl FromStr for Expiry {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let date = || text.parse().map(Self::At);
        date().or_else(|_| text.parse().map(Self::In)).map_err(|_| {
            "expected a date with its time zone such as 2027-01-31T00:00:00Z (RFC 3339), or a duration such as 90d or 12h"
        })
    }
}

impl Expiry {
    /// The last second in which the key is good.
    fn not_after(&self, now: Timestamp) -> Result<i64, Fault> {
        let end = match self {
            Self::At(date) => Some(*date),
            Self::In(span) => now.to_zoned(TimeZone::UTC).checked_add(*span).ok().map(|end| end.timestamp()),
        };
        let end = end.ok_or("--expires: expected a date that a calendar has")?;
        if end > now {
            Ok(end.as_second())
        } else {
            Err(format!("--expires: {end} is past, expected a date to come").into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn around() -> Surroundings {
        let variables = [("PEPPER", "0123456789abcdef0123456789abcdef"), ("SHORT", "0123456789abcdef"), ("HEX", "zz")];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        Surroundings { now: Timestamp::from_second(1_800_000_000).unwrap(), variables }
    }

    fn acme() -> Arguments {
        Arguments { id: "acme-1".to_owned(), subject: "acme-app".to_owned(), ..Arguments::default() }
    }

    fn fault(arguments: &Arguments) -> String {
        arguments.entry("sk-1", &around()).unwrap_err().0
    }

    #[test]
    fn an_entry_has_what_was_said_and_nothing_else() {
        let entry = acme().entry("sk-1", &around()).unwrap();
        assert_eq!(entry.lines().count(), 5, "{entry}");
        let all = Arguments {
            roles: vec!["user".to_owned()],
            scopes: vec!["chat".to_owned()],
            tenant: Some("acme".to_owned()),
            models: vec!["gpt-mini".to_owned(), "gpt-max".to_owned()],
            expires: Some("90d".parse().unwrap()),
            ..acme()
        };
        let entry = all.entry("sk-1", &around()).unwrap();
        for line in [r#""tenant": "acme""#, r#""not_after": 1807776000"#, r#""gpt-mini","#, r#""chat""#, r#""user""#] {
            assert!(entry.contains(line), "{entry}");
        }
    }

    /// `printf %s sk-1 | sha256sum`, and the same with `openssl dgst -sha256 -hmac`.
    #[test]
    fn the_hash_is_the_one_that_other_tools_print() {
        assert!(
            acme()
                .entry("sk-1", &around())
                .unwrap()
                .contains("0f2c10bf3d128c719c6bfa4ecbae94b7fceebaea6e4438fef38a90e5acc326f3")
        );
        let peppered =
            peppered("sk-1", &Secret { env: "PEPPER".to_owned(), encoding: Encoding::Text }, &around()).unwrap();
        assert_eq!(peppered.to_hex(), "abc5fba8fffdcf61eba29e934a009a2c8832beb76de4f5ed8f8fc90136206232");
    }

    #[test]
    fn one_line_end_is_not_part_of_a_key() {
        for (input, key) in [("sk-1", "sk-1"), ("sk-1\n", "sk-1"), ("sk-1\r\n", "sk-1"), ("sk-1\r", "sk-1")] {
            assert_eq!(readable(input.as_bytes()), Ok(key.to_owned()), "{input:?}");
        }
    }

    #[test]
    fn what_no_caller_can_send_is_no_key() {
        let long = "x".repeat(1025);
        for input in ["", "\n", " ", "sk 1", "sk-1\n\n", "\u{feff}sk-1", "sk-1\nsk-2", "schlüssel", long.as_str()] {
            let fault = readable(input.as_bytes()).unwrap_err().0;
            assert!(fault.contains("expected") && !fault.contains("sk-1"), "{input:?}: {fault}");
        }
        assert!(readable("x".repeat(MAX_KEY_BYTES).as_bytes()).is_ok());
    }

    #[test]
    fn every_digit_of_a_generated_key_is_equally_likely() {
        let digits: Vec<char> = (0..=u8::MAX).filter_map(digit).collect();
        assert_eq!(digits.len(), 62 * 4);
        assert!(DIGITS.iter().all(|digit| digits.iter().filter(|found| **found == char::from(*digit)).count() == 4));
        let (one, other) = (generated("sk-").unwrap(), generated("sk-").unwrap());
        assert_ne!(one, other);
        assert!(
            one.starts_with("sk-") && one.len() == 46 && readable(one.as_bytes()).is_ok() && doubts(&one).count() == 0
        );
        assert!(generated("sk 1").is_err() && generated("ü").is_err());
    }

    #[test]
    fn a_short_or_unusual_key_is_hashed_with_a_word_of_doubt() {
        assert_eq!(doubts("0123456789abcdefghij").count(), 0);
        assert_eq!(doubts("0123456789abcdefghij==").count(), 0);
        assert_eq!(doubts("short").count(), 1);
        assert_eq!(doubts("0123456789abcdefghij:").count(), 1);
    }

    #[test]
    fn an_end_is_a_date_or_a_duration_to_come() {
        let now = around().now;
        let end = |text: &str| text.parse::<Expiry>().unwrap().not_after(now);
        assert_eq!(end("2027-01-15T09:00:00Z"), Ok(1_800_003_600));
        assert_eq!(
            end("2027-01-15T09:00:00+01:00"),
            Err(Fault("--expires: 2027-01-15T08:00:00Z is past, expected a date to come".to_owned()))
        );
        assert_eq!(end("2027-01-15T10:00:00.9+01:00"), Ok(1_800_003_600));
        assert_eq!(end("12h"), Ok(1_800_043_200));
        assert_eq!(end("1d 1s"), Ok(1_800_086_401));
        for past in ["-1d", "0s", "1970-01-01T00:00:00Z"] {
            assert!(end(past).is_err(), "{past}");
        }
        for nonsense in ["", "tomorrow", "90", "2027-01-31", "2027-13-01T00:00:00Z"] {
            assert!(nonsense.parse::<Expiry>().is_err(), "{nonsense}");
        }
    }

    #[test]
    fn a_pepper_is_long_set_and_in_its_encoding() {
        for (name, encoding, says) in [
            ("NONE", PepperEncoding::Text, "NONE to be a variable that is set"),
            ("SHORT", PepperEncoding::Text, "has 16 bytes: expected at least 32"),
            ("HEX", PepperEncoding::Hex, "two hex digits"),
            ("HEX", PepperEncoding::Base64, "padded base64"),
        ] {
            let arguments = Arguments { pepper_env: Some(name.to_owned()), pepper_encoding: encoding, ..acme() };
            let fault = fault(&arguments);
            assert!(fault.contains(says) && !fault.contains("zz") && !fault.contains("01234"), "{fault}");
        }
    }

    #[test]
    fn what_authn_would_refuse_is_not_printed() {
        for (arguments, place) in [
            (Arguments { subject: String::new(), ..acme() }, "subject"),
            (Arguments { id: "a\nb".to_owned(), ..acme() }, "id"),
            (Arguments { roles: vec!["\u{202e}nimda".to_owned()], ..acme() }, "roles[0]"),
            (Arguments { tenant: Some("x".repeat(257)), ..acme() }, "tenant"),
        ] {
            let fault = fault(&arguments);
            assert!(fault.starts_with(&format!("{place}: ")) && fault.contains("expected"), "{fault}");
        }
    }
}
