//! `portcullis bundle` from outside: what it writes is a document, what it reads lies beside the one that was given.

#![allow(missing_docs, clippy::indexing_slicing, clippy::unwrap_used)]

use std::path::PathBuf;
use std::process::{Command, Output};

use portcullis::json::{Limits, parse};
use serde_json::{Value, json};

/// A folder that is gone when this is dropped.
struct Folder(PathBuf);

impl Folder {
    fn of(name: &str, files: &[(&str, &str)]) -> Self {
        let folder = Self(std::env::temp_dir().join(format!("portcullis-bundle-{}-{name}", std::process::id())));
        std::fs::create_dir_all(folder.0.join("api/parts")).unwrap();
        for (file, text) in files {
            std::fs::write(folder.0.join(file), text).unwrap();
        }
        folder
    }

    fn bundle(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_portcullis"));
        command.arg("bundle").arg(self.0.join("api/main.yaml")).args(arguments).current_dir(&self.0).output().unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn value(bytes: &[u8]) -> Value {
    parse(bytes, Limits::default()).unwrap()
}

/// A document with one operation that refers to this.
fn main(reference: &str) -> String {
    format!(
        "openapi: 3.1.0\ninfo: {{title: t, version: '1'}}\npaths:\n  /pets:\n    post:\n      operationId: addPet\n      \
         requestBody: {{content: {{application/json: {{schema: {{$ref: '{reference}'}}}}}}}}\n    get: {{operationId: listPets, responses: {{200: {{description: d}}}}}}\n"
    )
}

const PET: (&str, &str) = ("api/parts/pet.yaml", "Pet: {type: string, nullable: true, description: d}");

#[test]
fn files_beside_the_document_are_in_the_bundle() {
    let folder = Folder::of("files", &[("api/main.yaml", &main("parts/pet.yaml#/Pet")), PET]);
    let output = folder.bundle(&["--operations", "addPet", "--format", "json"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let (made, report) = (value(&output.stdout), value(&output.stderr));
    assert_eq!(made["components"], json!({"schemas": {"Pet": {"type": ["string", "null"]}}}));
    assert_eq!((&report["operations"], &made["x-portcullis-bundle"]), (&json!(1), &json!(1)));
    let notes: Vec<_> = report["notes"].as_object().unwrap().values().collect();
    assert_eq!(notes, [&json!(["#/components/schemas/Pet/nullable"])]);
}

#[test]
fn the_bundle_can_be_written_to_a_file() {
    let folder = Folder::of("output", &[("api/main.yaml", &main("parts/pet.yaml#/Pet")), PET]);
    let output = folder.bundle(&["--output", "made.json"]);
    assert!(output.stdout.is_empty());
    assert!(text(&output.stderr).starts_with("operations  2\n"), "{}", text(&output.stderr));
    let made = std::fs::read(folder.0.join("made.json")).unwrap();
    assert_eq!(made.strip_suffix(b"\n").unwrap_or(&made), folder.bundle(&[]).stdout.trim_ascii_end());
    assert_eq!(value(&made)["openapi"], "3.1.1");
}

#[test]
fn nothing_is_read_from_elsewhere() {
    for (reference, told) in [
        ("https://example.com/pet.yaml#/Pet", "download it"),
        ("../secret.yaml#/Pet", "in the folder of the document"),
        ("/etc/passwd", "in the folder of the document"),
        ("parts/none.yaml#/Pet", "a file parts/none.yaml"),
        ("parts/pet.yaml#/Dog", "what parts/pet.yaml#/Dog refers to"),
    ] {
        let folder = Folder::of("elsewhere", &[("api/main.yaml", &main(reference)), PET, ("secret.yaml", PET.1)]);
        let output = folder.bundle(&[]);
        let stderr = text(&output.stderr);
        assert!(output.status.code() == Some(1) && output.stdout.is_empty(), "{reference}");
        assert!(stderr.contains(told) && stderr.contains("#/paths/~1pets"), "{reference}: {stderr}");
        // What is not needed is not read.
        assert_eq!(folder.bundle(&["--operations", "listPets"]).status.code(), Some(0), "{reference}");
    }
}

#[test]
fn the_exit_status_tells_what_to_mend() {
    let pet = main("parts/pet.yaml#/Pet");
    for (status, file, arguments, told) in [
        (1, pet.as_str(), &["--operations", "addPets"][..], "such as addPet"),
        (1, "openapi: 3.1.0\ninfo: {title: t, version: '1'}\npats: {}\n", &[], "#/pats: expected"),
        (1, "openapi: [", &[], "main.yaml"),
        (1, "openapi: 3.1.0\nopenapi: 3.1.1\n", &[], "duplicate"),
        (2, pet.as_str(), &["--format", "xml"], "xml"),
    ] {
        let folder = Folder::of("status", &[("api/main.yaml", file), PET]);
        let output = folder.bundle(arguments);
        assert_eq!(output.status.code(), Some(status), "{arguments:?}");
        assert!(text(&output.stderr).contains(told), "{}", text(&output.stderr));
    }
}
