//! How an answer is to be made: `generationConfig`.

use super::shape;
use crate::ai::shape::{Is, Shape};
use crate::ai::vocabulary::{Feature, Measure, Provenance, Unread, What};
use Provenance::{ToolDefinition, User};

pub(super) static CONFIG: Shape = shape(
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
pub(super) static IMAGE_OUTPUT: Shape =
    shape("imageOutputOptions", &[("mimeType", Is::Plain), ("compressionQuality", Is::Plain)]);

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
