//! Clouds, hosts and data bases.

use super::Form::{Around, Begins, Named};
use super::{Rule, Trial, UUID};
use crate::detect::secrets::shape::Alphabet::{
    Alnum, Base32, Base64, Bech32, Digits, Dotted, Lower, LowerHex, Padding, Tilde, Upper, Url,
};
use crate::detect::secrets::shape::Part::Literal;

pub(super) const RULES: &[Rule] = &[
    Rule::new(
        "aws_access_key",
        &[
            Begins("AKIA", &[Base32.of(16)]),
            Begins("ASIA", &[Base32.of(16)]),
            Begins("ABIA", &[Base32.of(16)]),
            Begins("ACCA", &[Base32.of(16)]),
        ],
    ),
    Rule::new(
        "aws_secret_key",
        &[
            Named("aws_secret", &[Base64.of(40)]),
            Named("aws-secret", &[Base64.of(40)]),
            Named("secretaccesskey", &[Base64.of(40)]),
            Named("secret_access_key", &[Base64.of(40)]),
            Named("secret access key", &[Base64.of(40)]),
        ],
    ),
    Rule::new("aws_mws", &[Begins("amzn.mws.", UUID)]),
    Rule::new(
        "aws_bedrock_key",
        &[
            Begins("ABSK", &[Base64.between(109, 269), Padding.between(0, 2)]),
            Begins("bedrock-api-key-YmVkcm9jay5hbWF6b25hd3MuY29t", &[Base64.between(40, 4096), Padding.between(0, 2)]),
        ],
    ),
    Rule::new("azure_client_secret", &[Around(&[Tilde.of(3), Digits.of(1)], "Q~", &[Tilde.between(31, 34)])]),
    Rule::new("azure_storage_key", &[Named("accountkey", &[Base64.of(86), Literal("==")])]),
    Rule::new("azure_shared_key", &[Named("sharedaccesskey", &[Base64.of(43), Literal("=")])]),
    Rule::new("azure_devops_token", &[Around(&[Alnum.of(76)], "AZDO", &[Alnum.of(4)])]),
    Rule::new("azure_ai_key", &[Around(&[Alnum.of(52)], "JQQJ99", &[Alnum.of(26)])]),
    Rule::new("google_api_key", &[Begins("AIza", &[Url.of(35)])]),
    Rule::new("google_oauth_secret", &[Begins("GOCSPX-", &[Url.of(28)])]),
    Rule::new(
        "google_oauth_token",
        &[Begins("ya29.", &[Url.between(30, 2048)]), Begins("1//0", &[Url.between(36, 256)])],
    ),
    Rule::new("gcp_service_account", &[Named("private_key_id", &[LowerHex.of(40)])]),
    Rule::new(
        "alibaba_key",
        &[
            Begins("LTAI", &[Alnum.between(12, 20)]),
            Named("alibaba", &[Alnum.of(30)]),
            Named("aliyun", &[Alnum.of(30)]),
        ],
    ),
    Rule::new("tencent_key", &[Begins("AKID", &[Alnum.of(32)])]),
    Rule::new(
        "yandex_key",
        &[
            Begins("AQVN", &[Url.between(35, 38)]),
            Begins("y0_", &[Url.between(50, 80)]),
            Begins(
                "t1.",
                &[Url.between(20, 512), Padding.between(0, 2), Literal("."), Url.of(86), Padding.between(0, 2)],
            ),
            Named("yandex", &[Literal("YC"), Url.of(38)]),
        ],
    ),
    Rule::new(
        "digitalocean",
        &[
            Begins("dop_v1_", &[LowerHex.of(64)]),
            Begins("doo_v1_", &[LowerHex.of(64)]),
            Begins("dor_v1_", &[LowerHex.of(64)]),
        ],
    ),
    Rule::new("heroku", &[Begins("HRKU-AA", &[Url.of(58)]), Begins("HRKU-", UUID), Named("heroku", UUID)]),
    Rule::new(
        "flyio",
        &[
            Begins("fo1_", &[Url.of(43)]),
            Begins("fm1r_", &[Base64.between(100, 4096), Padding.between(0, 3)]),
            Begins("fm1a_", &[Base64.between(100, 4096), Padding.between(0, 3)]),
            Begins("fm2_", &[Base64.between(100, 4096), Padding.between(0, 3)]),
        ],
    ),
    Rule::new("scalingo", &[Begins("tk-us-", &[Url.of(48)])]),
    Rule::new("scaleway", &[Named("scw_secret", UUID), Named("scaleway", UUID)]),
    Rule::new("linode", &[Named("linode", &[LowerHex.of(64)])]),
    Rule::new("vultr", &[Named("vultr", &[Upper.of(36)])]),
    Rule::new("hetzner", &[Named("hcloud", &[Alnum.of(64)]), Named("hetzner", &[Alnum.of(64)])]),
    Rule::new("netlify", &[Begins("nfp_", &[Alnum.of(36)]), Named("netlify", &[Url.between(40, 46)])]),
    Rule::new("vercel", &[Named("vercel", &[Alnum.of(24)])]),
    Rule::new(
        "cloudflare",
        &[
            Begins("v1.0-", &[LowerHex.of(24), Literal("-"), LowerHex.of(146)]),
            Named("cloudflare", &[Url.of(40)]),
            Named("cloudflare", &[LowerHex.of(37)]),
        ],
    ),
    Rule::new("fastly", &[Named("fastly", &[Url.of(32)])]),
    Rule::new(
        "planetscale",
        &[
            Begins("pscale_tkn_", &[Dotted.between(32, 64)]),
            Begins("pscale_oauth_", &[Dotted.between(32, 64)]),
            Begins("pscale_pw_", &[Dotted.between(32, 64)]),
        ],
    ),
    Rule::new("supabase", &[Begins("sbp_", &[LowerHex.of(40)]), Begins("sb_secret_", &[Url.between(22, 64)])]),
    Rule::new("neon", &[Begins("napi_", &[Lower.of(64)])]),
    Rule::new("clickhouse", &[Begins("4b1d", &[Alnum.of(38)])]).with(Trial::Mixed),
    Rule::new(
        "databricks",
        &[Begins("dapi", &[LowerHex.of(32), Literal("-"), Digits.of(1)]), Begins("dapi", &[LowerHex.of(32)])],
    ),
    Rule::new("confluent", &[Named("confluent", &[Alnum.of(64)]), Named("confluent", &[Alnum.of(16)])]),
    Rule::new("contentful", &[Begins("CFPAT-", &[Url.of(43)]), Named("contentful", &[Url.of(43)])]),
    Rule::new(
        "airtable",
        &[Begins("pat", &[Alnum.of(14), Literal("."), LowerHex.of(64)]), Named("airtable", &[Alnum.of(17)])],
    ),
    Rule::new("algolia", &[Named("algolia", &[Lower.of(32)])]),
    Rule::new("openshift", &[Begins("sha256~", &[Url.of(43)])]),
    Rule::new("age_key", &[Begins("AGE-SECRET-KEY-1", &[Bech32.of(58)])]),
];
