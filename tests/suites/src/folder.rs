//! Where the suites lie: a folder somebody names, or the archive, unpacked once.

use std::env;
use std::path::{Path, PathBuf};

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
    let root = root.canonicalize();
    let root = root.map_err(|error| Fault::Surroundings(format!("the workspace: {error}")))?;
    let place = root.join("target/suites");
    portcullis_archive::unpack(&root.join("../shared/suites.tar.xz"), &place, "SUITES=<folder> make suites")
        .map_err(Fault::Surroundings)?;
    Ok(place.join("suites"))
}
