//! What is asked: `generateContent`, and what is built on it.

use super::REFERENCE;
use super::content::CONTENT;
use crate::ai::shape::{Is, Shape};
use crate::ai::vocabulary::{Feature, Measure, Provenance, Unread, What};
use Provenance::{Assistant, Document, FileName, Metadata, System, ToolDefinition, User};

pub(super) static GENERATE: Shape = Shape::of(
    "generateContent",
    &[
        ("model", Is::Model),
        ("contents", Is::Object(&CONTENT)),
        ("systemInstruction", Is::From(System, &CONTENT)),
        ("system_instruction", Is::From(System, &CONTENT)),
        ("tools", Is::Using(Feature::Tools, &Is::Object(&TOOL))),
        ("toolConfig", Is::Object(&TOOL_CONFIG)),
        ("tool_config", Is::Object(&TOOL_CONFIG)),
        ("safetySettings", Is::Object(&SAFETY)),
        ("safety_settings", Is::Object(&SAFETY)),
        ("generationConfig", Is::Object(&CONFIG)),
        ("generation_config", Is::Object(&CONFIG)),
        ("cachedContent", REFERENCE),
        ("cached_content", REFERENCE),
        ("labels", Is::Text(Metadata)),
        ("modelArmorConfig", Is::Object(&ARMOR)),
        ("model_armor_config", Is::Object(&ARMOR)),
        ("serviceTier", Is::Plain),
        ("service_tier", Is::Plain),
        ("store", Is::Uses(Feature::Store)),
    ],
);

static CONFIG: Shape = Shape::of(
    "generationConfig",
    &[
        ("maxOutputTokens", Is::Decimal(Measure::MaxOutputTokens)),
        ("max_output_tokens", Is::Decimal(Measure::MaxOutputTokens)),
        ("candidateCount", Is::Decimal(Measure::Choices)),
        ("candidate_count", Is::Decimal(Measure::Choices)),
        ("responseLogprobs", Is::Uses(Feature::Logprobs)),
        ("response_logprobs", Is::Uses(Feature::Logprobs)),
        ("logprobs", Is::Decimal(Measure::TopLogprobs)),
        ("responseMimeType", Is::Using(Feature::ResponseFormat, &Is::Plain)),
        ("response_mime_type", Is::Using(Feature::ResponseFormat, &Is::Plain)),
        ("responseSchema", Is::Using(Feature::ResponseFormat, &Is::Text(ToolDefinition))),
        ("response_schema", Is::Using(Feature::ResponseFormat, &Is::Text(ToolDefinition))),
        ("responseJsonSchema", Is::Using(Feature::ResponseFormat, &Is::Text(ToolDefinition))),
        ("response_json_schema", Is::Using(Feature::ResponseFormat, &Is::Text(ToolDefinition))),
        ("_responseJsonSchema", Is::Using(Feature::ResponseFormat, &Is::Text(ToolDefinition))),
        ("_response_json_schema", Is::Using(Feature::ResponseFormat, &Is::Text(ToolDefinition))),
        ("responseFormat", Is::Using(Feature::ResponseFormat, &Is::Object(&FORMAT))),
        ("response_format", Is::Using(Feature::ResponseFormat, &Is::Object(&FORMAT))),
        ("responseModalities", Is::Plain),
        ("response_modalities", Is::Plain),
        ("stopSequences", Is::Plain),
        ("stop_sequences", Is::Plain),
        ("thinkingConfig", Is::Object(&THINKING)),
        ("thinking_config", Is::Object(&THINKING)),
        ("speechConfig", Is::Object(&SPEECH)),
        ("speech_config", Is::Object(&SPEECH)),
        ("imageConfig", Is::Object(&IMAGE)),
        ("image_config", Is::Object(&IMAGE)),
        ("routingConfig", Is::Object(&ROUTING)),
        ("routing_config", Is::Object(&ROUTING)),
        ("modelSelectionConfig", Is::Object(&SELECTION)),
        ("model_selection_config", Is::Object(&SELECTION)),
        ("translationConfig", Is::Object(&TRANSLATION)),
        ("translation_config", Is::Object(&TRANSLATION)),
        ("audioTranscriptionConfig", Is::Object(&TRANSCRIPTION)),
        ("audio_transcription_config", Is::Object(&TRANSCRIPTION)),
        ("audioTimestamp", Is::Plain),
        ("audio_timestamp", Is::Plain),
        ("mediaResolution", Is::Plain),
        ("media_resolution", Is::Plain),
        ("enableAffectiveDialog", Is::Plain),
        ("enable_affective_dialog", Is::Plain),
        ("enableEnhancedCivicAnswers", Is::Plain),
        ("enable_enhanced_civic_answers", Is::Plain),
        ("temperature", Is::Plain),
        ("topP", Is::Plain),
        ("top_p", Is::Plain),
        ("topK", Is::Plain),
        ("top_k", Is::Plain),
        ("seed", Is::Plain),
        ("presencePenalty", Is::Plain),
        ("presence_penalty", Is::Plain),
        ("frequencyPenalty", Is::Plain),
        ("frequency_penalty", Is::Plain),
    ],
);

