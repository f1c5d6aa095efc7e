//! How sounds begin: more than a magic number where that is short, because any text can begin with two given bytes.

use super::Format;

/// The format of a file that begins so.
pub(super) fn of(bytes: &[u8]) -> Option<Format> {
    match bytes {
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'A', b'V', b'E', ..] => Some(Format::Wav),
        // STREAMINFO comes first, and has 34 bytes (RFC 9639 section 8.2).
        [b'f', b'L', b'a', b'C', 0 | 0x80, 0, 0, 34, ..] => Some(Format::Flac),
        // Version 0, the first page of a stream, and none continued (RFC 3533 section 6).
        [b'O', b'g', b'g', b'S', 0, 2 | 6, ..] => Some(Format::Ogg),
        [0x1a, 0x45, 0xdf, 0xa3, header @ ..] => is_webm(header).then_some(Format::Webm),
        [b'I', b'D', b'3', tag @ ..] => is_tag(tag).then_some(Format::Mp3),
        [0xff, second, third, fourth, ..] if is_frame(*second, *third, *fourth) => Some(Format::Mp3),
        [a, b, c, d, b'f', b't', b'y', b'p', brand @ ..] => {
            let size = u32::from_be_bytes([*a, *b, *c, *d]);
            let is_sound = brand.get(..4).is_some_and(|brand| BRANDS.iter().any(|known| *known == brand));
            (is_sound && (16..=1024).contains(&size) && size % 4 == 0).then_some(Format::Mp4)
        }
        _ => None,
    }
}

/// `ID3v2`, behind its three letters: version 2 to 4, and a size of which no byte has its first bit.
fn is_tag(tag: &[u8]) -> bool {
    matches!(tag, [2..=4, revision, _, size @ ..] if *revision != 0xff
        && size.get(..4).is_some_and(|size| size.iter().all(|byte| *byte < 0x80)))
}

/// A frame of MPEG audio (ISO 11172-3, section 2.4.2.3), behind FF. Layer 0 would be AAC.
fn is_frame(second: u8, third: u8, fourth: u8) -> bool {
    let (version, layer) = (second >> 3 & 3, second >> 1 & 3);
    let (rate, frequency) = (third >> 4, third >> 2 & 3);
    let is_sync = second >> 5 == 7;
    is_sync && version != 1 && layer != 0 && !matches!(rate, 0 | 15) && frequency != 3 && fourth & 3 != 2
}

/// An EBML header, behind its identifier, whose document type is one of Matroska (RFC 8794 section 11.2).
fn is_webm(header: &[u8]) -> bool {
    let Some((size, mut rest)) = vint(header) else { return false };
    rest = rest.get(..size).unwrap_or(rest);
    while let Some((first, _)) = rest.split_first() {
        let id_bytes = if *first >= 0x80 { 1 } else { 2 };
        let (id, behind) = rest.split_at_checked(id_bytes).unwrap_or_default();
        let Some((size, data)) = vint(behind) else { return false };
        let Some((data, next)) = data.split_at_checked(size) else { return false };
        if id == [0x42, 0x82] {
            return data == b"webm" || data == b"matroska";
        }
        rest = next;
    }
    false
}

/// A number of one to eight bytes (RFC 8794 section 4), and what is behind it.
fn vint(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let first = *bytes.first()?;
    let length = usize::try_from(first.leading_zeros()).ok()?.saturating_add(1);
    let (all, rest) = bytes.split_at_checked(length).filter(|_| first != 0)?;
    let mark = 0x80_u64 >> length.saturating_sub(1);
    let value = all.iter().fold(0_u64, |value, byte| (value << 8) | u64::from(*byte));
    let marks = mark.checked_shl(u32::try_from(length.saturating_sub(1).saturating_mul(8)).ok()?)?;
    usize::try_from(value & !marks).ok().map(|value| (value, rest))
}

/// Brands of sounds and films; those of pictures (`heic`, `avif`, `mif1`) are not among them.
const BRANDS: [&[u8; 4]; 18] = [
    b"M4A ", b"M4B ", b"M4V ", b"mp41", b"mp42", b"isom", b"iso2", b"iso3", b"iso4", b"iso5", b"iso6", b"iso7",
    b"iso8", b"iso9", b"avc1", b"dash", b"mp71", b"MSNV",
];
