//! A play on the fake host.

use std::cell::Cell;
use std::rc::Rc;

use actor::Actor;
use harness::Request;
use portcullis::adapter::Adapter;
use portcullis::filter::Answer as CallAnswer;
use portcullis::host::fake;
use portcullis::http::header::Headers;

use crate::play::{Got, METRIC, Play, counters, texts};

pub(crate) fn play(play: &Play) -> Got {
    let world = Rc::new(fake::World::default());
    world.cluster("side", |_| Some(ok()));
    world.cluster("silent", |_| None);
    world.cluster("cut", |_| Some(CallAnswer::Unreachable));
    let asked = Cell::new(0);
    world.cluster("later", move |_| {
        asked.set(asked.get() + 1);
        (asked.get() > 2).then(ok)
    });
    world.set_flag(play.flag);
    let plugin = Rc::new(Adapter::<Actor>::default());
    let envoy = fake::Envoy::of(plugin, &play.config.to_string(), &[], Rc::clone(&world)).expect("configuration");
    let answer = envoy.send(&fake_request(play));
    assert_eq!(world.open_streams(), 0);
    let counter = |name: &str| world.metric(&format!("{METRIC}{name}.instance.actor")).unwrap_or_default();
    Got {
        status: answer.status,
        body: answer.text(),
        cut: !answer.complete,
        upstream: answer.upstream.as_ref().map(|sent| String::from_utf8_lossy(&sent.body).into_owned()),
        upstream_path: answer.upstream.as_ref().map(|sent| path_of(&sent.headers)),
        upstream_headers: answer.upstream.map(|sent| texts(sent.headers.iter())).unwrap_or_default(),
        headers: texts(answer.headers.iter()),
        trailers: answer.trailers.is_some(),
        ended: counter("ended_total"),
        counters: counters(counter),
        log: world.log().join("\n"),
    }
}

fn path_of(headers: &Headers) -> String {
    String::from_utf8_lossy(headers.first(":path").unwrap_or_default()).into_owned()
}

fn ok() -> CallAnswer {
    let headers = [(&b":status"[..], &b"200"[..])].into_iter().collect();
    CallAnswer::Http { status: 200, headers, body: Vec::new(), trailers: Headers::new() }
}

fn fake_request(play: &Play) -> fake::Request {
    let Request { method, path, headers, body, trailers, .. } = &play.request;
    let mut request = fake::Request::get(std::str::from_utf8(path.as_ref().unwrap()).unwrap());
    let pseudo = [(":method", method.as_slice()), (":path", path.as_ref().unwrap()), (":authority", b"gateway.test")];
    request.headers = pseudo.iter().map(|(name, value)| (name.as_bytes(), *value)).collect();
    for (name, value) in headers {
        request.headers.push(name, value);
    }
    match body {
        harness::client::Body::None => {}
        harness::client::Body::Whole(bytes) => {
            request = request.pieces(&[bytes]).header("content-length", bytes.len().to_string());
        }
        harness::client::Body::Pieces(pieces) => request.body = pieces.iter().map(|(_, piece)| piece.clone()).collect(),
    }
    request.trailers = (!trailers.is_empty()).then(|| trailers.iter().map(|(n, v)| (&n[..], &v[..])).collect());
    let length = play.answer.pieces.concat().len().to_string();
    let mut fields = vec![(":status", "200")];
    if play.answer.length {
        fields.push(("content-length", &length));
    }
    let pieces: Vec<&[u8]> = play.answer.pieces.iter().map(|piece| piece.as_bytes()).collect();
    let trailers: &[(&str, &str)] = &[("x-end", "1")];
    request.answered(&fields, &pieces, play.answer.trailers.then_some(trailers))
}
