//! Runs case tables in every world they are given, and checks for each case what must always hold.

use super::mint::Credentials;
use super::report::{Failure, Report, TableReport};
use super::text::Text;
use super::{Case, Config, Document, Expect, FieldRule, Gateway, OneOrMore, Reach, RequestSpec, Table};
use crate::client::{Request, Response};
use crate::wire::find;
use crate::{Headers, Seen, values};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// A place where a filter runs and can be asked.
pub trait World {
    /// `fake`, `h1` or `h2`.
    fn name(&self) -> &'static str;

    /// Sends a request on a connection of its own.
    fn send(&mut self, request: &Request) -> Response;

    /// Sends bytes as they are, where the world has a wire.
    fn send_raw(&mut self, _bytes: &[u8]) -> Response {
        Response { ended: crate::Ended::Malformed("this world has no wire".to_owned()), ..Response::default() }
    }

    /// How many workers there are, each with a VM of its own.
    fn workers(&self) -> usize {
        1
    }

    /// Sends a request to this worker.
    fn send_to_worker(&mut self, _worker: usize, request: &Request) -> Response {
        self.send(request)
    }

    /// How many requests reached the upstream so far.
    fn upstream_hits(&self) -> u64;

    /// The latest request that reached the upstream.
    fn upstream_last(&self) -> Option<Seen>;

    /// The value of a counter of ours, by its name without Envoy's prefix.
    fn counter(&self, name: &str) -> u64;

    /// The names of all metrics of ours.
    fn metrics(&self) -> BTreeSet<String> {
        BTreeSet::new()
    }

    /// Everything logged so far.
    fn log(&self) -> String;
}

/// What a world is to be opened with.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The filters in their order, the one under test last: package and configuration.
    pub filters: Vec<(String, Value)>,
    /// What surrounds them in Envoy.
    pub gateway: Gateway,
    /// Environment variables that they may read.
    pub variables: BTreeMap<String, String>,
    /// What the cluster `documents` serves, by path.
    pub documents: BTreeMap<String, Document>,
    /// What the upstream answers, by path.
    pub upstream: BTreeMap<String, Document>,
}

/// An answer of the cluster `documents` or of the upstream, written out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Served {
    /// The status.
    pub status: u16,
    /// Header fields.
    pub headers: Headers,
    /// The body.
    pub body: Vec<u8>,
}

impl Setup {
    /// What the cluster `documents` serves, by path, directives carried out.
    pub fn served(&self) -> Result<BTreeMap<String, Served>, String> {
        Self::written_out(&self.documents)
    }

    /// What the upstream answers, by path, directives carried out.
    pub fn answered(&self) -> Result<BTreeMap<String, Served>, String> {
        Self::written_out(&self.upstream)
    }

    fn written_out(documents: &BTreeMap<String, Document>) -> Result<BTreeMap<String, Served>, String> {
        let words = Credentials::new([]);
        documents.iter().map(|(path, document)| Ok((path.clone(), document.served(&words)?))).collect()
    }
}

impl Document {
    fn served(&self, words: &Credentials) -> Result<Served, String> {
        let pair = |(name, value): &(Text, Text)| Ok::<_, String>((name.bytes(words)?, value.bytes(words)?));
        let mut headers = self.headers.iter().map(pair).collect::<Result<Headers, _>>()?;
        let mut body = self.body.as_ref().map(|body| body.bytes(words)).transpose()?.unwrap_or_default();
        if let Some(json) = &self.json {
            headers.push((b"content-type".to_vec(), b"application/json".to_vec()));
            body = super::mint::directives(json.clone())?.to_string().into_bytes();
        }
        Ok(Served { status: self.status.unwrap_or(200), headers, body })
    }
}

/// A configuration as a filter gets it: a text as it is, else as JSON.
pub fn text_of(config: &Value) -> String {
    config.as_str().map_or_else(|| config.to_string(), str::to_owned)
}

/// Opens worlds, for instance one Envoy over two protocols. Errors are what was logged.
pub trait Open {
    /// The worlds of a table.
    fn open(&self, setup: &Setup) -> Result<Vec<Box<dyn World>>, String>;