static THINKING: Shape = Shape::of(
    "thinkingConfig",
    &[
        ("includeThoughts", Is::Plain),
        ("include_thoughts", Is::Plain),
        ("thinkingBudget", Is::Plain),
        ("thinking_budget", Is::Plain),
        ("thinkingLevel", Is::Plain),
        ("thinking_level", Is::Plain),
    ],
);

static FORMAT: Shape = Shape::of(
    "responseFormat",
    &[
        ("audio", Is::Object(&MEDIUM)),
        ("image", Is::Object(&MEDIUM)),
        ("text", Is::Object(&MEDIUM)),
        ("video", Is::Object(&MEDIUM)),
    ],
);
static MEDIUM: Shape = Shape::of(
    "format",
    &[
        ("mimeType", Is::Plain),
        ("mime_type", Is::Plain),
        ("schema", Is::Text(ToolDefinition)),
        ("jsonSchema", Is::Text(ToolDefinition)),
        ("json_schema", Is::Text(ToolDefinition)),
        ("bitRate", Is::Plain),
        ("bit_rate", Is::Plain),
        ("delivery", Is::Plain),
        ("sampleRate", Is::Plain),
        ("sample_rate", Is::Plain),
        ("aspectRatio", Is::Plain),
        ("aspect_ratio", Is::Plain),
        ("imageSize", Is::Plain),
        ("image_size", Is::Plain),
        ("duration", Is::Plain),
        ("gcsUri", Is::Plain),
        ("gcs_uri", Is::Plain),
        ("resolution", Is::Plain),
    ],
);

static SPEECH: Shape = Shape::of(
    "speechConfig",
    &[
        ("languageCode", Is::Plain),
        ("language_code", Is::Plain),
        ("voiceConfig", Is::Object(&VOICE)),
        ("voice_config", Is::Object(&VOICE)),
        ("multiSpeakerVoiceConfig", Is::Object(&SPEAKERS)),
        ("multi_speaker_voice_config", Is::Object(&SPEAKERS)),
    ],
);
static SPEAKERS: Shape = Shape::of(
    "multiSpeakerVoiceConfig",
    &[("speakerVoiceConfigs", Is::Object(&SPEAKER)), ("speaker_voice_configs", Is::Object(&SPEAKER))],
);
static SPEAKER: Shape = Shape::of(
    "speakerVoiceConfig",
    &[("speaker", Is::Text(User)), ("voiceConfig", Is::Object(&VOICE)), ("voice_config", Is::Object(&VOICE))],
);
static VOICE: Shape = Shape::of(
    "voiceConfig",
    &[
        ("voice", Is::Plain),
        ("prebuiltVoiceConfig", Is::Object(&PREBUILT)),
        ("prebuilt_voice_config", Is::Object(&PREBUILT)),
        ("replicatedVoiceConfig", Is::Object(&OWN)),
        ("replicated_voice_config", Is::Object(&OWN)),
    ],
);
static PREBUILT: Shape = Shape::of("prebuiltVoiceConfig", &[("voiceName", Is::Plain), ("voice_name", Is::Plain)]);
static OWN: Shape = Shape::of(
    "replicatedVoiceConfig",
    &[
        ("mimeType", Is::Plain),
        ("mime_type", Is::Plain),
        ("voiceSampleAudio", Is::Unread(Unread::Binary)),
        ("voice_sample_audio", Is::Unread(Unread::Binary)),
        ("consentAudio", Is::Unread(Unread::Binary)),
        ("consent_audio", Is::Unread(Unread::Binary)),
        ("voiceConsentSignature", Is::Object(&CONSENT)),
        ("voice_consent_signature", Is::Object(&CONSENT)),
    ],
);
static CONSENT: Shape = Shape::of("voiceConsentSignature", &[("signature", Is::Plain)]);

