//! What teams work with.

use super::Form::{Begins, Named};
use super::{Rule, Trial, UUID};
use crate::detect::secrets::shape::Alphabet::{Alnum, Digits, Hex, Lower, LowerHex, Upper, Url};
use crate::detect::secrets::shape::Part::Literal;

pub(super) const RULES: &[Rule] = &[
    Rule::new(
        "atlassian",
        &[
            Begins("ATATT3", &[Url.between(160, 190), Literal("="), Hex.of(8)]),
            Named("atlassian", &[Alnum.of(24)]),
            Named("confluence", &[Alnum.of(24)]),
            Named("jira", &[Alnum.of(24)]),
        ],
    )
    .with(Trial::Mixed),
    Rule::new("notion", &[Begins("ntn_", &[Digits.of(11), Alnum.of(35)]), Begins("secret_", &[Alnum.of(43)])]),
    Rule::new(
        "linear",
        &[
            Begins("lin_api_", &[Alnum.of(40)]),
            Begins("lin_oauth_", &[Hex.of(64)]),
            Named("linear", &[LowerHex.of(32)]),
        ],
    ),
    Rule::new(
        "asana",
        &[
            Begins("1/", &[Digits.between(10, 20), Literal(":"), LowerHex.of(32)]),
            Begins(
                "2/",
                &[Digits.between(10, 20), Literal("/"), Digits.between(10, 20), Literal(":"), LowerHex.of(32)],
            ),
            Named("asana", &[LowerHex.of(32)]),
        ],
    ),
    Rule::new("trello", &[Begins("ATTA", &[LowerHex.of(64), Hex.of(8)]), Named("trello", &[LowerHex.of(32)])]),
    Rule::new("figma", &[Begins("figd_", &[Url.between(38, 44)])]),
    Rule::new(
        "postman",
        &[Begins("PMAK-", &[LowerHex.of(24), Literal("-"), LowerHex.of(34)]), Begins("PMAT-", &[Upper.of(26)])],
    ),
    Rule::new("readme", &[Begins("rdme_", &[Lower.of(70)])]),
    Rule::new("typeform", &[Begins("tfp_", &[Url.of(59)])]),
    Rule::new(
        "hubspot",
        &[Begins("pat-na1-", UUID), Begins("pat-na2-", UUID), Begins("pat-eu1-", UUID), Named("hubspot", UUID)],
    ),
    Rule::new(
        "dropbox",
        &[
            Begins("sl.", &[Url.between(130, 152)]),
            Begins("sl.u.", &[Url.between(130, 1500)]),
            Named("dropbox", &[Lower.of(15)]),
        ],
    ),
    Rule::new("adobe", &[Begins("p8e-", &[Alnum.of(32)]), Named("adobe", &[LowerHex.of(32)])]),
    Rule::new("frameio", &[Begins("fio-u-", &[Url.of(64)])]),
    Rule::new(
        "settlemint",
        &[Begins("sm_aat_", &[Alnum.of(16)]), Begins("sm_pat_", &[Alnum.of(16)]), Begins("sm_sat_", &[Alnum.of(16)])],
    ),
    Rule::new(
        "zapier_webhook",
        &[Begins("hooks.zapier.com/hooks/catch/", &[Digits.between(5, 10), Literal("/"), Lower.between(6, 8)])],
    )
    .with(Trial::Form),
    Rule::new("retool", &[Begins("retool_01", &[Lower.of(24)])]),
];
