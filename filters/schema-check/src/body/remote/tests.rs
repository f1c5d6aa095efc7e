//! URLs that are reached, and every spelling that is not.

use super::*;

fn remote() -> Remote {
    Remote::new(&["Images.Example.com", "*.cdn.example", "xn--grn-hoa.example"], &[8443], false).unwrap()
}

#[test]
fn a_listed_host_is_reached_under_its_name() {
    for url in [
        "https://images.example.com",
        "https://IMAGES.example.COM/a%20b?x=1&y=:/",
        "https://images.example.com:443/",
        "https://images.example.com:8443/",
        "https://a.cdn.example/",
        "https://b.a.cdn.example/",
        "https://xn--grn-hoa.example/",
    ] {
        assert_eq!(remote().check(url), Ok(()), "{url}");
    }
    let open = Remote::new(&["a.example"], &[], true).unwrap();
    assert_eq!(open.check("http://a.example:80/"), Ok(()));
    assert_eq!(open.check("http://a.example:443/"), Err(Refused::Port));
}

#[test]
fn no_spelling_leads_elsewhere() {
    for (url, refused) in [
        ("", Refused::Scheme),
        ("http://images.example.com/", Refused::Scheme),
        ("HTTPS://images.example.com/", Refused::Scheme),
        ("https:/images.example.com/", Refused::Scheme),
        ("https:images.example.com", Refused::Scheme),
        ("//images.example.com/", Refused::Scheme),
        ("file:///etc/passwd", Refused::Scheme),
        ("gopher://images.example.com/", Refused::Scheme),
        ("data:image/png;base64,AA==", Refused::Scheme),
        ("https://images.example.com@evil.example/", Refused::Character),
        ("https://evil.example\\@images.example.com/", Refused::Character),
        ("https://evil.example#.cdn.example/", Refused::Character),
        ("https://images.example\t.com/", Refused::Character),
        ("https://images.example.com/\n", Refused::Character),
        (" https://images.example.com/", Refused::Character),
        ("https://im\u{e4}ges.example.com/", Refused::Character),
        ("https://images\u{3002}example.com/", Refused::Character),
        ("https://[::1]/", Refused::Address),
        ("https://[::ffff:127.0.0.1]/", Refused::Address),
        ("https://127.0.0.1/", Refused::Address),
        ("https://127.1/", Refused::Address),
        ("https://0177.0.0.01/", Refused::Address),
        ("https://0x7f.0.0.0x1/", Refused::Address),
        ("https://169.254.169.254/latest", Refused::Address),
        ("https://2130706433/", Refused::Name),
        ("https://0x7f000001/", Refused::Name),
        ("https://127.0.0.1./", Refused::Name),
        ("https://images.example.com./", Refused::Name),
        ("https://images..example.com/", Refused::Name),
        ("https://.cdn.example/", Refused::Name),
        ("https:///images.example.com/", Refused::Name),
        ("https://images%2eexample.com/", Refused::Name),
        ("https://images_1.cdn.example/", Refused::Name),
        ("https://-a.cdn.example/", Refused::Name),
        ("https://ab--c.cdn.example/", Refused::Name),
        ("https://localhost/", Refused::Name),
        ("https://metadata/", Refused::Name),
        ("https://a.localhost/", Refused::Private),
        ("https://metadata.google.internal/", Refused::Private),
        ("https://printer.local/", Refused::Private),
        ("https://kubernetes.default.svc/", Refused::Private),
        ("https://images.example.com:22/", Refused::Port),
        ("https://images.example.com:/", Refused::Port),
        ("https://images.example.com:0443/", Refused::Port),
        ("https://images.example.com:+443/", Refused::Port),
        ("https://images.example.com:443:443/", Refused::Port),
        ("https://images.example.com:66000/", Refused::Port),
        ("https://images.example.com/%0d%0aHost:x", Refused::Escape),
        ("https://images.example.com/%zz", Refused::Escape),
        ("https://images.example.com/%2", Refused::Escape),
        ("https://cdn.example/", Refused::Host),
        ("https://xcdn.example/", Refused::Host),
        ("https://images.example.com.evil.example/", Refused::Host),
        ("https://example.com/", Refused::Host),
    ] {
        assert_eq!(remote().check(url), Err(refused), "{url:?}");
    }
    assert!(remote().check(&format!("https://a.cdn.example/{}", "a".repeat(2048))).is_err());
    assert!(Remote::new(&[""; 0], &[], true).unwrap().check("https://a.example/").is_err());
}

#[test]
fn a_list_that_lets_all_in_is_refused() {
    let refused = ["*", "*.com", "", "a", "a.local", "10.0.0.1", "a.*.example", "*a.example", "https://a.example"];
    for host in refused {
        assert!(Remote::new(&[host], &[], false).is_err(), "{host}");
    }
    assert!(Remote::new(&["a.example"], &[0], false).is_err());
}
