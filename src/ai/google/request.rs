//! What is asked: `generateContent`, and what is built on it.

use super::content::CONTENT;
use super::{REFERENCE, shape};
use crate::ai::shape::{Is, Shape};
use crate::ai::vocabulary::{Feature, Measure, Provenance, Unread, What};
use Provenance::{Assistant, Document, FileName, Metadata, System, ToolDefinition, User};

pub(super) static GENERATE: Shape = shape(
    "generateContent",
    &[
        ("model", Is::Model),
        ("contents", Is::Object(&CONTENT)),
        ("systemInstruction", Is::From(System, &CONTENT)),
        ("tools", Is::Using(Feature::Tools, &Is::Object(&TOOL))),
        ("toolConfig", Is::Object(&TOOL_CONFIG)),
        ("safetySettings", Is::Object(&SAFETY)),
        ("generationConfig", Is::Object(&CONFIG)),
        ("cachedContent", REFERENCE),
        ("labels", Is::Text(Metadata)),
        ("modelArmorConfig", Is::Object(&ARMOR)),
        ("serviceTier", Is::Plain),
        ("store", Is::Uses(Feature::Store)),
    ],
);

static CONFIG: Shape = shape(
    "generationConfig",
    &[
        ("maxOutputTokens", Is::Decimal(Measure::MaxOutputTokens)),
        ("candidateCount", Is::Decimal(Measure::Choices)),
        ("responseLogprobs", Is::Uses(Feature::Logprobs)),
        ("logprobs", Is::Decimal(Measure::TopLogprobs)),
        ("responseMimeType", Is::Using(Feature::ResponseFormat, &Is::Plain)),
        ("responseSchema", Is::Using(Feature::ResponseFormat, &Is::Text(ToolDefinition))),
        ("responseJsonSchema", Is::Using(Feature::ResponseFormat, &Is::Text(ToolDefinition))),
        ("_responseJsonSchema", Is::Using(Feature::ResponseFormat, &Is::Text(ToolDefinition))),
        ("responseFormat", Is::Using(Feature::ResponseFormat, &Is::Object(&FORMAT))),
        ("responseModalities", Is::Plain),
        ("stopSequences", Is::Plain),
        ("thinkingConfig", Is::Object(&THINKING)),
        ("speechConfig", Is::Object(&SPEECH)),
        ("imageConfig", Is::Object(&IMAGE)),
        ("routingConfig", Is::Object(&ROUTING)),
        ("modelSelectionConfig", Is::Object(&SELECTION)),
        ("translationConfig", Is::Object(&TRANSLATION)),
        ("audioTranscriptionConfig", Is::Object(&TRANSCRIPTION)),
        ("audioTimestamp", Is::Plain),
        ("mediaResolution", Is::Plain),
        ("enableAffectiveDialog", Is::Plain),
        ("enableEnhancedCivicAnswers", Is::Plain),
        ("temperature", Is::Plain),
        ("topP", Is::Plain),
        ("topK", Is::Plain),
        ("seed", Is::Plain),
        ("presencePenalty", Is::Plain),
        ("frequencyPenalty", Is::Plain),
    ],
);

static THINKING: Shape = shape(
    "thinkingConfig",
    &[("includeThoughts", Is::Plain), ("thinkingBudget", Is::Plain), ("thinkingLevel", Is::Plain)],
);

static FORMAT: Shape = shape(
    "responseFormat",
    &[
        ("audio", Is::Object(&MEDIUM)),
        ("image", Is::Object(&MEDIUM)),
        ("text", Is::Object(&MEDIUM)),
        ("video", Is::Object(&MEDIUM)),
    ],
);
static MEDIUM: Shape = shape(
    "format",
    &[
        ("mimeType", Is::Plain),
        ("schema", Is::Text(ToolDefinition)),
        ("jsonSchema", Is::Text(ToolDefinition)),
        ("bitRate", Is::Plain),
        ("delivery", Is::Plain),
        ("sampleRate", Is::Plain),
        ("aspectRatio", Is::Plain),
        ("imageSize", Is::Plain),
        ("duration", Is::Plain),
        ("gcsUri", Is::Plain),
        ("resolution", Is::Plain),
    ],
);

static SPEECH: Shape = shape(
    "speechConfig",
    &[
        ("languageCode", Is::Plain),
        ("voiceConfig", Is::Object(&VOICE)),
        ("multiSpeakerVoiceConfig", Is::Object(&SPEAKERS)),
    ],
);
static SPEAKERS: Shape = shape("multiSpeakerVoiceConfig", &[("speakerVoiceConfigs", Is::Object(&SPEAKER))]);
static SPEAKER: Shape =
    shape("speakerVoiceConfig", &[("speaker", Is::Text(User)), ("voiceConfig", Is::Object(&VOICE))]);
