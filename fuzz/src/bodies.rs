//! Bodies that are not JSON: where they are cut changes nothing, and a form that is accepted says the same when it is
//! written again.

use schema_check::body::form::{Boundary, Event, Fault, Form, Limits};
use schema_check::body::image::{self, Format, Image};
use schema_check::body::{Error, media};

/// The boundary of every form.
const BOUNDARY: &str = "--a-";
const FORMATS: [Format; 4] = [Format::Png, Format::Jpeg, Format::Gif, Format::Webp];

/// The first byte says where the form is cut that follows.
pub fn multipart(data: &[u8]) {
    let [at, body @ ..] = data else { return };
    let whole = hear(&[body]);
    let (first, second) = body.split_at(usize::from(*at).min(body.len()));
    assert_eq!(whole, hear(&[first, second]));
    assert_eq!(whole, hear(&body.chunks(1).collect::<Vec<_>>()));
    if whole.1.is_ok() {
        assert_eq!(hear(&[&written(&whole.0)]), whole);
    }
}

/// Name, file name, type and data.
type Part = (String, Option<String>, Option<media::MediaType>, Vec<u8>);
type Heard = (Vec<Part>, Result<(), Error<Fault>>);

fn hear(pieces: &[&[u8]]) -> Heard {
    let boundary = Boundary::of(format!("multipart/form-data; boundary={BOUNDARY}").as_bytes()).expect("a boundary");
    let mut form = Form::new(&boundary, Limits::default());
    let mut parts: Vec<Part> = Vec::new();
    let mut each = |event: Event<'_>| match event {
        Event::PartStart { name, file_name, content_type, index } => {
            assert_eq!(index, parts.len());
            parts.push((name.to_owned(), file_name.map(str::to_owned), content_type.cloned(), Vec::new()));
        }
        Event::PartData(bytes) => parts.last_mut().expect("a part").3.extend_from_slice(bytes),
        Event::PartEnd | Event::End => {}
    };
    let mut end = Ok(());
    for piece in pieces {
        end = end.and_then(|()| form.push(piece, &mut each));
    }
    end = end.and_then(|()| form.finish(&mut each));
    (parts, end)
}

fn written(parts: &[Part]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, file_name, media, data) in parts {
        let mut head = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"");
        head += &file_name.as_ref().map(|file| format!("; filename=\"{file}\"")).unwrap_or_default();
        if let Some(media) = media {
            head += &format!("\r\nContent-Type: {}", media.essence());
            head.extend(media.parameters.iter().map(|(name, value)| format!("; {name}=\"{value}\"")));
        }
        out.extend_from_slice(format!("{head}\r\n\r\n").as_bytes());
        out.extend_from_slice(data);
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(format!("--{BOUNDARY}--").as_bytes());
    out
}

/// The first byte says which format is declared, the second where the picture is cut that follows.
pub fn image(data: &[u8]) {
    let [which, at, body @ ..] = data else { return };
    let declared = FORMATS[usize::from(*which) % FORMATS.len()];
    let whole = look(declared, &[body]);
    let (first, second) = body.split_at(usize::from(*at).min(body.len()));
    assert_eq!(whole, look(declared, &[first, second]));
    assert_eq!(whole, look(declared, &body.chunks(1).collect::<Vec<_>>()));
    if let Ok(info) = whole {
        assert_eq!(Format::of_magic(body), Some(declared));
        assert!(info.width > 0 && info.height > 0);
    }
}

fn look(declared: Format, pieces: &[&[u8]]) -> Result<image::Info, Error<image::Fault>> {
    let mut image = Image::new(declared, image::Limits::default());
    for piece in pieces {
        image.push(piece)?;
    }
    image.finish()
}
