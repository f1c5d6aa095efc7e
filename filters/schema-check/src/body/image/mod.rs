//! What a picture is, from its first bytes: what is declared must be what the bytes say, and no side so long that whoever
//! unpacks it runs out of memory.
//!
//! 1. The first 12 bytes say which format it is ([`Format::of_magic`]); another one than was declared is refused;
//! 2. then headers are walked up to the size, each of a few bytes; what stands between is skipped, not kept. How many
//!    are walked is bounded;
//! 3. no side is zero, none exceeds [`Limits::side`], and their product not [`Limits::pixels`];
//! 4. what stands behind the size is not read: a picture that is a picture and something else besides, behind its end,
//!    is not found here. Only WebP says in its header where it ends, and must end there.
//!
//! ```
//! use schema_check::body::image::{Format, Image, Limits};
//!
//! let mut image = Image::new(Format::Gif, Limits::default());
//! image.push(b"GIF89a\x02\x00").unwrap();
//! image.push(b"\x01\x00\x00\x00\x00;").unwrap();
//! let size = image.finish().unwrap();
//! assert_eq!((size.width, size.height), (2, 1));
//! ```

mod fault;
mod format;
mod gif;
mod jpeg;
mod png;
#[cfg(test)]
mod tests;
mod webp;

use std::fmt;

pub use fault::Fault;
pub use format::Format;

use super::error::{Error, length};

/// How large a picture may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The longest side, in pixels. Default 32 768.
    pub side: u32,
    /// The most pixels. Default 100 000 000: unpacked, 400 MB.
    pub pixels: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { side: 32_768, pixels: 100_000_000 }
    }
}

/// What a picture says it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Info {
    /// Which format.
    pub format: Format,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// How many frames, if the headers say so: PNG only, 1 without an animation.
    pub frames: Option<u32>,
}

/// Reads one picture; see the [module](self) for its rules. It keeps at most 40 bytes.
#[derive(Clone)]
pub struct Image {
    declared: Format,
    limits: Limits,
    /// The bytes of the header in hand, and how many it has.
    window: Vec<u8>,
    wanted: usize,
    /// How many bytes to pass over before it.
    skip: u64,
    /// Where `window` ends.
    at: u64,
    /// How many bytes came, read or not.
    seen: u64,
    place: Place,
    /// How many headers have been walked.
    headers: u32,
    info: Option<Info>,
    /// The length of the whole picture, if it says so.
    whole: Option<u64>,
    failed: Option<Error<Fault>>,
}

/// Which header is in hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Magic,
    Png(png::Place),
    Jpeg(jpeg::Place),
    Gif,
    Webp,
}

/// What follows from a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// The next one, behind so many bytes, of so many bytes.
    Next(Place, u64, usize),
    /// The same one with more bytes: so many in all.
    More(Place, usize),
    /// The size: width, height, frames.
    Size(u32, u32, Option<u32>),
}

/// The shortest picture is longer.
const MAGIC: usize = 12;

/// How many headers are walked: a JPEG with the longest profile has some 300.
const MAX_HEADERS: u32 = 1024;

impl Image {
    /// At the beginning of a picture that is declared to be of this format.
    pub fn new(declared: Format, limits: Limits) -> Self {
        Self {
            declared,
            limits,
            window: Vec::new(),
            wanted: MAGIC,
            skip: 0,
            at: 0,
            seen: 0,
            place: Place::Magic,
            headers: 0,
            info: None,
            whole: None,
            failed: None,
        }
    }

