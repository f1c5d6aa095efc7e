//! What the dialects of AI APIs have words for, in one word each.

/// Where a text comes from: a policy trusts a developer more than a web page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Provenance {
    /// Whoever sent the message: known when its role is.
    Role,
    /// The operator of the application.
    System,
    /// Its developer.
    Developer,
    /// Its user.
    User,
    /// A model, in this conversation.
    Assistant,
    /// What a model thought before it answered.
    Reasoning,
    /// What a model says instead of an answer.
    Refusal,
    /// What a tool answered.
    ToolResult,
    /// What a model passes to a tool.
    ToolArguments,
    /// What a tool is said to do, and the schema of what it takes.
    ToolDefinition,
    /// A document that goes with the request.
    Document,
    /// The name of a file.
    FileName,
    /// What an MCP or A2A server says of itself, its tools and resources.
    Description,
    /// What is stored beside the request and shown to people.
    Metadata,
    /// Nobody said.
    Unknown,
}

/// What cannot be read here, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Unread {
    /// Text as numbers of a model's vocabulary.
    TokenIds,
    /// What is said elsewhere too, in tokens with their probabilities: who changes the text must take these out.
    Tokens,
    /// Something stored elsewhere: a prompt, a conversation, a file.
    ByReference,
    /// Bytes: an image, audio, a file.
    Binary,
    /// An address that somebody else fetches.
    Remote,
}

/// What a number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Measure {
    /// The most tokens that the answer may have.
    MaxOutputTokens,
    /// How many answers are wanted.
    Choices,
    /// How many answers are made, of which the best are kept.
    BestOf,
    /// How many alternatives of each token are told.
    TopLogprobs,
    /// Tokens of the request, those that were cached included.
    InputTokens,
    /// Tokens of the request that were cached, counted in [`Measure::InputTokens`].
    CachedTokens,
    /// Tokens read from a cache or written to one, counted beside [`Measure::InputTokens`].
    CacheTokensBeside,
    /// The same, of those that were read: what [`Measure::CachedTokens`] is elsewhere.
    CachedTokensBeside,
    /// Tokens of the answer.
    OutputTokens,
    /// Those of them that the model thought.
    ReasoningTokens,
    /// Tokens that the model thought, counted beside [`Measure::OutputTokens`].
    ReasoningTokensBeside,
    /// All of them, as the API counts.
    TotalTokens,
}

impl Measure {
    /// Whether it bounds what a request asks for; the others count what was used.
    pub const fn is_asked(self) -> bool {
        matches!(self, Self::MaxOutputTokens | Self::Choices | Self::BestOf | Self::TopLogprobs)
    }
}

/// What a policy may forbid: ways to copy a model, to read what it was not to tell, to spend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Feature {
    /// Probabilities of tokens.
    Logprobs,
    /// Changed probabilities of tokens.
    LogitBias,
    /// The prompt in the answer.
    Echo,
    /// Tools.
    Tools,
    /// A given form of the answer.
    ResponseFormat,
    /// Stored for later.
    Store,
    /// Answered later.
    Background,
}

/// A word that was kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum What {
    /// The name of a tool that is offered; of one that is the API's own its `type`, with Google its name in snake case.
    Tool,
    /// The name of a tool that is called.
    Call,
    /// The number of such a call.
    CallId,
    /// A method of JSON-RPC.
    Method,
    /// The `id` of a JSON-RPC message.
    MessageId,
    /// The address of a resource.
    Resource,
    /// What a stored thing is known by.
    Reference,
    /// A model beside the one that is asked: one to fall back to, one that helps.
    Model,
    /// Why an answer ended.
    Finish,
    /// What kind of event this is.
    Event,
    /// An error that the API told in its answer.
    Error,
}

/// What a request asks for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Operation {
    /// An answer in a conversation.
    Chat,
    /// The continuation of a text.
    Completion,
    /// An answer in `OpenAI`'s Responses.
    Responses,
    /// Vectors of texts.
    Embeddings,
    /// Documents put in order.
    Rerank,
    /// Images.
    Image,
    /// Videos.
    Video,
    /// Speech, transcripts, translations.
    Audio,
    /// A live conversation.
    Realtime,
    /// A judgement on texts.
    Moderation,
    /// How many tokens a request has.
    CountTokens,
    /// Models trained further.
    FineTune,
    /// Files that are stored.
    Files,
    /// Many requests at once.
    Batch,
    /// Which models there are.
    Models,
    /// Assistants, threads, conversations, vector stores: what a provider keeps for its users.
    Stored,
    /// Messages of the Model Context Protocol; the method says more.
    Mcp,
    /// Messages between agents.
    A2a,
    /// The provider's account.
    Admin,
    /// None that is known.
    #[default]
    Unknown,
}

