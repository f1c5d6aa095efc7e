use super::*;
use crate::ai::shape::Shape;
use crate::ai::vocabulary::{Feature, Measure};
#[test]
fn what_may_have_been_said_before_is_told_with_a_mark() {
    static PART: Shape = Shape::of("part", &[("text", Is::Text(Provenance::Assistant))]);
    static SUM: Is = Is::Or(&Is::Text(Provenance::Assistant), &PART);
    static EVENT: Shape =
        Shape::of("event", &[("sum", Is::Repeated(&SUM)), ("delta", Is::Text(Provenance::Assistant))]);
    let body = br#"{"sum": [{"text": "a"}, "b", {"text": ["c"], "x": {"d": 1}}], "delta": "e"}"#;
    let reading = read(body, Is::Object(&EVENT), Limits::default()).unwrap();
    let again: Vec<_> = reading.texts.iter().filter(|text| text.is_again).map(|text| text.text.raw()).collect();
    let first: Vec<_> = reading.texts.iter().filter(|text| !text.is_again).map(|text| text.text.raw()).collect();
    assert_eq!((again, first), (vec!["a", "b", "c", "d", "1"], vec!["e"]));
}

#[test]
fn no_model_of_a_document_hides_another() {
    static BATCH: Shape = Shape::of("batch", &[("requests", Is::Object(&ONE))]);
    static ONE: Shape = Shape::of("request", &[("model", Is::Model)]);
    let body = br#"{"requests": [{"model": "a"}, {"model": "b"}, {"model": "c"}]}"#;
    let reading = read(body, Is::Object(&BATCH), Limits::default()).unwrap();
    let notes: Vec<_> = reading.notes.iter().map(|note| (note.what, note.text.unescaped())).collect();
    assert_eq!(reading.model.unwrap().unescaped(), "a");
    assert_eq!(notes, [(What::Model, "b".into()), (What::Model, "c".into())]);
}

