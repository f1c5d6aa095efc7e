//! Which picture formats there are: four that are read, and others that are known so that a refusal can name them.

use std::fmt;

use crate::body::of_word;

/// A format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Format {
    Png,
    Jpeg,
    Gif,
    Webp,
    Svg,
    Tiff,
    Bmp,
    Avif,
    Heic,
    Ico,
    Pdf,
}

impl Format {
    /// What the first bytes say: 12 are enough. For SVG that is a guess, made to name it and not to accept it.
    pub fn of_magic(bytes: &[u8]) -> Option<Self> {
        let begins = |magic: &[u8]| bytes.starts_with(magic);
        let box_type = |brands: &[&[u8]]| {
            bytes.get(4..8) == Some(b"ftyp") && bytes.get(8..12).is_some_and(|brand| brands.contains(&brand))
        };
        match bytes {
            _ if begins(b"\x89PNG\r\n\x1a\n") => Some(Self::Png),
            _ if begins(b"\xff\xd8\xff") => Some(Self::Jpeg),
            _ if begins(b"GIF87a") || begins(b"GIF89a") => Some(Self::Gif),
            _ if begins(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") => Some(Self::Webp),
            _ if begins(b"II*\0") || begins(b"MM\0*") || begins(b"II+\0") || begins(b"MM\0+") => Some(Self::Tiff),
            _ if begins(b"%PDF-") => Some(Self::Pdf),
            _ if begins(b"BM") => Some(Self::Bmp),
            _ if begins(b"\0\0\x01\0") || begins(b"\0\0\x02\0") => Some(Self::Ico),
            _ if box_type(&[b"avif", b"avis"]) => Some(Self::Avif),
            _ if box_type(&[b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"]) => Some(Self::Heic),
            _ if is_markup(bytes) => Some(Self::Svg),
            _ => None,
        }
    }

    /// What a media type says, without parameters and in any case.
    pub fn declared(essence: &str) -> Option<Self> {
        of_word(&TYPES, essence)
    }

    /// What the end of a file's name says, in any case.
    pub fn of_file_name(name: &str) -> Option<Self> {
        name.rsplit_once('.').and_then(|(_, end)| of_word(&EXTENSIONS, end))
    }

    /// Whether [`Image`](super::Image) reads it.
    pub fn is_read(self) -> bool {
        matches!(self, Self::Png | Self::Jpeg | Self::Gif | Self::Webp)
    }
}

fn is_markup(bytes: &[u8]) -> bool {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    [&b"<svg"[..], b"<?xml", b"<!DOCTY"].iter().any(|start| text.starts_with(start))
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Png => "PNG",
            Self::Jpeg => "JPEG",
            Self::Gif => "GIF",
            Self::Webp => "WebP",
            Self::Svg => "SVG",
            Self::Tiff => "TIFF",
            Self::Bmp => "BMP",
            Self::Avif => "AVIF",
            Self::Heic => "HEIC",
            Self::Ico => "ICO",
            Self::Pdf => "PDF",
        })
    }
}

/// Registered names, and the two that everyone sends besides (`image/jpg`, `image/x-icon`).
const EXTENSIONS: [(&str, Format); 15] = [
    ("png", Format::Png),
    ("apng", Format::Png),
    ("jpg", Format::Jpeg),
    ("jpeg", Format::Jpeg),
    ("jfif", Format::Jpeg),
    ("gif", Format::Gif),
    ("webp", Format::Webp),
    ("svg", Format::Svg),
    ("tif", Format::Tiff),
    ("tiff", Format::Tiff),
    ("bmp", Format::Bmp),
    ("avif", Format::Avif),
    ("heic", Format::Heic),
    ("heif", Format::Heic),
    ("ico", Format::Ico),
];

const TYPES: [(&str, Format); 14] = [
    ("image/png", Format::Png),
    ("image/apng", Format::Png),
    ("image/jpeg", Format::Jpeg),
    ("image/jpg", Format::Jpeg),
    ("image/gif", Format::Gif),
    ("image/webp", Format::Webp),
    ("image/svg+xml", Format::Svg),
    ("image/tiff", Format::Tiff),
    ("image/bmp", Format::Bmp),
    ("image/avif", Format::Avif),
    ("image/heic", Format::Heic),
    ("image/heif", Format::Heic),
    ("image/x-icon", Format::Ico),
    ("application/pdf", Format::Pdf),
];