static VOICE: Shape = shape(
    "voiceConfig",
    &[
        ("voice", Is::Plain),
        ("prebuiltVoiceConfig", Is::Object(&PREBUILT)),
        ("replicatedVoiceConfig", Is::Object(&OWN)),
    ],
);
static PREBUILT: Shape = shape("prebuiltVoiceConfig", &[("voiceName", Is::Plain)]);
static OWN: Shape = shape(
    "replicatedVoiceConfig",
    &[
        ("mimeType", Is::Plain),
        ("voiceSampleAudio", Is::Unread(Unread::Binary)),
        ("consentAudio", Is::Unread(Unread::Binary)),
        ("voiceConsentSignature", Is::Object(&CONSENT)),
    ],
);
static CONSENT: Shape = shape("voiceConsentSignature", &[("signature", Is::Plain)]);

static IMAGE: Shape = shape(
    "imageConfig",
    &[
        ("aspectRatio", Is::Plain),
        ("imageSize", Is::Plain),
        ("personGeneration", Is::Plain),
        ("prominentPeople", Is::Plain),
        ("imageOutputOptions", Is::Object(&IMAGE_OUTPUT)),
        ("outputMimeType", Is::Plain),
        ("outputCompressionQuality", Is::Plain),
    ],
);
static IMAGE_OUTPUT: Shape = shape("imageOutputOptions", &[("mimeType", Is::Plain), ("compressionQuality", Is::Plain)]);

/// Which model answers, if not the one in the path.
static ROUTING: Shape =
    shape("routingConfig", &[("autoMode", Is::Object(&AUTOMATIC)), ("manualMode", Is::Object(&MANUAL))]);
static AUTOMATIC: Shape = shape("autoMode", &[("modelRoutingPreference", Is::Plain)]);
static MANUAL: Shape = shape("manualMode", &[("modelName", Is::Note(What::Model))]);
static SELECTION: Shape = shape("modelSelectionConfig", &[("featureSelectionPreference", Is::Plain)]);

static TRANSLATION: Shape =
    shape("translationConfig", &[("echoTargetLanguage", Is::Plain), ("targetLanguageCode", Is::Plain)]);
static TRANSCRIPTION: Shape = shape(
    "audioTranscriptionConfig",
    &[
        ("languageCodes", Is::Plain),
        ("languageAuto", Is::Object(&LANGUAGES)),
        ("languageHints", Is::Object(&LANGUAGES)),
        ("customVocabulary", Is::Text(User)),
        ("adaptationPhrases", Is::Text(User)),
        ("sourceText", Is::Text(User)),
        ("wordTimestamp", Is::Plain),
        ("diarization", Is::Plain),
        ("mode", Is::Plain),
    ],
);
static LANGUAGES: Shape = shape("languageHints", &[("languageCodes", Is::Plain)]);

static SAFETY: Shape =
    shape("safetySetting", &[("category", Is::Plain), ("threshold", Is::Plain), ("method", Is::Plain)]);
static ARMOR: Shape =
    shape("modelArmorConfig", &[("promptTemplateName", Is::Plain), ("responseTemplateName", Is::Plain)]);

static TOOL: Shape = shape(
    "tool",
    &[
        ("functionDeclarations", Is::Object(&FUNCTION)),
        ("googleSearch", Is::BuiltIn("google_search", &SEARCH)),
        ("googleSearchRetrieval", Is::BuiltIn("google_search_retrieval", &SEARCH)),
        ("enterpriseWebSearch", Is::BuiltIn("enterprise_web_search", &SEARCH)),
        ("parallelAiSearch", Is::BuiltIn("parallel_ai_search", &OTHER_SEARCH)),
        ("exaAiSearch", Is::BuiltIn("exa_ai_search", &OTHER_SEARCH)),
        ("googleMaps", Is::BuiltIn("google_maps", &MAPS)),
        ("codeExecution", Is::BuiltIn("code_execution", &EXECUTION)),
        ("urlContext", Is::BuiltIn("url_context", &URL_CONTEXT)),
        ("fileSearch", Is::BuiltIn("file_search", &FILE_SEARCH)),
        ("computerUse", Is::BuiltIn("computer_use", &COMPUTER)),
        ("retrieval", Is::BuiltIn("retrieval", &RETRIEVAL)),
        ("mcpServers", Is::BuiltIn("mcp_servers", &SERVER)),
    ],
);