static IMAGE: Shape = Shape::of(
    "imageConfig",
    &[
        ("aspectRatio", Is::Plain),
        ("aspect_ratio", Is::Plain),
        ("imageSize", Is::Plain),
        ("image_size", Is::Plain),
        ("personGeneration", Is::Plain),
        ("person_generation", Is::Plain),
        ("prominentPeople", Is::Plain),
        ("prominent_people", Is::Plain),
        ("imageOutputOptions", Is::Object(&IMAGE_OUTPUT)),
        ("image_output_options", Is::Object(&IMAGE_OUTPUT)),
        ("outputMimeType", Is::Plain),
        ("output_mime_type", Is::Plain),
        ("outputCompressionQuality", Is::Plain),
        ("output_compression_quality", Is::Plain),
    ],
);
static IMAGE_OUTPUT: Shape = Shape::of(
    "imageOutputOptions",
    &[
        ("mimeType", Is::Plain),
        ("mime_type", Is::Plain),
        ("compressionQuality", Is::Plain),
        ("compression_quality", Is::Plain),
    ],
);

/// Which model answers, if not the one in the path.
static ROUTING: Shape = Shape::of(
    "routingConfig",
    &[
        ("autoMode", Is::Object(&AUTOMATIC)),
        ("auto_mode", Is::Object(&AUTOMATIC)),
        ("manualMode", Is::Object(&MANUAL)),
        ("manual_mode", Is::Object(&MANUAL)),
    ],
);
static AUTOMATIC: Shape =
    Shape::of("autoMode", &[("modelRoutingPreference", Is::Plain), ("model_routing_preference", Is::Plain)]);
static MANUAL: Shape =
    Shape::of("manualMode", &[("modelName", Is::Note(What::Model)), ("model_name", Is::Note(What::Model))]);
static SELECTION: Shape = Shape::of(
    "modelSelectionConfig",
    &[("featureSelectionPreference", Is::Plain), ("feature_selection_preference", Is::Plain)],
);

static TRANSLATION: Shape = Shape::of(
    "translationConfig",
    &[
        ("echoTargetLanguage", Is::Plain),
        ("echo_target_language", Is::Plain),
        ("targetLanguageCode", Is::Plain),
        ("target_language_code", Is::Plain),
    ],
);
static TRANSCRIPTION: Shape = Shape::of(
    "audioTranscriptionConfig",
    &[
        ("languageCodes", Is::Plain),
        ("language_codes", Is::Plain),
        ("languageAuto", Is::Object(&LANGUAGES)),
        ("language_auto", Is::Object(&LANGUAGES)),
        ("languageHints", Is::Object(&LANGUAGES)),
        ("language_hints", Is::Object(&LANGUAGES)),
        ("customVocabulary", Is::Text(User)),
        ("custom_vocabulary", Is::Text(User)),
        ("adaptationPhrases", Is::Text(User)),
        ("adaptation_phrases", Is::Text(User)),
        ("sourceText", Is::Text(User)),
        ("source_text", Is::Text(User)),
        ("wordTimestamp", Is::Plain),
        ("word_timestamp", Is::Plain),
        ("diarization", Is::Plain),
        ("mode", Is::Plain),
    ],
);
static LANGUAGES: Shape = Shape::of("languageHints", &[("languageCodes", Is::Plain), ("language_codes", Is::Plain)]);

static SAFETY: Shape =
    Shape::of("safetySetting", &[("category", Is::Plain), ("threshold", Is::Plain), ("method", Is::Plain)]);
static ARMOR: Shape = Shape::of(
    "modelArmorConfig",
    &[
        ("promptTemplateName", Is::Plain),
        ("prompt_template_name", Is::Plain),
        ("responseTemplateName", Is::Plain),
        ("response_template_name", Is::Plain),
    ],
);

