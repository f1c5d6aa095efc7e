//! A value that is called a secret, by whomever: `API_TOKEN=…`, `"password": "…"`, `the password is …`. As no form is
//! known, the value has to look like one.

use std::ops::Range;

use super::judge;
use super::sight::{Sight, Value};
use crate::detect::words::Words;

/// How passwords are called.
pub(super) const PASSWORDS: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "passcode",
    "_pass",
    "pwd",
    "passwort",
    "kennwort",
    "contraseña",
    "mot de passe",
    "senha",
    "пароль",
    "密码",
];

/// How keys are called that machines use.
pub(super) const KEYS: &[&str] = &[
    "secret",
    "token",
    "api_key",
    "apikey",
    "api-key",
    "api key",
    "access_key",
    "access-key",
    "accesskey",
    "access key",
    "private_key",
    "auth_key",
    "authkey",
    "encryption_key",
    "signing_key",
    "master_key",
    "account_key",
    "app_key",
    "credential",
];

/// What people choose: no blanks, eight characters or more, and neither a word nor the name of a variable.
pub(super) fn password(sight: &mut Sight<'_>, keyword: Range<usize>) -> Option<Range<usize>> {
    let (value, bytes) = assigned(sight, keyword.end)?;
    let is_one = bytes.len() >= 8
        && (is_chosen(bytes, value.quoted) || (has_digit_and_letter(bytes) && !judge::is_wordy(bytes)))
        && !judge::is_placeholder(bytes)
        && !judge::is_common(bytes)
        && judge::is_spread(bytes);
    is_one.then(|| value.span())
}

/// What machines draw: ten characters or more, drawn by lot.
pub(super) fn key(sight: &mut Sight<'_>, keyword: Range<usize>) -> Option<Range<usize>> {
    let (value, bytes) = assigned(sight, keyword.end)?;
    let is_one = bytes.len() >= 10
        && !is_no_key(sight.text, keyword.start)
        && has_digit_and_letter(bytes)
        && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_-.=~@+/:!$%".contains(byte))
        && !judge::is_common(bytes)
        && judge::is_random(bytes);
    is_one.then(|| value.span())
}

/// Whether the name in front of the keyword says that its value opens nothing: `nextPageToken`, `csrf_token`.
fn is_no_key(text: &[u8], at: usize) -> bool {
    let before = text.get(at.saturating_sub(16)..at).unwrap_or_default();
    let name =
        before.iter().rev().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')).count();
    before.get(before.len().saturating_sub(name)..).is_some_and(|name| NO_KEY.any_in(name))
}

/// The value and its bytes, unless it has no digit, or is an address, a path or code.
fn assigned<'t>(sight: &mut Sight<'t>, at: usize) -> Option<(Value, &'t [u8])> {
    let mut value = sight.value(at)?;
    if !sight.judges(&value.span()) {
        return None;
    }
    let scheme = sight.text.get(value.span())?;
    if scheme.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"bearer ")) {
        value.start = value.start.saturating_add(7);
    }
    let bytes = sight.text.get(value.span()).filter(|bytes| bytes.iter().any(u8::is_ascii_digit))?;
    let goes_on = sight.text.get(value.end..)?.starts_with(b"..");
    let code = !value.quoted && (goes_on || bytes.iter().any(|byte| b"()[]{}".contains(byte)));
    let place = matches!(bytes.first(), Some(b'/' | b'.' | b'~' | b'@' | b'-'))
        || memchr::memmem::find(bytes, b"://").is_some();
    let sentence = bytes.iter().any(u8::is_ascii_whitespace);
    (!code && !place && !sentence).then_some((value, bytes))
}

/// Whether three or four kinds of characters are in it. Without quotes around, one must be a sign that no name in a
/// programme has.
fn is_chosen(bytes: &[u8], quoted: bool) -> bool {
    let has = |kind: fn(&u8) -> bool| usize::from(bytes.iter().any(kind));
    let sign = bytes.iter().any(|byte| b"!@#$%^&*+?~".contains(byte));
    let kinds = [has(u8::is_ascii_lowercase), has(u8::is_ascii_uppercase), has(u8::is_ascii_digit), usize::from(sign)];
    kinds.iter().sum::<usize>() >= 3 && (quoted || sign) && kinds.get(2) == Some(&1)
}

fn has_digit_and_letter(bytes: &[u8]) -> bool {
    bytes.iter().any(u8::is_ascii_digit) && bytes.iter().any(u8::is_ascii_alphabetic)
}

/// Tokens that say where a list goes on, or that a page was shown.
static NO_KEY: Words =
    Words::new(&["page", "next", "continu", "sync", "cursor", "resum", "csrf", "xsrf", "public", "idempot"]);