    /// Whether each of these would be taken where the first is in force.
    fn try_each(&self, _in_force: &Setup, trials: &[&Setup]) -> Vec<Result<(), String>> {
        trials.iter().map(|setup| self.open(setup).map(drop)).collect()
    }
}

impl<F: Fn(&Setup) -> Result<Vec<Box<dyn World>>, String>> Open for F {
    fn open(&self, setup: &Setup) -> Result<Vec<Box<dyn World>>, String> {
        self(setup)
    }
}

/// The largest body that a refusal of ours may have.
const MAX_REFUSAL: usize = 4096;

/// Within this the GOOD request is served after every case.
const GOOD_WITHIN: Duration = Duration::from_secs(1);

/// Within this counters and log lines appear that are written after the answer.
const SETTLE: Duration = Duration::from_secs(1);

/// How long after an answer its line in the access log may come.
const ACCESS_LOG_DUE: Duration = Duration::from_millis(20);

/// What the log says when a module trapped.
const TRAP_SIGNS: [&str; 2] = ["Uncaught RuntimeError", "in-VM backtrace"];

/// Fields whose values are credentials.
const CREDENTIALS: [&str; 6] =
    ["authorization", "proxy-authorization", "cookie", "x-api-key", "api-key", "x-goog-api-key"];

/// Shorter texts are found anywhere and prove nothing.
const MIN_SECRET: usize = 8;

/// Runs every case of every table in all worlds that these open.
pub fn run(tables: &[Table], opens: &[&dyn Open]) -> Report {
    let mut report = Report::default();
    for table in tables {
        let mut run = Run { table, opens, failures: Vec::new(), worlds: BTreeSet::new(), skipped: Vec::new() };
        run.all();
        let failed: BTreeSet<&String> = run.failures.iter().map(|failure| &failure.case).collect();
        report.tables.push(TableReport {
            row: table.row.clone(),
            name: table.name.clone(),
            file: table.file.clone(),
            cases: table.cases.len(),
            failed: failed.len(),
            worlds: run.worlds,
            skipped: run.skipped,
        });
        report.failures.append(&mut run.failures);
    }
    report
}

/// One table.
struct Run<'r> {
    table: &'r Table,
    opens: &'r [&'r dyn Open],
    failures: Vec<Failure>,
    worlds: BTreeSet<String>,
    skipped: Vec<(String, String, String)>,
}

/// Cases that share their worlds.
struct Group<'r> {
    key: String,
    setup: Setup,
    cases: Vec<&'r Case>,
}

/// Who answered, and what.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Outcome {
    Served(u16),
    Refused(Option<u16>, Option<String>),
    ByEnvoy,
}

impl<'r> Run<'r> {
    fn all(&mut self) {
        let groups = self.groups();
        let is_refused = |group: &&Group<'r>| self.expect(group.cases[0]).refused_config.is_some();
        let (refused, taken): (Vec<_>, Vec<_>) = groups.iter().partition(is_refused);
        self.refused_configs(&refused);
        for Group { setup, cases, .. } in taken {
            let mut worlds = self.open(setup, cases);
            for case in cases {
                self.case(case, &mut worlds);
            }
        }
    }

