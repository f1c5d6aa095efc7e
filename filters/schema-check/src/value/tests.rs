use jsonschema::json::{Array, JsonNumber, Node as _, Object};
use portcullis::json::Limits;
use serde_json::json;

use super::{Steps, Tree};

fn read(text: &str) -> Tree<'_> {
    Tree::read(text.as_bytes(), Limits::default()).unwrap()
}

#[test]
fn members_and_elements_are_those_of_the_document() {
    let tree = read(r#"{"a": [1, {"b": "x"}, []], "c": null}"#);
    let object = tree.document().as_object().unwrap();
    assert_eq!(object.members().map(|(name, _)| name).collect::<Vec<_>>(), ["a", "c"]);
    let array = object.get(&"a".into()).unwrap().as_array().unwrap();
    assert_eq!((Array::len(&array), array.elements().count()), (3, 3));
    let inner = tree.document().find(["a", "1", "b"]).unwrap();
    assert_eq!((inner.as_string().as_deref(), inner.at()), (Some("x"), 16));
    assert!(tree.document().find(["a", "3"]).is_none());
}

#[test]
fn a_member_is_found_in_a_small_and_in_a_large_object() {
    for members in [1, 16, 17, 500] {
        let text = format!("{{{}}}", (0..members).map(|n| format!("\"m{n}\": {n}")).collect::<Vec<_>>().join(","));
        let tree = read(&text);
        for n in 0..members {
            let found = tree.document().find([format!("m{n}").as_str()]).unwrap();
            assert_eq!(found.as_number().unwrap().as_u64(), Some(n), "{members}");
        }
        assert!(tree.document().find(["m"]).is_none());
    }
}

#[test]
fn numbers_are_equal_by_what_they_are_worth() {
    for (text, expected, is_equal) in [
        ("1.0", json!(1), true),
        ("1e0", json!(1.0), true),
        ("-0", json!(0), true),
        ("18446744073709551615", json!(u64::MAX), true),
        ("18446744073709551614", json!(u64::MAX), false),
        ("9007199254740993", json!(9_007_199_254_740_992_i64), false),
        ("0.1", json!(0.1), true),
        ("1e300", json!(1e300), true),
        ("\"1\"", json!(1), false),
        ("true", json!(1), false),
    ] {
        assert_eq!(read(text).document().equals_value(&expected), is_equal, "{text}");
    }
}

#[test]
fn values_are_equal_whatever_the_order_of_members() {
    let expected = json!({"a": [1, null], "b": {"c": "d"}});
    for (text, is_equal) in [
        (r#"{"b": {"c": "d"}, "a": [1, null]}"#, true),
        (r#"{"b": {"c": "d"}, "a": [null, 1]}"#, false),
        (r#"{"b": {"c": "d"}}"#, false),
        (r#"{"b": {"c": "d"}, "a": [1, null], "e": 1}"#, false),
    ] {
        assert_eq!(read(text).document().equals_value(&expected), is_equal, "{text}");
    }
}

#[test]
fn elements_are_unique_unless_two_are_one() {
    for (text, is_unique) in [
        ("[1, 2, \"1\", [1], {\"a\": 1}, null, false]", true),
        ("[1, 1.0]", false),
        ("[{\"a\": 1, \"b\": 2}, {\"b\": 2, \"a\": 1}]", false),
        ("[[1, 2], [2, 1]]", true),
        ("[[], {}]", true),
        ("[9007199254740993, 9007199254740992]", true),
    ] {
        assert_eq!(read(text).document().as_array().unwrap().is_unique(), is_unique, "{text}");
    }
}

#[test]
fn a_walk_ends_where_the_steps_do() {
    let text = format!("[{}]", vec!["1"; 1000].join(","));
    let mut tree = read(&text);
    tree.under("", Steps(100));
    assert!(tree.document().as_array().unwrap().elements().count() < 100);
    assert!(tree.is_exhausted() && tree.document().as_array().is_none());
    tree.refill(Steps(5000));
    assert!(tree.document().as_array().unwrap().elements().count() == 1000 && !tree.is_exhausted());
}