static TOOL: Shape = Shape::of(
    "tool",
    &[
        ("functionDeclarations", Is::Object(&FUNCTION)),
        ("function_declarations", Is::Object(&FUNCTION)),
        ("googleSearch", Is::BuiltIn("google_search", &SEARCH)),
        ("google_search", Is::BuiltIn("google_search", &SEARCH)),
        ("googleSearchRetrieval", Is::BuiltIn("google_search_retrieval", &SEARCH)),
        ("google_search_retrieval", Is::BuiltIn("google_search_retrieval", &SEARCH)),
        ("enterpriseWebSearch", Is::BuiltIn("enterprise_web_search", &SEARCH)),
        ("enterprise_web_search", Is::BuiltIn("enterprise_web_search", &SEARCH)),
        ("parallelAiSearch", Is::BuiltIn("parallel_ai_search", &OTHER_SEARCH)),
        ("parallel_ai_search", Is::BuiltIn("parallel_ai_search", &OTHER_SEARCH)),
        ("exaAiSearch", Is::BuiltIn("exa_ai_search", &OTHER_SEARCH)),
        ("exa_ai_search", Is::BuiltIn("exa_ai_search", &OTHER_SEARCH)),
        ("googleMaps", Is::BuiltIn("google_maps", &MAPS)),
        ("google_maps", Is::BuiltIn("google_maps", &MAPS)),
        ("codeExecution", Is::BuiltIn("code_execution", &EXECUTION)),
        ("code_execution", Is::BuiltIn("code_execution", &EXECUTION)),
        ("urlContext", Is::BuiltIn("url_context", &URL_CONTEXT)),
        ("url_context", Is::BuiltIn("url_context", &URL_CONTEXT)),
        ("fileSearch", Is::BuiltIn("file_search", &FILE_SEARCH)),
        ("file_search", Is::BuiltIn("file_search", &FILE_SEARCH)),
        ("computerUse", Is::BuiltIn("computer_use", &COMPUTER)),
        ("computer_use", Is::BuiltIn("computer_use", &COMPUTER)),
        ("retrieval", Is::BuiltIn("retrieval", &RETRIEVAL)),
        ("mcpServers", Is::BuiltIn("mcp_servers", &SERVER)),
        ("mcp_servers", Is::BuiltIn("mcp_servers", &SERVER)),
    ],
);

static EXECUTION: Shape = Shape::of("codeExecution", &[]);
static URL_CONTEXT: Shape = Shape::of("urlContext", &[]);

static FUNCTION: Shape = Shape::of(
    "functionDeclaration",
    &[
        ("name", Is::NoteText(What::Tool, ToolDefinition)),
        ("description", Is::Text(ToolDefinition)),
        ("parameters", Is::Text(ToolDefinition)),
        ("parametersJsonSchema", Is::Text(ToolDefinition)),
        ("parameters_json_schema", Is::Text(ToolDefinition)),
        ("response", Is::Text(ToolDefinition)),
        ("responseJsonSchema", Is::Text(ToolDefinition)),
        ("response_json_schema", Is::Text(ToolDefinition)),
        ("behavior", Is::Plain),
    ],
);

static SEARCH: Shape = Shape::of(
    "googleSearch",
    &[
        ("excludeDomains", Is::Text(ToolDefinition)),
        ("exclude_domains", Is::Text(ToolDefinition)),
        ("blockingConfidence", Is::Plain),
        ("blocking_confidence", Is::Plain),
        ("searchTypes", Is::Text(ToolDefinition)),
        ("search_types", Is::Text(ToolDefinition)),
        ("timeRangeFilter", Is::Object(&INTERVAL)),
        ("time_range_filter", Is::Object(&INTERVAL)),
        ("dynamicRetrievalConfig", Is::Object(&DYNAMIC)),
        ("dynamic_retrieval_config", Is::Object(&DYNAMIC)),
    ],
);
static INTERVAL: Shape = Shape::of(
    "interval",
    &[("startTime", Is::Plain), ("start_time", Is::Plain), ("endTime", Is::Plain), ("end_time", Is::Plain)],
);
static DYNAMIC: Shape = Shape::of(
    "dynamicRetrievalConfig",
    &[("mode", Is::Plain), ("dynamicThreshold", Is::Plain), ("dynamic_threshold", Is::Plain)],
);
pub(super) static OTHER_SEARCH: Shape = Shape::of(
    "search",
    &[
        ("apiKey", Is::Plain),
        ("api_key", Is::Plain),
        ("customConfigs", Is::Text(ToolDefinition)),
        ("custom_configs", Is::Text(ToolDefinition)),
        ("enableDataRetention", Is::Plain),
        ("enable_data_retention", Is::Plain),
        ("enableZeroDataRetention", Is::Plain),
        ("enable_zero_data_retention", Is::Plain),
    ],
);
static MAPS: Shape = Shape::of(
    "googleMaps",
    &[
        ("authConfig", SECRET),
        ("auth_config", SECRET),
        ("enableWidget", Is::Plain),
        ("enable_widget", Is::Plain),
        ("groundingTypes", Is::Text(ToolDefinition)),
        ("grounding_types", Is::Text(ToolDefinition)),
    ],
);
static FILE_SEARCH: Shape = Shape::of(
    "fileSearch",
    &[
        ("fileSearchStoreNames", REFERENCE),
        ("file_search_store_names", REFERENCE),
        ("topK", Is::Plain),
        ("top_k", Is::Plain),
        ("metadataFilter", Is::Text(ToolDefinition)),
        ("metadata_filter", Is::Text(ToolDefinition)),
    ],
);
static COMPUTER: Shape = Shape::of(
    "computerUse",
    &[
        ("environment", Is::Plain),
        ("excludedPredefinedFunctions", Is::Plain),
        ("excluded_predefined_functions", Is::Plain),
        ("enablePromptInjectionDetection", Is::Plain),
        ("enable_prompt_injection_detection", Is::Plain),
        ("disabledSafetyPolicies", Is::Plain),
        ("disabled_safety_policies", Is::Plain),
    ],
);

