//! What a play is: a configuration, a request, an answer by the upstream, and what must come of it.

use harness::Request;
use portcullis::telemetry::kit;
use serde_json::Value;

pub(crate) const METRIC: &str = "portcullis_actor_";

/// One scene: what the filter is told, what is sent, what must come of it.
#[derive(Clone)]
pub(crate) struct Play {
    pub(crate) name: String,
    pub(crate) config: Value,
    pub(crate) request: Request,
    pub(crate) answer: Given,
    pub(crate) expect: Expect,
    /// `allow_on_headers_stop_iteration`.
    pub(crate) flag: bool,
}

/// What the upstream answers.
#[derive(Clone)]
pub(crate) struct Given {
    pub(crate) pieces: Vec<&'static str>,
    pub(crate) length: bool,
    pub(crate) trailers: bool,
}

#[derive(Clone, Default)]
pub(crate) struct Expect {
    pub(crate) status: u16,
    pub(crate) body: Option<&'static str>,
    pub(crate) cut: bool,
    /// None: not reached. Some: reached, with this body.
    pub(crate) upstream: Option<&'static str>,
    /// The path that the upstream must have got.
    pub(crate) upstream_path: Option<&'static str>,
    pub(crate) upstream_header: Option<(&'static str, &'static str)>,
    pub(crate) header: Option<(&'static str, &'static str)>,
    pub(crate) lacks_header: Option<&'static str>,
    pub(crate) trailers: bool,
    pub(crate) counters: Vec<(&'static str, u64)>,
    pub(crate) log: Vec<&'static str>,
}

/// What came of it, in one world.
#[derive(Debug)]
pub(crate) struct Got {
    pub(crate) status: u16,
    pub(crate) body: String,
    pub(crate) cut: bool,
    pub(crate) upstream: Option<String>,
    pub(crate) upstream_path: Option<String>,
    pub(crate) upstream_headers: Vec<(String, String)>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) trailers: bool,
    pub(crate) counters: Vec<(&'static str, u64)>,
    pub(crate) ended: u64,
    pub(crate) log: String,
}

pub(crate) fn play(name: &str, config: Value, request: Request, expect: Expect) -> Play {
    let answer = Given { pieces: vec!["ok"], length: true, trailers: false };
    Play { name: name.to_owned(), config, request, answer, expect, flag: true }
}

impl Play {
    /// The same in an Envoy whose headers stop everything: no body callback comes while they are held.
    pub(crate) fn without_flag(mut self) -> Self {
        self.name = format!("without the flag, {}", self.name);
        self.flag = false;
        self
    }

    pub(crate) fn answered(mut self, pieces: &[&'static str], length: bool, trailers: bool) -> Self {
        self.answer = Given { pieces: pieces.to_vec(), length, trailers };
        self
    }
}

/// Every expectation that was not met.
pub(crate) fn faults(play: &Play, world: &str, got: &Got) -> Vec<String> {
    let expect = &play.expect;
    let mut faults = Vec::new();
    let mut check = |ok: bool, what: String| {
        if !ok {
            faults.push(format!("{} [{world}]: {what}", play.name));
        }
    };
    check(got.status == expect.status, format!("status {} instead of {}", got.status, expect.status));
    check(got.cut == expect.cut, format!("cut: {} instead of {}", got.cut, expect.cut));
    if let Some(body) = expect.body {
        check(got.body == body, format!("body {:?} instead of {body:?}", got.body));
    }
    match (&got.upstream, expect.upstream) {
        (Some(_), None) => check(false, "the upstream was reached".to_owned()),
        (None, Some(_)) => check(false, "the upstream was not reached".to_owned()),
        (Some(got), Some(body)) if expect.status < 400 => {
            check(got == body, format!("the upstream got {got:?} instead of {body:?}"));
        }
        _ => {}
    }
    let has = |fields: &[(String, String)], (name, value): (&str, &str)| {
        fields.iter().filter(|(found, _)| found == name).map(|(_, value)| value.as_str()).eq([value])
    };
    if expect.upstream_path.is_some() {
        let got = got.upstream_path.as_deref();
        check(got == expect.upstream_path, format!("the upstream got {got:?} instead of {:?}", expect.upstream_path));
    }
    if let Some(header) = expect.upstream_header {
        check(
            has(&got.upstream_headers, header),
            format!("upstream headers {:?} lack {header:?}", got.upstream_headers),
        );
    }
    if let Some(header) = expect.header {
        check(has(&got.headers, header), format!("headers {:?} lack {header:?}", got.headers));
    }
    if let Some(name) = expect.lacks_header {
        check(!got.headers.iter().any(|(found, _)| found == name), format!("{name} in {:?}", got.headers));
    }
    if expect.trailers {
        check(got.trailers, "no trailers".to_owned());
    }
    // Who was refused before the filter was asked has no end either.
    let unasked = [kit::OVERLOADED.name, kit::REPEATED_HEADER.name];
    let ends = u64::from(!expect.counters.iter().any(|(name, _)| unasked.contains(name)));
    check(got.ended == ends, format!("{} ends instead of {ends}", got.ended));
    check(got.counters == expect.counters, format!("counters {:?} instead of {:?}", got.counters, expect.counters));
    for line in &expect.log {
        check(got.log.contains(line), format!("{line:?} is not in the log:\n{}", got.log));
    }
    faults
}

pub(crate) fn texts<'a>(fields: impl Iterator<Item = (&'a [u8], &'a [u8])>) -> Vec<(String, String)> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    fields.map(|(name, value)| (text(name).to_lowercase(), text(value))).collect()
}

pub(crate) fn pairs(fields: &harness::Headers) -> Vec<(String, String)> {
    texts(fields.iter().map(|(name, value)| (&name[..], &value[..])))
}

/// Every counter of the kit that moved, expected or not.
pub(crate) fn counters(value: impl Fn(&str) -> u64) -> Vec<(&'static str, u64)> {
    let moved = kit::ALL.iter().map(|metric| (metric.name, value(metric.name)));
    moved.filter(|(_, count)| *count > 0).collect()
}
