//! The lexicon from its files: `lexicon/<language>.txt`, as `README.md` says.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use prompt_guard::detect::injection::lexicon::{CONCEPTS, Lexicon};
use prompt_guard::detect::injection::read::Reading;
use prompt_guard::normalise::views;

/// A lexicon, and the names of its concepts.
pub struct Concepts {
    pub names: Vec<String>,
    pub lexicon: Lexicon,
    /// How many stems there are.
    pub stems: usize,
}

/// Reads the folder of the training's data.
pub fn read(folder: &Path) -> Result<Concepts, String> {
    let names = names(&text(&folder.join("README.md"))?)?;
    let mut stems: BTreeMap<Vec<u8>, (u64, u64)> = BTreeMap::new();
    for path in files(&folder.join("lexicon"))? {
        for (at, line) in text(&path)?.lines().enumerate() {
            add(&mut stems, &names, line).map_err(|fault| format!("{}:{}: {fault}", path.display(), at + 1))?;
        }
    }
    Ok(Concepts { names, lexicon: Lexicon::new(&stems), stems: stems.len() })
}

/// The concepts are the first column of the README's table of them.
fn names(readme: &str) -> Result<Vec<String>, String> {
    let table = readme.lines().skip_while(|line| !line.starts_with("| concept |"));
    let rows =
        table.take_while(|line| line.starts_with('|')).filter_map(|line| line.strip_prefix("| `")?.split_once("` | "));
    let names: Vec<String> = rows.map(|(name, _)| name.to_owned()).collect();
    if (1..=CONCEPTS).contains(&names.len()) {
        Ok(names)
    } else {
        Err(format!("README.md: expected a table of 1 to {CONCEPTS} concepts, found {}", names.len()))
    }
}

fn add(stems: &mut BTreeMap<Vec<u8>, (u64, u64)>, names: &[String], line: &str) -> Result<(), String> {
    if line.starts_with('#') || line.trim().is_empty() {
        return Ok(());
    }
    let (name, words) = line.split_once(':').ok_or("expected `concept: stem stem`")?;
    let concept = names.iter().position(|known| known == name.trim());
    let concept = concept.ok_or_else(|| format!("{name}: expected a concept of README.md"))?;
    for word in words.split_whitespace() {
        let (is_whole, word) = word.strip_prefix('=').map_or((false, word), |word| (true, word));
        // As the detector reads a text: in forms of compatibility too.
        let word = word.replace('_', " ");
        let reading = Reading::of(&views(&word).plain.text);
        let letters = reading.letters().trim_ascii();
        if letters.is_empty() {
            return Err(format!("{word}: expected letters"));
        }
        let meaning = stems.entry(letters.to_vec()).or_default();
        let set = if is_whole { &mut meaning.1 } else { &mut meaning.0 };
        *set |= 1 << concept;
    }
    Ok(())
}

/// The files of a folder, by name.
pub(crate) fn files(folder: &Path) -> Result<Vec<std::path::PathBuf>, String> {
    let fault = |error| format!("{}: {error}", folder.display());
    let entries = fs::read_dir(folder).map_err(fault)?;
    let mut files =
        entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>().map_err(fault)?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "txt" || extension == "jsonl"));
    files.sort();
    Ok(files)
}

pub(crate) fn text(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use prompt_guard::detect::injection::model::Model;

    use super::*;

    #[test]
    fn the_table_has_the_lexicon_of_the_files() {
        let Concepts { names, lexicon, .. } = read(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
        let table = include_bytes!("../../src/detect/injection/table.bin");
        let model = Model::read(table).unwrap();
        assert!(Model { names, lexicon, ..model }.write() == table, "`make train` writes the table anew");
    }
}