#[test]
fn a_number_where_text_stands_is_text() {
    static SAID: Shape = Shape::of(
        "x",
        &[("text", Is::Text(Provenance::User)), ("part", Is::TextOr(Provenance::User, &PART)), ("n", Is::Plain)],
    );
    static PART: Shape = Shape::of("part", &[]);
    for (body, said) in [
        (r#"{"text": 4111111111111111}"#, &["4111111111111111"][..]),
        (r#"{"text": {"card": -1.5e3}}"#, &["card", "-1.5e3"]),
        (r#"{"text": [[1], 2]}"#, &["1", "2"]),
        (r#"{"part": [1, "2"]}"#, &["1", "2"]),
        (r#"{"nobody named it": 7}"#, &["7"]),
        ("[3]", &["3"]),
        (r#"{"n": 7, "text": true}"#, &[]),
    ] {
        let reading = read(body.as_bytes(), Is::Object(&SAID), Limits::default()).unwrap();
        let texts: Vec<_> = reading.texts.iter().map(|text| text.text.unescaped()).collect();
        assert_eq!(texts, said, "{body}");
        for number in reading.texts.iter().filter(|text| text.text.is_number()) {
            assert_eq!(body.get(number.span.clone()), Some(number.text.raw()), "{body}");
        }
    }
}

#[test]
fn no_list_stands_for_one_thing() {
    static ASKED: Shape = Shape::of(
        "x",
        &[
            ("model", Is::Model),
            ("stream", Is::Stream),
            ("format", Is::StreamIf("sse")),
            ("n", Is::Number(Measure::Choices)),
            ("max", Is::Decimal(Measure::MaxOutputTokens)),
            ("index", Is::Index),
            ("method", Is::Note(What::Method)),
            ("id", Is::Note(What::MessageId)),
            ("tools", Is::Note(What::Tool)),
        ],
    );
    fn code(body: &str) -> Result<(), &'static str> {
        let reading = read(body.as_bytes(), Is::Object(&ASKED), Limits::default());
        reading.map(drop).map_err(|fault| fault.code())
    }
    for (name, value) in [
        ("model", "\"m\""),
        ("stream", "true"),
        ("format", "\"sse\""),
        ("n", "1"),
        ("max", "\"1\""),
        ("index", "1"),
        ("method", "\"ping\""),
        ("id", "7"),
    ] {
        assert!(code(&format!("{{\"{name}\": {value}}}")).is_ok(), "{name}");
        for many in [format!("[{value}]"), "[]".into(), format!("[[{value}]]"), format!("{{\"a\": {value}}}")] {
            assert_eq!(code(&format!("{{\"{name}\": {many}}}")), Err("wrong_type"), "{name} {many}");
        }
    }
    for wrong in [r#"{"id": true}"#, r#"{"method": 7}"#, r#"{"format": 7}"#, r#"{"model": false}"#] {
        assert_eq!(code(wrong), Err("wrong_type"), "{wrong}");
    }
    assert!(code(r#"{"tools": ["a", ["b"]]}"#).is_ok());
}

#[test]
fn below_zero_a_bound_is_none_and_a_count_is_nothing() {
    static COUNTS: Shape = Shape::of(
        "x",
        &[
            ("max", Is::Decimal(Measure::MaxOutputTokens)),
            ("n", Is::Number(Measure::Choices)),
            ("used", Is::Decimal(Measure::OutputTokens)),
            ("all", Is::Number(Measure::TotalTokens)),
        ],
    );
    let body = br#"{"used": -1, "all": -1.0, "max": "-1", "n": -2}"#;
    let reading = read(body, Is::Object(&COUNTS), Limits::default()).unwrap();
    assert_eq!(reading.numbers, [(Measure::MaxOutputTokens, u64::MAX), (Measure::Choices, u64::MAX)]);
    let written: Vec<_> = reading.places.iter().map(|place| &body[place.span.clone()]).collect();
    assert_eq!(written, [&b"\"-1\""[..], b"-2"]);
    let reading = read(br#"{"used": "-7", "all": 9}"#, Is::Object(&COUNTS), Limits::default()).unwrap();
    assert_eq!(reading.numbers, [(Measure::TotalTokens, 9)]);
}

#[test]
fn what_is_there_is_used_once_for_each_of_a_list() {
    static TOOL: Shape = Shape::of("tool", &[("name", Is::Note(What::Tool))]);
    static ASKED: Shape = Shape::of(
        "x",
        &[
            ("tools", Is::Using(Feature::Tools, &Is::Object(&TOOL))),
            ("format", Is::Using(Feature::ResponseFormat, &Is::Text(Provenance::User))),
        ],
    );
    let (tool, format) = (Feature::Tools, Feature::ResponseFormat);
    for (body, used) in [
        (r#"{"tools": [{"name": "a"}, {}, [{"name": "b"}]]}"#, &[tool, tool, tool][..]),
        (r#"{"tools": {"name": "a"}, "format": {"tools": [1]}}"#, &[tool, format]),
        (r#"{"tools": null, "format": "json"}"#, &[format]),
        (r#"{"tools": [], "format": ""}"#, &[]),
        (r#"{"tools": false, "other": [{}]}"#, &[]),
        (r#"{"tools": true, "format": 7}"#, &[tool, format]),
    ] {
        let reading = read(body.as_bytes(), Is::Object(&ASKED), Limits::default()).unwrap();
        assert_eq!(reading.features, used, "{body}");
    }
}

#[test]
fn every_text_of_a_list_of_data_is_told() {
    static SOURCE: Shape = Shape::of("source", &[("type", Is::Type), ("data", Is::Data)]);
    let body = br#"{"data": ["hidden", "shown"], "type": "text"}"#;
    let reading = read(body, Is::Object(&SOURCE), Limits::default()).unwrap();
    assert_eq!(reading.texts.iter().map(|text| text.text.raw()).collect::<Vec<_>>(), ["hidden", "shown"]);
    let body = br#"{"data": ["AA==", "AA=="], "type": "base64"}"#;
    assert_eq!(read(body, Is::Object(&SOURCE), Limits::default()).unwrap().unread.len(), 2);
}

#[test]
fn a_message_without_a_role_is_said_by_whom_its_table_names() {
    static SAID: Shape =
        Shape::of("x", &[("role", Is::Role), ("text", Is::Text(Provenance::Role))]).spoken_by(Provenance::User);
    for (body, provenance) in [
        (r#"{"text": "x"}"#, Provenance::User),
        (r#"{"text": "x", "role": "model"}"#, Provenance::Assistant),
        (r#"{"text": "x", "role": "?"}"#, Provenance::Unknown),
    ] {
        let reading = read(body.as_bytes(), Is::Object(&SAID), Limits::default()).unwrap();
        assert_eq!(reading.texts[0].provenance, provenance, "{body}");
    }
}

#[test]
fn a_cap_of_nothing_is_none() {
    static CAPS: Shape = Shape::of(
        "x",
        &[("max", Is::Number(Measure::MaxOutputTokens)), ("n", Is::Number(Measure::Choices)), ("all", Is::Plain)],
    );
    let reading = read(br#"{"max": 0, "n": 0}"#, Is::Object(&CAPS), Limits::default()).unwrap();
    assert_eq!(reading.numbers, [(Measure::MaxOutputTokens, u64::MAX), (Measure::Choices, 0)]);
}

#[test]
fn a_word_may_use_a_feature_and_another_not() {
    static ASKED: Shape = Shape::of(
        "x",
        &[("include", Is::UsesIf("logprobs", Feature::Logprobs)), ("likelihoods", Is::Uses(Feature::Logprobs))],
    );
    for (body, uses) in [
        (r#"{"include": ["a", "logprobs"]}"#, 1),
        (r#"{"include": "logprobs"}"#, 1),
        (r#"{"include": ["a"]}"#, 0),
        (r#"{"likelihoods": "ALL"}"#, 1),
        (r#"{"likelihoods": "NONE"}"#, 0),
    ] {
        let reading = read(body.as_bytes(), Is::Object(&ASKED), Limits::default()).unwrap();
        assert_eq!(reading.features, vec![Feature::Logprobs; uses], "{body}");
    }
}
