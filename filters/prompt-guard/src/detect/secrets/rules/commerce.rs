//! Money, shops, travel and post.

use super::Form::{Around, Begins, Named};
use super::{Rule, Trial, UUID};
use crate::detect::secrets::shape::Alphabet::{Alnum, Base64, Dotted, Hex, Lower, LowerHex, Padding, Url};
use crate::detect::secrets::shape::Part::Literal;

pub(super) const RULES: &[Rule] = &[
    Rule::new(
        "stripe_key",
        &[
            Begins("sk_live_", &[Alnum.between(16, 256)]),
            Begins("sk_test_", &[Alnum.between(16, 256)]),
            Begins("sk_prod_", &[Alnum.between(16, 256)]),
            Begins("rk_live_", &[Alnum.between(16, 256)]),
            Begins("rk_test_", &[Alnum.between(16, 256)]),
            Begins("rk_prod_", &[Alnum.between(16, 256)]),
            Begins("whsec_", &[Base64.between(32, 64), Padding.between(0, 2)]),
        ],
    ),
    Rule::new(
        "square",
        &[Begins("sq0atp-", &[Url.of(22)]), Begins("sq0csp-", &[Url.of(43)]), Begins("EAAA", &[Url.of(60)])],
    ),
    Rule::new(
        "braintree",
        &[
            Begins("access_token$production$", &[Lower.of(16), Literal("$"), LowerHex.of(32)]),
            Begins("access_token$sandbox$", &[Lower.of(16), Literal("$"), LowerHex.of(32)]),
        ],
    ),
    Rule::new(
        "shopify",
        &[
            Begins("shpat_", &[Hex.of(32)]),
            Begins("shpca_", &[Hex.of(32)]),
            Begins("shppa_", &[Hex.of(32)]),
            Begins("shpss_", &[Hex.of(32)]),
        ],
    ),
    Rule::new(
        "plaid",
        &[
            Begins("access-sandbox-", UUID),
            Begins("access-development-", UUID),
            Begins("access-production-", UUID),
            Named("plaid", &[LowerHex.of(30)]),
        ],
    ),
    Rule::new("gocardless", &[Named("gocardless", &[Literal("live_"), Url.of(40)])]),
    Rule::new(
        "flutterwave",
        &[
            Begins("FLWSECK_TEST-", &[Lower.of(32), Literal("-X")]),
            Begins("FLWSECK-", &[Lower.of(32), Literal("-X")]),
            Begins("FLWSECK_TEST-", &[Lower.of(12)]),
        ],
    ),
    Rule::new("duffel", &[Begins("duffel_live_", &[Dotted.of(43)]), Begins("duffel_test_", &[Dotted.of(43)])]),
    Rule::new("easypost", &[Begins("EZAK", &[Alnum.of(54)]), Begins("EZTK", &[Alnum.of(54)])]).with(Trial::Alone),
    Rule::new("shippo", &[Begins("shippo_live_", &[Hex.of(40)]), Begins("shippo_test_", &[Hex.of(40)])]),
    Rule::new(
        "lob",
        &[Named("lob", &[Literal("live_"), LowerHex.of(35)]), Named("lob", &[Literal("test_"), LowerHex.of(35)])],
    ),
    Rule::new("coinbase", &[Named("coinbase", &[Url.of(64)])]),
    Rule::new("kucoin", &[Named("kucoin", UUID), Named("kucoin", &[LowerHex.of(24)])]),
    Rule::new("bittrex", &[Named("bittrex", &[LowerHex.of(32)])]),
    Rule::new("freshbooks", &[Named("freshbooks", &[LowerHex.of(64)])]),
    Rule::new("finicity", &[Named("finicity", &[LowerHex.of(32)]), Named("finicity", &[Alnum.of(20)])]),
    Rule::new("finnhub", &[Named("finnhub", &[Alnum.of(20)])]),
    Rule::new("etsy", &[Named("etsy", &[Lower.of(24)])]),
    Rule::new("squarespace", &[Named("squarespace", UUID)]),
    Rule::new("rapidapi", &[Named("rapidapi", &[Url.of(50)])]),
    Rule::new("mapbox", &[Begins("sk.eyJ", &[Url.between(40, 120), Literal("."), Url.of(22)])]),
    Rule::new("maxmind", &[Around(&[Alnum.of(6), Literal("_"), Alnum.of(29)], "_mmk", &[])]),
    Rule::new("adafruit", &[Begins("aio_", &[Alnum.of(28)]), Named("adafruit", &[Url.of(32)])]),
    Rule::new("nytimes", &[Named("nytimes", &[Url.of(32)])]),
];
