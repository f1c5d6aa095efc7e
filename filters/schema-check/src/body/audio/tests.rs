//! Sounds by their first bytes.

use super::*;
use crate::body::tests::cut_everywhere;

fn read(declared: Format, body: &[u8]) -> Result<Format, Error<Fault>> {
    cut_everywhere(body, |pieces| {
        let mut audio = Audio::new(declared);
        pieces.iter().try_for_each(|piece| audio.push(piece).map(drop)).and_then(|()| audio.finish())
    })
}

#[test]
fn a_sound_is_known_by_its_first_bytes() {
    for (body, format) in [
        (&b"RIFF\x24\0\0\0WAVEfmt "[..], Some(Format::Wav)),
        (b"RIFF\x24\0\0\0WEBPVP8 ", None),
        (b"RIFF\x24\0\0\0WAV", None),
        (b"fLaC\0\0\0\x22", Some(Format::Flac)),
        (b"fLaC\x04\0\0\x22", None),
        (b"OggS\0\x02\0\0", Some(Format::Ogg)),
        (b"OggS\0\x01\0\0", None),
        (b"OggS\x01\x02\0\0", None),
        (b"ID3\x04\0\0\0\0\x02\x01", Some(Format::Mp3)),
        (b"ID3\x04\0\0\0\0\x82\x01", None),
        (b"ID3 is a text", None),
        (b"\xff\xfb\x90\x64", Some(Format::Mp3)),
        (b"\xff\xf3\x40\xc0", Some(Format::Mp3)),
        (b"\xff\xf1\x50\x80", None),
        (b"\xff\xfb\xf0\x64", None),
        (b"\xff\xfb\x9c\x64", None),
        (b"\xff\xeb\x90\x64", None),
        (b"\xff\xd8\xff\xe0", None),
        (b"\0\0\0\x20ftypM4A \0\0\0\0", Some(Format::Mp4)),
        (b"\0\0\0\x18ftypmp42\0\0\0\0", Some(Format::Mp4)),
        (b"\0\0\0\x18ftypheic\0\0\0\0", None),
        (b"\0\0\0\x07ftypmp42\0\0\0\0", None),
        (b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm\x42\x87\x81\x04", Some(Format::Webm)),
        (b"\x1a\x45\xdf\xa3\x01\0\0\0\0\0\0\x0b\x42\x82\x88matroska", Some(Format::Webm)),
        (b"\x1a\x45\xdf\xa3\x87\x42\x82\x84evil", None),
        (b"\x1a\x45\xdf\xa3\x84\x42\x86\x81\x01\x42\x82\x84webm", None),
        (b"\x1a\x45\xdf\xa3\xff\x42\x82\x08\xff\xff\xff\xff\xff", None),
        (b"\x1a\x45\xdf\xa3\0", None),
        (b"", None),
    ] {
        assert_eq!(Format::of_magic(body), format, "{}", body.escape_ascii());
        let declared = Format::Wav;
        let expected = match format {
            Some(Format::Wav) => Ok(Format::Wav),
            Some(found) => Err(Fault::Another { declared, found }),
            None => Err(Fault::Unknown { declared }),
        };
        assert_eq!(read(declared, body).map_err(|error| error.fault), expected);
    }
}

#[test]
fn a_long_sound_is_known_before_its_end() {
    let body = [b"OggS\0\x02".to_vec(), vec![0; 1000]].concat();
    assert_eq!(read(Format::Ogg, &body), Ok(Format::Ogg));
    assert_eq!(Audio::new(Format::Ogg).push(&body), Ok(Some(Format::Ogg)));
    assert_eq!(Audio::new(Format::Ogg).push(&body[..255]), Ok(None));
}

#[test]
fn names_are_those_of_the_transcription_endpoints() {
    for end in ["flac", "mp3", "mp4", "mpeg", "mpga", "m4a", "ogg", "wav", "webm"] {
        assert!(Format::of_file_name(&format!("a.b.{end}")).is_some(), "{end}");
        assert_eq!(Format::of_file_name(end), None);
    }
    assert_eq!(Format::of_file_name("a.wav.exe"), None);
    assert_eq!(Format::declared("Audio/X-WAV"), Some(Format::Wav));
    assert_eq!(Format::declared("audio/wav; x=1"), None);
}