    /// The next piece; what the picture is, as soon as that is known.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Option<Info>, Error<Fault>> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        self.seen = self.seen.saturating_add(length(bytes));
        let told = self.read(bytes).and_then(|()| self.ends());
        told.inspect_err(|error| self.failed = Some(*error)).map(|()| self.info)
    }

    /// The picture is over; what it is.
    pub fn finish(&mut self) -> Result<Info, Error<Fault>> {
        match (self.failed, self.info) {
            (Some(error), _) => Err(error),
            (None, Some(info)) if self.whole.is_none_or(|whole| whole == self.seen) => Ok(info),
            (None, _) => {
                let error = Error { at: self.seen, fault: Fault::Truncated };
                self.failed = Some(error);
                Err(error)
            }
        }
    }

    fn ends(&self) -> Result<(), Error<Fault>> {
        match self.whole {
            Some(whole) if self.seen > whole => Err(Error { at: whole, fault: Fault::Trailing }),
            _ => Ok(()),
        }
    }

    fn read(&mut self, mut rest: &[u8]) -> Result<(), Error<Fault>> {
        while self.info.is_none() && !rest.is_empty() {
            let skipped = usize::try_from(self.skip).unwrap_or(usize::MAX).min(rest.len());
            rest = rest.get(skipped..).unwrap_or_default();
            self.skip = self.skip.saturating_sub(super::error::offset(skipped));
            let missing = self.wanted.saturating_sub(self.window.len()).min(rest.len());
            let (part, tail) = rest.split_at_checked(missing).unwrap_or_default();
            self.window.extend_from_slice(part);
            rest = tail;
            self.at = self.at.saturating_add(super::error::offset(skipped.saturating_add(missing)));
            if self.window.len() >= self.wanted && self.skip == 0 {
                self.step().map_err(|fault| Error { at: self.at, fault })?;
            }
        }
        Ok(())
    }

    fn step(&mut self) -> Result<(), Fault> {
        self.headers = self.headers.saturating_add(1);
        if self.headers > MAX_HEADERS {
            return Err(Fault::TooManyHeaders);
        }
        let step = match self.place {
            Place::Magic => self.magic()?,
            Place::Png(place) => png::step(place, &self.window)?,
            Place::Jpeg(place) => jpeg::step(place, &self.window)?,
            Place::Gif => gif::step(&self.window)?,
            Place::Webp => {
                self.whole = Some(webp::whole(&self.window)?);
                webp::step(&self.window)?
            }
        };
        match step {
            Step::Next(place, skip, wanted) => {
                self.window.clear();
                (self.place, self.skip, self.wanted) = (place, skip, wanted);
            }
            Step::More(place, wanted) => (self.place, self.wanted) = (place, wanted),
            Step::Size(width, height, frames) => self.info = Some(self.sized(width, height, frames)?),
        }
        Ok(())
    }

    fn magic(&self) -> Result<Step, Fault> {
        match Format::of_magic(&self.window) {
            Some(found) if found != self.declared => Err(Fault::Another { declared: self.declared, found }),
            None => Err(Fault::Unknown { declared: self.declared }),
            Some(Format::Png) => Ok(Step::More(Place::Png(png::Place::Start), png::START)),
            // Of the magic, SOI is two bytes; the rest are headers.
            Some(Format::Jpeg) => jpeg::start(&self.window),
            Some(Format::Gif) => Ok(Step::More(Place::Gif, gif::START)),
            Some(Format::Webp) => Ok(Step::More(Place::Webp, webp::START)),
            Some(_) => Err(Fault::NotRead { declared: self.declared }),
        }
    }

    fn sized(&self, width: u32, height: u32, frames: Option<u32>) -> Result<Info, Fault> {
        if width == 0 || height == 0 {
            return Err(Fault::Empty);
        }
        if width > self.limits.side || height > self.limits.side {
            return Err(Fault::SideTooLong { limit: self.limits.side });
        }
        if u64::from(width).saturating_mul(height.into()) > self.limits.pixels {
            return Err(Fault::TooManyPixels { limit: self.limits.pixels });
        }
        Ok(Info { format: self.declared, width, height, frames })
    }
}

/// What was sent stays out of logs.
impl fmt::Debug for Image {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Image").field("info", &self.info).field("failed", &self.failed).finish_non_exhaustive()
    }
}

/// A number of up to four bytes that begins at `at`, its first byte the greatest.
fn big(window: &[u8], at: usize, bytes: usize) -> Result<u32, Fault> {
    let end = at.saturating_add(bytes);
    let bytes = window.get(at..end).ok_or(Fault::Truncated)?;
    Ok(bytes.iter().fold(0, |number, byte| (number << 8) | u32::from(*byte)))
}

/// The same with its first byte the least.
fn little(window: &[u8], at: usize, bytes: usize) -> Result<u32, Fault> {
    let end = at.saturating_add(bytes);
    let bytes = window.get(at..end).ok_or(Fault::Truncated)?;
    Ok(bytes.iter().rev().fold(0, |number, byte| (number << 8) | u32::from(*byte)))
}
