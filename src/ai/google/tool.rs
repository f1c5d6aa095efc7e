//! Tools: functions of the caller's, and Google's own.

use super::{REFERENCE, shape};
use crate::ai::shape::{Is, Shape};
use crate::ai::vocabulary::{Provenance, What};
use Provenance::ToolDefinition;

pub(super) static TOOL: Shape = shape(
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
        ("ragRetrievalConfig", Is::Object(&RAG_RETRIEVAL)),
        ("similarityTopK", Is::Plain),
        ("storeContext", Is::Plain),
        ("vectorDistanceThreshold", Is::Plain),
    ],
);
static RAG_RETRIEVAL: Shape =
    shape("ragRetrievalConfig", &[("ranking", Is::Object(&RANKING))]).others(Is::Text(ToolDefinition));
/// Models that put what was found in order.
static RANKING: Shape = shape("ranking", &[("rankService", Is::Object(&RANKER)), ("llmRanker", Is::Object(&RANKER))])
    .others(Is::Text(ToolDefinition));
static RANKER: Shape = shape("ranker", &[("modelName", Is::Note(What::Model))]).others(Is::Text(ToolDefinition));
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
pub(super) const SECRET: Is = Is::Or(&Is::Plain, &SECRETS);
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

pub(super) static TOOL_CONFIG: Shape = shape(
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
