//! Forms that are read, and forms that are refused, with the reason.

#![allow(clippy::arithmetic_side_effects)]

use super::*;
use crate::body::error::Fault as _;
use crate::body::tests::cut_everywhere;

/// Events in words, with data joined; and how it ended.
pub(super) type Told = (Vec<String>, Result<(), Error<Fault>>);

pub(super) fn told(boundary: &Boundary, limits: Limits, pieces: &[&[u8]]) -> Told {
    let mut form = Form::new(boundary, limits);
    let (mut words, mut data) = (Vec::new(), Vec::new());
    let mut each = |event: Event<'_>| {
        if let Event::PartData(bytes) = event {
            assert!(!bytes.is_empty());
            data.extend_from_slice(bytes);
            return;
        }
        if !data.is_empty() {
            words.push(format!("= {}", std::mem::take(&mut data).escape_ascii()));
        }
        words.push(match event {
            Event::PartStart { name, file_name, content_type, index } => {
                format!("{index} {name:?} {file_name:?} {:?}", content_type.map(MediaType::essence))
            }
            event => format!("{event:?}"),
        });
    };
    let end = pieces.iter().try_for_each(|piece| form.push(piece, &mut each)).and_then(|()| form.finish(&mut each));
    if end.is_err() {
        assert_eq!(form.push(b"--x--", &mut each), end);
        assert_eq!(form.finish(&mut each), end);
    }
    if !data.is_empty() {
        words.push(format!("= {}", data.escape_ascii()));
    }
    (words, end)
}

fn read_with(limits: Limits, body: &[u8]) -> Told {
    let boundary = Boundary::of(b"multipart/form-data; boundary=x").unwrap();
    cut_everywhere(body, |pieces| told(&boundary, limits, pieces))
}

fn read(body: impl AsRef<[u8]>) -> Told {
    read_with(Limits::default(), body.as_ref())
}

fn code(body: impl AsRef<[u8]>) -> &'static str {
    read(body).1.map_or_else(|error| error.code(), |()| "accepted")
}

/// A form of one part with these headers.
fn part(headers: impl AsRef<[u8]>) -> Vec<u8> {
    [b"--x\r\n", headers.as_ref(), b"\r\n\r\ndata\r\n--x--"].concat()
}

#[test]
fn a_form_is_its_parts_in_order() {
    let body = "--x\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper-1\r\n\
        --x\r\ncontent-type: Audio/MPEG\r\nCONTENT-DISPOSITION:form-data;filename=\"a b.mp3\"; name=file\r\n\
        Content-Length: 8\r\n\r\n\0\r\n--\r\n-\r\n\
        --x\r\nContent-Disposition: form-data; name=\"gr\u{fc}n%22\"\r\n\r\n\r\n--x--\r\n";
    let words = [
        "0 \"model\" None None",
        "= whisper-1",
        "PartEnd",
        "1 \"file\" Some(\"a b.mp3\") Some(\"audio/mpeg\")",
        "= \\x00\\r\\n--\\r\\n-",
        "PartEnd",
        "2 \"gr\u{fc}n%22\" None None",
        "PartEnd",
        "End",
    ];
    assert_eq!(read(body), (words.map(str::to_owned).to_vec(), Ok(())));
    assert_eq!(read("--x--"), (vec!["End".to_owned()], Ok(())));
}

