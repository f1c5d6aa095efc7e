//! Pictures of a few bytes, and what is wrong with others.

#![allow(clippy::arithmetic_side_effects)]

use super::*;
use crate::body::tests::{Numbers, cut_everywhere};

fn read(declared: Format, body: &[u8]) -> Result<(u32, u32, Option<u32>), Error<Fault>> {
    cut_everywhere(body, |pieces| {
        let mut image = Image::new(declared, Limits { side: 5000, pixels: 1_000_000 });
        let end = pieces.iter().try_for_each(|piece| image.push(piece).map(drop)).and_then(|()| image.finish());
        end.map(|info| (info.width, info.height, info.frames))
    })
}

fn chunk(kind: &[u8], data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).unwrap();
    let body = [kind, data].concat();
    [&length.to_be_bytes()[..], &body, &png::crc(&body).to_be_bytes()].concat()
}

fn ihdr(width: u32, height: u32, rest: [u8; 5]) -> Vec<u8> {
    let data = [&width.to_be_bytes()[..], &height.to_be_bytes(), &rest].concat();
    [&b"\x89PNG\r\n\x1a\n"[..], &chunk(b"IHDR", &data)].concat()
}

fn webp(kind: &[u8], data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).unwrap();
    let size = (length + 12).to_le_bytes();
    [b"RIFF", &size[..], b"WEBP", kind, &length.to_le_bytes(), data].concat()
}

#[test]
fn a_png_is_as_large_as_its_first_chunk_says() {
    let rgb = ihdr(3, 2, [8, 6, 0, 0, 0]);
    let idat = chunk(b"IDAT", b"x");
    let all = |chunks: &[&[u8]]| [&rgb[..], &chunks.concat()].concat();
    let animation = chunk(b"acTL", &[0, 0, 0, 7, 0, 0, 0, 0]);
    let text = chunk(b"tEXt", &[b'a'; 40]);
    assert_eq!(read(Format::Png, &all(&[&idat])), Ok((3, 2, Some(1))));
    assert_eq!(read(Format::Png, &all(&[&text, &animation, &text, &idat])), Ok((3, 2, Some(7))));
    let end = chunk(b"IEND", b"");
    let no_letters = chunk(b"\0\0\0\0", b"");
    let mut forged = rgb.clone();
    forged[19] ^= 1;
    for (body, code) in [
        (all(&[]), "image_truncated"),
        (all(&[&text]), "image_truncated"),
        (all(&[&end]), "image_header"),
        (all(&[&no_letters, &idat]), "image_header"),
        (all(&[&rgb[8..], &idat]), "image_header"),
        (all(&[&animation, &animation, &idat]), "image_header"),
        (all(&[&chunk(b"tEXt", b"").repeat(1100)]), "image_too_many_headers"),
        ([&ihdr(3, 2, [3, 6, 0, 0, 0]), &idat[..]].concat(), "image_header"),
        ([&ihdr(3, 2, [8, 5, 0, 0, 0]), &idat[..]].concat(), "image_header"),
        ([&ihdr(3, 2, [8, 6, 1, 0, 0]), &idat[..]].concat(), "image_header"),
        ([&ihdr(0, 2, [8, 6, 0, 0, 0]), &idat[..]].concat(), "image_empty"),
        ([&ihdr(5001, 1, [8, 6, 0, 0, 0]), &idat[..]].concat(), "image_side_too_long"),
        ([&ihdr(5000, 5000, [8, 6, 0, 0, 0]), &idat[..]].concat(), "image_too_many_pixels"),
        ([&forged[..], &idat].concat(), "image_header"),
    ] {
        let short = if body.len() > 2000 { &body[..] } else { &body };
        let mut image = Image::new(Format::Png, Limits { side: 5000, pixels: 1_000_000 });
        let end = image.push(short).and_then(|_| image.finish());
        assert_eq!(end.unwrap_err().code(), code);
        if body.len() < 2000 {
            assert_eq!(read(Format::Png, short).unwrap_err().code(), code);
        }
    }
}

#[test]
fn a_jpeg_is_as_large_as_its_frame_says() {
    let app = b"\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0";
    let frame = b"\xff\xc2\0\x0b\x08\0\x02\0\x03\x01\x01\x11\0";
    let table = b"\xff\xc4\0\x02";
    let all = |parts: &[&[u8]]| [&b"\xff\xd8"[..], &parts.concat()].concat();
    assert_eq!(read(Format::Jpeg, &all(&[app, frame])), Ok((3, 2, None)));
    assert_eq!(read(Format::Jpeg, &all(&[frame])), Ok((3, 2, None)));
    assert_eq!(read(Format::Jpeg, &all(&[app, table, b"\xff\xff\xff", frame])), Ok((3, 2, None)));
    for (body, code) in [
        (all(&[app]), "image_truncated"),
        (all(&[app, &frame[..8]]), "image_truncated"),
        (all(&[app, b"\xff\xda\0\x02", frame]), "image_header"),
        (all(&[app, b"\xff\xd9"]), "image_header"),
        (all(&[app, b"\xff\xc4\0\x01", frame]), "image_header"),
        (all(&[app, b"\0", frame]), "image_header"),
        (all(&[app, b"\xff\xc0\0\x0c\x08\0\x02\0\x03\x01\x01\x11\0"]), "image_header"),
        (all(&[app, b"\xff\xc0\0\x0b\x08\0\0\0\x03\x01\x01\x11\0"]), "image_empty"),
    ] {
        assert_eq!(read(Format::Jpeg, &body).unwrap_err().code(), code, "{}", body.escape_ascii());
    }
}

