//! Whether what has the form of a secret was made by a machine (or by somebody in earnest), or stands for one in an
//! example.

use crate::detect::words::Words;

/// Whether it looks drawn by lot: no placeholder, no words, and its characters well spread.
pub(super) fn is_random(secret: &[u8]) -> bool {
    !is_placeholder(secret) && is_spread(secret) && !is_wordy(secret)
}

/// The same of what has a vendor's form, and is more likely a key: words count against it only if it has no digit.
/// One AWS key in four has chance words in half of it.
pub(super) fn is_issued(secret: &[u8]) -> bool {
    let words = !secret.iter().any(u8::is_ascii_digit) && is_wordy(secret);
    !is_placeholder(secret) && has_share(secret, 0.6) && !words
}

/// The same where it could as well be the end of a name: it has a digit, or letters of both cases.
pub(super) fn is_no_name(secret: &[u8]) -> bool {
    let has = |is: fn(&u8) -> bool| secret.iter().any(is);
    (has(u8::is_ascii_digit) || has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase)) && is_issued(secret)
}

/// Whether it has digits, capitals and small letters.
pub(super) fn is_mixed(secret: &[u8]) -> bool {
    secret.iter().any(u8::is_ascii_digit)
        && secret.iter().any(u8::is_ascii_lowercase)
        && secret.iter().any(u8::is_ascii_uppercase)
}

/// Whether it says of itself that something else is meant: `xxxx`, `<TOKEN>`, `${VAR}`, `YOUR_KEY`, `123456789`.
pub(super) fn is_placeholder(secret: &[u8]) -> bool {
    is_template(secret) || has_long_repeat(secret) || is_sequence(secret) || MARKS.any_in(secret)
}

/// Whether a password is none: what examples use for one.
pub(super) fn is_common(password: &[u8]) -> bool {
    let letters = password.iter().filter(|byte| byte.is_ascii_alphanumeric());
    let mut word: Vec<u8> = letters.take(33).map(u8::to_ascii_lowercase).collect();
    let short = word.len() < 3;
    while word.last().is_some_and(u8::is_ascii_digit) {
        word.pop();
    }
    short || COMMON.iter().any(|common| common.as_bytes() == word)
}

/// Whether it is filled in by something else: a variable, a template, a tag, an ellipsis.
fn is_template(secret: &[u8]) -> bool {
    let opens = matches!(secret.first(), Some(b'$' | b'<' | b'{' | b'[' | b'%' | b'*' | b'#'));
    let closes = matches!(secret.last(), Some(b'>' | b'}' | b']' | b'%' | b'*' | b'#' | b')'));
    let variable = secret.first() == Some(&b'$') && secret.iter().skip(1).all(|byte| is_name(*byte));
    (opens && closes && !is_bracketed_secret(secret)) || variable || TEMPLATES.any_in(secret) || is_masked(secret)
}

/// Whether it is what stands here for a value that was masked before, `⟦PASSWORD_1⟧`: a conversation comes back with it.
fn is_masked(secret: &[u8]) -> bool {
    let inner = secret.strip_prefix("⟦".as_bytes()).and_then(|inner| inner.strip_suffix("⟧".as_bytes()));
    let is_label = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_';
    inner.is_some_and(|inner| inner.iter().all(is_label))
}

/// Whether between brackets stands what no template is called.
fn is_bracketed_secret(secret: &[u8]) -> bool {
    let inner = secret.get(1..secret.len().saturating_sub(1)).unwrap_or_default();
    inner.len() >= 10 && is_mixed(inner) && is_spread(inner) && !is_wordy(inner) && !inner.contains(&b' ')
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'{' | b'(' | b'.')
}

/// Whether one character stands six times in a row, which not one key in ten thousand has.
fn has_long_repeat(secret: &[u8]) -> bool {
    let mut before = None;
    let mut count = 0_usize;
    secret.iter().any(|byte| {
        count = if before == Some(byte) { count.saturating_add(1) } else { 1 };
        before = Some(byte);
        count >= 6
    })
}

/// Whether more than half of it counts up or down: `abcdef`, `123456`.
fn is_sequence(secret: &[u8]) -> bool {
    let next = |pair: (&u8, &u8)| pair.0.abs_diff(*pair.1) == 1;
    let steps = secret.iter().zip(secret.iter().skip(1)).filter(|pair| next(*pair)).count();
    steps.saturating_mul(2) > secret.len()
}

/// Whether its entropy is most of what so many characters of its kind could have. Shannon's, from counts, in bits a
/// character; the share was set so that real keys of 16 hexadecimal digits pass.
pub(super) fn is_spread(secret: &[u8]) -> bool {
    has_share(secret, 0.7)
}

