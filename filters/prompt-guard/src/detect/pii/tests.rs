mod numbers;

use super::*;

fn all() -> Pii {
    Pii::new(Kind::ALL, Vec::new())
}

fn found(text: &str) -> Vec<(&'static str, &str)> {
    all().find(text).into_iter().map(|hit| (hit.kind, text.get(hit.span).unwrap())).collect()
}

#[test]
fn each_kind_has_a_text_in_which_it_is_found() {
    for (kind, text) in [
        (Kind::Email, "mail bob@example.org now"),
        (Kind::Iban, "account gb33bukb20201555555555"),
        (Kind::Card, "card 4111 1111 1111 1111 123"),
        (Kind::Bitcoin, "to 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"),
        (Kind::Ethereum, "to 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"),
        (Kind::Mac, "on 00-1b-44-11-3A-B7"),
        (Kind::Mac, "on 001b.4411.3ab7"),
        (Kind::Mac, "on de:ad:be:ef:ca:fe"),
        (Kind::Ip, "from 86.121.97.248:8080"),
        (Kind::Ip, "from [2a02:810d::1]:80"),
        (Kind::Ssn, "SSN 460-89-9847"),
        (Kind::Itin, "912-70-1234"),
        (Kind::Nino, "AB 12 34 56 C"),
        (Kind::Nhs, "NHS number: 943 476 5919"),
        (Kind::Sin, "SIN 130 692 544"),
        (Kind::Tfn, "Tax file number 123 456 782"),
        (Kind::Medicare, "2123 45670 1"),
        (Kind::Aadhaar, "2341 2341 2346"),
        (Kind::Pan, "ABCPE1234F"),
        (Kind::Cpf, "111.444.777-35"),
        (Kind::Cnpj, "11.222.333/0001-81"),
        (Kind::Cnpj, "12.ABC.345/01DE-35"),
        (Kind::SteuerId, "65 929 970 489"),
        (Kind::Nir, "2 55 08 14 168 025 38"),
        (Kind::CodiceFiscale, "RSSMRA85T10A562S"),
        (Kind::CodiceFiscale, "RSS MRA 85T10 A562S"),
        (Kind::Dni, "12345678Z"),
        (Kind::Nie, "X-1234567-L"),
        (Kind::Bsn, "BSN 111222333"),
        (Kind::Pesel, "PESEL 44051401359"),
        (Kind::Personnummer, "811228-9874"),
        (Kind::Fodselsnummer, "01129955151"),
        (Kind::Cpr, "CPR 070761-4285"),
        (Kind::Hetu, "131052-308T"),
        (Kind::Ahv, "756.9217.0769.85"),
        (Kind::BelgianNumber, "85.07.30-033.28"),
        (Kind::Cnp, "CNP 1800101221144"),
        (Kind::RodneCislo, "710319/2745"),
        (Kind::Oib, "OIB: 33392005961"),
        (Kind::Nif, "NIF 123456789"),
        (Kind::Ppsn, "PPSN 1234567FA"),
        (Kind::Isikukood, "isikukood 38001085718"),
        (Kind::Snils, "112-233-445 95"),
        (Kind::Tckn, "TC Kimlik No 10000000146"),
        (Kind::SouthAfricanId, "ID number 8001015009087"),
        (Kind::Rrn, "900101-1234567"),
        (Kind::MyNumber, "マイナンバーは123456789018"),
        (Kind::ResidentId, "身份证11010519491231002X"),
        (Kind::TaiwaneseId, "身分證字號A123456789"),
        (Kind::ThaiId, "1-1017-00230-70-8"),
        (Kind::Nric, "S1234567D"),
        (Kind::Rut, "12.345.678-5"),
        (Kind::Cuit, "20-12345678-6"),
        (Kind::Curp, "HEGG560427MVZRRL04"),
        (Kind::Passport, "Passport no. C01X00T47"),
        (Kind::DateOfBirth, "born on 12 March 1985"),
        (Kind::DateOfBirth, "\"date_of_birth\": \"1985-03-12\""),
        (Kind::DateOfBirth, "出生日期：1985年3月12日"),
        (Kind::Phone, "+49 (0)30 901820"),
    ] {
        let kinds: Vec<_> = found(text).into_iter().map(|(kind, _)| kind).collect();
        assert_eq!(kinds, [kind.word()], "{text}");
    }
}

#[test]
fn a_number_begins_behind_an_escape_of_json() {
    assert_eq!(found(r"Pay\n4111111111111111\n"), [("card", "4111111111111111")]);
    assert_eq!(found(r"to\tDE89370400440532013000"), [("iban", "DE89370400440532013000")]);
    assert_eq!(found(r"at\r8.8.4.5"), [("ip", "8.8.4.5")]);
    assert_eq!(found(r"call\n+49 30 901820"), [("phone", "+49 30 901820")]);
}

#[test]
fn identifiers_versions_and_times_are_nobodys() {
    for text in [
        "version 1.2.3.4",
        "550e8400-e29b-41d4-a716-446655440000",
        "commit 4111111111111111a",
        "2024-05-01T12:34:56.123456789Z",
        "1714567890123",
        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "x_4111111111111111",
        "0.4111111111111111",
        "pages 123-456",
        "lines 10-20, 30-40",
        "ISBN 978-3-16-148410-0",
        "std::fmt::Display",
        "12:34:56",
        "1,234,567,890",
        "123456789",
        "AB-12-34",
    ] {
        assert_eq!(found(text), [], "{text}");
    }
}

#[test]
fn the_longest_stays_and_nothing_overlaps() {
    assert_eq!(found("phone 4111-1111-1111-1111"), [("card", "4111-1111-1111-1111")]);
    assert_eq!(found("a+4915112345678@example.org"), [("email", "a+4915112345678@example.org")]);
}

#[test]
fn what_a_word_names_goes_before_what_only_fits() {
    assert_eq!(found("tfn 130692544"), []);
    assert_eq!(found("SIN: 130692544"), [("sin", "130692544")]);
}

#[test]
fn a_kind_that_is_not_wanted_is_not_told() {
    let mails = Pii::new(&[Kind::Email], Vec::new());
    let hits = mails.find("bob@example.org, 4111111111111111, +14155552671, 86.121.97.248");
    assert_eq!(hits, [Hit { kind: "email", span: 0..15 }]);
}

#[test]
fn an_operators_own_goes_before_ours_and_by_its_name() {
    let staff = Own { name: "staff".to_owned(), expression: regex::Regex::new("[0-9]{16}").unwrap(), check: None };
    let pii = Pii::new(Kind::ALL, vec![staff]);
    assert_eq!(pii.find("4111111111111111"), [Hit { kind: "staff", span: 0..16 }]);
}

#[test]
fn no_text_cut_anywhere_panics_and_spans_lie_in_it() {
    let text = "é@ü.de 話4111 1111 1111 1111::ffff:1.2.3.4+(49 30 (0)1x GB33\u{a0}BUKB born 1er é 12 mär. 0x0 bc1 1\u{202f}85 2a:%";
    let pii = all();
    for (start, _) in text.char_indices() {
        for (end, _) in text.char_indices().filter(|(end, _)| *end >= start) {
            let part = text.get(start..end).unwrap();
            for hit in pii.find(part) {
                assert!(part.get(hit.span.clone()).is_some(), "{part} {hit:?}");
            }
        }
    }
}