impl Operation {
    /// Whether it is done with a model: a request that names none means one all the same. What nobody knows could be.
    pub const fn names_a_model(self) -> bool {
        match self {
            Self::Chat
            | Self::Completion
            | Self::Responses
            | Self::Embeddings
            | Self::Rerank
            | Self::Image
            | Self::Video
            | Self::Audio
            | Self::Realtime
            | Self::Moderation
            | Self::CountTokens
            | Self::FineTune
            | Self::Batch
            | Self::Unknown => true,
            Self::Files | Self::Models | Self::Stored | Self::Mcp | Self::A2a | Self::Admin => false,
        }
    }

    /// Whether several answers can be asked for: `n` texts, pictures or videos.
    pub const fn has_choices(self) -> bool {
        matches!(self, Self::Image | Self::Video) || self.has_output()
    }

    /// Whether a model writes an answer, of as many tokens as it likes if nobody says. What nobody knows could be.
    pub const fn has_output(self) -> bool {
        match self {
            Self::Chat
            | Self::Completion
            | Self::Responses
            | Self::Realtime
            | Self::Batch
            | Self::A2a
            | Self::Unknown => true,
            Self::Embeddings
            | Self::Rerank
            | Self::Image
            | Self::Video
            | Self::Audio
            | Self::Moderation
            | Self::CountTokens
            | Self::FineTune
            | Self::Files
            | Self::Models
            | Self::Stored
            | Self::Mcp
            | Self::Admin => false,
        }
    }
}

/// What must be read to decide on a request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Reads {
    /// Method, path and headers.
    Head,
    /// The whole body, as JSON.
    #[default]
    Whole,
    /// The body as it comes: a form with files, or JSON by lines.
    Stream,
}

/// Writes an enum's variants as `snake_case` words, in one place for configuration, metrics and documentation.
macro_rules! words {
    ($kind:ident: $($variant:ident $word:literal),+ $(,)?) => {
        impl $kind {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Its word.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        /// By its word.
        impl<'de> serde::Deserialize<'de> for $kind {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                let known = Self::ALL.iter().copied().find(|known| known.word() == text);
                known.ok_or_else(|| serde::de::Error::unknown_variant(&text, &[$($word),+]))
            }
        }
    };
}

pub(super) use words;

words!(Operation: Chat "chat", Completion "completion", Responses "responses", Embeddings "embeddings", Rerank "rerank",
    Image "image", Video "video", Audio "audio", Realtime "realtime", Moderation "moderation", CountTokens "count_tokens",
    FineTune "fine_tune", Files "files", Batch "batch", Models "models", Stored "stored", Mcp "mcp", A2a "a2a",
    Admin "admin", Unknown "unknown");
words!(Reads: Head "head", Whole "whole", Stream "stream");
words!(Provenance: Role "role", System "system", Developer "developer", User "user", Assistant "assistant",
    Reasoning "reasoning", Refusal "refusal", ToolResult "tool_result", ToolArguments "tool_arguments",
    ToolDefinition "tool_definition", Document "document", FileName "file_name", Description "description",
    Metadata "metadata", Unknown "unknown");
words!(Unread: TokenIds "token_ids", Tokens "tokens", ByReference "by_reference", Binary "binary", Remote "remote");
words!(Measure: MaxOutputTokens "max_output_tokens", Choices "choices", BestOf "best_of", TopLogprobs "top_logprobs",
    InputTokens "input_tokens", CachedTokens "cached_tokens", CacheTokensBeside "cache_tokens_beside",
    CachedTokensBeside "cached_tokens_beside", OutputTokens "output_tokens", ReasoningTokens "reasoning_tokens",
    ReasoningTokensBeside "reasoning_tokens_beside", TotalTokens "total_tokens");
words!(Feature: Logprobs "logprobs", LogitBias "logit_bias", Echo "echo", Tools "tools",
    ResponseFormat "response_format", Store "store", Background "background");
words!(What: Tool "tool", Call "call", CallId "call_id", Method "method", MessageId "message_id", Resource "resource",
    Reference "reference", Model "model", Finish "finish", Event "event", Error "error");
