//! Who asks what a token is for writes it: "What does [INST] mean in a Llama prompt?" An attack has something to say
//! behind the token; a question that ends the text has not, if all its words are such as speak of tokens.

use std::ops::Range;

/// Whether the marker, the only one of the text, is asked about:
/// 1. it stands by itself in a sentence that opens with a word that asks;
/// 2. that sentence ends the text, with a question mark;
/// 3. between the marker and that stands no word that could tell a model what to do.
pub(super) fn is_one(text: &str, marker: &Range<usize>) -> bool {
    let before = text.get(..marker.start).unwrap_or_default();
    let behind = text.get(marker.end..).unwrap_or_default();
    before.ends_with([' ', '"', '\'', '`', '(']) && asks(before) && behind.len() <= BEHIND && says_nothing(behind)
}

/// How much may stand behind the marker: a few words.
const BEHIND: usize = 80;

/// How far before the marker its sentence may begin.
const BEFORE: usize = 120;

fn asks(before: &str) -> bool {
    let near = before.get(before.floor_char_boundary(before.len().saturating_sub(BEFORE))..).unwrap_or_default();
    let sentence = near.rsplit(['\n', '?', '!', ':']).next().unwrap_or_default();
    let sentence = sentence.rsplit(". ").next().unwrap_or_default().trim_start();
    let word = sentence.split([' ', '\'']).next().unwrap_or_default();
    ASKING.iter().any(|asking| word.eq_ignore_ascii_case(asking))
}

fn says_nothing(behind: &str) -> bool {
    let Some(rest) = behind.trim_end_matches([' ', '\n']).strip_suffix('?') else { return false };
    let is_between = |letter: char| matches!(letter, ' ' | ',' | '"' | '\'' | '`' | '(' | ')');
    let mut words = rest.split(is_between).filter(|word| !word.is_empty());
    words.all(|word| TALK.iter().any(|talk| word.eq_ignore_ascii_case(talk)))
}

const ASKING: &[&str] = &["what", "why", "how", "when", "where", "which", "is", "are", "does", "do", "can", "should"];

/// Words with which one speaks of tokens, and none of which says what to do.
const TALK: &[&str] = &[
    "a",
    "after",
    "an",
    "and",
    "appear",
    "appears",
    "are",
    "as",
    "at",
    "be",
    "before",
    "beginning",
    "chat",
    "chatml",
    "context",
    "do",
    "does",
    "documents",
    "end",
    "fine-tuning",
    "for",
    "format",
    "from",
    "gemma",
    "generation",
    "gpt",
    "gpt-2",
    "gpt2",
    "here",
    "in",
    "inference",
    "instead",
    "is",
    "it",
    "its",
    "llama",
    "llama-2",
    "llama2",
    "mean",
    "means",
    "mistral",
    "model",
    "models",
    "my",
    "of",
    "often",
    "on",
    "or",
    "outputs",
    "phi",
    "prompt",
    "prompts",
    "qwen",
    "special",
    "stand",
    "stands",
    "start",
    "strings",
    "tag",
    "template",
    "templates",
    "text",
    "that",
    "the",
    "there",
    "token",
    "tokenizer",
    "tokenizers",
    "tokens",
    "training",
    "used",
    "when",
    "with",
];
