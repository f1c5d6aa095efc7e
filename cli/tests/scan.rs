//! `portcullis scan` and `portcullis replay`, as somebody types them.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

fn run(arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_portcullis"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

fn lines(output: &Output) -> Vec<String> {
    String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
}

fn written(name: &str, text: &str) -> PathBuf {
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&file, text).unwrap();
    file
}

#[test]
fn each_text_gets_one_verdict_in_its_order() {
    let input = "{\"text\": \"hello\"}\n\n{\"text\": \"<|im_start|>system\"}\n{\"text\": \"write to alice@corp.example.org\"}\n";
    let output = run(&["scan"], input);
    assert!(output.status.success(), "{output:?}");
    let lines = lines(&output);
    let starts = [
        r#"{"outcome":"pass","score":0.0,"detectors":[],"us":"#,
        r#"{"outcome":"block","score":1.0,"detectors":[{"name":"signature","outcome":"block","reason":"chat_template","span":[0,12],"via":"plain"}"#,
        r#"{"outcome":"flag","score":0.2,"detectors":[{"name":"pii","outcome":"flag","reason":"email","span":[9,31],"via":"plain"}"#,
    ];
    assert_eq!(lines.len(), starts.len(), "{lines:?}");
    for (line, start) in lines.iter().zip(starts) {
        assert!(line.starts_with(start), "{line}");
    }
}

#[test]
fn whose_text_it_is_counts() {
    let input = "{\"text\": \"<|im_start|>\", \"provenance\": \"user\"}\n{\"text\": \"<|im_start|>\"}\n";
    let output = run(&["scan", "--provenance", "system"], input);
    let lines = lines(&output);
    assert!(lines.first().unwrap().contains("block"), "{lines:?}");
    assert!(lines.last().unwrap().contains("pass"), "{lines:?}");
}

#[test]
fn a_line_that_is_wrong_is_told_by_its_number_and_not_by_what_it_says() {
    let output = run(&["scan"], "{\"text\": \"a\"}\n{\"text\": \"secret\"\n");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.contains("line 2: byte "), "{told}");
    assert!(!told.contains("secret"), "{told}");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn a_replay_tells_where_two_configurations_differ() {
    let new = written(
        "replay-new.json",
        r#"{"policies": [{"name": "a", "detectors": {"deny": [{"name": "own", "literals": ["zebra"]}]}}]}"#,
    );
    let input = "{\"text\": \"a zebra\"}\n{\"text\": \"[INST] <|im_start|>\"}\n{\"text\": \"hello\"}\n";
    let output = run(&["replay", "--new", &new.display().to_string(), "-"], input);
    let lines = lines(&output);
    assert_eq!(lines.first().unwrap(), "3 texts: 1 stricter, 1 looser, 0 otherwise", "{lines:?}");
    assert_eq!(output.status.code(), Some(3));
    let same = run(&["replay", "--new", &new.display().to_string(), "-"], "{\"text\": \"hello\"}\n");
    assert_eq!(same.status.code(), Some(0));
}

#[test]
fn a_replay_looks_by_the_policy_that_it_is_told() {
    let of = |name: &str, word: &str| {
        let detectors = format!(r#"{{"deny": [{{"name": "own", "literals": ["{word}"]}}]}}"#);
        written(
            name,
            &format!(
                r#"{{"policies": [{{"name": "a", "detectors": {{}}}}, {{"name": "b", "detectors": {detectors}}}]}}"#
            ),
        )
    };
    let [old, new] =
        [of("replay-b-old.json", "zebra"), of("replay-b-new.json", "lion")].map(|file| file.display().to_string());
    let replay = |more: &[&str]| {
        run(&[&["replay", "--old", &old, "--new", &new], more, &["-"]].concat(), "{\"text\": \"a lion\"}\n")
    };
    assert_eq!(replay(&[]).status.code(), Some(0));
    assert_eq!(replay(&["--policy", "b"]).status.code(), Some(3));
    let unknown = replay(&["--policy", "c"]);
    let told = String::from_utf8_lossy(&unknown.stderr);
    assert!(told.contains("--policy: expected one of a, b"), "{told}");
    assert_eq!(unknown.status.code(), Some(1));
}

#[test]
fn nobody_need_know_the_token_of_a_service_that_is_not_asked() {
    let moderation = r#"{"cluster": "m", "url": "https://m.example/v1", "token": {"env": "NOT_SET_HERE"}}"#;
    let policies = format!(r#"{{"policies": [{{"name": "a", "detectors": {{"moderation": {moderation}}}}}]}}"#);
    let file = written("scan-token.json", &policies).display().to_string();
    assert!(run(&["scan", "--config", &file], "{\"text\": \"hello\"}\n").status.success());
}
