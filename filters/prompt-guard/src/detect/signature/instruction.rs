//! Whether a few words tell a reader, and a model at that, what to do. For places where nobody is addressed in
//! honesty: it knows stems in some languages and no grammar, and ordinary text would trip it.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

/// Whether the text says what only an attack says, or sets something aside that concerns its reader, or has words of
/// three groups: one that commands, and one that means a model or what it was told.
pub(super) fn is_one(text: &str) -> bool {
    let Some(search) = SEARCH.as_ref() else { return false };
    let mut seen = [false; 7];
    for hit in search.find_overlapping_iter(text) {
        let group = GROUP.get(hit.pattern().as_usize());
        if let Some(seen) = group.and_then(|group| seen.get_mut(*group)).filter(|_| begins(text, hit.start())) {
            *seen = true;
        }
    }
    let [attack, aside, model, duty, command, matter, you] = seen;
    let groups = [aside, model, duty, command, matter, you].iter().filter(|seen| **seen).count();
    attack || (aside && groups >= 2) || ((duty || command) && (model || matter) && groups >= 3)
}

/// Whether a word may begin there. Scripts without blanks begin one anywhere.
fn begins(text: &str, at: usize) -> bool {
    !text
        .get(..at)
        .is_some_and(|before| before.ends_with(|letter: char| letter.is_ascii_alphanumeric() || letter == '-'))
}

static SEARCH: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let words = GROUPS.iter().flat_map(|words| words.iter().copied());
    AhoCorasick::builder().ascii_case_insensitive(true).kind(Some(AhoCorasickKind::DFA)).build(words).ok()
});

/// The group of each word in the search.
static GROUP: LazyLock<Vec<usize>> = LazyLock::new(|| {
    let groups = GROUPS.iter().enumerate();
    groups.flat_map(|(group, words)| words.iter().map(move |_| group)).collect()
});

const GROUPS: [&[&str]; 7] = [ATTACK, ASIDE, MODEL, DUTY, COMMAND, MATTER, YOU];

/// What nobody writes to a human reader.
const ATTACK: &[&str] = &[
    "system prompt",
    "systemprompt",
    "jailbr",
    "you are now",
    "you're now",
    "pretend to be",
    "pretend you",
    "new instructions",
    "unrestricted",
    "developer mode",
    "without restrictions",
    "no restrictions",
    "without guardrails",
    "prior instructions",
    "previous instructions",
    "all instructions",
    "above instructions",
    "earlier instructions",
    "your instructions",
    "your guidelines",
    "safety guidelines",
    "safety measures",
    "ethical guidelines",
    "do anything now",
    "do not tell the user",
    "don't tell the user",
    "do not inform the user",
    "do not mention this",
    "override your",
    "evil mode",
    "istruzioni precedenti",
    "instrucciones anteriores",
    "instructions précédentes",
    "vorherigen anweisungen",
    "instruções anteriores",
    "предыдущие инструкции",
    "önceki talimat",
    "忽略之前",
    "忽略以上",
    "忽略所有",
    "以前の指示",
    "이전 지시",
    "التعليمات السابقة",
    "पिछले निर्देश",
];

/// What sets something aside.
const ASIDE: &[&str] = &[
    "ignore",
    "ignora",
    "ignorez",
    "ignorier",
    "disregard",
    "forget",
    "override",
    "bypass",
    "overlook",
    "neglect",
    "игнорир",
    "забудь",
    "忽略",
    "忘记",
    "無視",
    "무시",
    "تجاهل",
    "अनदेखा",
    "yok say",
    "görmezden",
    "vergiss",
    "oublie",
    "olvida",
    "esqueça",
];

/// Who is meant.
const MODEL: &[&str] = &[
    "assistant",
    "chatbot",
    "language model",
    "llm",
    "gpt",
    "claude",
    "gemini",
    "copilot",
    "ai ",
    "ai,",
    "ai.",
    "ai:",
    "ai agent",
    "ai model",
    "agent",
    "robot",
    "bot ",
];

/// That it has to be done.
const DUTY: &[&str] = &["must ", "should ", "shall ", "have to ", "need to "];

/// What is to be done.
const COMMAND: &[&str] = &[
    "respond",
    "reply",
    "reveal",
    "answer with",
    "answer the",
    "say ",
    "say:",
    "state:",
    "tell ",
    "execute ",
    "send ",
    "forward ",
    "print ",
    "repeat ",
    "recommend",
    "act as",
    "behave ",
    "play the role",
    "comply",
    "obey",
    "summari",
    "exfiltrat",
    "transfer ",
    "leak ",
    "approve ",
    "disclose",
];

/// What it is about.
const MATTER: &[&str] = &[
    "instruction",
    "istruzion",
    "instruccion",
    "anweisung",
    "instruç",
    "инструкц",
    "指示",
    "指令",
    "지시",
    "talimat",
    "التعليمات",
    "निर्देश",
    "prompt",
    "system:",
    "[system]",
    "<system>",
    "rules",
    "guideline",
    "polic",
    "safety",
    "restriction",
    "filter",
    "limits",
    "guardrail",
    "confidential",
    "credential",
    "password",
    "secret",
    "api key",
    "api-key",
    "cookies",
    "training data",
    "conversation",
    "context",
    "webpage",
    "web page",
    "user data",
];

/// Who is addressed.
const YOU: &[&str] = &["you ", "you'", "your ", "you,", "you."];
