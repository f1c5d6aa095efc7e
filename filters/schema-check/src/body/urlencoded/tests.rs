//! Pairs that are read, and pairs that are refused, with the reason.

use super::*;
use crate::body::tests::cut_everywhere;

fn read(body: &str) -> (Vec<String>, Result<(), Error<Fault>>) {
    cut_everywhere(body.as_bytes(), |pieces| {
        let (mut form, mut seen) = (Form::new(Limits { pairs: 3, name_bytes: 10, value_bytes: 10 }), Vec::new());
        let mut each = |pair: Pair<'_>| {
            let again = if pair.is_repeated { "again " } else { "" };
            seen.push(format!("{again}{}: {}", pair.name, pair.value));
        };
        let end = pieces.iter().try_for_each(|piece| form.push(piece, &mut each));
        let end = end.and_then(|()| form.finish(&mut each));
        (seen, end)
    })
}

#[test]
fn pairs_are_decoded_once() {
    for (body, pairs) in [
        ("", &[][..]),
        ("a=", &["a: "]),
        ("a=b&c=d", &["a: b", "c: d"]),
        ("a=1+2%2b%26&a=b=c", &["a: 1 2+&", "again a: b=c"]),
        ("gr%C3%BCn=%2541", &["gr\u{fc}n: %41"]),
        ("a[]=x%0D%0a&a%5B%5D=%3b", &["a[]: x\r\n", "again a[]: ;"]),
    ] {
        assert_eq!(read(body), (pairs.iter().map(|&pair| pair.to_owned()).collect(), Ok(())), "{body}");
    }
}

#[test]
fn what_servers_read_differently_is_refused() {
    for (body, at, fault) in [
        ("a", 1, Fault::NoEquals),
        ("a=1&b", 5, Fault::NoEquals),
        ("a=1&", 4, Fault::NoEquals),
        ("&a=1", 0, Fault::NoEquals),
        ("a=1&&b=2", 4, Fault::NoEquals),
        ("=1", 0, Fault::NoName),
        ("a=1;b=2", 3, Fault::Character),
        ("a=1 2", 3, Fault::Character),
        ("a=1\n", 3, Fault::Character),
        ("a=\u{fc}", 2, Fault::Character),
        ("a=%", 3, Fault::Escape),
        ("a=%4", 4, Fault::Escape),
        ("a=%4g", 4, Fault::Escape),
        ("a=%u0041", 3, Fault::Escape),
        ("a=%&b=1", 3, Fault::Escape),
        ("%=1", 1, Fault::Escape),
        ("a=%00", 4, Fault::Control),
        ("a%0a=1", 3, Fault::Control),
        ("a%c2%85=1", 0, Fault::Control),
        ("a=%ff", 2, Fault::Unicode),
        ("b=1&%c0%af=1", 4, Fault::Unicode),
        ("_charset_=utf-7", 0, Fault::Charset),
        ("a=1&b=2&c=3&d=4", 14, Fault::TooManyPairs { limit: 3 }),
        ("aaaaaaaaaaa=1", 10, Fault::NameTooLong { limit: 10 }),
        ("a=aaaaaaaaaaa", 12, Fault::ValueTooLong { limit: 10 }),
    ] {
        assert_eq!(read(body).1, Err(Error { at, fault }), "{body}");
    }
}
