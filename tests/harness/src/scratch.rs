//! A folder that belongs to one process of a test and goes with it.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::{env, fs, process};

/// Removed when dropped; with `PORTCULLIS_KEEP` set it stays, and its path is printed.
pub struct Scratch {
    path: PathBuf,
}

impl Scratch {
    /// An empty folder; its name says what for.
    pub fn new(purpose: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = env::temp_dir().join(format!("portcullis-{purpose}-{}-{count}", process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap_or_else(|e| panic!("cannot make {}: {e}", path.display()));
        Self { path }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Replaces a file in one step, so that who watches it never reads half of it.
    pub fn replace(&self, name: &str, content: &str) -> PathBuf {
        let file = self.path.join(name);
        let draft = self.path.join(format!("{name}.draft"));
        fs::write(&draft, content).unwrap_or_else(|e| panic!("cannot write {}: {e}", draft.display()));
        fs::rename(&draft, &file).unwrap_or_else(|e| panic!("cannot write {}: {e}", file.display()));
        file
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if env::var_os("PORTCULLIS_KEEP").is_some() {
            eprintln!("kept: {}", self.path.display());
        } else {
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}
