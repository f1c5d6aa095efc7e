//! How much of a form is read. Data is not limited here: it is not kept.

/// The limits of a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How many parts. Default 128: the longest form of the AI APIs, an image edit, has some 30; each part costs a server
    /// an object, and forms of many thousands have stopped servers (CVE-2023-24998, CVE-2023-25577).
    pub parts: usize,
    /// How many bytes the headers of a part have, with their line ends. Default 4096: a file name of 255 bytes, a media
    /// type of 512 and their names fit four times.
    pub header_bytes: usize,
    /// How many bytes a name or file name has, as written. Default 255: file systems take no more.
    pub name_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { parts: 128, header_bytes: 4096, name_bytes: 255 }
    }
}
