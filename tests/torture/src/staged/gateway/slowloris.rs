//! PF-009: a thousand connections that send a byte of a head or of a body every five seconds. The gateway's time-outs end
//! them, and who is good is served as fast as before.

use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use harness::client::h1;
use harness::{Request, Response};

use super::{GROWTH, Gateway, MARK, somebody, somewhere, token};
use crate::staged::{Outcome, scaled};

/// How often each sends a byte.
const EVERY: Duration = Duration::from_secs(5);
/// `request_timeout` of the gateway, which is the longer one, and then some.
const LENGTH: Duration = Duration::from_secs(70);

pub(crate) fn play() -> Outcome {
    let mut outcome = Outcome::default();
    let gateway = Gateway::start(2);
    let (before, odd) = gateway.load(Duration::from_secs(15));
    outcome.check(odd == 0, || format!("{odd} good requests were not served before"));
    let (resident, hits) = (gateway.envoy.resident_bytes(), gateway.plan.provider.hits());
    let count = scaled(1000);
    let (answers, (meanwhile, odd)) = thread::scope(|scope| {
        let slow = scope.spawn(|| attack(&gateway, count));
        let told = gateway.load(LENGTH);
        (slow.join().unwrap_or_default(), told)
    });
    let grown = gateway.envoy.resident_bytes().saturating_sub(resident);
    for (part, answer) in &answers {
        outcome.check(answer.status == Some(408), || format!("{part} came slowly, and got {:?}", answer.status));
    }
    outcome.check(odd == 0, || format!("{odd} good requests were not served meanwhile"));
    outcome.check(meanwhile < before * 2, || format!("p99 of the good ones {meanwhile:?}, before {before:?}"));
    outcome.check(grown < GROWTH, || format!("{grown} bytes more"));
    let good = u64::try_from(LENGTH.as_millis() / 25).unwrap_or_default();
    let reached = gateway.plan.provider.hits() - hits;
    outcome.check(reached <= good, || format!("{reached} requests reached the provider, {good} were good"));
    gateway.check("slow clients", &mut outcome);
    outcome.faults.truncate(5);
    outcome.notes = format!("{count} connections, p99 {before:?} before, {meanwhile:?} meanwhile, {grown} bytes more");
    outcome
}

/// Half of them are slow with their head, half with their body; what each was told in the end.
fn attack(gateway: &Gateway, count: u32) -> Vec<(&'static str, Response)> {
    let mut clients: Vec<_> = (0..count).map(|number| begin(gateway, number % 2 == 0)).collect();
    let start = Instant::now();
    while start.elapsed() < LENGTH {
        let round = Instant::now();
        for (_, client) in &mut clients {
            client.write(b"x");
        }
        sleep(EVERY.saturating_sub(round.elapsed()));
    }
    let end = |(part, client): (&'static str, h1::Connection)| {
        (part, client.patience(Duration::from_secs(1)).finish(b"POST"))
    };
    clients.into_iter().map(end).collect()
}

fn begin(gateway: &Gateway, has_head: bool) -> (&'static str, h1::Connection) {
    let mut client = h1::Connection::open_from(somewhere(), gateway.address());
    let request = Request::post("/v1/chat/completions", vec![b'x'; 1000]).header("content-type", "application/json");
    let head = h1::head(&request.header(MARK, "slow").bearer(token(&somebody())));
    if has_head {
        client.write(&head);
        client.write(b"{\"model\":\"");
        return ("a body", client);
    }
    client.write(&head[..head.len() - 4]); // without the blank line
    ("a head", client)
}
