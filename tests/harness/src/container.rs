//! The same Envoy as a container: set `ENVOY_IMAGE` and every test runs that image by compose.
//!
//! What changes, and why:
//! - the folder of the test and the folders of its modules are mounted read-only at the paths they
//!   have outside, so that one configuration is right on both sides; only `out/` can be written;
//! - listeners and admin have fixed ports inside, published on ephemeral ports of 127.0.0.1;
//! - the loopback of a container is its own, so servers of the test listen on all addresses and
//!   clusters name the gateway of Docker's default bridge ([`seen_from_inside`]).

use crate::envoy::StartFailure;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::{env, fs, process};

/// The admin interface's port inside.
pub(crate) const ADMIN_PORT: u16 = 9901;

/// The one folder of the test that Envoy may write to.
pub(crate) const WRITABLE: &str = "out";

const SERVICE: &str = "envoy";

/// The image that `ENVOY_IMAGE` names; without one, Envoy is a process.
pub fn image() -> Option<String> {
    env::var("ENVOY_IMAGE").ok().filter(|image| !image.is_empty())
}

/// The address by which Envoy reaches a server of the test.
pub fn seen_from_inside(address: SocketAddr) -> SocketAddr {
    if image().is_none() || !address.ip().is_loopback() {
        return address;
    }
    SocketAddr::new(gateway(), address.port())
}

/// The port inside of the listener at this place.
pub(crate) fn listener_port(place: usize) -> u16 {
    10_000 + u16::try_from(place).unwrap_or(0)
}

/// What a container is given.
pub(crate) struct Placement<'p> {
    pub(crate) folder: &'p Path,
    pub(crate) shown: Vec<&'p Path>,
    pub(crate) arguments: Vec<OsString>,
    pub(crate) variables: &'p BTreeMap<String, String>,
    pub(crate) ports: Vec<u16>,
}

/// A running container. It is removed when dropped.
pub(crate) struct Container {
    name: String,
}

impl Container {
    pub(crate) fn start(image: &str, placement: &Placement<'_>) -> Result<Self, StartFailure> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("portcullis-{}-{count}", process::id());
        let file = placement.folder.join("compose.json");
        let composition = composition(&name, image, placement);
        fs::write(&file, composition.to_string()).map_err(|e| failure(format!("{}: {e}", file.display())))?;
        run(compose().args(["--project-name", &name, "--file"]).arg(&file).args(["up", "--detach"]))?;
        Ok(Self { name })
    }

    /// Where a port of the inside is reached from here; nowhere before it started and after it ended.
    pub(crate) fn published(&self, inside: u16) -> Option<SocketAddr> {
        let ports = self.inspect("{{json .NetworkSettings.Ports}}").ok()?;
        let ports: Value = serde_json::from_str(&ports).ok()?;
        let port = ports[format!("{inside}/tcp")][0]["HostPort"].as_str()?.parse().ok()?;
        Some(SocketAddr::from(([127, 0, 0, 1], port)))
    }

    pub(crate) fn pid(&self) -> u32 {
        self.inspect("{{.State.Pid}}").ok().and_then(|pid| pid.parse().ok()).unwrap_or(0)
    }

    /// How it ended, if it did.
    pub(crate) fn ended(&self) -> Option<String> {
        let state = self.inspect("{{.State.Running}} {{.State.ExitCode}} {{.State.Error}}").ok()?;
        state.strip_prefix("false ").map(|rest| format!("container ended: exit code {rest}"))
    }

    /// What it wrote before or beside its log.
    pub(crate) fn output(&self) -> String {
        let output = docker().args(["logs", &self.name]).stdin(Stdio::null()).output();
        output.map(|o| String::from_utf8_lossy(&[o.stdout, o.stderr].concat()).into_owned()).unwrap_or_default()
    }

    fn inspect(&self, format: &str) -> Result<String, StartFailure> {
        run(docker().args(["inspect", "--format", format, &self.name]))
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        // What compose made is one container on the default bridge; `compose down` takes a second to say so.
        if let Err(failure) = run(docker().args(["rm", "--force", "--volumes", &self.name])) {
            eprintln!("container {} stays: {failure}", self.name);
        }
    }
}

/// The compose file. Compose reads JSON, which is YAML.
fn composition(name: &str, image: &str, placement: &Placement<'_>) -> Value {
    let folder = placement.folder;
    let mount = |path: &Path, mode: &str| format!("{0}:{0}:{mode}", path.display());
    let mut volumes = vec![mount(folder, "ro"), mount(&folder.join(WRITABLE), "rw")];
    volumes.extend(placement.shown.iter().map(|path| mount(path, "ro")));
    let ports: Vec<String> =
        placement.ports.iter().chain([&ADMIN_PORT]).map(|port| format!("127.0.0.1::{port}")).collect();
    let arguments: Vec<String> =
        placement.arguments.iter().map(|argument| dollars(&argument.to_string_lossy())).collect();
    let variables: BTreeMap<&String, String> =
        placement.variables.iter().map(|(name, value)| (name, dollars(value))).collect();
    let owner = fs::metadata(folder).map(|folder| format!("{}:{}", folder.uid(), folder.gid()));
    json!({
        "version": "2.4",
        "services": {
            SERVICE: {
                "image": image,
                "container_name": name,
                "network_mode": "bridge",
                "user": owner.unwrap_or_default(),
                "command": arguments,
                "environment": variables,
                "volumes": volumes,
                "ports": ports,
            }
        }
    })
}

/// Compose reads `$` as the beginning of a variable.
fn dollars(text: &str) -> String {
    text.replace('$', "$$")
}

/// The address of this machine on Docker's default bridge: what Docker says, or, as it says nothing
/// while no container runs, the first address of the bridge's network.
fn gateway() -> IpAddr {
    static GATEWAY: OnceLock<IpAddr> = OnceLock::new();
    *GATEWAY.get_or_init(|| {
        let format = "{{with index .IPAM.Config 0}}{{.Gateway}} {{.Subnet}}{{end}}";
        let answer = run(docker().args(["network", "inspect", "bridge", "--format", format]));
        let answer = answer.unwrap_or_else(|failure| panic!("no bridge to containers: {failure}"));
        let (gateway, subnet) = answer.split_once(' ').unwrap_or(("", &answer));
        let subnet = subnet.split('/').next().unwrap_or_default();
        let first = || Some(Ipv4Addr::from(u32::from(subnet.parse::<Ipv4Addr>().ok()?) + 1).into());
        gateway.parse().ok().or_else(first).unwrap_or_else(|| panic!("the bridge's gateway is {answer:?}"))
    })
}

fn docker() -> Command {
    Command::new("docker")
}

/// `docker compose` where the plugin is there, else `docker-compose`.
fn compose() -> Command {
    static HAS_PLUGIN: OnceLock<bool> = OnceLock::new();
    let has_plugin = *HAS_PLUGIN.get_or_init(|| run(docker().args(["compose", "version"])).is_ok());
    if has_plugin {
        let mut command = docker();
        command.arg("compose");
        return command;
    }
    Command::new("docker-compose")
}

fn run(command: &mut Command) -> Result<String, StartFailure> {
    let output = command.stdin(Stdio::null()).output();
    let output = output.map_err(|e| failure(format!("{command:?}: {e} (see envoy/compose/start-docker.sh)")))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
    }
    let log = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(StartFailure { reason: format!("{command:?}: {}", output.status), log })
}

fn failure(reason: String) -> StartFailure {
    StartFailure { reason, log: String::new() }
}