static EXECUTION: Shape = shape("codeExecution", &[]);
static URL_CONTEXT: Shape = shape("urlContext", &[]);

static FUNCTION: Shape = shape(
    "functionDeclaration",
    &[
        ("name", Is::NoteText(What::Tool, ToolDefinition)),
        ("description", Is::Text(ToolDefinition)),
        ("parameters", Is::Text(ToolDefinition)),
        ("parametersJsonSchema", Is::Text(ToolDefinition)),
        ("response", Is::Text(ToolDefinition)),
        ("responseJsonSchema", Is::Text(ToolDefinition)),
        ("behavior", Is::Plain),
    ],
);

static SEARCH: Shape = shape(
    "googleSearch",
    &[
        ("excludeDomains", Is::Text(ToolDefinition)),
        ("blockingConfidence", Is::Plain),
        ("searchTypes", Is::Text(ToolDefinition)),
        ("timeRangeFilter", Is::Object(&INTERVAL)),
        ("dynamicRetrievalConfig", Is::Object(&DYNAMIC)),
    ],
);
static INTERVAL: Shape = shape("interval", &[("startTime", Is::Plain), ("endTime", Is::Plain)]);
static DYNAMIC: Shape = shape("dynamicRetrievalConfig", &[("mode", Is::Plain), ("dynamicThreshold", Is::Plain)]);
pub(super) static OTHER_SEARCH: Shape = shape(
    "search",
    &[
        ("apiKey", Is::Plain),
        ("customConfigs", Is::Text(ToolDefinition)),
        ("enableDataRetention", Is::Plain),
        ("enableZeroDataRetention", Is::Plain),
    ],
);
static MAPS: Shape = shape(
    "googleMaps",
    &[("authConfig", SECRET), ("enableWidget", Is::Plain), ("groundingTypes", Is::Text(ToolDefinition))],
);
static FILE_SEARCH: Shape = shape(
    "fileSearch",
    &[("fileSearchStoreNames", REFERENCE), ("topK", Is::Plain), ("metadataFilter", Is::Text(ToolDefinition))],
);
static COMPUTER: Shape = shape(
    "computerUse",
    &[
        ("environment", Is::Plain),
        ("excludedPredefinedFunctions", Is::Plain),
        ("enablePromptInjectionDetection", Is::Plain),
        ("disabledSafetyPolicies", Is::Plain),
    ],
);

/// Where documents are looked up.
static RETRIEVAL: Shape = shape(
    "retrieval",
    &[
        ("disableAttribution", Is::Plain),
        ("vertexAiSearch", Is::Object(&DATASTORE)),
        ("vertexRagStore", Is::Object(&RAG)),
        ("externalApi", Is::Object(&EXTERNAL)),
    ],
);
static DATASTORE: Shape = shape(
    "vertexAiSearch",
    &[
        ("datastore", REFERENCE),
        ("engine", REFERENCE),
        ("dataStore", REFERENCE),
        ("dataStoreSpecs", Is::Object(&DATASTORE)),
        ("filter", Is::Text(ToolDefinition)),
        ("maxResults", Is::Plain),
    ],
);
static RAG: Shape = shape(
    "vertexRagStore",
    &[
        ("ragCorpora", REFERENCE),
        ("ragResources", Is::Object(&RAG)),
        ("ragCorpus", REFERENCE),
        ("ragFileIds", REFERENCE),
        ("ragRetrievalConfig", Is::Text(ToolDefinition)),
        ("similarityTopK", Is::Plain),
        ("storeContext", Is::Plain),
        ("vectorDistanceThreshold", Is::Plain),
    ],
);
static EXTERNAL: Shape = shape(
    "externalApi",
    &[
        ("apiAuth", SECRET),
        ("authConfig", SECRET),
        ("apiSpec", Is::Plain),
        ("endpoint", Is::Url),
        ("elasticSearchParams", Is::Text(ToolDefinition)),
        ("simpleSearchParams", Is::Text(ToolDefinition)),
    ],
);

/// What opens a door for the provider; no model reads it.
const SECRET: Is = Is::Or(&Is::Plain, &SECRETS);
static SECRETS: Shape = shape("secrets", &[]).others(Is::Or(&Is::Plain, &SECRETS));

