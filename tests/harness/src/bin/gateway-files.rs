//! What `envoy/gateway.yaml` needs beside itself, for a gateway that is tried out: certificates of an authority of its own
//! and credentials of providers that do not exist.
//!
//! ```text
//! gateway-files FOLDER
//! ```

use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(folder) = std::env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("gateway-files: expected a folder: gateway-files FOLDER");
        return ExitCode::from(2);
    };
    harness::gateway::write(&folder);
    ExitCode::SUCCESS
}
