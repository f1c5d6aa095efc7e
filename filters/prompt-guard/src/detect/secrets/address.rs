//! A password in an address (RFC 3986 section 3.2.1), as data bases and registries are told where to go.

use std::ops::Range;

use super::judge;
use super::sight::Sight;
use crate::detect::words::Words;

/// The password in `scheme://name:password@host`.
pub(super) fn password(sight: &mut Sight<'_>, keyword: Range<usize>) -> Option<Range<usize>> {
    let rest = sight.text.get(keyword.end..)?;
    let authority: usize = rest.iter().take(384).take_while(|byte| is_authority(**byte)).count();
    let authority = rest.get(..authority)?;
    let at = authority.iter().rposition(|byte| *byte == b'@')?;
    let host = authority.get(at.saturating_add(1)).is_some();
    let credentials = authority.get(..at)?;
    let colon = credentials.iter().position(|byte| *byte == b':')?;
    let (name, password) = (credentials.get(..colon)?, credentials.get(colon.saturating_add(1)..)?);
    let start = keyword.end.saturating_add(colon).saturating_add(1);
    (host && is_password(name, password)).then(|| start..start.saturating_add(password.len()))
}

fn is_authority(byte: u8) -> bool {
    !byte.is_ascii_whitespace() && !b"/?\"'`\\,|".contains(&byte)
}

fn is_password(name: &[u8], password: &[u8]) -> bool {
    let says_so = NAMES.any_in(password) && password.iter().all(|byte| !byte.is_ascii_digit());
    password.len() >= 3
        && !password.eq_ignore_ascii_case(name)
        && !says_so
        && !judge::is_placeholder(password)
        && !judge::is_common(password)
}

/// What passwords are called, which no password should be.
static NAMES: Words = Words::new(&["passw", "secret", "pwd"]);
