//! What the reader accepts, refuses and tells, as tables.

use std::borrow::Cow;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::*;

fn read(document: impl AsRef<[u8]>) -> Result<(), Error> {
    read_within(document, Limits::default())
}

fn read_within(document: impl AsRef<[u8]>, limits: Limits) -> Result<(), Error> {
    let document = document.as_ref();
    let read = Reader::new(document, limits).finish();
    // One answer, whichever way one asks. (The tree has a limit of its own.)
    let room = Limits { tree_bytes: usize::MAX, ..limits };
    assert_eq!(parse(document, room).err(), read.err(), "parse and finish disagree");
    assert_eq!(events(document, limits).err(), read.err(), "next and finish disagree");
    read
}

fn events(document: &[u8], limits: Limits) -> Result<Vec<Event<'_>>, Error> {
    let mut reader = Reader::new(document, limits);
    let mut events = Vec::new();
    while let Some(event) = reader.next()? {
        events.push(event);
    }
    assert!(reader.names.is_empty() && reader.open.is_empty());
    Ok(events)
}

/// Each document is refused with this code at this byte.
#[track_caller]
fn refused(cases: &[(&[u8], &str, usize)]) {
    let got: Vec<_> = cases
        .iter()
        .map(|(document, ..)| match read(document) {
            Ok(()) => (String::from_utf8_lossy(document), "accepted", 0),
            Err(error) => (String::from_utf8_lossy(document), error.fault.code(), error.at),
        })
        .collect();
    let want: Vec<_> =
        cases.iter().map(|&(document, code, at)| (String::from_utf8_lossy(document), code, at)).collect();
    assert_eq!(got, want);
}

#[track_caller]
fn accepted(cases: &[&str]) {
    let faults: Vec<_> = cases.iter().filter_map(|case| Some((case, read(case).err()?))).collect();
    assert!(faults.is_empty(), "{faults:?}");
}

/// Far more than a linear reader needs in a debug build on a busy machine, far
/// less than a quadratic one.
#[track_caller]
fn soon<T>(act: impl FnOnce() -> T) -> T {
    #[allow(clippy::disallowed_methods, reason = "the test measures, the reader does not")]
    let start = Instant::now();
    let result = act();
    assert!(start.elapsed() < Duration::from_secs(20), "took {:?}", start.elapsed());
    result
}