static SERVER: Shape = shape(
    "mcpServer",
    &[("name", Is::NoteText(What::Tool, ToolDefinition)), ("streamableHttpTransport", Is::Object(&TRANSPORT))],
);
static TRANSPORT: Shape = shape(
    "streamableHttpTransport",
    &[
        ("url", Is::Url),
        ("headers", SECRET),
        ("timeout", Is::Plain),
        ("sseReadTimeout", Is::Plain),
        ("terminateOnClose", Is::Plain),
    ],
);

static TOOL_CONFIG: Shape = shape(
    "toolConfig",
    &[
        ("functionCallingConfig", Is::Object(&CALLING)),
        ("retrievalConfig", Is::Object(&WHERE)),
        ("includeServerSideToolInvocations", Is::Plain),
    ],
);
static CALLING: Shape = shape(
    "functionCallingConfig",
    &[
        ("mode", Is::Plain),
        ("allowedFunctionNames", Is::Text(ToolDefinition)),
        ("streamFunctionCallArguments", Is::Plain),
    ],
);
static WHERE: Shape = shape("retrievalConfig", &[("latLng", Is::Object(&PLACE)), ("languageCode", Is::Plain)]);
static PLACE: Shape = shape("latLng", &[("latitude", Is::Plain), ("longitude", Is::Plain)]);

pub(super) static COUNT: Shape =
    shape("countTokens", &[("generateContentRequest", Is::Object(&GENERATE)), ("instances", Is::Object(&INSTANCE))])
        .also(&[&GENERATE]);

pub(super) static EMBED: Shape = shape(
    "embedContent",
    &[
        ("model", Is::Model),
        ("content", Is::Object(&CONTENT)),
        ("title", Is::Text(Document)),
        ("taskType", Is::Plain),
        ("outputDimensionality", Is::Plain),
        ("autoTruncate", Is::Plain),
        ("embedContentConfig", Is::Object(&EMBED)),
        ("documentOcr", Is::Plain),
        ("audioTrackExtraction", Is::Plain),
        ("mimeType", Is::Plain),
    ],
);
pub(super) static EMBEDS: Shape = shape("batchEmbedContents", &[("requests", Is::Object(&EMBED))]);

/// What models before Gemini take, and those that make images, videos or vectors.
pub(super) static PREDICT: Shape = shape(
    "predict",
    &[("instances", Is::Object(&INSTANCE)), ("parameters", Is::Object(&PARAMETERS)), ("labels", Is::Text(Metadata))],
);
static INSTANCE: Shape = shape(
    "instance",
    &[
        ("content", Is::Text(User)),
        ("title", Is::Text(Document)),
        ("taskType", Is::Plain),
        ("mimeType", Is::Plain),
        ("prompt", Is::Text(User)),
        ("prefix", Is::Text(User)),
        ("suffix", Is::Text(User)),
        ("context", Is::Text(System)),
        ("messages", Is::Object(&OLD_MESSAGE)),
        ("examples", Is::Object(&OLD_EXAMPLE)),
        ("text", Is::Text(User)),
        ("image", Is::Object(&PICTURE)),
        ("video", Is::Object(&PICTURE)),
        ("lastFrame", Is::Object(&PICTURE)),
        ("mask", Is::Object(&PICTURE)),
        ("cameraControl", Is::Plain),
        ("referenceImages", Is::Object(&PICTURE)),
    ],
);
static OLD_MESSAGE: Shape = shape("message", &[("author", Is::Plain), ("content", Is::Text(User))]).message();
static OLD_EXAMPLE: Shape =
    shape("example", &[("input", Is::From(User, &SAID)), ("output", Is::From(Assistant, &SAID))]);
static SAID: Shape = shape("example", &[("author", Is::Plain), ("content", Is::Text(Provenance::Role))]);
static PICTURE: Shape = shape(
    "image",
    &[
        ("bytesBase64Encoded", Is::Unread(Unread::Binary)),
        ("encodedVideo", Is::Unread(Unread::Binary)),
        ("gcsUri", Is::Url),
        ("uri", Is::Url),
        ("mimeType", Is::Plain),
        ("encoding", Is::Plain),
        ("maskMode", Is::Plain),
        ("image", Is::Object(&PICTURE)),
        ("referenceId", Is::Plain),
        ("referenceType", Is::Plain),
        ("referenceImage", Is::Object(&PICTURE)),
        ("maskImageConfig", Is::Text(User)),
        ("controlImageConfig", Is::Text(User)),
        ("styleImageConfig", Is::Text(User)),
        ("subjectImageConfig", Is::Text(User)),
    ],
);

