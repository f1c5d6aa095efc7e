//! Rules about files and addresses.

use portcullis::config::Size;
use portcullis::prelude::ConfigError;

use super::at_most;
use crate::body::image::{Format, Limits};
use crate::body::remote::Remote;
use crate::config::{self, Picture};
use crate::policy::{Files, Urls};

/// Compiles them.
pub(super) fn compile(written: Option<&config::Files>) -> Result<Files, ConfigError> {
    let default = config::Files::default();
    let written = written.unwrap_or(&default);
    if !(1..=65_535).contains(&written.max_side) {
        return Err(ConfigError::new("max_side", written.max_side, "1 to 65535"));
    }
    if written.max_pixels == 0 {
        return Err(ConfigError::new("max_pixels", 0, "at least 1"));
    }
    at_most("max_picture_bytes", written.max_picture_bytes, Size(512 << 20))?;
    Ok(Files {
        formats: written.pictures.iter().map(|picture| format(*picture)).collect(),
        picture: Limits { side: written.max_side, pixels: written.max_pixels },
        max_picture_bytes: bytes(written.max_picture_bytes),
        max_file_bytes: bytes(written.max_file_bytes),
        max_bytes: bytes(written.max_bytes),
        urls: written.urls.as_ref().map(urls).transpose().map_err(|error| error.within("urls"))?,
    })
}

fn urls(written: &config::Urls) -> Result<Urls, ConfigError> {
    if written.members.is_empty() {
        return Err(ConfigError::new("members", "[]", "at least one name"));
    }
    let remote = Remote::new(&written.hosts, &written.ports, written.http);
    let remote = remote.map_err(|expected| ConfigError::new("hosts", written.hosts.join(", "), expected))?;
    Ok(Urls { members: written.members.clone(), remote })
}

fn format(picture: Picture) -> Format {
    match picture {
        Picture::Png => Format::Png,
        Picture::Jpeg => Format::Jpeg,
        Picture::Gif => Format::Gif,
        Picture::Webp => Format::Webp,
    }
}

fn bytes(size: Size) -> u64 {
    u64::try_from(size.0).unwrap_or(u64::MAX)
}
