//! What a sound is, from its first bytes: what is declared, by type or by file name, must be what the bytes say.
//!
//! The formats are those that the transcription endpoints of `OpenAI` list: flac, mp3, mp4, mpeg, mpga, m4a, ogg, wav and
//! webm. `mpeg` and `mpga` are other names of mp3 there, as in `audio/mpeg`; `m4a` is mp4. The first 256 bytes are kept
//! until they can be read; what stands behind them is not looked at.
//!
//! ```
//! use schema_check::body::audio::{Audio, Format};
//!
//! let mut audio = Audio::new(Format::of_file_name("speech.FLAC").unwrap());
//! audio.push(b"fLaC\x00\x00\x00").unwrap();
//! audio.push(b"\x22\x10\x00").unwrap();
//! assert_eq!(audio.finish(), Ok(Format::Flac));
//! ```

mod magic;
#[cfg(test)]
mod tests;

use std::fmt;

use super::error::{self, Error, offset};
use super::of_word;

/// A format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Format {
    Flac,
    Mp3,
    Mp4,
    Ogg,
    Wav,
    Webm,
}

impl Format {
    /// What the first bytes say; 256 are enough. `None` too for containers that are known and hold pictures.
    pub fn of_magic(bytes: &[u8]) -> Option<Self> {
        magic::of(bytes)
    }

    /// What a media type says, without parameters and in any case.
    pub fn declared(essence: &str) -> Option<Self> {
        of_word(&TYPES, essence)
    }

    /// What the end of a file name says, behind its last dot and in any case.
    pub fn of_file_name(name: &str) -> Option<Self> {
        name.rsplit_once('.').and_then(|(_, end)| of_word(&EXTENSIONS, end))
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Format::Flac => "FLAC",
            Format::Mp3 => "MP3",
            Format::Mp4 => "MP4",
            Format::Ogg => "Ogg",
            Format::Wav => "WAV",
            Format::Webm => "WebM",
        })
    }
}

/// How many bytes are looked at.
const WINDOW: usize = 256;

/// Reads one sound; see the [module](self).
#[derive(Clone)]
pub struct Audio {
    declared: Format,
    window: Vec<u8>,
    /// Once enough was read.
    told: Option<Result<Format, Error<Fault>>>,
}

impl Audio {
    /// At the beginning of a sound that is declared to be of this format.
    pub fn new(declared: Format) -> Self {
        Self { declared, window: Vec::new(), told: None }
    }

    /// The next piece; the format, once enough of it was read.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Option<Format>, Error<Fault>> {
        if self.told.is_none() {
            let room = WINDOW.saturating_sub(self.window.len()).min(bytes.len());
            self.window.extend_from_slice(bytes.get(..room).unwrap_or_default());
            if self.window.len() >= WINDOW {
                self.told = Some(self.tell());
            }
        }
        self.told.transpose()
    }

    /// The sound is over; its format.
    pub fn finish(&mut self) -> Result<Format, Error<Fault>> {
        let told = self.told.unwrap_or_else(|| self.tell());
        self.told = Some(told);
        told
    }

    fn tell(&self) -> Result<Format, Error<Fault>> {
        let declared = self.declared;
        let fault = match Format::of_magic(&self.window) {
            Some(found) if found == declared => return Ok(found),
            Some(found) => Fault::Another { declared, found },
            None => Fault::Unknown { declared },
        };
        Err(Error { at: offset(0), fault })
    }
}

/// What was sent stays out of logs.
impl fmt::Debug for Audio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Audio").field("declared", &self.declared).field("told", &self.told).finish_non_exhaustive()
    }
}

/// What is wrong with a sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It is of another format than was declared.
    Another {
        /// What was declared.
        declared: Format,
        /// What the bytes say.
        found: Format,
    },
    /// It is of no format that we know, or too short to tell.
    Unknown {
        /// What was declared.
        declared: Format,
    },
}

impl error::Fault for Fault {
    fn code(self) -> &'static str {
        match self {
            Fault::Another { .. } => "audio_another_format",
            Fault::Unknown { .. } => "audio_unknown_format",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Another { declared, found } => write!(f, "expected a sound of format {declared}, found {found}"),
            Fault::Unknown { declared } => write!(f, "expected a sound of format {declared}"),
        }
    }
}

/// Registered names, and what browsers, recorders and SDKs send besides.
const TYPES: [(&str, Format); 19] = [
    ("audio/flac", Format::Flac),
    ("audio/x-flac", Format::Flac),
    ("audio/mpeg", Format::Mp3),
    ("audio/mp3", Format::Mp3),
    ("audio/mpga", Format::Mp3),
    ("audio/x-mp3", Format::Mp3),
    ("audio/mp4", Format::Mp4),
    ("audio/m4a", Format::Mp4),
    ("audio/x-m4a", Format::Mp4),
    ("video/mp4", Format::Mp4),
    ("audio/ogg", Format::Ogg),
    ("video/ogg", Format::Ogg),
    ("application/ogg", Format::Ogg),
    ("audio/wav", Format::Wav),
    ("audio/x-wav", Format::Wav),
    ("audio/wave", Format::Wav),
    ("audio/vnd.wave", Format::Wav),
    ("audio/webm", Format::Webm),
    ("video/webm", Format::Webm),
];

const EXTENSIONS: [(&str, Format); 9] = [
    ("flac", Format::Flac),
    ("mp3", Format::Mp3),
    ("mpeg", Format::Mp3),
    ("mpga", Format::Mp3),
    ("mp4", Format::Mp4),
    ("m4a", Format::Mp4),
    ("ogg", Format::Ogg),
    ("wav", Format::Wav),
    ("webm", Format::Webm),
];