static PARAMETERS: Shape = shape(
    "parameters",
    &[
        ("maxOutputTokens", Is::Number(Measure::MaxOutputTokens)),
        ("candidateCount", Is::Number(Measure::Choices)),
        ("sampleCount", Is::Number(Measure::Choices)),
        ("logprobs", Is::Number(Measure::TopLogprobs)),
        ("echo", Is::Uses(Feature::Echo)),
        ("logitBias", Is::Uses(Feature::LogitBias)),
        ("negativePrompt", Is::Text(User)),
        ("temperature", Is::Plain),
        ("topP", Is::Plain),
        ("topK", Is::Plain),
        ("stopSequences", Is::Plain),
        ("presencePenalty", Is::Plain),
        ("frequencyPenalty", Is::Plain),
        ("seed", Is::Plain),
        ("outputDimensionality", Is::Plain),
        ("autoTruncate", Is::Plain),
        ("aspectRatio", Is::Plain),
        ("imageSize", Is::Plain),
        ("sampleImageSize", Is::Plain),
        ("guidanceScale", Is::Plain),
        ("safetySetting", Is::Plain),
        ("safetyFilterLevel", Is::Plain),
        ("personGeneration", Is::Plain),
        ("includeSafetyAttributes", Is::Plain),
        ("includeRaiReason", Is::Plain),
        ("language", Is::Plain),
        ("outputOptions", Is::Object(&IMAGE_OUTPUT)),
        ("addWatermark", Is::Plain),
        ("enhancePrompt", Is::Plain),
        ("mode", Is::Plain),
        ("editMode", Is::Plain),
        ("editConfig", Is::Text(User)),
        ("upscaleConfig", Is::Text(User)),
        ("storageUri", Is::Plain),
        ("fps", Is::Plain),
        ("durationSeconds", Is::Plain),
        ("resolution", Is::Plain),
        ("resizeMode", Is::Plain),
        ("pubsubTopic", Is::Plain),
        ("generateAudio", Is::Plain),
        ("compressionQuality", Is::Plain),
    ],
);

/// A beginning that is stored for many requests.
pub(super) static CACHED: Shape = shape(
    "cachedContents",
    &[
        ("name", Is::Plain),
        ("displayName", Is::Text(Metadata)),
        ("ttl", Is::Plain),
        ("expireTime", Is::Plain),
        ("encryptionSpec", SECRET),
    ],
)
.also(&[&GENERATE]);

/// Many requests, written here or in a file.
pub(super) static BATCH: Shape = shape(
    "batchGenerateContent",
    &[
        ("batch", Is::Object(&BATCH)),
        ("model", Is::Model),
        ("name", Is::Plain),
        ("displayName", Is::Text(Metadata)),
        ("priority", Is::Plain),
        ("inputConfig", Is::Object(&INPUT)),
        ("webhookConfig", SECRET),
    ],
);
static INPUT: Shape = shape("inputConfig", &[("fileName", REFERENCE), ("requests", Is::Object(&INLINED))]);
static INLINED: Shape = shape(
    "requests",
    &[("requests", Is::Object(&INLINED)), ("request", Is::Object(&ONE)), ("metadata", Is::Text(Metadata))],
);
static ONE: Shape = shape("request", &[]).also(&[&GENERATE, &EMBED]);

/// A file that is announced; its bytes follow.
pub(super) static FILE: Shape = shape(
    "files",
    &[
        ("file", Is::Object(&FILE)),
        ("name", Is::Text(FileName)),
        ("displayName", Is::Text(FileName)),
        ("mimeType", Is::Plain),
        ("sizeBytes", Is::Plain),
        ("uri", Is::Url),
    ],
);

pub(super) static TUNE: Shape = shape(
    "tunedModels",
    &[
        ("baseModel", Is::Model),
        ("displayName", Is::Text(Metadata)),
        ("description", Is::Text(Metadata)),
        ("tuningTask", Is::Object(&TASK)),
        ("tunedModelSource", Is::Object(&TUNED)),
        ("temperature", Is::Plain),
        ("topP", Is::Plain),
        ("topK", Is::Plain),
        ("readerProjectNumbers", Is::Plain),
    ],
);
static TUNED: Shape =
    shape("tunedModelSource", &[("tunedModel", Is::Note(What::Model)), ("baseModel", Is::Note(What::Model))]);
static TASK: Shape = shape("tuningTask", &[("trainingData", Is::Text(User)), ("hyperparameters", Is::Text(Metadata))]);
