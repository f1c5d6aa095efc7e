//! Archives of suites and corpora that are no part of the repository, unpacked once, and anew when the archive is another.

use std::path::Path;
use std::process::Command;
use std::{fs, io};

/// Unpacks `archive` to `place`, unless that has been done with this very archive. `otherwise` says what else can be done
/// where there is none.
///
/// # Errors
///
/// What is wrong, and what was expected.
pub fn unpack(archive: &Path, place: &Path, otherwise: &str) -> Result<(), String> {
    let Some(stamp) = stamp(archive) else {
        return Err(format!(
            "{}: expected the archive; put it there, or name an unpacked folder: {otherwise}",
            archive.display()
        ));
    };
    if !is_unpacked(place, &stamp) {
        eprintln!("unpacking {} to {}", archive.display(), place.display());
        // Beside its place, so that what lies there is always whole.
        let new = place.with_extension(std::process::id().to_string());
        unpack_to(&new, archive, &stamp)?;
        move_to(&new, place, &stamp).map_err(|error| at(place, &error))?;
    }
    Ok(())
}

fn unpack_to(new: &Path, archive: &Path, stamp: &str) -> Result<(), String> {
    fs::create_dir_all(new).map_err(|error| at(new, &error))?;
    let done = untar(archive, new).and_then(|()| fs::write(new.join(STAMP), stamp).map_err(|error| at(new, &error)));
    if done.is_err() {
        let _ = fs::remove_dir_all(new);
    }
    done
}

fn untar(archive: &Path, folder: &Path) -> Result<(), String> {
    let status = Command::new("tar").arg("-xJf").arg(archive).arg("-C").arg(folder).status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!(
            "tar -xJf {}: {status}; expected a whole archive and `tar` with `xz` installed",
            archive.display()
        )),
        Err(error) => Err(format!("tar: {error}; expected it to be installed")),
    }
}

fn move_to(new: &Path, place: &Path, stamp: &str) -> io::Result<()> {
    if place.exists() {
        fs::remove_dir_all(place)?;
    }
    match fs::rename(new, place) {
        // Another run was faster, with the same archive.
        Err(_) if is_unpacked(place, stamp) => fs::remove_dir_all(new),
        moved => moved,
    }
}

fn is_unpacked(place: &Path, stamp: &str) -> bool {
    fs::read_to_string(place.join(STAMP)).is_ok_and(|found| found == stamp)
}

/// What changes when the archive does.
fn stamp(archive: &Path) -> Option<String> {
    let about = fs::metadata(archive).ok()?;
    Some(format!("{} bytes, {:?}\n", about.len(), about.modified().ok()?))
}

fn at(path: &Path, error: &io::Error) -> String {
    format!("{}: {error}", path.display())
}

const STAMP: &str = ".unpacked";

#[cfg(test)]
mod tests {
    use std::env;
    use std::path::PathBuf;

    use super::*;

    /// An empty folder of the test's own.
    fn scratch(name: &str) -> PathBuf {
        let folder = env::temp_dir().join(format!("portcullis-archive-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    fn pack(folder: &Path, text: &str) -> PathBuf {
        fs::create_dir_all(folder.join("corpus")).unwrap();
        fs::write(folder.join("corpus/dev.jsonl"), text).unwrap();
        let archive = folder.join("corpus.tar.xz");
        let packed = Command::new("tar").arg("-cJf").arg(&archive).arg("-C").arg(folder).arg("corpus").status();
        assert!(packed.unwrap().success());
        archive
    }

    #[test]
    fn a_missing_archive_is_a_fault_that_says_what_to_do() {
        let folder = scratch("missing");
        let fault = unpack(&folder.join("a.tar.xz"), &folder.join("target"), "CORPUS=<folder>").unwrap_err();
        assert!(fault.contains("a.tar.xz: expected the archive") && fault.contains("CORPUS=<folder>"), "{fault}");
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_broken_archive_leaves_nothing_behind() {
        let folder = scratch("broken");
        fs::write(folder.join("a.tar.xz"), "no archive").unwrap();
        assert!(unpack(&folder.join("a.tar.xz"), &folder.join("target"), "").is_err());
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn an_archive_is_unpacked_once_and_again_when_it_changes() {
        let folder = scratch("again");
        let place = folder.join("target");
        let archive = pack(&folder, "a: 1");
        let file = place.join("corpus/dev.jsonl");
        let read = || fs::read_to_string(&file).unwrap();
        unpack(&archive, &place, "").unwrap();
        assert_eq!(read(), "a: 1");

        fs::write(&file, "mine").unwrap();
        unpack(&archive, &place, "").unwrap();
        assert_eq!(read(), "mine");

        pack(&folder, &"b: 2\n".repeat(1000));
        unpack(&archive, &place, "").unwrap();
        assert!(read().starts_with("b: 2"));
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn what_somebody_unpacked_without_a_mark_is_unpacked_anew() {
        let folder = scratch("unmarked");
        let place = folder.join("target");
        let archive = pack(&folder, "a: 1");
        fs::create_dir_all(place.join("corpus")).unwrap();
        fs::write(place.join("corpus/dev.jsonl"), "old").unwrap();
        unpack(&archive, &place, "").unwrap();
        assert_eq!(fs::read_to_string(place.join("corpus/dev.jsonl")).unwrap(), "a: 1");
        fs::remove_dir_all(folder).unwrap();
    }
}
