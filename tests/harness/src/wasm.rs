//! The compiled filters: built by the tests that use them, once, by the command of the Makefile.
//!
//! `PORTCULLIS_WASM_DIR=dir` says that they lie in `dir` already; then nothing is built.

use crate::workspace;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::{env, io};

/// The module of this package: `target/wasm/<package>.wasm`.
pub fn wasm(package: &str) -> PathBuf {
    wasm_with(package, &[])
}

/// The module of this package with features: `target/wasm/<package>+<feature>.wasm`.
///
/// Panics with the compiler's words when it cannot be built.
pub fn wasm_with(package: &str, features: &[&str]) -> PathBuf {
    static BUILT: Mutex<BTreeMap<String, PathBuf>> = Mutex::new(BTreeMap::new());
    let name = [&[package], features].concat().join("+");
    let mut built = BUILT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(path) = built.get(&name) {
        return path.clone();
    }
    let path = match env::var_os("PORTCULLIS_WASM_DIR") {
        Some(folder) => present(PathBuf::from(folder).join(format!("{name}.wasm"))),
        None => build(package, features, &name).unwrap_or_else(|e| panic!("{name}.wasm: {e}")),
    };
    built.insert(name, path.clone());
    path
}

fn present(path: PathBuf) -> PathBuf {
    assert!(path.is_file(), "no {}: PORTCULLIS_WASM_DIR says it is built; unset it or build it", path.display());
    path
}

/// Builds under a lock that other test processes see, and copies in one step: an Envoy may be
/// reading the module of before.
fn build(package: &str, features: &[&str], name: &str) -> io::Result<PathBuf> {
    let folder = workspace().join("target/wasm");
    fs::create_dir_all(&folder)?;
    let lock = File::create(folder.join(".lock"))?;
    lock.lock()?;
    eprintln!("building {name}.wasm");
    let target = target(features);
    let status = cargo(package, features).env("CARGO_TARGET_DIR", &target).stdin(Stdio::null()).status()?;
    if !status.success() {
        return Err(io::Error::other(format!("cargo could not build it ({status}), see above")));
    }
    let artifact = format!("wasm32-wasip1/release/{}.wasm", package.replace('-', "_"));
    let module = folder.join(format!("{name}.wasm"));
    copy_if_other(&target.join(artifact), &module)?;
    Ok(module)
}

/// The Makefile's command.
fn cargo(package: &str, features: &[&str]) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(workspace()).args(["rustc", "--release", "--target", "wasm32-wasip1"]);
    command.args(["-p", package, "--crate-type", "cdylib"]);
    if !features.is_empty() {
        command.args(["--features", &features.join(",")]);
    }
    command
}

/// Variants of a crate have the same file name, so each gets a folder of its own: in a shared one
/// every change between them would link anew.
fn target(features: &[&str]) -> PathBuf {
    let folder = env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
    let folder = workspace().join(folder);
    if features.is_empty() { folder } else { folder.join("variants").join(features.join("+")) }
}

fn copy_if_other(from: &Path, to: &Path) -> io::Result<()> {
    let new = fs::read(from)?;
    if fs::read(to).is_ok_and(|old| old == new) {
        return Ok(());
    }
    let draft = to.with_extension("draft");
    fs::write(&draft, new)?;
    fs::rename(&draft, to)
}
