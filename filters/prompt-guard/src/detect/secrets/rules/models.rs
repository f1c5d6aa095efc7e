//! Models, and what is built around them.

use super::Form::{Begins, Named};
use super::{Rule, Trial, UUID};
use crate::detect::secrets::shape::Alphabet::{Alnum, Digits, Letters, Lower, LowerHex, Url};
use crate::detect::secrets::shape::Part::Literal;

pub(super) const RULES: &[Rule] = &[
    Rule::new(
        "anthropic_key",
        &[
            Begins("sk-ant-api", &[Digits.of(2), Literal("-"), Url.of(93), Literal("AA")]),
            Begins("sk-ant-admin", &[Digits.of(2), Literal("-"), Url.of(93), Literal("AA")]),
            Begins("sk-ant-oat", &[Digits.of(2), Literal("-"), Url.of(93), Literal("AA")]),
            Begins("sk-ant-ort", &[Digits.of(2), Literal("-"), Url.of(93), Literal("AA")]),
            Begins("sk-ant-sid", &[Digits.of(2), Literal("-"), Url.between(80, 120)]),
        ],
    ),
    Rule::new(
        "openai_key",
        &[
            Begins("sk-proj-", &[Url.between(40, 200)]),
            Begins("sk-svcacct-", &[Url.between(40, 200)]),
            Begins("sk-admin-", &[Url.between(40, 200)]),
            Begins("sk-None-", &[Url.between(40, 200)]),
            Begins("sk-", &[Alnum.of(20), Literal("T3BlbkFJ"), Alnum.of(20)]),
        ],
    ),
    Rule::new("openrouter", &[Begins("sk-or-v1-", &[LowerHex.of(64)])]),
    Rule::new("langfuse", &[Begins("sk-lf-", UUID)]),
    Rule::new("model_key", &[Begins("sk-", &[Alnum.between(32, 64)])]),
    Rule::new("cohere", &[Named("cohere", &[Alnum.of(40)]), Named("co_api_key", &[Alnum.of(40)])]),
    Rule::new("mistral", &[Named("mistral", &[Alnum.of(32)])]),
    Rule::new("groq", &[Begins("gsk_", &[Alnum.of(52)])]),
    Rule::new("xai", &[Begins("xai-", &[Alnum.of(80)])]),
    Rule::new("cerebras", &[Begins("csk-", &[Alnum.of(48)])]),
    Rule::new("replicate", &[Begins("r8_", &[Alnum.of(37)])]),
    Rule::new("together", &[Begins("tgp_v1_", &[Url.of(43)])]),
    Rule::new("fireworks", &[Begins("fw_", &[Alnum.between(22, 24)])]).with(Trial::Mixed),
    Rule::new("nvidia", &[Begins("nvapi-", &[Url.between(60, 70)])]),
    Rule::new("perplexity", &[Begins("pplx-", &[Alnum.of(48)])]),
    Rule::new("elevenlabs", &[Begins("sk_", &[LowerHex.of(48)])]),
    Rule::new(
        "huggingface",
        &[Begins("hf_", &[Letters.of(34)]), Begins("hf_", &[Alnum.of(34)]), Begins("api_org_", &[Letters.of(34)])],
    ),
    Rule::new(
        "langsmith",
        &[
            Begins("lsv2_pt_", &[LowerHex.of(32), Literal("_"), LowerHex.of(10)]),
            Begins("lsv2_sk_", &[LowerHex.of(32), Literal("_"), LowerHex.of(10)]),
        ],
    ),
    Rule::new("pinecone", &[Begins("pcsk_", &[Alnum.between(4, 7), Literal("_"), Alnum.between(40, 70)])]),
    Rule::new("tavily", &[Begins("tvly-", &[Url.between(32, 60)])]),
    Rule::new("firecrawl", &[Begins("fc-", &[LowerHex.of(32)])]).with(Trial::Alone),
    Rule::new("jina", &[Begins("jina_", &[LowerHex.of(32), Url.between(24, 40)])]),
    Rule::new(
        "private_ai",
        &[
            Named("private_ai", &[Lower.of(32)]),
            Named("privateai", &[Lower.of(32)]),
            Named("private-ai", &[Lower.of(32)]),
        ],
    ),
    Rule::new("wandb", &[Named("wandb", &[LowerHex.of(40)])]),
];