#[test]
fn a_boundary_is_one_that_every_parser_finds() {
    for value in [
        "multipart/form-data; boundary=a",
        "Multipart/Form-Data;Boundary=\"----=_Part_1.2+3\"",
        "multipart/form-data;charset=UTF-8;boundary=a",
    ] {
        assert!(Boundary::of(value.as_bytes()).is_ok(), "{value}");
    }
    for (value, code) in [
        ("multipart/form-data", "form_boundary"),
        ("multipart/form-data; boundary=\"\"", "form_boundary"),
        ("multipart/form-data; boundary=\"a b\"", "form_boundary"),
        ("multipart/form-data; boundary=\"a,b\"", "form_boundary"),
        ("multipart/form-data; boundary='a'", "form_boundary"),
        ("multipart/form-data; boundary=a; x=1", "form_boundary"),
        ("multipart/form-data; charset=utf-8", "form_boundary"),
        ("multipart/form-data; charset=utf-16; boundary=a", "form_boundary"),
        ("multipart/form-data; xboundary=b; boundary=a", "form_boundary"),
        (&format!("multipart/form-data; boundary={}", "a".repeat(71)), "form_boundary"),
        ("multipart/form-data; boundary=a; boundary=b", "form_content_type"),
        ("multipart/form-data; boundary=a; BOUNDARY=a", "form_content_type"),
        ("multipart/form-data; boundary*=a", "form_content_type"),
        ("multipart/form-data; boundary*0=a; boundary*1=b", "form_content_type"),
        ("multipart/form-data; boundary=\"a", "form_content_type"),
        ("multipart/form-data; boundary=\"a\\b\"", "form_content_type"),
        ("multipart/form-data; boundary=\"a;b\"", "form_content_type"),
        ("multipart/form-data; boundary =a", "form_content_type"),
        ("multipart/form-data; boundary= a", "form_content_type"),
        ("multipart/form-data boundary=a", "form_content_type"),
        ("multipart/form-data; boundary=a, text/plain", "form_content_type"),
        ("multipart/mixed; boundary=a", "form_not_a_form"),
        ("application/json", "form_not_a_form"),
    ] {
        assert_eq!(Boundary::of(value.as_bytes()).unwrap_err().code(), code, "{value}");
    }
}

/// Shaped like what these clients write; not captured from them.
#[test]
fn what_clients_send_is_read() {
    let named = "Content-Disposition: form-data; name=\"file\"; filename=\"a.wav\"";
    for (client, boundary, headers) in [
        ("curl", "------------------------d74496d66958873e", format!("{named}\r\nContent-Type: audio/wav")),
        ("httpx", "5c4a9e8d0f3b4c6a", format!("{named}\r\nContent-Type: audio/x-wav")),
        ("undici", "----formdata-undici-012345678901", format!("{named}\r\nContent-Type: audio/wav")),
        ("Chromium", "----WebKitFormBoundaryA1b2", format!("{named}\r\nContent-Type: audio/wav")),
        ("Firefox", "----geckoformboundary1f2e", format!("{named}\r\nContent-Type: audio/wav")),
        ("Go", "1f0c9a7b", format!("{named}\r\nContent-Type: application/octet-stream")),
        ("OkHttp", "3f0a-11-22", format!("{named}\r\nContent-Type: audio/wav\r\nContent-Length: 4")),
        (
            "Spring",
            "aB_9-x",
            "Content-Disposition: form-data; name=\"file\"\r\nContent-Type: text/plain;charset=UTF-8\r\n\
             Content-Length: 4"
                .to_owned(),
        ),
        (
            ".NET, a field",
            "3f2504e0-4f89",
            "Content-Type: text/plain; charset=utf-8\r\nContent-Disposition: form-data; name=file".to_owned(),
        ),
    ] {
        let media = format!("multipart/form-data; boundary=\"{boundary}\"");
        let boundary_read = Boundary::of(media.as_bytes()).unwrap();
        let body = format!("--{boundary}\r\n{headers}\r\n\r\n\0-\r\n\r\n--{boundary}--\r\n");
        let (words, told) = cut_everywhere(body.as_bytes(), |pieces| told(&boundary_read, Limits::default(), pieces));
        assert_eq!((words.len(), told), (4, Ok(())), "{client}");
    }
}

#[test]
fn nothing_stands_around_parts() {
    let sound = String::from_utf8(part("Content-Disposition: form-data; name=a")).unwrap();
    assert_eq!(code(&sound), "accepted");
    for (body, expected) in [
        (String::new(), "form_cut"),
        (format!("\r\n{sound}"), "form_preamble"),
        (format!("preamble\r\n{sound}"), "form_preamble"),
        (format!("{sound}\r\n\r\n"), "form_epilogue"),
        (format!("{sound}\n"), "form_epilogue"),
        (format!("{sound}\r"), "form_cut"),
        (format!("{sound} "), "form_epilogue"),
        (format!("{sound}\r\n{sound}"), "form_epilogue"),
        (sound.replace("--x--", ""), "form_cut"),
        (sound.replace("--x--", "--x"), "form_cut"),
        (sound.replace("--x--", "--x-"), "form_cut"),
        (sound.replace("--x--", "--x\r\n"), "form_cut"),
        (sound.replace("--x--", "--x-\r\n"), "form_delimiter"),
        (sound.replace("--x--", "--x \r\n--x--"), "form_delimiter"),
        (sound.replace("--x--", "--xy\r\n--x--"), "form_delimiter"),
        (sound.replacen("--x\r\n", "--x\n", 1), "form_delimiter"),
        (sound.replace("\r\n--x--", "\n--x--"), "form_delimiter_in_data"),
        (sound.replace("\r\n--x--", "\r--x--"), "form_delimiter_in_data"),
        (sound.replace("\ndata", "\nda --x ta"), "form_delimiter_in_data"),
        (sound.replace("data\r\n", ""), "form_delimiter_in_data"),
        (sound.replace("\r\n", "\n"), "form_delimiter"),
    ] {
        assert_eq!(code(&body), expected, "{body:?}");
    }
}

