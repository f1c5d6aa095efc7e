//! The tokens that models are trained to take for the border of a turn, and the markers that older prompts use for it.

use std::ops::Range;

use super::instruction;

/// What was found of them.
#[derive(Default)]
pub(super) struct Templates {
    spans: Vec<Range<usize>>,
    turns: Turns,
    /// Up to where a command was looked for, so that no stretch is read twice.
    judged: usize,
}

impl Templates {
    /// What is to be searched for.
    pub(super) fn words() -> impl Iterator<Item = &'static str> {
        MARKERS.iter().map(|(word, _)| *word)
    }

    /// The word of that number stands there.
    pub(super) fn see(&mut self, text: &str, word: usize, span: Range<usize>) {
        let Some((word, marker)) = MARKERS.get(word) else { return };
        match marker {
            Marker::Token => self.spans.push(span),
            Marker::Exact => self.spans.extend(exact(text, word, span)),
            Marker::Heading => self.spans.extend(heading(text, span)),
            Marker::Human => self.turns.human = self.turns.human.take().or_else(|| paragraph(text, span)),
            Marker::Assistant => self.turns.assistant = self.turns.assistant.take().or_else(|| paragraph(text, span)),
            Marker::System if span.start >= self.judged => {
                self.judged = span.end.saturating_add(COMMAND);
                self.spans.extend(paragraph(text, span).filter(|span| commands(text, span)));
            }
            Marker::System => {}
        }
    }

    pub(super) fn spans(self) -> Vec<Range<usize>> {
        let mut spans = self.spans;
        spans.extend(self.turns.both());
        spans
    }
}

/// Transcripts that people paste have one of them now and then; a forged turn has both.
#[derive(Default)]
struct Turns {
    human: Option<Range<usize>>,
    assistant: Option<Range<usize>>,
}

impl Turns {
    fn both(self) -> Vec<Range<usize>> {
        match (self.human, self.assistant) {
            (Some(human), Some(assistant)) => vec![human, assistant],
            _ => Vec::new(),
        }
    }
}

/// In this very case, and no index in code: `word[INST]`.
fn exact(text: &str, word: &str, span: Range<usize>) -> Option<Range<usize>> {
    let index = text.get(..span.start)?.ends_with(|before: char| before.is_ascii_alphanumeric() || before == '_');
    (text.get(span.clone()) == Some(word) && !index).then_some(span)
}

/// At the beginning of a line.
fn heading(text: &str, span: Range<usize>) -> Option<Range<usize>> {
    let before = text.get(..span.start)?;
    (before.is_empty() || before.ends_with('\n')).then_some(span)
}

/// At the beginning of a paragraph that is not the first.
fn paragraph(text: &str, span: Range<usize>) -> Option<Range<usize>> {
    let before = text.get(..span.start)?;
    (before.ends_with("\n\n") || before.ends_with("\n\r\n")).then_some(span)
}

/// Whether the next words command a model: `System:` alone begins many a report of a fault.
fn commands(text: &str, span: &Range<usize>) -> bool {
    let end = text.floor_char_boundary(span.end.saturating_add(COMMAND));
    text.get(span.end..end).is_some_and(instruction::is_one)
}

/// How far behind `System:` a command is looked for.
const COMMAND: usize = 240;

/// What makes a find of a marker a hit.
#[derive(Clone, Copy)]
enum Marker {
    /// Nothing: it is written so for no other purpose.
    Token,
    /// The case of its letters.
    Exact,
    /// The beginning of a line.
    Heading,
    /// The beginning of a paragraph, and one of the other role.
    Human,
    /// The same.
    Assistant,
    /// The beginning of a paragraph, and a command behind it.
    System,
}

