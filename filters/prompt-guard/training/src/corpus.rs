//! Where the corpus lies, and how a file of it is read. No text of it is part of the repository.

use std::path::{Path, PathBuf};
use std::{env, fs};

use serde::de::DeserializeOwned;

/// The unpacked corpus.
pub struct Corpus(PathBuf);

impl Corpus {
    /// The folder that `CORPUS` names; else `../shared/corpus.tar.xz`, unpacked to `target/corpus` once and again when the
    /// archive changes.
    pub fn open() -> Result<Corpus, String> {
        if let Some(folder) = env::var_os("CORPUS") {
            return Ok(Corpus(PathBuf::from(folder)));
        }
        let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../.."));
        let root = root.canonicalize().map_err(|error| format!("{}: {error}", root.display()))?;
        let place = root.join("target/corpus");
        portcullis_archive::unpack(&root.join("../shared/corpus.tar.xz"), &place, "CORPUS=<folder>")?;
        Ok(Corpus(place.join("corpus")))
    }

    /// The rows of a file.
    pub fn rows<T: DeserializeOwned>(&self, file: &str) -> Result<Vec<T>, String> {
        Self::file(&self.0.join(file))
    }

    /// The rows of a file anywhere.
    pub fn file<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>, String> {
        let text = fs::read_to_string(path)
            .map_err(|error| format!("{}: {error}; name a folder that has it: CORPUS=<folder>", path.display()))?;
        parsed(path, &text)
    }
}

/// The rows in the text of a file, one a line.
pub(crate) fn parsed<T: DeserializeOwned>(path: &Path, text: &str) -> Result<Vec<T>, String> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.is_empty());
    lines.map(|(at, line)| row(line).map_err(|error| format!("{}:{}: {error}", path.display(), at + 1))).collect()
}

/// Not `serde_json::from_str`, which is kept away from callers' bytes: the corpus is our own.
fn row<T: DeserializeOwned>(line: &str) -> Result<T, serde_json::Error> {
    let mut line = serde_json::Deserializer::from_str(line);
    let row = T::deserialize(&mut line)?;
    line.end().map(|()| row)
}