/// Where documents are looked up.
static RETRIEVAL: Shape = Shape::of(
    "retrieval",
    &[
        ("disableAttribution", Is::Plain),
        ("disable_attribution", Is::Plain),
        ("vertexAiSearch", Is::Object(&DATASTORE)),
        ("vertex_ai_search", Is::Object(&DATASTORE)),
        ("vertexRagStore", Is::Object(&RAG)),
        ("vertex_rag_store", Is::Object(&RAG)),
        ("externalApi", Is::Object(&EXTERNAL)),
        ("external_api", Is::Object(&EXTERNAL)),
    ],
);
static DATASTORE: Shape = Shape::of(
    "vertexAiSearch",
    &[
        ("datastore", REFERENCE),
        ("engine", REFERENCE),
        ("dataStore", REFERENCE),
        ("data_store", REFERENCE),
        ("dataStoreSpecs", Is::Object(&DATASTORE)),
        ("data_store_specs", Is::Object(&DATASTORE)),
        ("filter", Is::Text(ToolDefinition)),
        ("maxResults", Is::Plain),
        ("max_results", Is::Plain),
    ],
);
static RAG: Shape = Shape::of(
    "vertexRagStore",
    &[
        ("ragCorpora", REFERENCE),
        ("rag_corpora", REFERENCE),
        ("ragResources", Is::Object(&RAG)),
        ("rag_resources", Is::Object(&RAG)),
        ("ragCorpus", REFERENCE),
        ("rag_corpus", REFERENCE),
        ("ragFileIds", REFERENCE),
        ("rag_file_ids", REFERENCE),
        ("ragRetrievalConfig", Is::Text(ToolDefinition)),
        ("rag_retrieval_config", Is::Text(ToolDefinition)),
        ("similarityTopK", Is::Plain),
        ("similarity_top_k", Is::Plain),
        ("storeContext", Is::Plain),
        ("store_context", Is::Plain),
        ("vectorDistanceThreshold", Is::Plain),
        ("vector_distance_threshold", Is::Plain),
    ],
);
static EXTERNAL: Shape = Shape::of(
    "externalApi",
    &[
        ("apiAuth", SECRET),
        ("api_auth", SECRET),
        ("authConfig", SECRET),
        ("auth_config", SECRET),
        ("apiSpec", Is::Plain),
        ("api_spec", Is::Plain),
        ("endpoint", Is::Url),
        ("elasticSearchParams", Is::Text(ToolDefinition)),
        ("elastic_search_params", Is::Text(ToolDefinition)),
        ("simpleSearchParams", Is::Text(ToolDefinition)),
        ("simple_search_params", Is::Text(ToolDefinition)),
    ],
);

/// What opens a door for the provider; no model reads it.
const SECRET: Is = Is::Or(&Is::Plain, &SECRETS);
static SECRETS: Shape = Shape::of("secrets", &[]).others(Is::Or(&Is::Plain, &SECRETS));

