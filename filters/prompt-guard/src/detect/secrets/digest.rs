//! A checksum where a token could stand: `sha256 token: 9f86…`. It has the form of a key, so that only what it is called
//! tells that it opens nothing.

use std::ops::Range;

use crate::detect::words::Words;

/// How far before `token` it may be said that it is a checksum: a word or two. A checksum that has a name of its own stands
/// between them if it is another: `md5 d41d… token: …`.
const BEFORE: usize = 16;

/// How far before it a word may say that it is a key all the same.
const LINE: usize = 64;

/// Whether the value is called a token and a checksum, and is as long as one, all of hexadecimal digits. The keyword is in
/// its name. What is called a secret or a key is none: `hmac_sha256_secret`.
pub(super) fn is_one(text: &[u8], keyword: &Range<usize>, value: &Range<usize>) -> bool {
    let digits = text.get(value.clone()).unwrap_or_default();
    let is_long = matches!(digits.len(), 32 | 40 | 56 | 64 | 96 | 128);
    let is_token = text.get(keyword.clone()).is_some_and(|word| word.eq_ignore_ascii_case(b"token"));
    if !is_token || !is_long || !digits.iter().all(u8::is_ascii_hexdigit) {
        return false;
    }
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let is_called = CHECKSUMS.any_in(around(text, keyword, |byte| is_name(byte) || byte == b' '))
        || NAMES.any_in(around(text, keyword, is_name));
    let line = text.get(value.start.saturating_sub(LINE)..value.start).unwrap_or_default();
    is_called && !KEYS.any_in(line.rsplit(|byte| *byte == b'\n').next().unwrap_or_default())
}

/// The keyword and such bytes on both sides.
fn around<'t>(text: &'t [u8], keyword: &Range<usize>, is_one: impl Fn(u8) -> bool) -> &'t [u8] {
    let before = text.get(..keyword.start).unwrap_or_default().iter().rev();
    let behind = text.get(keyword.end..).unwrap_or_default().iter();
    let before = before.take(BEFORE).take_while(|byte| is_one(**byte)).count();
    let behind = behind.take(BEFORE).take_while(|byte| is_one(**byte)).count();
    text.get(keyword.start.saturating_sub(before)..keyword.end.saturating_add(behind)).unwrap_or_default()
}

/// What nobody calls a key.
static CHECKSUMS: Words =
    Words::new(&["sha1", "sha-1", "sha256", "sha-256", "sha384", "sha512", "sha-512", "md5", "checksum"]);

/// What a name has to say itself: in a sentence these may be about anything.
static NAMES: Words = Words::new(&["digest", "etag", "commit"]);

/// What says that a checksum is made with it, or lets somebody in.
static KEYS: Words = Words::new(&["hmac", "key", "secret", "sign", "auth", "access", "bearer", "webhook", "login"]);