#[test]
fn headers_are_those_that_every_parser_reads() {
    let name = "Content-Disposition: form-data; name=a";
    for (headers, expected) in [
        (format!("{name}\r\nContent-Type: text/plain; charset=utf-8"), "accepted"),
        (format!("{name}\r\nContent-Length: 4"), "accepted"),
        (format!("{name}\r\nContent-Length: 5"), "form_content_length"),
        (format!("{name}\r\nContent-Length: 3"), "form_content_length"),
        (format!("{name}\r\nContent-Length: +4"), "form_content_length"),
        (format!("{name}\r\nContent-Length: 04"), "form_content_length"),
        (format!("{name}\r\nContent-Length:"), "form_content_length"),
        (String::new(), "form_no_disposition"),
        ("Content-Type: text/plain".to_owned(), "form_no_disposition"),
        (format!("{name}\r\n{name}"), "form_duplicate_header"),
        (format!("{name}\r\nContent-Type: text/plain\r\ncontent-type: text/html"), "form_duplicate_header"),
        (format!("{name}\r\nContent-Transfer-Encoding: base64"), "form_header"),
        (format!("{name}\r\nX-Other: 1"), "form_header"),
        (format!("{name}\nContent-Type: text/plain"), "form_line_end"),
        (format!("{name}\rContent-Type: text/plain"), "form_line_end"),
        (format!("{name}\r\r\n"), "form_line_end"),
        (format!("{name}\0"), "form_control_character"),
        (format!("{name}\u{7f}"), "form_control_character"),
        (format!("{name};\r\n filename=b"), "form_folded_header"),
        (format!(" {name}"), "form_folded_header"),
        (name.replace(':', " :"), "form_header_name"),
        (name.replace(':', ""), "form_header_name"),
        (format!(":{name}"), "form_header_name"),
        (format!("{name}\r\nContent-Type: multipart/mixed; boundary=y"), "form_nested"),
        (format!("{name}\r\nContent-Type: message/rfc822"), "form_nested"),
        (format!("{name}\r\nContent-Type: text/plain; charset=utf-7"), "form_part_charset"),
        (format!("{name}\r\nContent-Type: text"), "form_content_type"),
    ] {
        let body = if headers.is_empty() { b"--x\r\n\r\ndata\r\n--x--".to_vec() } else { part(&headers) };
        assert_eq!(code(&body), expected, "{headers:?}");
    }
}