static SERVER: Shape = Shape::of(
    "mcpServer",
    &[
        ("name", Is::NoteText(What::Tool, ToolDefinition)),
        ("streamableHttpTransport", Is::Object(&TRANSPORT)),
        ("streamable_http_transport", Is::Object(&TRANSPORT)),
    ],
);
static TRANSPORT: Shape = Shape::of(
    "streamableHttpTransport",
    &[
        ("url", Is::Url),
        ("headers", SECRET),
        ("timeout", Is::Plain),
        ("sseReadTimeout", Is::Plain),
        ("sse_read_timeout", Is::Plain),
        ("terminateOnClose", Is::Plain),
        ("terminate_on_close", Is::Plain),
    ],
);

static TOOL_CONFIG: Shape = Shape::of(
    "toolConfig",
    &[
        ("functionCallingConfig", Is::Object(&CALLING)),
        ("function_calling_config", Is::Object(&CALLING)),
        ("retrievalConfig", Is::Object(&WHERE)),
        ("retrieval_config", Is::Object(&WHERE)),
        ("includeServerSideToolInvocations", Is::Plain),
        ("include_server_side_tool_invocations", Is::Plain),
    ],
);
static CALLING: Shape = Shape::of(
    "functionCallingConfig",
    &[
        ("mode", Is::Plain),
        ("allowedFunctionNames", Is::Text(ToolDefinition)),
        ("allowed_function_names", Is::Text(ToolDefinition)),
        ("streamFunctionCallArguments", Is::Plain),
        ("stream_function_call_arguments", Is::Plain),
    ],
);
static WHERE: Shape = Shape::of(
    "retrievalConfig",
    &[
        ("latLng", Is::Object(&PLACE)),
        ("lat_lng", Is::Object(&PLACE)),
        ("languageCode", Is::Plain),
        ("language_code", Is::Plain),
    ],
);
static PLACE: Shape = Shape::of("latLng", &[("latitude", Is::Plain), ("longitude", Is::Plain)]);

pub(super) static COUNT: Shape = Shape::of(
    "countTokens",
    &[
        ("generateContentRequest", Is::Object(&GENERATE)),
        ("generate_content_request", Is::Object(&GENERATE)),
        ("instances", Is::Object(&INSTANCE)),
    ],
)
.also(&[&GENERATE]);

pub(super) static EMBED: Shape = Shape::of(
    "embedContent",
    &[
        ("model", Is::Model),
        ("content", Is::Object(&CONTENT)),
        ("title", Is::Text(Document)),
        ("taskType", Is::Plain),
        ("task_type", Is::Plain),
        ("outputDimensionality", Is::Plain),
        ("output_dimensionality", Is::Plain),
        ("autoTruncate", Is::Plain),
        ("auto_truncate", Is::Plain),
        ("embedContentConfig", Is::Object(&EMBED)),
        ("embed_content_config", Is::Object(&EMBED)),
        ("documentOcr", Is::Plain),
        ("document_ocr", Is::Plain),
        ("audioTrackExtraction", Is::Plain),
        ("audio_track_extraction", Is::Plain),
        ("mimeType", Is::Plain),
        ("mime_type", Is::Plain),
    ],
);
pub(super) static EMBEDS: Shape = Shape::of("batchEmbedContents", &[("requests", Is::Object(&EMBED))]);

/// What models before Gemini take, and those that make images, videos or vectors.
pub(super) static PREDICT: Shape = Shape::of(
    "predict",
    &[("instances", Is::Object(&INSTANCE)), ("parameters", Is::Object(&PARAMETERS)), ("labels", Is::Text(Metadata))],
);
static INSTANCE: Shape = Shape::of(
    "instance",
    &[
        ("content", Is::Text(User)),
        ("title", Is::Text(Document)),
        ("taskType", Is::Plain),
        ("task_type", Is::Plain),
        ("mimeType", Is::Plain),
        ("mime_type", Is::Plain),
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
        ("last_frame", Is::Object(&PICTURE)),
        ("mask", Is::Object(&PICTURE)),
        ("cameraControl", Is::Plain),
        ("camera_control", Is::Plain),
        ("referenceImages", Is::Object(&PICTURE)),
        ("reference_images", Is::Object(&PICTURE)),
    ],
);
static OLD_MESSAGE: Shape = Shape::of("message", &[("author", Is::Plain), ("content", Is::Text(User))]).message();
static OLD_EXAMPLE: Shape =
    Shape::of("example", &[("input", Is::From(User, &SAID)), ("output", Is::From(Assistant, &SAID))]);