#[test]
fn a_webp_is_as_large_as_its_first_chunk_says_and_ends_where_it_says() {
    let lossy = webp(b"VP8 ", b"\0\0\0\x9d\x01\x2a\x03\x40\x02\x80");
    assert_eq!(read(Format::Webp, &lossy), Ok((3, 2, None)));
    assert_eq!(read(Format::Webp, &webp(b"VP8L", b"\x2f\x02\x40\0\0\0\0\0\0\0")), Ok((3, 2, None)));
    assert_eq!(read(Format::Webp, &webp(b"VP8X", b"\0\0\0\0\x02\0\0\x01\0\0")), Ok((3, 2, None)));
    for (body, code) in [
        ([&lossy[..], b"PK"].concat(), "image_trailing_data"),
        (lossy[..29].to_vec(), "image_truncated"),
        (webp(b"VP8 ", b"\x01\0\0\x9d\x01\x2a\x03\0\x02\0"), "image_header"),
        (webp(b"VP8L", b"\x2f\x02\x40\0\x20\0\0\0\0\0"), "image_header"),
        (webp(b"ALPH", &[0; 10]), "image_header"),
        (webp(b"VP8 ", b"\0\0\0\x9d\x01\x2a\0\0\x02\0"), "image_empty"),
    ] {
        assert_eq!(read(Format::Webp, &body).unwrap_err().code(), code, "{}", body.escape_ascii());
    }
}

#[test]
fn what_is_declared_is_what_the_bytes_say() {
    let gif = b"GIF87a\x03\0\x02\0\0\0\0;";
    assert_eq!(read(Format::Gif, gif), Ok((3, 2, None)));
    let error = read(Format::Png, gif).unwrap_err();
    assert_eq!(
        (error.code(), error.to_string().as_str()),
        ("image_another_format", "byte 12: expected a picture of format PNG, found GIF")
    );
    for (body, found) in [
        (&b"<svg xmlns=\"http"[..], Some(Format::Svg)),
        (b"\xef\xbb\xbf <?xml version", Some(Format::Svg)),
        (b"II*\0\x08\0\0\0\0\0\0\0", Some(Format::Tiff)),
        (b"BM\0\0\0\0\0\0\0\0\0\0", Some(Format::Bmp)),
        (b"\0\0\0\x1cftypavif", Some(Format::Avif)),
        (b"\0\0\0\x1cftypheic", Some(Format::Heic)),
        (b"\0\0\x01\0\x01\0\0\0\0\0\0\0", Some(Format::Ico)),
        (b"%PDF-1.7\n%\xe2\xe3\xcf", Some(Format::Pdf)),
        (b"<html><script>", None),
    ] {
        assert_eq!(Format::of_magic(body), found);
        let fault = read(Format::Gif, body).unwrap_err().fault;
        match found {
            Some(found) => assert_eq!(fault, Fault::Another { declared: Format::Gif, found }),
            None => assert_eq!(fault, Fault::Unknown { declared: Format::Gif }),
        }
    }
    assert_eq!(read(Format::Gif, b"GIF89a").unwrap_err().fault, Fault::Truncated);
    assert_eq!(read(Format::Pdf, b"%PDF-1.7\n%\xe2\xe3").unwrap_err().code(), "image_format_not_read");
    assert_eq!(Format::declared("Image/JPG"), Some(Format::Jpeg));
    assert_eq!(Format::declared("text/html"), None);
}

/// Sound pictures with some bytes changed, taken away or cut off.
#[test]
fn no_mutation_panics_and_no_cut_changes_what_is_read() {
    let png = [&ihdr(3, 2, [8, 6, 0, 0, 0])[..], &chunk(b"acTL", &[0, 0, 0, 7, 0, 0, 0, 0]), &chunk(b"IDAT", b"")];
    let pictures = [
        (Format::Png, png.concat()),
        (
            Format::Jpeg,
            b"\xff\xd8\xff\xe0\0\x0aJFIF\0\x01\x01\0\xff\xff\xc0\0\x0b\x08\0\x02\0\x03\x01\x01\x11\0".to_vec(),
        ),
        (Format::Gif, b"GIF89a\x03\0\x02\0\0\0\0;".to_vec()),
        (Format::Webp, webp(b"VP8X", b"\0\0\0\0\x02\0\0\x01\0\0")),
    ];
    let mut accepted = 0;
    for seed in 0..400 {
        let mut numbers = Numbers::new(seed);
        let (format, mut body) = pictures[numbers.below(pictures.len())].clone();
        for _ in 0..numbers.below(3) {
            let at = numbers.below(body.len());
            match numbers.below(3) {
                0 => body[at] = u8::try_from(numbers.below(256)).unwrap(),
                1 => drop(body.remove(at)),
                _ => body.truncate(at.max(1)),
            }
        }
        accepted += usize::from(read(format, &body).is_ok());
    }
    assert!((100..350).contains(&accepted), "{accepted}");
}
