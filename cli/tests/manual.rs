//! `portcullis completions` and `portcullis man` from outside.

#![allow(missing_docs, clippy::unwrap_used)]

use std::process::{Command, Output};

fn portcullis(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_portcullis")).args(arguments).output().unwrap()
}

#[test]
fn shells_complete_every_subcommand() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = portcullis(&["completions", shell]);
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{shell}");
        for word in ["check", "hash-key", "completions"] {
            assert!(text.contains(word), "{shell} lacks {word}");
        }
    }
    assert_eq!(portcullis(&["completions", "csh"]).status.code(), Some(2));
}

#[test]
fn the_manual_has_a_page_for_each_subcommand() {
    let page = |arguments: &[&str]| String::from_utf8(portcullis(arguments).stdout).unwrap();
    let all = page(&["man"]);
    assert!(all.contains(".TH portcullis 1"), "{all}");
    for name in ["bundle", "check", "completions", "explain", "hash-key", "man", "replay", "scan"] {
        let own = page(&["man", name]);
        assert!(own.contains(&format!(".TH portcullis-{name} 1")) && own.contains(".SH OPTIONS"), "{name}: {own}");
        assert!(all.contains(&name.replace('-', "\\-")), "{name}");
    }
    assert!(page(&["man", "check"]).contains("claim\\-not\\-exported"), "the rules are listed");
    assert_eq!(portcullis(&["man", "chekc"]).status.code(), Some(1));
}