#[test]
fn names_are_those_that_every_parser_reads() {
    for (disposition, expected) in [
        ("form-data; name=\"a\"; filename=\"b.png\"", "accepted"),
        ("FORM-DATA;NAME=\"a'b 100%\"", "accepted"),
        ("form-data; name=\"a[]\"; filename=\"\u{1f600}.png\"", "accepted"),
        ("form-data; name=\"a%22\"", "accepted"),
        ("attachment; name=\"a\"", "form_disposition"),
        ("form-datax; name=\"a\"", "form_disposition"),
        ("name=\"a\"", "form_disposition"),
        ("form-data", "form_no_name"),
        ("form-data; filename=\"b\"", "form_no_name"),
        ("form-data; name=\"\"", "form_no_name"),
        ("form-data; name=\"a\"; filename=\"\"", "form_no_name"),
        ("form-data; name=\"a\"; name=\"b\"", "form_parameter"),
        ("form-data; name=\"a\"; filename=\"b\"; FileName=\"c\"", "form_parameter"),
        ("form-data; name=\"a\"; filename*=utf-8''b.php", "form_parameter"),
        ("form-data; name=\"a\"; filename=\"b\"; filename*=utf-8''b.php", "form_parameter"),
        ("form-data; name*0=\"a\"", "form_parameter"),
        ("form-data; name=\"a", "form_parameter"),
        ("form-data; name=\"a\"b\"", "form_parameter"),
        ("form-data; name=\"a\\\"b\"", "form_parameter"),
        ("form-data; name=\"a;filename=b\"", "form_parameter"),
        ("form-data; name=\"a\"; filename", "form_parameter"),
        ("form-data; name = \"a\"", "form_parameter"),
        ("form-data, name=\"a\"", "form_parameter"),
        ("form-data name=\"a\"", "form_parameter"),
        ("form-data;; name=\"a\"", "form_parameter"),
        ("form-data; name=\"a\tb\"", "form_parameter"),
        ("form-data; name='a'", "form_name_character"),
        ("form-data; name=a%41", "form_name_character"),
        ("form-data; name=\"a%0d%0ab\"", "form_name_character"),
        ("form-data; name=\"a%00\"", "form_name_character"),
        ("form-data; name=\"a%7F\"", "form_name_character"),
        ("form-data; name=\"a\u{85}b\"", "form_name_character"),
        ("form-data; name=\"=?utf-8?q?a?=\"", "form_name_character"),
        ("form-data; name=\"a\"; creation-date=\"b\"", "form_unknown_parameter"),
        ("form-data; name=\"_charset_\"", "form_charset_field"),
        ("form-data; name=\"a\"; filename=\"../b\"", "form_file_name_path"),
        ("form-data; name=\"a\"; filename=\"..%2Fb\"", "form_file_name_path"),
        ("form-data; name=\"a\"; filename=\"c:%5cb\"", "form_file_name_path"),
        ("form-data; name=\"a\"; filename=\"..\"", "form_file_name_path"),
    ] {
        assert_eq!(code(part(format!("Content-Disposition: {disposition}"))), expected, "{disposition}");
    }
    for bytes in [&b"\xff"[..], b"\xc0\xaf", b"\xed\xa0\x80"] {
        let headers = [b"Content-Disposition: form-data; name=\"", bytes, b"\""].concat();
        assert_eq!(code(part(headers)), "form_bad_unicode");
    }
}

#[test]
fn a_limit_is_reached_and_not_passed() {
    let body = part("Content-Disposition: form-data; name=abc");
    let headers = "Content-Disposition: form-data; name=abc\r\n\r\n".len();
    let limits = Limits { parts: 1, header_bytes: headers, name_bytes: 3 };
    assert_eq!(read_with(limits, &body).1, Ok(()));
    let end = |limits| read_with(limits, &body).1.unwrap_err();
    let at = |at: usize| u64::try_from(at).unwrap();
    assert_eq!(
        end(Limits { header_bytes: headers - 1, ..limits }),
        Error { at: at(5 + headers - 1), fault: Fault::HeadersTooLong { limit: headers - 1 } }
    );
    assert_eq!(end(Limits { name_bytes: 2, ..limits }).fault, Fault::NameTooLong { limit: 2 });
    assert_eq!(end(Limits { parts: 0, ..limits }).fault, Fault::TooManyParts { limit: 0 });
}

#[test]
fn a_fault_is_told_by_its_place_and_repeats_nothing() {
    let error = read(part("Content-Disposition: form-data; name=\"secret\"; name=\"b\"")).1.unwrap_err();
    assert_eq!(error.to_string(), "byte 52: expected a parameter that was not there before");
    assert_eq!(error.fault.code(), "form_parameter");
}

#[test]
fn what_is_uploaded_is_not_kept() {
    let boundary = Boundary::of(b"multipart/form-data; boundary=x").unwrap();
    let mut form = Form::new(&boundary, Limits::default());
    let mut seen = 0;
    let mut each = |event: Event<'_>| {
        if let Event::PartData(bytes) = event {
            seen += bytes.len();
        }
    };
    form.push(b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n", &mut each).unwrap();
    let piece = b"some data\r\n--".repeat(5_000);
    for _ in 0..300 {
        form.push(&piece, &mut each).unwrap();
    }
    form.push(b"\r\n--x--", &mut each).unwrap();
    form.finish(&mut each).unwrap();
    assert_eq!(seen, piece.len() * 300);
}