static SAID: Shape = Shape::of("example", &[("author", Is::Plain), ("content", Is::Text(Provenance::Role))]);
static PICTURE: Shape = Shape::of(
    "image",
    &[
        ("bytesBase64Encoded", Is::Unread(Unread::Binary)),
        ("bytes_base64_encoded", Is::Unread(Unread::Binary)),
        ("encodedVideo", Is::Unread(Unread::Binary)),
        ("encoded_video", Is::Unread(Unread::Binary)),
        ("gcsUri", Is::Url),
        ("gcs_uri", Is::Url),
        ("uri", Is::Url),
        ("mimeType", Is::Plain),
        ("mime_type", Is::Plain),
        ("encoding", Is::Plain),
        ("maskMode", Is::Plain),
        ("mask_mode", Is::Plain),
        ("image", Is::Object(&PICTURE)),
        ("referenceId", Is::Plain),
        ("reference_id", Is::Plain),
        ("referenceType", Is::Plain),
        ("reference_type", Is::Plain),
        ("referenceImage", Is::Object(&PICTURE)),
        ("reference_image", Is::Object(&PICTURE)),
        ("maskImageConfig", Is::Text(User)),
        ("mask_image_config", Is::Text(User)),
        ("controlImageConfig", Is::Text(User)),
        ("control_image_config", Is::Text(User)),
        ("styleImageConfig", Is::Text(User)),
        ("style_image_config", Is::Text(User)),
        ("subjectImageConfig", Is::Text(User)),
        ("subject_image_config", Is::Text(User)),
    ],
);

static PARAMETERS: Shape = Shape::of(
    "parameters",
    &[
        ("maxOutputTokens", Is::Number(Measure::MaxOutputTokens)),
        ("max_output_tokens", Is::Number(Measure::MaxOutputTokens)),
        ("candidateCount", Is::Number(Measure::Choices)),
        ("candidate_count", Is::Number(Measure::Choices)),
        ("sampleCount", Is::Number(Measure::Choices)),
        ("sample_count", Is::Number(Measure::Choices)),
        ("logprobs", Is::Number(Measure::TopLogprobs)),
        ("echo", Is::Uses(Feature::Echo)),
        ("logitBias", Is::Uses(Feature::LogitBias)),
        ("logit_bias", Is::Uses(Feature::LogitBias)),
        ("negativePrompt", Is::Text(User)),
        ("negative_prompt", Is::Text(User)),
        ("temperature", Is::Plain),
        ("topP", Is::Plain),
        ("top_p", Is::Plain),
        ("topK", Is::Plain),
        ("top_k", Is::Plain),
        ("stopSequences", Is::Plain),
        ("stop_sequences", Is::Plain),
        ("presencePenalty", Is::Plain),
        ("presence_penalty", Is::Plain),
        ("frequencyPenalty", Is::Plain),
        ("frequency_penalty", Is::Plain),
        ("seed", Is::Plain),
        ("outputDimensionality", Is::Plain),
        ("output_dimensionality", Is::Plain),
        ("autoTruncate", Is::Plain),
        ("auto_truncate", Is::Plain),
        ("aspectRatio", Is::Plain),
        ("aspect_ratio", Is::Plain),
        ("imageSize", Is::Plain),
        ("image_size", Is::Plain),
        ("sampleImageSize", Is::Plain),
        ("sample_image_size", Is::Plain),
        ("guidanceScale", Is::Plain),
        ("guidance_scale", Is::Plain),
        ("safetySetting", Is::Plain),
        ("safety_setting", Is::Plain),
        ("safetyFilterLevel", Is::Plain),
        ("safety_filter_level", Is::Plain),
        ("personGeneration", Is::Plain),
        ("person_generation", Is::Plain),
        ("includeSafetyAttributes", Is::Plain),
        ("include_safety_attributes", Is::Plain),
        ("includeRaiReason", Is::Plain),
        ("include_rai_reason", Is::Plain),
        ("language", Is::Plain),
        ("outputOptions", Is::Object(&IMAGE_OUTPUT)),
        ("output_options", Is::Object(&IMAGE_OUTPUT)),
        ("addWatermark", Is::Plain),
        ("add_watermark", Is::Plain),
        ("enhancePrompt", Is::Plain),
        ("enhance_prompt", Is::Plain),
        ("mode", Is::Plain),
        ("editMode", Is::Plain),
        ("edit_mode", Is::Plain),
        ("editConfig", Is::Text(User)),
        ("edit_config", Is::Text(User)),
        ("upscaleConfig", Is::Text(User)),
        ("upscale_config", Is::Text(User)),
        ("storageUri", Is::Plain),
        ("storage_uri", Is::Plain),
        ("fps", Is::Plain),
        ("durationSeconds", Is::Plain),
        ("duration_seconds", Is::Plain),
        ("resolution", Is::Plain),
        ("resizeMode", Is::Plain),
        ("resize_mode", Is::Plain),
        ("pubsubTopic", Is::Plain),
        ("pubsub_topic", Is::Plain),
        ("generateAudio", Is::Plain),
        ("generate_audio", Is::Plain),
        ("compressionQuality", Is::Plain),
        ("compression_quality", Is::Plain),
    ],
);

