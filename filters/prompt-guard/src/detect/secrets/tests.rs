//! Keys are made here from their forms, by a generator that always draws the same: a text that looks like a live key
//! is never written down, so that scanners of code have nothing to find in this folder.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use super::rules::{Form, Trial};
use super::shape::{Alphabet, Part};
use super::*;

/// xorshift (Marsaglia 2003): the same numbers in every run.
struct Lot(u64);

impl Lot {
    fn next(&mut self) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap()
    }

    fn below(&mut self, bound: usize) -> usize {
        self.next().checked_rem(bound).unwrap()
    }

    fn draw(&mut self, alphabet: Alphabet, count: usize) -> String {
        let letters: Vec<u8> = (0..128).filter(|byte| alphabet.has(*byte)).collect();
        (0..count).map(|_| char::from(letters[self.below(letters.len())])).collect()
    }

    fn shape(&mut self, shape: &[Part]) -> String {
        shape.iter().map(|part| self.part(*part)).collect()
    }

    fn part(&mut self, part: Part) -> String {
        match part {
            Part::Literal(literal) => literal.to_owned(),
            Part::Run(alphabet, min, max) => {
                let count = min.saturating_add(self.below(max.saturating_sub(min).saturating_add(1)));
                self.draw(alphabet, count)
            }
        }
    }

    /// A secret of this form, and a text with it.
    fn secret(&mut self, form: &Form) -> Option<(String, String)> {
        match form {
            Form::Begins(keyword, shape) => {
                let secret = format!("{keyword}{}", self.shape(shape));
                Some((secret.clone(), format!("use \"{secret}\" for it")))
            }
            Form::Around(before, keyword, after) => {
                let secret = format!("{}{keyword}{}", self.shape(before), self.shape(after));
                Some((secret.clone(), format!("use \"{secret}\" for it")))
            }
            Form::Named(keyword, shape) => {
                let secret = self.shape(shape);
                Some((secret.clone(), format!("{keyword}_x = '{secret}'")))
            }
            Form::Near(keyword, shape) => {
                let secret = self.shape(shape);
                Some((secret.clone(), format!("{keyword}: {secret}")))
            }
            Form::Read(..) => None,
        }
    }
}

/// Made once: unoptimised that takes longer than most tests.
static ALL: LazyLock<Secrets> = LazyLock::new(Secrets::all);

fn found(text: &str) -> Vec<(&'static str, &str)> {
    ALL.find(text).into_iter().map(|hit| (hit.kind, text.get(hit.span).unwrap())).collect()
}

fn nothing(text: &str) {
    assert_eq!(found(text), [], "{text:?}");
}

/// A password as people draw them, of so many letters and digits.
fn drawn(count: usize) -> String {
    Lot(7).draw(Alphabet::Alnum, count)
}

