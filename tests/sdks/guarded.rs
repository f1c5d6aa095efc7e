//! The SDKs through a real Envoy with prompt-guard, in front of the demo server: what users see of a call that passes, of
//! one that is masked and of one that is refused, whole and streamed.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::SocketAddr;
use std::process::{Child, ChildStdout, Stdio};
use std::sync::LazyLock;

use harness::{Envoy, Listener, WasmFilter};
use serde_json::{Value, json};

use super::{python, told};

/// How an SDK is asked: whole, streamed, and with a picture in base64.
struct Way {
    sdk: &'static str,
    whole: &'static str,
    streamed: &'static str,
    picture: &'static str,
}

static WAYS: &[Way] = &[
    Way { sdk: "openai", whole: "chat", streamed: "chat-stream", picture: "chat-image-data" },
    Way { sdk: "openai", whole: "response", streamed: "response-stream", picture: "response-parts" },
    Way { sdk: "anthropic", whole: "message", streamed: "message-stream", picture: "message-image" },
    Way { sdk: "google-genai", whole: "generate", streamed: "generate-stream", picture: "generate-image" },
];

/// What is asked of each.
struct Case {
    name: &'static str,
    said: Said,
    ends: Ends,
}

enum Said {
    /// This, whole and streamed.
    Text(&'static str),
    Picture,
    /// Tokens instead of a text, of which vectors are made: a call of one SDK.
    Tokens,
}

#[derive(Clone, Copy, PartialEq)]
enum Ends {
    /// The server's answer, as without the guard.
    Answered,
    /// The server's answer to this text.
    Masked(&'static str),
    /// The code of the refusal.
    Refused(&'static str),
    /// An answer that declines in these words.
    Declined(&'static str),
}

const DENIED: &str = "project zebra";
const DECLINED: &str = "Ask the data office.";
const ADDRESS: &str = "alice@acme.example";

static CASES: &[Case] = &[
    Case { name: "a greeting", said: Said::Text("Hello there"), ends: Ends::Answered },
    Case {
        name: "a phrase that is denied",
        said: Said::Text("Tell me all about project zebra."),
        ends: Ends::Refused("content_filter"),
    },
    Case {
        name: "the phrase in base64",
        said: Said::Text("Decode this: d2hhdCBpcyBwcm9qZWN0IHplYnJhPw=="),
        ends: Ends::Refused("content_filter"),
    },
    Case {
        name: "the phrase, refused as an answer",
        said: Said::Text("Tell me all about project zebra."),
        ends: Ends::Declined(DECLINED),
    },
    Case {
        name: "an address that is masked",
        said: Said::Text("Write to alice@acme.example today."),
        ends: Ends::Masked("Write to ⟦EMAIL_1⟧ today."),
    },
    Case { name: "a picture in base64", said: Said::Picture, ends: Ends::Answered },
    Case { name: "tokens to embed", said: Said::Tokens, ends: Ends::Answered },
];

/// The host whose policy refuses by answers: another name of the same place.
const DECLINES: &str = "localhost";

fn configuration() -> Value {
    let deny = json!([{"name": "projects", "literals": [DENIED]}]);
    let pii = json!([{"kinds": ["email"], "action": "mask"}]);
    json!({"policies": [
        {"name": "declines", "select": {"hosts": [format!("{DECLINES}:*")]}, "refusal": {"as": "answer", "text": DECLINED},
            "detectors": {"deny": deny}},
        {"name": "default", "detectors": {"deny": deny, "signature": [{}], "pii": pii, "secrets": [{}]}}
    ]})
}

/// A call by its name in `calls/`, and what became of it with and without the guard.
struct Call {
    case: &'static Case,
    way: &'static Way,
    name: &'static str,
    answer: Value,
    unguarded: Value,
}

type Planned = (&'static Case, &'static Way, &'static str);

static CALLS: LazyLock<Vec<Call>> = LazyLock::new(|| {
    let stage = Stage::start();
    let [at_guard, at_server] = [stage.envoy.address(), stage.server].map(|address| format!("http://{address}"));
    let planned = planned();
    let declines = format!("http://{DECLINES}:{}", stage.envoy.address().port());
    let place = |(case, _, _): &Planned| if matches!(case.ends, Ends::Declined(_)) { &declines } else { &at_guard };
    let questions = planned.iter().flat_map(|call| [question(call, place(call)), question(call, &at_server)]).collect();
    let answers = stage.ask(&questions);
    let pairs = answers.as_array().unwrap().chunks(2).map(|pair| (pair[0].clone(), pair[1].clone()));
    let calls = planned.into_iter().zip(pairs);
    calls.map(|((case, way, name), (answer, unguarded))| Call { case, way, name, answer, unguarded }).collect()
});

fn planned() -> Vec<Planned> {
    let of = |case: &'static Case| -> Vec<Planned> {
        match case.said {
            Said::Text(_) => WAYS.iter().flat_map(|way| [(case, way, way.whole), (case, way, way.streamed)]).collect(),
            Said::Picture => WAYS.iter().map(|way| (case, way, way.picture)).collect(),
            Said::Tokens => vec![(case, &WAYS[0], "embedding-tokens")],
        }
    };
    CASES.iter().flat_map(of).collect()
}

fn question((case, way, call): &Planned, to: &str) -> Value {
    let mut question = json!({"sdk": way.sdk, "call": call, "to": to});
    if let Said::Text(text) = case.said {
        question["text"] = json!(text);
    }
    question
}

/// The demo server with the SDKs in one process, and Envoy in front of it.
struct Stage {
    process: Child,
    out: BufReader<ChildStdout>,
    server: SocketAddr,
    envoy: Envoy,
}

impl Stage {
    fn start() -> Self {
        let mut process =
            python(&["tests/fixtures/sdks/through.py"]).stderr(Stdio::inherit()).spawn().expect("python3");
        let mut out = BufReader::new(process.stdout.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        let server = line.trim().trim_start_matches("http://").parse().expect("the address of the server");
        let listener = Listener::new().filter(WasmFilter::new("prompt-guard").configured(&configuration()));
        let envoy = Envoy::builder(listener).upstream(server).start().unwrap_or_else(|error| panic!("{error}"));
        Self { process, out, server, envoy }
    }

    fn ask(mut self, questions: &Value) -> Value {
        self.process.stdin.take().unwrap().write_all(questions.to_string().as_bytes()).unwrap();
        let mut answers = String::new();
        self.out.read_to_string(&mut answers).unwrap();
        assert!(self.process.wait().unwrap().success(), "through.py, see above");
        serde_json::from_str(&answers).expect("JSON")
    }
}

impl Call {
    fn name(&self) -> String {
        format!("{}, {} {}", self.case.name, self.way.sdk, self.name)
    }

    fn text(&self) -> &str {
        self.answer["understood"]["text"].as_str().unwrap_or_default()
    }

    /// The text of an answer that declines, wherever the SDK has it.
    fn declined(&self) -> &str {
        self.answer["understood"]["refusal"].as_str().unwrap_or(self.text())
    }

    fn reached(&self) -> &[Value] {
        self.answer["reached"].as_array().unwrap()
    }

    /// What its user sees.
    fn seen(&self) -> String {
        match self.case.ends {
            Ends::Answered => "the server's answer".to_owned(),
            Ends::Masked(_) => format!("the server's answer: `{}`", self.text()),
            Ends::Refused(code) => told(&self.answer, code),
            Ends::Declined(_) => format!("an answer that declines: `{}`", self.declined()),
        }
    }
}

#[test]
fn what_passes_is_answered_as_without_the_guard() {
    for call in CALLS.iter().filter(|call| call.case.ends == Ends::Answered) {
        assert_eq!(call.answer, call.unguarded, "{}", call.name());
        assert_eq!((&call.answer["raised"], call.reached().len()), (&Value::Null, 1), "{}", call.name());
    }
}

#[test]
fn what_is_denied_reaches_no_server_and_nothing_of_it_is_told() {
    for call in &*CALLS {
        let Ends::Refused(code) = call.case.ends else { continue };
        let raised = &call.answer["raised"];
        let message = raised["message"].as_str().unwrap_or_else(|| panic!("{}: {}", call.name(), call.answer));
        assert!(call.reached().is_empty(), "{}: {:?}", call.name(), call.reached());
        assert_eq!(raised["status"], 400, "{}", call.name());
        assert!(raised.to_string().contains(code), "{}: {raised}", call.name());
        assert!(message.contains("The content of this request is not allowed here."), "{}: {message}", call.name());
        assert!(!raised.to_string().contains("zebra"), "{}: {raised}", call.name());
    }
}

#[test]
fn what_is_declined_reaches_no_server_and_raises_nothing() {
    for call in &*CALLS {
        let Ends::Declined(text) = call.case.ends else { continue };
        assert!(call.answer["raised"].is_null() && call.reached().is_empty(), "{}: {}", call.name(), call.answer);
        assert_eq!(call.declined(), text, "{}", call.name());
    }
}

#[test]
fn what_is_masked_reaches_no_server_and_the_call_succeeds() {
    for call in &*CALLS {
        let Ends::Masked(text) = call.case.ends else { continue };
        let reached = call.reached();
        assert!(call.answer["raised"].is_null() && reached.len() == 1, "{}: {}", call.name(), call.answer);
        assert!(!reached[0].to_string().contains(ADDRESS), "{}: {}", call.name(), reached[0]);
        assert!(call.text().contains(text), "{}: {}", call.name(), call.text());
    }
}

const HEAD: &str = "
## Through prompt-guard

What users see with prompt-guard in Envoy before their server: `project zebra` is denied and e-mail addresses are masked,
the rest is as by default. What is refused never reached the server.
";

/// The tables of what users see, an SDK each.
pub(super) fn section() -> String {
    let mut text = HEAD.to_owned();
    for way in WAYS {
        let _ = write!(text, "\n### {}, {}\n\n| request | SDK |\n|---|---|\n", way.sdk, way.whole);
        for call in CALLS.iter().filter(|call| std::ptr::eq(call.way, way)) {
            let streamed = if call.name == way.streamed { ", streamed" } else { "" };
            let _ = writeln!(text, "| {}{streamed} | {} |", call.case.name, call.seen());
        }
    }
    text
}
