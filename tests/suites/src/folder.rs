//! Where the suites lie: a folder somebody names, or the archive, unpacked once.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, io};

use crate::suite::Fault;

/// The folder with `expectations.yaml` in it.
pub(crate) fn find() -> Result<PathBuf, Fault> {
    if let Some(named) = env::var_os("SUITES") {
        let folder = PathBuf::from(named);
        if folder.join("expectations.yaml").is_file() {
            return Ok(folder);
        }
        return Err(Fault::Surroundings(format!(
            "SUITES={}: expected the unpacked folder `suites`, with expectations.yaml in it",
            folder.display()
        )));
    }
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let root = root.canonicalize().map_err(|error| surroundings(root, &error))?;
    unpacked(&root.join("../shared/suites.tar.xz"), &root.join("target/suites"))
}

/// Unpacks `archive` to `place`, unless that has been done with this very archive.
fn unpacked(archive: &Path, place: &Path) -> Result<PathBuf, Fault> {
    let Some(stamp) = stamp(archive) else {
        return Err(Fault::Surroundings(format!(
            "{}: expected the archive of suites; put it there, or name an unpacked folder: SUITES=<folder> make suites",
            archive.display()
        )));
    };
    if !is_unpacked(place, &stamp) {
        eprintln!("suites: unpacking {} to {}", archive.display(), place.display());
        // Beside its place, so that what lies there is always whole.
        let new = place.with_extension(std::process::id().to_string());
        unpack(archive, &new, &stamp)?;
        move_to(&new, place, &stamp).map_err(|error| surroundings(place, &error))?;
    }
    Ok(place.join("suites"))
}

fn unpack(archive: &Path, new: &Path, stamp: &str) -> Result<(), Fault> {
    fs::create_dir_all(new).map_err(|error| surroundings(new, &error))?;
    let status = Command::new("tar").arg("-xJf").arg(archive).arg("-C").arg(new).status();
    match status {
        Ok(status) if status.success() => {}
        Ok(status) => {
            let _ = fs::remove_dir_all(new);
            return Err(Fault::Surroundings(format!(
                "tar -xJf {}: {status}; expected a whole archive and `tar` with `xz` installed",
                archive.display()
            )));
        }
        Err(error) => {
            return Err(Fault::Surroundings(format!("tar: {error}; expected it to be installed")));
        }
    }
    fs::write(new.join(STAMP), stamp).map_err(|error| surroundings(new, &error))
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

fn surroundings(path: &Path, error: &io::Error) -> Fault {
    Fault::Surroundings(format!("{}: {error}", path.display()))
}

const STAMP: &str = ".unpacked";

#[cfg(test)]
mod tests {
    use super::*;

    /// An empty folder of the test's own.
    fn scratch(name: &str) -> PathBuf {
        let folder = env::temp_dir().join(format!("portcullis-suites-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    fn pack(folder: &Path, expectations: &str) -> PathBuf {
        fs::create_dir_all(folder.join("suites")).unwrap();
        fs::write(folder.join("suites/expectations.yaml"), expectations).unwrap();
        let archive = folder.join("suites.tar.xz");
        let packed = Command::new("tar").arg("-cJf").arg(&archive).arg("-C").arg(folder).arg("suites").status();
        assert!(packed.unwrap().success());
        archive
    }

    #[test]
    fn a_missing_archive_is_a_fault_that_says_what_to_do() {
        let folder = scratch("missing");
        let fault = unpacked(&folder.join("suites.tar.xz"), &folder.join("target")).unwrap_err();
        assert!(matches!(&fault, Fault::Surroundings(what) if what.contains("SUITES=<folder>")), "{fault}");
    }

    #[test]
    fn a_broken_archive_leaves_nothing_behind() {
        let folder = scratch("broken");
        fs::write(folder.join("suites.tar.xz"), "no archive").unwrap();
        assert!(unpacked(&folder.join("suites.tar.xz"), &folder.join("target")).is_err());
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn an_archive_is_unpacked_once_and_again_when_it_changes() {
        let folder = scratch("again");
        let place = folder.join("target");
        let archive = pack(&folder, "a: 1");
        let suites = unpacked(&archive, &place).unwrap();
        let read = || fs::read_to_string(suites.join("expectations.yaml")).unwrap();
        assert_eq!(read(), "a: 1");

        fs::write(suites.join("expectations.yaml"), "mine").unwrap();
        unpacked(&archive, &place).unwrap();
        assert_eq!(read(), "mine");

        pack(&folder, &"b: 2\n".repeat(1000));
        unpacked(&archive, &place).unwrap();
        assert!(read().starts_with("b: 2"));
        fs::remove_dir_all(folder).unwrap();
    }
}