fn has_share(secret: &[u8], share: f32) -> bool {
    entropy(secret) >= share * bits(kinds(secret).min(secret.len()))
}

/// `log n - 1/n * sum of c * log c`, over how often each character stands there: most stand there once, and count
/// nothing.
fn entropy(secret: &[u8]) -> f32 {
    let mut counts = [0_usize; 256];
    for byte in secret {
        if let Some(count) = counts.get_mut(usize::from(*byte)) {
            *count = count.saturating_add(1);
        }
    }
    // Each count is taken where its character stands first: a logarithm costs more than a look.
    let taken = |byte: &u8| counts.get_mut(usize::from(*byte)).map(std::mem::take);
    let sum: f32 = secret.iter().filter_map(taken).map(weight).sum();
    bits(secret.len()) - sum / number(secret.len().max(1))
}

fn weight(count: usize) -> f32 {
    if count > 1 { number(count) * bits(count) } else { 0.0 }
}

fn bits(choices: usize) -> f32 {
    number(choices.max(1)).log2()
}

fn number(count: usize) -> f32 {
    f32::from(u16::try_from(count).unwrap_or(u16::MAX))
}

/// From how many characters it seems to be drawn.
fn kinds(secret: &[u8]) -> usize {
    if secret.iter().all(u8::is_ascii_digit) {
        10
    } else if secret.iter().all(|byte| byte.is_ascii_hexdigit() || *byte == b'-') {
        16
    } else if secret.iter().any(u8::is_ascii_lowercase) && secret.iter().any(u8::is_ascii_uppercase) {
        62
    } else {
        36
    }
}

/// Whether half of it or more reads as words: runs of four and more letters of one case that a mouth could say. Keys
/// of mixed case and digits have hardly any such run.
pub(super) fn is_wordy(secret: &[u8]) -> bool {
    let letters = secret.iter().filter(|byte| byte.is_ascii_alphanumeric()).count();
    let said: usize = words(secret).filter(|word| is_sayable(word)).map(<[u8]>::len).sum();
    said.saturating_mul(2) >= letters
}

/// Its runs of letters, also cut where a small letter is followed by a capital.
fn words(secret: &[u8]) -> impl Iterator<Item = &[u8]> {
    secret
        .chunk_by(|a, b| {
            a.is_ascii_alphabetic() && b.is_ascii_alphabetic() && !(a.is_ascii_lowercase() && b.is_ascii_uppercase())
        })
        .filter(|word| word.len() >= 4 && word.iter().all(u8::is_ascii_alphabetic))
}

fn is_sayable(word: &[u8]) -> bool {
    let vowel = |byte: &u8| matches!(byte.to_ascii_lowercase(), b'a' | b'e' | b'i' | b'o' | b'u' | b'y');
    let vowels = word.iter().filter(|byte| vowel(byte)).count();
    let one_case = word.iter().skip(1).all(u8::is_ascii_lowercase) || word.iter().all(u8::is_ascii_uppercase);
    one_case && vowels.saturating_mul(4) >= word.len() && word.split(vowel).all(|consonants| consonants.len() <= 4)
}

/// What says "put yours here" wherever it stands.
static MARKS: Words = Words::new(&[
    "example",
    "placeholder",
    "changeme",
    "change_me",
    "change-me",
    "redacted",
    "xxxx",
    "your_",
    "your-",
    "_here",
    "-here",
    "insert",
    "sample",
    "dummy",
    "foobar",
    "0123456789",
    "1234567890",
]);

/// What only templates have.
static TEMPLATES: Words = Words::new(&["${", "{{", "$(", "<%", "...", "****", "…", "•"]);

/// Passwords of examples, without the digits at their end.
const COMMON: &[&str] = &[
    "",
    "abc",
    "admin",
    "apikey",
    "bar",
    "baz",
    "change",
    "changeit",
    "changeme",
    "credentials",
    "default",
    "demo",
    "dev",
    "example",
    "foo",
    "foobar",
    "guest",
    "hidden",
    "key",
    "letmein",
    "local",
    "localhost",
    "minioadmin",
    "mypass",
    "mypassword",
    "mysecret",
    "mytoken",
    "none",
    "null",
    "pass",
    "passphrase",
    "passwd",
    "password",
    "placeholder",
    "postgres",
    "pw",
    "pwd",
    "qwerty",
    "redacted",
    "root",
    "sample",
    "secret",
    "string",
    "test",
    "testing",
    "token",
    "undefined",
    "user",
    "username",
    "value",
    "xxx",
    "xyz",
    "yourpassword",
    "yyy",
];