/// From the tokenizer configurations that the makers of the models publish.
const MARKERS: &[(&str, Marker)] = &[
    // ChatML and what followed it: OpenAI, Qwen, Yi, InternLM, Kimi.
    ("<|im_start|>", Marker::Token),
    ("<|im_end|>", Marker::Token),
    ("<|im_sep|>", Marker::Token),
    ("<|im_system|>", Marker::Token),
    ("<|im_user|>", Marker::Token),
    ("<|im_assistant|>", Marker::Token),
    ("<|im_middle|>", Marker::Token),
    ("<|endoftext|>", Marker::Token),
    ("<|startoftext|>", Marker::Token),
    ("<|endofprompt|>", Marker::Token),
    ("<|action_start|>", Marker::Token),
    ("<|action_end|>", Marker::Token),
    ("<|tool_calls_section_begin|>", Marker::Token),
    // Harmony: gpt-oss.
    ("<|start|>", Marker::Token),
    ("<|channel|>", Marker::Token),
    ("<|message|>", Marker::Token),
    ("<|constrain|>", Marker::Token),
    ("<|return|>", Marker::Token),
    ("<|call|>", Marker::Token),
    // Zephyr, Phi, GLM, Falcon.
    ("<|system|>", Marker::Token),
    ("<|user|>", Marker::Token),
    ("<|assistant|>", Marker::Token),
    ("<|observation|>", Marker::Token),
    ("<|end|>", Marker::Token),
    ("<|prompter|>", Marker::Token),
    ("[gMASK]", Marker::Exact),
    // Llama 3 and 4.
    ("<|begin_of_text|>", Marker::Token),
    ("<|end_of_text|>", Marker::Token),
    ("<|start_header_id|>", Marker::Token),
    ("<|end_header_id|>", Marker::Token),
    ("<|header_start|>", Marker::Token),
    ("<|header_end|>", Marker::Token),
    ("<|eot_id|>", Marker::Token),
    ("<|eom_id|>", Marker::Token),
    ("<|eot|>", Marker::Token),
    ("<|python_tag|>", Marker::Token),
    // Llama 2 and Mistral.
    ("[INST]", Marker::Exact),
    ("[/INST]", Marker::Exact),
    ("<<SYS>>", Marker::Exact),
    ("<</SYS>>", Marker::Exact),
    ("</s><s>", Marker::Token),
    ("[SYSTEM_PROMPT]", Marker::Exact),
    ("[/SYSTEM_PROMPT]", Marker::Exact),
    ("[AVAILABLE_TOOLS]", Marker::Exact),
    ("[/AVAILABLE_TOOLS]", Marker::Exact),
    ("[TOOL_RESULTS]", Marker::Exact),
    ("[/TOOL_RESULTS]", Marker::Exact),
    ("[TOOL_CALLS]", Marker::Exact),
    // Gemma.
    ("<start_of_turn>", Marker::Token),
    ("<end_of_turn>", Marker::Token),
    // Command R.
    ("<|START_OF_TURN_TOKEN|>", Marker::Token),
    ("<|END_OF_TURN_TOKEN|>", Marker::Token),
    ("<|SYSTEM_TOKEN|>", Marker::Token),
    ("<|USER_TOKEN|>", Marker::Token),
    ("<|CHATBOT_TOKEN|>", Marker::Token),
    ("<BOS_TOKEN>", Marker::Exact),
    // Granite, OpenChat, EXAONE.
    ("<|start_of_role|>", Marker::Token),
    ("<|end_of_role|>", Marker::Token),
    ("<|end_of_turn|>", Marker::Token),
    ("[|system|]", Marker::Token),
    ("[|user|]", Marker::Token),
    ("[|assistant|]", Marker::Token),
    ("[|endofturn|]", Marker::Token),
    // DeepSeek, with bars of full width.
    ("<｜begin▁of▁sentence｜>", Marker::Token),
    ("<｜end▁of▁sentence｜>", Marker::Token),
    ("<｜System｜>", Marker::Token),
    ("<｜User｜>", Marker::Token),
    ("<｜Assistant｜>", Marker::Token),
    ("<｜tool▁calls▁begin｜>", Marker::Token),
    ("<｜tool▁outputs▁begin｜>", Marker::Token),
    // Alpaca and Vicuna.
    ("### System:", Marker::Heading),
    ("### Instruction:", Marker::Heading),
    ("### Human:", Marker::Heading),
    ("### Assistant:", Marker::Heading),
    // Text completion.
    ("Human:", Marker::Human),
    ("Assistant:", Marker::Assistant),
    ("System:", Marker::System),
];