/// A beginning that is stored for many requests.
pub(super) static CACHED: Shape = Shape::of(
    "cachedContents",
    &[
        ("name", Is::Plain),
        ("displayName", Is::Text(Metadata)),
        ("display_name", Is::Text(Metadata)),
        ("ttl", Is::Plain),
        ("expireTime", Is::Plain),
        ("expire_time", Is::Plain),
        ("encryptionSpec", SECRET),
        ("encryption_spec", SECRET),
    ],
)
.also(&[&GENERATE]);

/// Many requests, written here or in a file.
pub(super) static BATCH: Shape = Shape::of(
    "batchGenerateContent",
    &[
        ("batch", Is::Object(&BATCH)),
        ("model", Is::Model),
        ("name", Is::Plain),
        ("displayName", Is::Text(Metadata)),
        ("display_name", Is::Text(Metadata)),
        ("priority", Is::Plain),
        ("inputConfig", Is::Object(&INPUT)),
        ("input_config", Is::Object(&INPUT)),
        ("webhookConfig", SECRET),
        ("webhook_config", SECRET),
    ],
);
static INPUT: Shape =
    Shape::of("inputConfig", &[("fileName", REFERENCE), ("file_name", REFERENCE), ("requests", Is::Object(&INLINED))]);
static INLINED: Shape = Shape::of(
    "requests",
    &[("requests", Is::Object(&INLINED)), ("request", Is::Object(&ONE)), ("metadata", Is::Text(Metadata))],
);
static ONE: Shape = Shape::of("request", &[]).also(&[&GENERATE, &EMBED]);

/// A file that is announced; its bytes follow.
pub(super) static FILE: Shape = Shape::of(
    "files",
    &[
        ("file", Is::Object(&FILE)),
        ("name", Is::Text(FileName)),
        ("displayName", Is::Text(FileName)),
        ("display_name", Is::Text(FileName)),
        ("mimeType", Is::Plain),
        ("mime_type", Is::Plain),
        ("sizeBytes", Is::Plain),
        ("size_bytes", Is::Plain),
        ("uri", Is::Url),
    ],
);

pub(super) static TUNE: Shape = Shape::of(
    "tunedModels",
    &[
        ("baseModel", Is::Model),
        ("base_model", Is::Model),
        ("displayName", Is::Text(Metadata)),
        ("display_name", Is::Text(Metadata)),
        ("description", Is::Text(Metadata)),
        ("tuningTask", Is::Object(&TASK)),
        ("tuning_task", Is::Object(&TASK)),
        ("tunedModelSource", Is::Object(&TUNED)),
        ("tuned_model_source", Is::Object(&TUNED)),
        ("temperature", Is::Plain),
        ("topP", Is::Plain),
        ("top_p", Is::Plain),
        ("topK", Is::Plain),
        ("top_k", Is::Plain),
        ("readerProjectNumbers", Is::Plain),
        ("reader_project_numbers", Is::Plain),
    ],
);
static TUNED: Shape = Shape::of(
    "tunedModelSource",
    &[
        ("tunedModel", Is::Note(What::Model)),
        ("tuned_model", Is::Note(What::Model)),
        ("baseModel", Is::Note(What::Model)),
        ("base_model", Is::Note(What::Model)),
    ],
);
static TASK: Shape = Shape::of(
    "tuningTask",
    &[("trainingData", Is::Text(User)), ("training_data", Is::Text(User)), ("hyperparameters", Is::Text(Metadata))],
);
