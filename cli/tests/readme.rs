//! What prompt-guard's README shows of `portcullis scan` is what it prints: the command runs in a shell, from the root of
//! the repository. A line that begins with a blank goes on where the one before it ended; `...` stands for the rest.

#![allow(missing_docs, clippy::unwrap_used)]

use std::path::Path;
use std::process::Command;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

#[test]
fn every_scan_in_prompt_guards_readme_prints_what_is_shown() {
    let readme = std::fs::read_to_string(Path::new(ROOT).join("filters/prompt-guard/README.md")).unwrap();
    let blocks = readme.split("```text\n$ ").skip(1).filter_map(|rest| rest.split("\n```").next());
    let scans: Vec<&str> = blocks.filter(|block| block.contains("portcullis scan")).collect();
    assert!(scans.len() >= 2, "{scans:?}");
    for scan in scans {
        let (command, shown) = scan.split_once("\n{").unwrap();
        let shown = format!("{{{}", shown.replace("\n ", ""));
        let printed = printed(command);
        let is_shown = shown.strip_suffix("...").map_or(printed == shown, |begin| printed.starts_with(begin));
        assert!(is_shown, "{command}\nprints\n{printed}\nand not\n{shown}");
    }
}

fn printed(command: &str) -> String {
    let portcullis = Path::new(env!("CARGO_BIN_EXE_portcullis")).parent().unwrap();
    let command = format!("PATH={}:$PATH; {command}", portcullis.display());
    let output = Command::new("sh").arg("-c").arg(&command).current_dir(ROOT).output().unwrap();
    assert!(output.status.success(), "{command}: {output:?}");
    String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
}
