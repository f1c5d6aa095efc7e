//! A file: what it is declared to be it must be, as far as its first bytes say.

use crate::body::audio::{self, Audio};
use crate::body::image::{self, Image};
use crate::policy::Files;
use crate::refusal::{Denial, Reason};

/// A file in the middle of being read.
pub(crate) struct File {
    kind: Kind,
    left: u64,
}

enum Kind {
    Picture(Image),
    Sound(Audio),
    /// Of a type whose first bytes nobody here knows.
    Bytes,
}

impl File {
    /// A file of this declared type, and of this name if it has one.
    pub(crate) fn of(essence: &str, name: Option<&str>, files: &Files, pointer: &str) -> Result<Self, Denial> {
        let generic = essence.is_empty() || essence == "application/octet-stream" || essence == "text/plain";
        let name = name.filter(|_| generic);
        let picture = name.map_or_else(|| image::Format::declared(essence), image::Format::of_file_name);
        let sound = name.map_or_else(|| audio::Format::declared(essence), audio::Format::of_file_name);
        let (kind, left) = match (picture, sound) {
            (Some(format), _) if files.formats.contains(&format) => {
                (Kind::Picture(Image::new(format, files.picture)), files.max_picture_bytes)
            }
            // A document, and none of the pictures that one may have.
            (Some(image::Format::Pdf), _) => (Kind::Bytes, files.max_file_bytes),
            (Some(_), _) => return Err(not_allowed(files, pointer)),
            (None, Some(format)) => (Kind::Sound(Audio::new(format)), files.max_file_bytes),
            // A picture of a kind that nobody here reads would pass unseen.
            (None, None) if essence.starts_with("image/") => return Err(not_allowed(files, pointer)),
            (None, None) => (Kind::Bytes, files.max_file_bytes),
        };
        Ok(Self { kind, left })
    }

    pub(crate) fn push(&mut self, piece: &[u8], pointer: &str) -> Result<(), Denial> {
        let length = u64::try_from(piece.len()).unwrap_or(u64::MAX);
        self.left = self.left.checked_sub(length).ok_or(Reason::FileTooLarge)?;
        match &mut self.kind {
            Kind::Picture(picture) => {
                picture.push(piece).map(drop).map_err(|error| Denial::told(Reason::File, pointer, error))
            }
            Kind::Sound(sound) => {
                sound.push(piece).map(drop).map_err(|error| Denial::told(Reason::File, pointer, error))
            }
            Kind::Bytes => Ok(()),
        }
    }

    pub(crate) fn finish(&mut self, pointer: &str) -> Result<(), Denial> {
        match &mut self.kind {
            Kind::Picture(picture) => {
                picture.finish().map(drop).map_err(|error| Denial::told(Reason::File, pointer, error))
            }
            Kind::Sound(sound) => sound.finish().map(drop).map_err(|error| Denial::told(Reason::File, pointer, error)),
            Kind::Bytes => Ok(()),
        }
    }
}

fn not_allowed(files: &Files, pointer: &str) -> Denial {
    Denial::says(Reason::File, pointer, "format", format!("a picture that is {}", files.formats()))
}