    /// Cases with the same configuration are one group, in the order of their first.
    fn groups(&mut self) -> Vec<Group<'r>> {
        let mut groups: Vec<Group<'r>> = Vec::new();
        for case in &self.table.cases {
            let setup = match self.setup(case) {
                Ok(setup) => setup,
                Err(fault) => {
                    self.fail(case, "table", fault);
                    continue;
                }
            };
            let is_alone = case.fresh || self.expect(case).refused_config.is_some();
            let key = if is_alone { case.name.clone() } else { format!("{:?}", setup.filters) };
            match groups.iter_mut().find(|group| group.key == key) {
                Some(group) => group.cases.push(case),
                None => groups.push(Group { key, setup, cases: vec![case] }),
            }
        }
        groups
    }

    fn setup(&self, case: &Case) -> Result<Setup, String> {
        self.setup_of(case.config.as_ref().unwrap_or(&self.table.config))
    }

    fn setup_of(&self, config: &Config) -> Result<Setup, String> {
        let table = self.table;
        let mut filters = Vec::new();
        for neighbour in &table.before {
            filters.push((neighbour.filter.clone(), neighbour.config.resolve()?));
        }
        filters.push((table.filter.clone(), config.resolve()?));
        Ok(Setup {
            filters,
            gateway: table.gateway.clone(),
            variables: table.variables.clone(),
            documents: table.documents.clone(),
            upstream: table.upstream.clone(),
        })
    }

    fn expect(&self, case: &Case) -> Expect {
        case.expect.over(&self.table.expect)
    }

    /// Opens every world. A case that wants to be alone gets each world with nothing shared.
    fn open(&mut self, setup: &Setup, cases: &[&Case]) -> Vec<Box<dyn World>> {
        let mut worlds = Vec::new();
        for open in self.opens {
            let opened = open.open(setup).and_then(|shared| {
                if cases.iter().all(|case| !case.fresh) {
                    return Ok(shared);
                }
                let others = (1..shared.len()).map(|place| open.open(setup).map(|mut other| other.swap_remove(place)));
                let others: Vec<_> = others.collect::<Result<_, _>>()?;
                Ok(shared.into_iter().take(1).chain(others).collect())
            });
            match opened {
                Ok(opened) => worlds.extend(opened),
                Err(log) => {
                    for case in cases {
                        self.fail(case, "start", format!("it does not start:\n{}", faults_of(&log)));
                    }
                }
            }
        }
        worlds
    }

    /// Configurations that are refused, tried one after the other where the table's is in force.
    fn refused_configs(&mut self, groups: &[&Group<'r>]) {
        let Some(first) = groups.first() else { return };
        let in_force = match self.setup_of(&self.table.config) {
            Ok(setup) => setup,
            Err(fault) => return self.fail(first.cases[0], "table", fault),
        };
        let trials: Vec<&Setup> = groups.iter().map(|group| &group.setup).collect();
        for open in self.opens {
            for (group, told) in groups.iter().zip(open.try_each(&in_force, &trials)) {
                let case = group.cases[0];
                let sentence = self.expect(case).refused_config.unwrap_or_default();
                match told {
                    Err(log) if log.contains(&sentence) => {}
                    Err(log) => {
                        let what = format!("refused, but without {sentence:?}:\n{}", faults_of(&log));
                        self.fail(case, "start", what);
                    }
                    Ok(()) => {
                        let what = format!("the configuration is taken, not refused ({sentence:?})");
                        self.fail(case, "start", what);
                    }
                }
            }
        }
    }

    fn case(&mut self, case: &Case, worlds: &mut [Box<dyn World>]) {
        let mut told: Vec<(&'static str, Vec<Outcome>)> = Vec::new();
        for world in worlds {
            let name = world.name();
            if !case.runs_in(name) {
                self.skipped.push((name.to_owned(), case.name.clone(), case.reason.clone().unwrap_or_default()));
                continue;
            }
            self.worlds.insert(name.to_owned());
            let trial = Trial::new(self.table, case, world.as_mut());
            let (faults, outcomes) = trial.run();
            for fault in faults {
                self.fail(case, name, fault);
            }
            told.push((name, outcomes));
        }
        self.compare(case, &told);
    }

    /// The same decision everywhere, as far as it was ours.
    fn compare(&mut self, case: &Case, told: &[(&'static str, Vec<Outcome>)]) {
        let Some(((first, expected), others)) = told.split_first() else { return };
        for (other, outcomes) in others {
            let pair = expected.iter().zip(outcomes).enumerate();
            let ours = pair.filter(|(_, (a, b))| **a != Outcome::ByEnvoy && **b != Outcome::ByEnvoy);
            if let Some((at, (a, b))) = ours.into_iter().find(|(_, (a, b))| a != b) {
                let what = format!("request {at}: {first} decides {a:?}, {other} decides {b:?}");
                self.fail(case, &format!("{first} {other}"), what);
            }
        }
    }

    fn fail(&mut self, case: &Case, world: &str, what: String) {
        let (file, case, world) = (self.table.file.clone(), case.name.clone(), world.to_owned());
        self.failures.push(Failure { file, case, world, what });
    }
}

/// One case in one world.
struct Trial<'t> {
    table: &'t Table,
    case: &'t Case,
    world: &'t mut dyn World,
    words: Credentials,
    secrets: Vec<Vec<u8>>,
    faults: Vec<String>,
    outcomes: Vec<Outcome>,
    /// How many requests should have reached the upstream, if the case says so of each.
    reached: Option<u64>,
}

impl<'t> Trial<'t> {
    fn new(table: &'t Table, case: &'t Case, world: &'t mut dyn World) -> Self {
        let own = case.tokens.clone();
        let words = Credentials::new(table.tokens.clone().into_iter().chain(own));
        words.set("world", world.name());
        words.set("case", &case.name);
        words.set("n", "0");
        let (secrets, faults, outcomes) = (Vec::new(), Vec::new(), Vec::new());
        Self { table, case, world, words, secrets, faults, outcomes, reached: Some(0) }
    }

    fn run(mut self) -> (Vec<String>, Vec<Outcome>) {
        let case = self.case;
        let log_before = self.world.log().len();
        let hits_before = self.world.upstream_hits();
        let metrics_before = self.world.metrics();
        if case.at_second {
            wait_for_a_second();
        }
        self.step(&case.request, case.repeat, &case.expect);
        for step in &case.then {
            thread::sleep(Duration::from_millis(step.after_ms.unwrap_or(0)));
            self.step(&step.request, step.repeat, &step.expect);
        }
        if case.without_good.is_none() {
            self.good();
        }
        self.log(log_before);
        let new: Vec<_> = self.world.metrics().difference(&metrics_before).cloned().collect();
        if !new.is_empty() {
            self.faults.push(format!("new metrics: {new:?}"));
        }
        let hits = self.world.upstream_hits() - hits_before;
        if let Some(reached) = self.reached.filter(|reached| *reached != hits && self.faults.is_empty()) {
            self.faults.push(format!("the upstream was reached {hits} times in the end, not {reached}"));
        }
        (self.faults, self.outcomes)
    }

    fn step(&mut self, request: &RequestSpec, repeat: Option<u32>, expect: &Expect) {
        let (request, expect) = (request.over(&self.table.request), expect.over(&self.table.expect));
        let log_before = self.world.log().len();
        let counters: Vec<(&String, u64)> =
            expect.counters.iter().map(|(name, rise)| (name, self.world.counter(name) + rise)).collect();
        let mut fastest = Duration::MAX;
        for n in 0..repeat.unwrap_or(1) {
            self.words.set("n", &n.to_string());
            match self.exchange(&request, &expect) {
                Ok(time) => fastest = fastest.min(time),
                Err(fault) => self.faults.push(format!("the table: {fault}")),
            }
        }
        let limit = expect.within_ms.filter(|limit| fastest.as_millis() > u128::from(*limit));
        if let Some(limit) = limit.filter(|_| self.world.name() != "fake") {
            self.faults.push(format!("answered in {} ms at best, not within {limit}", fastest.as_millis()));
        }
        for (name, wanted) in &expect.gauges {
            let found = self.settled(|world| world.counter(name), |found| found == wanted);
            if found != *wanted {
                self.faults.push(format!("gauge {name}: {found}, not {wanted}"));
            }
        }
        for (name, expected) in counters {
            let found = self.settled(|world| world.counter(name), |found| *found >= expected);
            if found != expected {
                self.faults.push(format!("counter {name}: {found}, not {expected}"));
            }
        }
        self.log_texts(&expect, log_before);
    }

    fn exchange(&mut self, spec: &RequestSpec, expect: &Expect) -> Result<Duration, String> {
        let hits_before = self.world.upstream_hits();
        let raw = spec.raw.as_ref().map(|raw| raw.bytes(&self.words)).transpose()?;
        let request = spec.resolve(&self.words)?;
        self.secrets.extend(credentials(&request.headers));
        let begin = Instant::now();
        let (answer, is_head) = match raw {
            Some(raw) => (self.world.send_raw(&raw), false),
            None => (self.world.send(&request), request.method == b"HEAD"),
        };
        let time = begin.elapsed();
        let hits = self.world.upstream_hits() - hits_before;
        let outcome = self.judge(expect, &answer, hits, is_head)?;
        self.outcomes.push(outcome);
        Ok(time)
    }

    fn judge(&mut self, expect: &Expect, answer: &Response, hits: u64, is_head: bool) -> Result<Outcome, String> {
        let code = code_of(answer);
        let is_served = answer.status.is_some_and(|status| status < 400);
        let may_be_envoys = expect.by_envoy.as_ref().is_some_and(|by| by.allows(self.world.name(), answer.status));
        let is_by_envoy = may_be_envoys && !is_served && code.is_none();
        let wanted = match expect.upstream {
            Some(Reach::Any) => None,
            _ if is_by_envoy => Some(0),
            Some(Reach::Reached) => Some(1),
            Some(Reach::Untouched) => Some(0),
            None => Some(u64::from(is_served)),
        };
        self.reached = self.reached.and_then(|reached| Some(reached + wanted?));
        if wanted.is_some_and(|wanted| wanted != hits) {
            self.faults.push(format!("{}, and the upstream was reached {hits} times", told(answer)));
        }
        if is_by_envoy {
            return Ok(Outcome::ByEnvoy);
        }
        self.judge_head(expect, answer, code.as_deref())?;
        self.judge_body(expect, answer)?;
        if !is_served {
            self.judge_refusal(answer, code.as_deref(), is_head);
        }
        if hits > 0 {
            self.judge_sent(expect)?;
        }
        Ok(match answer.status {
            Some(status) if is_served => Outcome::Served(status),
            status => Outcome::Refused(status, code),
        })
    }

    fn judge_head(&mut self, expect: &Expect, answer: &Response, code: Option<&str>) -> Result<(), String> {
        if let Some(statuses) = expect.status.as_ref().map(OneOrMore::all)
            && !answer.status.is_some_and(|status| statuses.contains(&status))
        {
            self.faults.push(format!("expected status {statuses:?}, found {}", told(answer)));
        }
        if let Some(codes) = expect.code.as_ref().map(OneOrMore::all) {
            let found = code.unwrap_or("none");
            if !codes.iter().any(|code| code == found) {
                self.faults.push(format!("expected code {codes:?}, found {found} in {}", told(answer)));
            }
        }
        self.judge_fields("the answer has", &expect.headers, &answer.headers)
    }

    fn judge_body(&mut self, expect: &Expect, answer: &Response) -> Result<(), String> {
        if let Some(body) = &expect.body {
            let body = body.bytes(&self.words)?;
            if body != answer.body {
                self.faults.push(format!("the body is not {}: {}", lossy(&body), told(answer)));
            }
        }
        for (texts, wanted) in [(&expect.body_contains, true), (&expect.body_lacks, false)] {
            for text in texts.iter().flat_map(OneOrMore::all) {
                let text = text.bytes(&self.words)?;
                if find(&answer.body, &text).is_some() != wanted {
                    let verb = if wanted { "lacks" } else { "contains" };
                    self.faults.push(format!("the body {verb} {:?}: {}", lossy(&text), told(answer)));
                }
            }
        }
        Ok(())
    }

    /// Bounded, readable by programs, and nothing given away.
    fn judge_refusal(&mut self, answer: &Response, code: Option<&str>, is_head: bool) {
        if answer.status.is_some() && code.is_none() && !is_head {
            self.faults.push(format!("a refusal without a code: {}", told(answer)));
        }
        if answer.body.len() > MAX_REFUSAL {
            self.faults.push(format!("a refusal of {} bytes", answer.body.len()));
        }
        let headers = answer.headers.iter().flat_map(|(name, value)| [name.as_slice(), value]);
        let all = headers.chain([answer.body.as_slice()]).collect::<Vec<_>>().join(&b'\n');
        if let Some(secret) = self.given_away(&all) {
            self.faults.push(format!("the refusal gives away {:?}: {}", lossy(&secret), told(answer)));
        }
    }

    /// The request as it reached the upstream.
    fn judge_sent(&mut self, expect: &Expect) -> Result<(), String> {
        if expect.upstream_headers.is_empty() && expect.upstream_path.is_none() && expect.upstream_body.is_none() {
            return Ok(());
        }
        let seen = self.world.upstream_last().unwrap_or_default();
        if let Some(path) = &expect.upstream_path {
            let path = path.bytes(&self.words)?;
            if path != seen.path {
                self.faults.push(format!("the upstream got the path {:?}, expected {:?}", seen.path(), lossy(&path)));
            }
        }
        if let Some(body) = &expect.upstream_body {
            let body = body.bytes(&self.words)?;
            if body != seen.body {
                self.faults.push(format!("the upstream got the body {}, expected {}", lossy(&seen.body), lossy(&body)));
            }
        }
        self.judge_fields("the upstream got", &expect.upstream_headers, &seen.headers)
    }

    fn judge_fields(
        &mut self,
        who: &str,
        rules: &BTreeMap<String, FieldRule>,
        headers: &Headers,
    ) -> Result<(), String> {
        for (name, rule) in rules {
            let found = values(headers, name);
            let (holds, wanted) = match rule {
                FieldRule::Is(Text::Plain(word)) if word == "absent" => (found.is_empty(), "nothing".to_owned()),
                FieldRule::Is(Text::Plain(word)) if word == "present" => (!found.is_empty(), "a value".to_owned()),
                FieldRule::Is(text) => {
                    let text = text.bytes(&self.words)?;
                    (found == [text.as_slice()], lossy(&text))
                }
                FieldRule::Has(part) => {
                    let text = part.contains.bytes(&self.words)?;
                    (found.iter().any(|value| find(value, &text).is_some()), format!("…{}…", lossy(&text)))
                }
            };
            if !holds {
                let found: Vec<String> = found.iter().map(|value| lossy(value)).collect();
                self.faults.push(format!("{who} {name}: {found:?}, expected {wanted}"));
            }
        }
        Ok(())
    }

    /// The GOOD request is served on every worker.
    fn good(&mut self) {
        let spec = self
            .table
            .good
            .clone()
            .unwrap_or_else(|| RequestSpec { bearer: Some("good".to_owned()), ..RequestSpec::default() });
        let request = match spec.resolve(&self.words) {
            Ok(request) => request,
            Err(fault) => return self.faults.push(format!("the table: good: {fault}")),
        };
        for worker in 0..self.world.workers() {
            let begin = Instant::now();
            let mut answer = self.world.send_to_worker(worker, &request);
            while self.case.traps && !is_good(&answer) && begin.elapsed() < 3 * GOOD_WITHIN {
                thread::sleep(Duration::from_millis(50));
                answer = self.world.send_to_worker(worker, &request);
            }
            let time = begin.elapsed();
            self.reached = self.reached.map(|reached| reached + u64::from(is_good(&answer)));
            if !is_good(&answer) {
                self.faults.push(format!("afterwards GOOD is not served by worker {worker}: {}", told(&answer)));
            } else if time > GOOD_WITHIN && !self.case.traps {
                self.faults.push(format!("afterwards GOOD took {} ms on worker {worker}", time.as_millis()));
            }
        }
    }

    fn log(&mut self, from: usize) {
        if self.table.gateway.logs_path {
            thread::sleep(ACCESS_LOG_DUE);
        }
        let log = self.world.log();
        let log = log.get(from..).unwrap_or_default();
        if let Some(sign) = TRAP_SIGNS.iter().find(|sign| log.contains(**sign) && !self.case.traps) {
            let line = log.lines().find(|line| line.contains(sign)).unwrap_or_default();
            self.faults.push(format!("the module trapped: {line}"));
        }
        if let Some(secret) = self.given_away(log.as_bytes()) {
            self.faults.push(format!("the log gives away {:?}", lossy(&secret)));
        }
    }

    fn log_texts(&mut self, expect: &Expect, from: usize) {
        for (texts, wanted) in [(&expect.log_contains, true), (&expect.log_lacks, false)] {
            if texts.is_some() && !wanted {
                thread::sleep(ACCESS_LOG_DUE);
            }
            for text in texts.iter().flat_map(OneOrMore::all) {
                let Ok(text) = text.bytes(&self.words) else { continue };
                let has = |log: &String| find(log.get(from..).unwrap_or_default().as_bytes(), &text).is_some();
                let log = self.settled(|world| world.log(), |log| has(log) || !wanted);
                if has(&log) != wanted {
                    let verb = if wanted { "lacks" } else { "contains" };
                    self.faults.push(format!("the log {verb} {:?}", lossy(&text)));
                }
            }
        }
    }

    /// Asks until the answer is enough or time is up.
    fn settled<T>(&self, ask: impl Fn(&dyn World) -> T, enough: impl Fn(&T) -> bool) -> T {
        let deadline = Instant::now() + SETTLE;
        loop {
            let found = ask(self.world);
            if enough(&found) || Instant::now() > deadline {
                return found;
            }
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// The first secret of the case that a text contains: whole, or one part of a token.
    fn given_away(&self, text: &[u8]) -> Option<Vec<u8>> {
        let named = self.case.secrets.iter().filter_map(|secret| secret.bytes(&self.words).ok());
        let tokens = self.words.used();
        let parts = tokens.iter().flat_map(|token| token.split(|&byte| byte == b'.').map(<[u8]>::to_vec));
        let mut secrets = named.chain(self.secrets.iter().cloned()).chain(parts);
        secrets.find(|secret| secret.len() >= MIN_SECRET && find(text, secret).is_some())
    }
}

/// The stable code in a refusal of ours, whatever dialect it is written in.
pub fn code_of(answer: &Response) -> Option<String> {
    let body: Value = serde_json::from_slice(&answer.body).ok()?;
    if answer.status.is_some_and(|status| status < 400) {
        return None;
    }
    let pointers = ["/code", "/error/data/code", "/error/details/0/reason", "/error/code"];
    let at = |pointer: &&str| body.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    pointers.iter().find_map(at).or_else(|| {
        // Dialects without a member for it end their sentence with it: "… (invalid_token)".
        let sentences = ["/error/message", "/message", "/error"];
        let sentence = sentences.iter().find_map(|pointer| body.pointer(pointer).and_then(Value::as_str))?;
        Some(sentence.strip_suffix(')')?.rsplit_once('(')?.1.to_owned())
    })
}

/// The lines of a log that tell what went wrong, or all if none does.
fn faults_of(log: &str) -> String {
    let tells = |line: &&str| line.starts_with("error") || line.contains("[error]") || line.contains("[critical]");
    let lines: Vec<&str> = log.lines().filter(tells).collect();
    if lines.is_empty() { log.to_owned() } else { lines.join("\n") }
}

fn wait_for_a_second() {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    thread::sleep(Duration::from_secs(1).saturating_sub(Duration::from_nanos(since.subsec_nanos().into())));
}

fn is_good(answer: &Response) -> bool {
    answer.status.is_some_and(|status| (200..300).contains(&status)) && answer.ended == crate::Ended::Complete
}

/// Credentials among the fields of a request, without their schemes.
fn credentials(headers: &Headers) -> Vec<Vec<u8>> {
    let secret = |value: &&[u8]| value.splitn(2, |&byte| byte == b' ').last().unwrap_or_default().to_vec();
    CREDENTIALS.iter().flat_map(|name| values(headers, name).iter().map(secret).collect::<Vec<_>>()).collect()
}

/// An answer in a line.
fn told(answer: &Response) -> String {
    let mut line = match answer.status {
        Some(status) => format!("{status} ({:?})", answer.ended),
        None => format!("no answer ({:?})", answer.ended),
    };
    let body: String = lossy(&answer.body).chars().take(300).collect();
    let _ = write!(line, " {body:?}");
    line
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
