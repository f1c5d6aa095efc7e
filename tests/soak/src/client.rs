//! A client: it asks what is next, as fast as it should, and tells what came.

use std::net::SocketAddr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use harness::client::{h1, h2};
use harness::{Request, Response};

use crate::kinds::{Asked, KINDS, Kind, Tokens};
use crate::tally::Tally;
use crate::world::Shared;

/// How many there are. Whose HTTP/1.1 answer is cut off waits a second for the end of the connection (Envoy's
/// `delayed_close_timeout`), and others must ask meanwhile.
pub(crate) const CLIENTS: usize = 32;
/// How many of them speak HTTP/2.
const OVER_H2: usize = 12;

/// How often it asks.
pub(crate) struct Pace<'a> {
    pub(crate) next: &'a AtomicU64,
    pub(crate) each: Duration,
}

/// One connection at a time, and of which configuration it is.
struct Client {
    number: usize,
    address: SocketAddr,
    wire: Option<Wire>,
    generation: u64,
}

enum Wire {
    H1(h1::Connection),
    H2(Box<h2::Connection>),
}

/// Asks until it is told to stop.
pub(crate) fn run(number: usize, shared: &Shared, tally: &Tally, pace: &Pace<'_>, stop: &AtomicBool) {
    static TOKENS: OnceLock<Tokens> = OnceLock::new();
    let tokens = TOKENS.get_or_init(Tokens::default);
    let mut client = Client { number, address: shared.address, wire: None, generation: 0 };
    let mut due = Instant::now();
    while !stop.load(Ordering::SeqCst) {
        sleep(due.saturating_duration_since(Instant::now()));
        due += pace.each;
        let number = pace.next.fetch_add(1, Ordering::SeqCst);
        let kind = round(number);
        let before = shared.clock.now();
        let request = (kind.request)(&Asked { kind: kind.name, number, moment: before, tokens });
        client.renew(before.generation);
        if kind.leaves {
            client.leave(&request);
            tally.left(kind);
        } else {
            let answer = client.send(&request);
            tally.note(kind, &answer, &before, &shared.clock.now());
        }
    }
}

/// The kind that is next, each as often as it should, and mixed.
fn round(number: u64) -> &'static Kind {
    static ROUND: OnceLock<Vec<usize>> = OnceLock::new();
    let round = ROUND.get_or_init(|| {
        let all: Vec<usize> =
            KINDS.iter().enumerate().flat_map(|(place, kind)| std::iter::repeat_n(place, kind.share)).collect();
        // A step that has no factor in common with the length visits all.
        let step = [17, 19, 23].into_iter().find(|step| !all.len().is_multiple_of(*step)).unwrap_or(1);
        (0..all.len()).map(|at| all[at * step % all.len()]).collect()
    });
    let place = usize::try_from(number).unwrap_or_default() % round.len();
    &KINDS[round[place]]
}

impl Client {
    /// A connection of the configuration before this one is drained; who opens a new one is served by the new one.
    fn renew(&mut self, generation: u64) {
        if self.generation != generation {
            (self.wire, self.generation) = (None, generation);
        }
    }

    fn send(&mut self, request: &Request) -> Response {
        let wire = self.wire.get_or_insert_with(|| Wire::open(self.number, self.address));
        let answer = match wire {
            Wire::H1(connection) => connection.send(request),
            Wire::H2(connection) => connection.send(request),
        };
        let is_over = answer.status.is_none()
            || answer.header("connection").is_some_and(|value| value == "close")
            || matches!((&wire, &answer.ended), (Wire::H1(_), ended) if *ended != harness::Ended::Complete);
        if is_over {
            self.wire = None;
        }
        answer
    }

    /// Half a request, and nobody there for the answer.
    fn leave(&mut self, request: &Request) {
        let mut connection = h1::Connection::open(self.address);
        let head = h1::head(request);
        connection.write(&head);
        if let harness::client::Body::Whole(body) = &request.body {
            connection.write(&body[..body.len() / 2]);
        }
        connection.abort();
    }
}

impl Wire {
    fn open(number: usize, address: SocketAddr) -> Self {
        if number < OVER_H2 {
            return Self::H2(Box::new(h2::Connection::open(address)));
        }
        Self::H1(h1::Connection::open(address))
    }
}