#[test]
fn every_form_of_every_rule_finds_what_is_made_by_it() {
    let secrets = &*ALL;
    let mut lot = Lot(42);
    let mut missed = Vec::new();
    for rule in rules::all() {
        for (at, form) in rule.forms.iter().enumerate() {
            let mut right = 0;
            for _ in 0..40 {
                let Some((secret, text)) = lot.secret(form) else { break };
                let hits = secrets.find(&text);
                right += usize::from(hits.iter().any(|hit| text.get(hit.span.clone()).unwrap().contains(&secret)));
            }
            // The judge takes some of what is drawn from few characters for words; Mixed refuses keys without a digit.
            let least = if rule.trial == Trial::Mixed { 28 } else { 37 };
            if !matches!(form, Form::Read(..)) && right < least {
                missed.push(format!("{}, form {at}: {right} of 40", rule.name));
            }
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
}

/// As people name them: `old_ghp_…`, `prod-AKIA…`.
#[test]
fn a_vendors_key_behind_a_name_is_found_and_words_are_not() {
    let mut lot = Lot(44);
    let mut missed = Vec::new();
    // What must stand alone has a form that names of files have too.
    for rule in rules::all().filter(|rule| rule.trial != Trial::Alone) {
        for form in rule.forms.iter().filter(|form| matches!(form, Form::Begins(..))) {
            let mut right = 0;
            for _ in 0..40 {
                let (secret, _) = lot.secret(form).unwrap();
                right += usize::from(["old_", "prod-", "keys."].iter().all(|name| {
                    ALL.find(&format!("{name}{secret} "))
                        .iter()
                        .any(|hit| hit.span.end.saturating_sub(hit.span.start) >= secret.len())
                }));
            }
            if right < 28 {
                missed.push(format!("{} {:?}: {right} of 40", rule.name, form.keywords().collect::<Vec<_>>()));
            }
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
    nothing("a task-sk-learn-pipeline-for-everybody-who-wants-to-have-one and the-sk-abcdefghijklmnopqrstuvwxyz");
}

#[test]
fn a_secret_that_is_cut_short_or_goes_on_is_none() {
    let mut lot = Lot(43);
    for rule in rules::all().filter(|rule| rule.trial != Trial::Form) {
        let only = Secrets::new(&[rule.name]);
        for form in rule.forms {
            let Form::Begins(keyword, shape @ [Part::Run(alphabet, min, max)]) = form else { continue };
            let short = format!(
                "\"{keyword}{}\"",
                lot.part(Part::Run(*alphabet, min.saturating_sub(1), min.saturating_sub(1)))
            );
            let long = format!("\"{keyword}{}q\"", lot.part(Part::Run(*alphabet, *max, *max)));
            assert_eq!(only.find(&long), [], "{}: {long}, {shape:?}", rule.name);
            let other_form = rule.forms.len() > 1;
            assert!(other_form || only.find(&short).is_empty(), "{}: {short}", rule.name);
        }
    }
}

#[test]
fn a_key_made_of_one_letter_is_a_placeholder() {
    for rule in rules::all().filter(|rule| rule.trial != Trial::Form) {
        for form in rule.forms {
            let Form::Begins(keyword, shape) = form else { continue };
            let same = |part: &Part| match part {
                Part::Literal(literal) => (*literal).to_owned(),
                Part::Run(alphabet, min, _) => {
                    let letter = ['x', 'X', '0', 'Q', '='].into_iter().find(|letter| alphabet.has(*letter as u8));
                    letter.unwrap().to_string().repeat(*min)
                }
            };
            let text: String = shape.iter().map(same).collect();
            nothing(&format!("{keyword}{text}"));
        }
    }
}

/// A conversation comes back with what was written instead, and a second gateway reads it too.
#[test]
fn what_was_masked_is_no_secret() {
    nothing("postgres://app:⟦URL_PASSWORD_1⟧@db.internal/app");
    nothing("password: ⟦PASSWORD_1⟧ token = \"⟦SECRET_12⟧\"");
    assert_eq!(found("postgres://app:⟦tr0ub4dor⟧@db.internal/app").len(), 1);
}

#[test]
fn no_two_rules_have_one_name_and_names_are_words() {
    let names: Vec<&str> = super::rules().collect();
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
    assert!(names.len() >= 150, "{}", names.len());
    let is_word = |name: &str| name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'));
    assert!(names.iter().all(|name| is_word(name)));
}

#[test]
fn the_search_holds_all_keywords() {
    assert!(ALL.search.is_some());
}

#[test]
fn a_kind_that_was_not_asked_for_is_not_found() {
    let text = format!("password: {}", drawn(16));
    assert_eq!(Secrets::new(&["password"]).find(&text).len(), 1);
    assert_eq!(Secrets::new(&["github_token"]).find(&text), []);
}

#[test]
fn a_vendors_key_that_is_assigned_is_told_by_its_vendor() {
    let key = format!("ghp_{}", drawn(36));
    assert_eq!(found(&format!("API_TOKEN={key}")), [("github_token", key.as_str())]);
}

#[test]
fn values_that_are_called_a_secret_are_found_however_they_are_assigned() {
    let secret = drawn(24);
    for (before, after) in [
        ("API_KEY=", ""),
        ("api_key: ", "\n"),
        ("\"api-key\": \"", "\","),
        ("{\\\"apiKey\\\": \\\"", "\\\"}"),
        ("apiKey => '", "'"),
        ("const token: string = `", "`;"),
        ("os.environ['CLIENT_SECRET'] = \"", "\""),
        ("setenv(\"TOKEN\", \"", "\", 1)"),
        ("<access_key>", "</access_key>"),
        ("my api key is ", "."),
        ("?access_token=", "&page=2"),
        ("token: \"Bearer ", "\""),
    ] {
        assert_eq!(found(&format!("{before}{secret}{after}")), [("secret", secret.as_str())], "{before}");
    }
}

#[test]
fn passwords_that_people_choose_are_found() {
    for text in [
        "password: Winter2024!",
        "My password is tr0ub4dor&3.",
        "PWD='Kj8_ntz4'",
        "пароль: Zima2024!",
        "DB_PASS=qh73kd92",
    ] {
        assert!(matches!(found(text)[..], [("password", _)]), "{text}");
    }
}

#[test]
fn what_stands_for_a_secret_is_none() {
    for text in [
        "password: changeme",
        "password = \"your_password_1\"",
        "password=${DB_PASSWORD_1}",
        "password: {{ vault.db1_password }}",
        "password: $DB_PASS1",
        "api_key = \"<YOUR_API_KEY_1>\"",
        "api_key = sk_xxxxxxxxxxxxxxxx12",
        "token = os.environ[\"TOKEN1\"]",
        "token = get_token1(user)",
        "secret: abcdefghijklmnop1234",
        "secret_name: projects/a1b2c3d4e5/secrets",
        "token_url = x9f8e7d6c5b4a3.internal",
        "The token is 30 seconds old, the secret is patience.",
        "password: string",
        "let password2 = userPassword1;",
        "tokens: 1234567890123",
        "token: ${{ secrets.GITHUB_TOKEN }}",
        "{\"nextPageToken\": \"CiAKGjBpNDd2Nmp2Zml2cXRwYjBpOXA\"}",
        "csrf_token: 8f14e45fceea167a5a36dedd4bea2543",
        "credentials_id: 8f14e45fceea167a5a36dedd4bea2543",
        "secretName: tls-7d9f8b6c5d-x2k4q",
        "api_key: Optional[str] = None",
        "password: !vault |",
        "token=`cat /run/token1`",
        "token = line.split('=')[1]",
    ] {
        nothing(text);
    }
}

#[test]
fn a_password_in_an_address_is_found_and_nothing_else_of_it() {
    let password = drawn(12);
    for scheme in ["postgres", "redis", "mongodb+srv", "https", "amqp"] {
        let text = format!("{scheme}://app:{password}@host.internal:5432/db?x=1");
        assert_eq!(found(&text), [("url_password", password.as_str())]);
    }
    let odd = "p@ss:w0rd";
    assert_eq!(found(&format!("postgres://app:{odd}@host")), [("url_password", odd)]);
}

#[test]
fn an_address_without_a_password_is_none() {
    for text in [
        "https://example.org:8080/a@b",
        "https://user@host",
        "postgres://postgres:postgres@localhost",
        "redis://:${REDIS_PASSWORD}@host",
        "ftp://user:<password>@host",
        "http://a:b/c@d",
        "mysql://root:password123@db",
    ] {
        nothing(text);
    }
}

#[test]
fn curl_is_told_who_calls() {
    let password = drawn(12);
    for (before, after) in [("-u me:", ""), ("--user 'me:", "' -v"), ("--user=me:", ""), ("-u \"me\":\"", "\"")] {
        let text = format!("curl -s https://host {before}{password}{after}");
        assert_eq!(found(&text), [("curl_user", password.as_str())], "{text}");
    }
    nothing(&format!("sort -u me:{password}"));
    nothing("curl -u user:pass https://host");
    nothing("curl -u \"$NAME:$PASSWORD\" https://host");
}

#[test]
fn a_header_with_credentials_is_found_in_any_scheme() {
    use base64::Engine as _;
    let token = drawn(32);
    for scheme in ["Bearer ", "Token ", "Api-Key ", ""] {
        let text = format!("-H 'Authorization: {scheme}{token}'");
        assert_eq!(found(&text), [("authorization_header", token.as_str())], "{text}");
    }
    let basic = |pair: &str| base64::engine::general_purpose::STANDARD.encode(pair);
    let right = basic(&format!("me:{}", drawn(9)));
    assert_eq!(found(&format!("\"Authorization\": \"Basic {right}\"")), [("authorization_header", right.as_str())]);
    nothing(&format!("Authorization: Basic {}", basic("user:password")));
    nothing(&format!("Authorization: Basic {}", basic("no colon in it")));
    nothing("Authorization: Bearer ${TOKEN}");
    nothing("authorization: required for every request");
}

/// A block of PEM; its label is never whole in this file.
fn pem(label: &str, lines: usize) -> String {
    let mut lot = Lot(9);
    let body = (0..lines).map(|_| lot.part(Alphabet::Base64.of(64)) + "\n").collect::<String>();
    format!("-----BEGIN {label}-----\n{body}-----END {label}-----")
}

#[test]
fn a_private_key_is_found_whole_and_also_where_it_is_cut_off() {
    for label in ["PRIVATE", "RSA PRIVATE", "EC PRIVATE", "ENCRYPTED PRIVATE"].map(|kind| format!("{kind} KEY")) {
        let key = pem(&label, 4);
        assert_eq!(found(&format!("see:\n{key}\nok")), [("private_key", key.as_str())]);
        let escaped = key.replace('\n', "\\n");
        assert_eq!(found(&format!("{{\"key\": \"{escaped}\"}}")), [("private_key", escaped.as_str())]);
        let cut = key.get(..200).unwrap();
        assert_eq!(found(cut), [("private_key", cut)]);
    }
    let ssh = pem(&["OPENSSH PRIVATE", "KEY"].join(" "), 6);
    assert_eq!(found(&ssh), [("ssh_key", ssh.as_str())]);
}

#[test]
fn what_is_public_or_empty_is_no_private_key() {
    nothing(&pem("CERTIFICATE", 9));
    nothing(&pem("PUBLIC KEY", 4));
    nothing(&pem("PRIVATE KEY", 0));
    nothing("-----BEGIN PRIVATE KEY-----\nMIIE...\n-----END PRIVATE KEY-----");
}

#[test]
fn hits_stand_in_order_and_apart_and_on_whole_characters() {
    let secrets = &*ALL;
    let mut lot = Lot(11);
    let pieces: Vec<String> =
        rules::all().flat_map(|rule| rule.forms).filter_map(|form| lot.secret(form)).map(|it| it.1).collect();
    let glue = ["=", "é", "\n", "\"", ":", " ", "token=", "://", "password: ", "中"];
    for _ in 0..60 {
        let text: String =
            (0..20).map(|_| pieces[lot.below(pieces.len())].clone() + glue[lot.below(glue.len())]).collect();
        let mut at = 0;
        for hit in secrets.find(&text) {
            assert!(at <= hit.span.start && hit.span.start < hit.span.end, "{hit:?}");
            assert!(text.get(hit.span.clone()).is_some());
            at = hit.span.end;
        }
    }
}

#[test]
fn no_bytes_bring_it_down() {
    let secrets = &*ALL;
    let mut lot = Lot(12);
    let words = [
        "password",
        "=",
        "\"",
        ":",
        "-----BEGIN ",
        "PRIVATE KEY-----",
        "curl",
        " -u ",
        "://",
        "@",
        "eyJ",
        ".",
        "é",
        "\n",
        "\\",
        "AccountKey",
        " ",
    ];
    for _ in 0..4_000 {
        let text: String = (0..12).map(|_| words[lot.below(words.len())]).collect();
        secrets.find(&text);
    }
}

#[test]
fn what_is_judged_is_linear_in_the_text() {
    let secret = format!("{}+7aZ", drawn(12));
    assert_eq!(found(&format!("a=token=password={secret}")), [("password", secret.as_str())]);
    let mut sight = Sight::new(b"");
    let judged = (0..1000_usize).filter(|at| sight.judges(&(*at..at.saturating_add(400)))).count();
    assert!((5..=10).contains(&judged), "{judged}");
    for unit in ["authorization=token=", "token=password=", "pwd="] {
        let text = format!("{} a1$b2 ", unit.repeat(24)).repeat(40) + &format!("password={secret}");
        assert_eq!(found(&text).last(), Some(&("password", secret.as_str())), "{unit}");
    }
}