#[test]
fn spans_are_exact() {
    let document = r#" {"a" : [1, -2.5e3 ,true],"b\n":"é\u00e9", "c":null} "#;
    let told: Vec<_> = events(document.as_bytes(), Limits::default())
        .unwrap()
        .into_iter()
        .map(|event| (&document[event.span], event.token))
        .collect();
    let number = |raw| Token::Number(Number { raw });
    assert_eq!(
        told,
        [
            ("{", Token::ObjectStart),
            (r#""a""#, Token::Key("a".into())),
            ("[", Token::ArrayStart),
            ("1", number("1")),
            ("-2.5e3", number("-2.5e3")),
            ("true", Token::Bool(true)),
            ("]", Token::ArrayEnd),
            (r#""b\n""#, Token::Key("b\n".into())),
            (r#""é\u00e9""#, Token::String("éé".into())),
            (r#""c""#, Token::Key("c".into())),
            ("null", Token::Null),
            ("}", Token::ObjectEnd),
        ]
    );
}

#[test]
fn a_text_without_escapes_is_borrowed() {
    let borrowed = |document: &str| match &events(document.as_bytes(), Limits::default()).unwrap()[0].token {
        Token::String(text) => matches!(text, Cow::Borrowed(_)),
        other => panic!("{other:?}"),
    };
    assert!(borrowed(r#""plain, é and 😀 and long enough""#));
    assert!(!borrowed(r#""esc\u0061ped""#));
}

#[test]
fn an_escape_means_its_character() {
    let cases = [
        (r#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{c}\n\r\t"),
        (r#""\u0041\u00e9\u20AC""#, "Aé€"),
        (r#""\u0000\u001f\u007F""#, "\u{0}\u{1f}\u{7f}"),
        (r#""\ud83d\ude00 \uD834\udd1e""#, "😀 𝄞"),
        (r#""\uFFFE\uffff\ufdd0""#, "\u{fffe}\u{ffff}\u{fdd0}"),
        (r#""\uDBFF\uDFFF""#, "\u{10ffff}"),
        (r#""é\\né""#, "é\\né"),
        (r#""\\u0041""#, "\\u0041"),
    ];
    for (document, text) in cases {
        assert_eq!(parse(document.as_bytes(), Limits::default()), Ok(json!(text)), "{document}");
    }
}

#[test]
fn a_byte_that_ends_a_plain_run_is_found_at_every_offset() {
    for lead in 0..20 {
        for filler in ["a", "é", "\u{80}", "\u{7ff}", "!", "#", "[", "]", " ", "\u{7f}"] {
            let run = filler.repeat(lead);
            accepted(&[&format!("\"{run}\""), &format!("\"{run}{run}\\n\""), &format!("\"\\\"{run}\"")]);
            for control in 0..0x20_u8 {
                let document = format!("\"{run}{}{run}{run}\"", char::from(control));
                let error = read(&document).unwrap_err();
                assert_eq!((error.fault, error.at), (Fault::ControlCharacter, run.len() + 1), "{document:?}");
            }
        }
    }
}

#[test]
fn a_byte_order_mark_is_refused() {
    refused(&[
        (b"\xEF\xBB\xBF{}", "byte_order_mark", 0),
        (b"\xEF\xBB\xBF", "byte_order_mark", 0),
        (b"\xFF\xFE{\0}\0", "byte_order_mark", 0),
        (b"\xFE\xFF\0{\0}", "byte_order_mark", 0),
        // Later it is a character like others: allowed in strings, not around.
        (b" \xEF\xBB\xBF{}", "unexpected", 1),
        (b"{}\xEF\xBB\xBF", "trailing_data", 2),
    ]);
    accepted(&["\"\u{feff}\""]);
}

#[test]
fn bytes_that_are_not_utf8_are_refused_wherever_they_stand() {
    refused(&[
        (b"[\"\xff\"]", "bad_unicode", 2),
        (b"{\"\xff\":1}", "bad_unicode", 2),
        (b"[1]\xff", "bad_unicode", 3),
        (b"\xff[1]", "bad_unicode", 0),
        // The whole document comes first: the fault at 1 is not told.
        (b"[,\"\xff\"]", "bad_unicode", 3),
        // Overlong "/", overlong NUL, an encoded surrogate, past U+10FFFF, cut short.
        (b"\"\xc0\xaf\"", "bad_unicode", 1),
        (b"\"\xe0\x80\xaf\"", "bad_unicode", 1),
        (b"\"\xc0\x80\"", "bad_unicode", 1),
        (b"\"\xed\xa0\x80\"", "bad_unicode", 1),
        (b"\"\xed\xa0\xbd\xed\xb8\x80\"", "bad_unicode", 1),
        (b"\"\xf4\x90\x80\x80\"", "bad_unicode", 1),
        (b"\"\xf0\x9f\x98\"", "bad_unicode", 1),
        (b"\"\xf0\x9f\x98", "bad_unicode", 1),
    ]);
}

#[test]
fn half_of_a_surrogate_pair_is_refused() {
    refused(&[
        (br#""\ud800""#, "bad_unicode", 1),
        (br#""\udc00""#, "bad_unicode", 1),
        (br#""ab\ud800x""#, "bad_unicode", 3),
        (br#""\ud800\n""#, "bad_unicode", 1),
        (br#""\ud800\u0041""#, "bad_unicode", 1),
        (br#""\ud800\ud800\udc00""#, "bad_unicode", 1),
        (br#""\udc00\ud800""#, "bad_unicode", 1),
        (br#""\ud83d\ude0""#, "bad_unicode", 1),
        (br#""\ud83d\\ude00""#, "bad_unicode", 1),
        (br#""\ud83d"#, "bad_unicode", 1),
        (br#"{"\ud800":1}"#, "bad_unicode", 2),
        (br#"{"a":{"\udfff":1}}"#, "bad_unicode", 7),
    ]);
}

#[test]
fn a_document_with_nothing_in_it_is_refused() {
    refused(&[(b"", "empty", 0), (b" ", "empty", 1), (b"\n\r\t ", "empty", 4)]);
}

#[test]
fn anything_after_the_document_is_refused() {
    refused(&[
        (br#"{"a":1}{"b":2}"#, "trailing_data", 7),
        (b"{\"a\":1}\n{\"b\":2}", "trailing_data", 8),
        (b"{}\0", "trailing_data", 2),
        (b"{}//", "trailing_data", 2),
        (b"{},", "trailing_data", 2),
        (b"[]]", "trailing_data", 2),
        (b"1 2", "trailing_data", 2),
        (b"truefalse", "trailing_data", 4),
        (b"\"\"\"\"", "trailing_data", 2),
    ]);
    accepted(&["{}\n", " [ ] \r\n\t ", "1 ", "\n\"\"\n"]);
}

#[test]
fn what_the_grammar_does_not_allow_is_refused_where_it_stands() {
    refused(&[
        (b"{", "unexpected_end", 1),
        (b"[", "unexpected_end", 1),
        (b"[1", "unexpected_end", 2),
        (b"[1,", "unexpected_end", 3),
        (b"{\"a\"", "unexpected_end", 4),
        (b"{\"a\":", "unexpected_end", 5),
        (b"{\"a\":1", "unexpected_end", 6),
        (b"{\"a\":1,", "unexpected_end", 7),
        (b"\"a", "unexpected_end", 2),
        (b"\"a\\", "unexpected_end", 3),
        (b"-", "unexpected_end", 1),
        (b"1.", "unexpected_end", 2),
        (b"1e+", "unexpected_end", 3),
        (b"]", "unexpected", 0),
        (b"[1,]", "unexpected", 3),
        (b"[,1]", "unexpected", 1),
        (b"[1 2]", "unexpected", 3),
        (b"[1}", "unexpected", 2),
        (b"[}", "unexpected", 1),
        (b"{]", "unexpected", 1),
        (b"{\"a\":1]", "unexpected", 6),
        (b"{\"a\":1,}", "unexpected", 7),
        (b"{,}", "unexpected", 1),
        (b"{a:1}", "unexpected", 1),
        (b"{'a':1}", "unexpected", 1),
        (b"{1:1}", "unexpected", 1),
        (b"{\"a\" 1}", "unexpected", 5),
        (b"{\"a\",1}", "unexpected", 4),
        (b"{\"a\"::1}", "unexpected", 5),
        (b"{\"a\":1 \"b\":2}", "unexpected", 7),
        (b"[NaN]", "unexpected", 1),
        (b"[Infinity]", "unexpected", 1),
        (b"[-Infinity]", "unexpected", 2),
        (b"[nul]", "unexpected", 1),
        (b"[True]", "unexpected", 1),
        (b"[tru", "unexpected", 1),
        (b"[+1]", "unexpected", 1),
        (b"[.5]", "unexpected", 1),
        (b"[01]", "unexpected", 2),
        (b"[-01]", "unexpected", 3),
        (b"[00]", "unexpected", 2),
        (b"[1.e1]", "unexpected", 3),
        (b"[1e]", "unexpected", 3),
        (b"[0x1]", "unexpected", 2),
        (b"[1_000]", "unexpected", 2),
        (b"[/**/1]", "unexpected", 1),
        (b"\x0c[]", "unexpected", 0),
        (b"\xc2\xa0[]", "unexpected", 0),
        (b"\"\\x41\"", "bad_escape", 1),
        (b"\"\\U0041\"", "bad_escape", 1),
        (b"\"\\u004\"", "bad_escape", 1),
        (b"\"\\u+041\"", "bad_escape", 1),
        (b"\"\\u00\xc3\xa9\"", "bad_escape", 1),
        (b"\"\\'\"", "bad_escape", 1),
        (b"\"\\\n\"", "bad_escape", 1),
        (b"\"\t\"", "control_character", 1),
        (b"\"\n\"", "control_character", 1),
        (b"\"\0\"", "control_character", 1),
        (b"{\"\x1f\":1}", "control_character", 2),
    ]);
}

#[test]
fn a_member_named_twice_is_refused() {
    refused(&[
        (br#"{"a":1,"a":1}"#, "duplicate_member", 7),
        (br#"{"a":1,"b":2,"a":3}"#, "duplicate_member", 13),
        (br#"{"a":1,"\u0061":2}"#, "duplicate_member", 7),
        (br#"{"\u0061":1,"a":2}"#, "duplicate_member", 12),
        (br#"{"\ud83d\ude00":1,"\uD83D\uDE00":2}"#, "duplicate_member", 18),
        (br#"{"/":1,"\/":2}"#, "duplicate_member", 7),
        (br#"{"":1,"":2}"#, "duplicate_member", 6),
        // Inside and after other objects, and where nobody looks.
        (br#"{"a":{"a":{}},"b":[{"a":1}],"a":3}"#, "duplicate_member", 28),
        (br#"[{"a":1},{"x":{"a":1,"a":1}}]"#, "duplicate_member", 21),
    ]);
}

#[test]
fn one_name_in_several_objects_is_no_duplicate() {
    accepted(&[
        r#"{"a":{"a":{"a":1}}}"#,
        r#"[{"a":1},{"a":2}]"#,
        r#"{"a":{"b":1},"b":{"a":1}}"#,
        // Not folded, not normalised: other bytes are another name.
        r#"{"a":1,"A":2,"a ":3,"á":4,"a\u0301":5}"#,
    ]);
}

#[test]
fn a_duplicate_is_found_in_an_object_of_any_size() {
    for members in [1, 2, 15, 16, 17, 18, 40, 1000] {
        // An inner object before each member shares the list of names.
        let body: String = (0..members).map(|i| format!(r#""n{i}":{{"n0":1,"x":[]}},"#)).collect();
        accepted(&[&format!("{{{body}\"last\":1}}")]);
        for again in [0, members / 2, members - 1] {
            let document = format!("{{{body}\"n{again}\":1}}");
            assert_eq!(read(&document), Err(Fault::DuplicateMember.at(body.len() + 1)), "{members} {again}");
        }
    }
}

#[test]
fn allowed_duplicates_are_told_and_the_later_one_is_kept() {
    let limits = Limits { duplicates: Duplicates::Allow, ..Limits::default() };
    let document = br#"{"a":1,"\u0061":2}"#;
    assert_eq!(events(document, limits).unwrap().len(), 6);
    assert_eq!(parse(document, limits), Ok(json!({"a": 2})));
}

#[test]
fn depth_128_is_accepted_and_129_refused() {
    let nested = |open: &str, close: &str, depth: usize| open.repeat(depth) + "1" + &close.repeat(depth);
    for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
        assert_eq!(read(nested(open, close, 127)), Ok(()));
        assert_eq!(read(nested(open, close, 128)), Ok(()));
        for depth in [129, 1_000, 100_000] {
            let error = Fault::TooDeep { limit: 128 }.at(128 * open.len());
            assert_eq!(read(nested(open, close, depth)), Err(error));
        }
    }
    // Side by side is not inside.
    accepted(&[&format!("[{}[]]", "[[]],".repeat(1_000))]);
    assert_eq!(read_within("1", Limits { depth: 0, ..Limits::default() }), Ok(()));
    assert!(read_within("[]", Limits { depth: 0, ..Limits::default() }).is_err());
}

#[test]
fn a_hundred_thousand_opens_are_refused_at_the_limit() {
    for open in ["[", r#"{"a":"#, r#"[{"a":"#] {
        let error = soon(|| read(open.repeat(100_000))).unwrap_err();
        assert_eq!(error.fault, Fault::TooDeep { limit: 128 });
    }
}

#[test]
fn a_number_beyond_f64_is_refused() {
    let greatest = "1797693134862315708".to_owned() + &"0".repeat(290);
    let too_great = "1797693134862315808".to_owned() + &"0".repeat(290);
    accepted(&[
        &greatest,
        &format!("-{greatest}"),
        "1.7976931348623157e308",
        "0.0001e312",
        "0e999999999999999999999",
        "-0E+400",
        &format!("0.{}1e900", "0".repeat(900)),
        &"9".repeat(308),
    ]);
    refused(&[
        (too_great.as_bytes(), "number_overflow", 0),
        (format!("[-{too_great}]").as_bytes(), "number_overflow", 1),
        (b"1e400", "number_overflow", 0),
        (b"[1,-1e400]", "number_overflow", 3),
        (b"1.8e308", "number_overflow", 0),
        (b"0.1E999999999999999999999", "number_overflow", 0),
        (b"123123e100000", "number_overflow", 0),
        ("9".repeat(309).as_bytes(), "number_overflow", 0),
    ]);
}

#[test]
fn underflow_and_great_integers_are_numbers() {
    accepted(&["1e-400", "-1e-99999999999999999999", "18446744073709551616", "9007199254740993", "-0", "-0.0", "1E+2"]);
}

#[test]
fn an_integer_that_f64_skips_is_refused_where_exactness_is_asked() {
    let limits = Limits { exact_integers: true, ..Limits::default() };
    for exact in ["9007199254740991", "-9007199254740991", "9.007199254740991e15", "0.1", "1e15", "123456789012345.678"]
    {
        assert_eq!(read_within(exact, limits), Ok(()), "{exact}");
    }
    for inexact in [
        "9007199254740992",
        "-9007199254740993",
        "9007199254740993.0",
        "9.007199254740993e15",
        "9007199254740993000e-3",
        "18446744073709551616",
        "1e300",
    ] {
        assert_eq!(read_within(inexact, limits), Err(Fault::InexactInteger.at(0)), "{inexact}");
    }
    assert_eq!(read_within("1e400", limits), Err(Fault::NumberOverflow.at(0)));
}

#[test]
fn a_number_converts_only_if_nothing_is_lost() {
    let cases = [
        ("0", Some(0), Some(0)),
        ("-0", Some(0), None),
        ("-1", Some(-1), None),
        ("9223372036854775807", Some(i64::MAX), Some(i64::MAX as u64)),
        ("9223372036854775808", None, Some(1 << 63)),
        ("-9223372036854775808", Some(i64::MIN), None),
        ("18446744073709551616", None, None),
        ("1.0", None, None),
        ("1e2", None, None),
    ];
    for (raw, signed, unsigned) in cases {
        let number = Number { raw };
        assert_eq!((number.as_i64(), number.as_u64()), (signed, unsigned), "{raw}");
        assert_eq!(number.as_f64(), raw.parse().ok(), "{raw}");
        assert_eq!(number.raw(), raw);
    }
}

#[test]
fn a_tree_means_what_serde_json_would_read() {
    for document in [
        r#"{"a":[1,-2,2.5,1e2,-0,18446744073709551615,18446744073709551616,-9223372036854775809],"b":{}}"#,
        r#"[[],{},"",null,true,false,[[[]]],{"a":{"b":[{"c":"\u00e9"}]}}]"#,
        r#""text""#,
        "0.1",
        "-1e-400",
    ] {
        #[allow(clippy::disallowed_methods, reason = "the peer this is compared with")]
        let peer: Value = serde_json::from_str(document).unwrap();
        let ours = parse(document.as_bytes(), Limits::default()).unwrap();
        assert_eq!(ours, peer);
        // `==` holds between 0.0 and -0.0; their texts differ.
        assert_eq!(ours.to_string(), peer.to_string());
    }
}

#[test]
fn a_limit_holds_to_the_unit() {
    let all = Limits::default();
    let cases: [(Limits, &str, &str, Fault); 6] = [
        (
            Limits { members: 2, ..all },
            r#"{"a":1,"b":2}"#,
            r#"{"a":1,"b":2,"c":3}"#,
            Fault::TooManyMembers { limit: 2 },
        ),
        (Limits { values: 3, ..all }, "[1,{}]", "[1,{},3]", Fault::TooManyValues { limit: 3 }),
        (Limits { name_bytes: 3, ..all }, r#"{"abc":"abcd"}"#, r#"{"abcd":1}"#, Fault::NameTooLong { limit: 3 }),
        (Limits { string_bytes: 3, ..all }, r#"{"abcd":"abc"}"#, r#"["abcd"]"#, Fault::StringTooLong { limit: 3 }),
        // As written: the escape is six bytes.
        (Limits { string_bytes: 6, ..all }, r#""\u0061""#, r#""\u0061b""#, Fault::StringTooLong { limit: 6 }),
        (Limits { number_bytes: 3, ..all }, "[123,-12,1.5]", "[-123]", Fault::NumberTooLong { limit: 3 }),
    ];
    for (limits, within, beyond, fault) in cases {
        assert_eq!(read_within(within, limits), Ok(()), "{within}");
        assert_eq!(read_within(beyond, limits).map_err(|error| error.fault), Err(fault), "{beyond}");
    }
    // Members are counted for each object, also where duplicates are allowed.
    let limits = Limits { members: 2, duplicates: Duplicates::Allow, ..all };
    assert_eq!(read_within(r#"[{"a":1,"b":2},{"a":1,"b":2}]"#, limits), Ok(()));
    assert!(read_within(r#"{"a":1,"a":2,"a":3}"#, limits).is_err());
}

#[test]
fn a_tree_that_takes_too_much_memory_is_refused() {
    // Seven bytes of document become more than six hundred of tree.
    let document = format!("[{}0]", r#"{"":0},"#.repeat(150_000));
    assert_eq!(Reader::new(document.as_bytes(), Limits::default()).finish(), Ok(()));
    let error = parse(document.as_bytes(), Limits::default()).unwrap_err();
    assert_eq!(error.fault, Fault::TreeTooLarge { limit: 64 << 20 });
    // An ordinary megabyte is far below.
    let document = format!("[{}0]", r#"{"role":"user","content":"a sentence of some length"},"#.repeat(20_000));
    assert!(parse(document.as_bytes(), Limits::default()).is_ok());
}

#[test]
fn a_skipped_value_is_told_by_its_span() {
    let document = r#"{"a": {"b":[1,{}]} , "c":"x","d":[ 1 , [2], "]" ]}"#;
    let mut reader = Reader::new(document.as_bytes(), Limits::default());
    let mut spans = Vec::new();
    while let Some(event) = reader.next().unwrap() {
        if matches!(event.token, Token::Key(_)) {
            spans.push(&document[reader.skip_value().unwrap().unwrap()]);
        }
    }
    assert_eq!(spans, [r#"{"b":[1,{}]}"#, r#""x""#, r#"[ 1 , [2], "]" ]"#]);
}

#[test]
fn skipping_ends_with_the_array_or_object() {
    let document = r#"[1, [2] ,{"a":3}, "\u0034" ]"#;
    let mut reader = Reader::new(document.as_bytes(), Limits::default());
    reader.next().unwrap();
    let mut spans = Vec::new();
    while let Some(span) = reader.skip_value().unwrap() {
        spans.push(&document[span]);
    }
    assert_eq!(spans, ["1", "[2]", r#"{"a":3}"#, r#""\u0034""#]);
    assert_eq!(reader.next().unwrap().unwrap().token, Token::ArrayEnd);
    assert_eq!(reader.skip_value(), Ok(None));
    assert_eq!(reader.next(), Ok(None));

    // Between members it passes over names, too.
    let mut reader = Reader::new(br#"{"a":1,"b":[2],"c":3}"#, Limits::default());
    reader.next().unwrap();
    assert_eq!(reader.skip_value(), Ok(Some(5..6)));
    assert_eq!(reader.skip_value(), Ok(Some(11..14)));
    assert_eq!(reader.skip_value(), Ok(Some(19..20)));
    assert_eq!(reader.skip_value(), Ok(None));

    // The whole document, from its beginning.
    let mut reader = Reader::new(b" {} ", Limits::default());
    assert_eq!(reader.skip_value(), Ok(Some(1..3)));
}

#[test]
fn leaving_passes_the_end_of_the_innermost_container() {
    let document = br#"{"a":[1,{"b":[2],"c":3},4],"d":5}"#;
    let mut reader = Reader::new(document, Limits::default());
    while !matches!(reader.next().unwrap().unwrap().token, Token::Key(name) if name == "b") {}
    assert_eq!(reader.depth(), 3);
    reader.leave().unwrap();
    assert_eq!(reader.depth(), 2);
    reader.leave().unwrap();
    assert_eq!(reader.next().unwrap().unwrap().token, Token::Key("d".into()));
    reader.leave().unwrap();
    assert_eq!(reader.leave(), Ok(()));
    assert_eq!(reader.next(), Ok(None));
}

#[test]
fn what_is_skipped_is_checked_like_what_is_read() {
    for inner in [r#"{"a":1,"\u0061":2}"#, "[01]", "1e400", r#""\ud800""#, "[1}", "\"\u{1}\"", "[}", "\"\\x\""] {
        let document = format!(r#"{{"x":{inner},"y":1}}"#);
        let read = events(document.as_bytes(), Limits::default()).unwrap_err();
        let mut reader = Reader::new(document.as_bytes(), Limits::default());
        reader.next().unwrap();
        reader.next().unwrap();
        assert_eq!(reader.skip_value(), Err(read), "{document}");
    }
}

#[test]
fn a_fault_is_told_again_and_nothing_else_after_it() {
    for document in ["[1,,2]", "\u{feff}[]", "[1]x", ""] {
        let mut reader = Reader::new(document.as_bytes(), Limits::default());
        let error = reader.finish().unwrap_err();
        assert_eq!(reader.next(), Err(error));
        assert_eq!(reader.skip_value(), Err(error));
        assert_eq!(reader.finish(), Err(error));
    }
}

#[test]
fn an_error_repeats_nothing_of_the_document() {
    // Q stands in no sentence of ours.
    for document in [
        r#"{"QQQ":1,"QQQ":2}"#,
        r#"["QQQ" QQQ]"#,
        r#""QQQ\Q""#,
        r#"{"QQQ" "QQQ"}"#,
        "[1]QQQ",
        r#"{"QQQ":Q}"#,
        "\"QQQ\n\"",
        r#""QQQ\ud800""#,
    ] {
        let error = read(document).unwrap_err();
        assert!(!format!("{error} {error:?} {}", error.fault.code()).contains('Q'), "{error}");
    }
}

#[test]
fn an_error_names_the_place_and_what_was_expected() {
    let cases = [
        ("[1 2]", "byte 3: expected a comma or the end of the array"),
        ("{\"a\":1", "byte 6: expected a comma or the end of the object, found the end of the document"),
        ("{\"a\":1,\"a\":2}", "byte 7: expected a name that this object does not have yet"),
        ("1e400", "byte 0: expected a number below 1.8e308 in magnitude"),
        ("", "byte 0: expected a JSON document, found nothing"),
    ];
    for (document, message) in cases {
        assert_eq!(read(document).unwrap_err().to_string(), message);
    }
    let deep = read("[".repeat(200)).unwrap_err();
    assert_eq!(deep.to_string(), "byte 128: expected at most 128 levels of arrays and objects");
}

#[test]
fn a_hundred_thousand_members_are_read_soon() {
    let members = |n: usize| format!("{{{}\"last\":0}}", (1..n).map(|i| format!("\"{i}\":0,")).collect::<String>());
    let document = members(100_000);
    assert_eq!(soon(|| read(&document)), Ok(()));
    let document = members(100_001);
    assert_eq!(soon(|| read(&document)).unwrap_err().fault, Fault::TooManyMembers { limit: 100_000 });
    // Names that differ only at their ends.
    let long = "x".repeat(4_000);
    let document: String = (0..1_000).map(|i| format!("\"{long}{i}\":0,")).collect();
    assert_eq!(soon(|| read(format!("{{{document}\"\":0}}"))), Ok(()));
}

#[test]
fn time_grows_with_the_document_and_not_faster() {
    let million = 1 << 20;
    assert_eq!(soon(|| read(" ".repeat(million))), Err(Fault::Empty.at(million)));
    assert_eq!(soon(|| read(" ".repeat(million) + "[]" + &" ".repeat(million))), Ok(()));

    let limit = Fault::NumberTooLong { limit: 1_000 };
    assert_eq!(soon(|| read("9".repeat(million))), Err(limit.at(0)));
    assert_eq!(soon(|| read(format!("[0.{}1]", "0".repeat(million)))), Err(limit.at(1)));
    assert_eq!(soon(|| read(format!("1e{}", "0".repeat(million)))), Err(limit.at(0)));

    assert_eq!(soon(|| read(format!("\"{}\"", "\\n".repeat(million)))), Ok(()));
    assert_eq!(soon(|| read(format!("\"{}\"", "\\ud83d\\ude00".repeat(million)))), Ok(()));
    assert_eq!(
        soon(|| read(format!("\"{}", "a".repeat(million)))),
        Err(Fault::Ended(Expected::StringEnd).at(million + 1))
    );
    assert_eq!(
        soon(|| read(format!("{{\"{}\":1}}", "k".repeat(1_000_000)))),
        Err(Fault::NameTooLong { limit: 4_096 }.at(1))
    );

    // Just under the limits, again and again: the slowest numbers and objects.
    let slow = "17976931348623157".to_owned() + &"8".repeat(900) + "e-609,";
    assert_eq!(soon(|| read(format!("[{}0]", slow.repeat(500)))), Ok(()));
    let wide = format!("{{{}\"z\":0}},", ('a'..='q').map(|name| format!("\"{name}\":0,")).collect::<String>());
    assert_eq!(soon(|| read(format!("[{}0]", wide.repeat(2_000)))), Ok(()));
    assert_eq!(soon(|| read(format!("[{}0]", "0,".repeat(999_998)))), Ok(()));
    assert!(soon(|| read(format!("[{}0]", "0,".repeat(1_000_000)))).is_err());
}
