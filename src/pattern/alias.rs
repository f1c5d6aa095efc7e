//! What a server may know a model by beside the name that a request says. A deny rule fits each of these, an allow rule none.

use crate::text::is_unseen;

/// How the names of models begin that are paths, of which the last segment is the name: those of Google.
const PATHS: &[&str] = &["models/", "tunedModels/", "publishers/", "projects/"];
/// What Ollama puts before a model that is nobody's, and behind one without a tag.
const LIBRARY: &str = "library/";
const LATEST: &str = ":latest";

/// A model as requests name it: Google lists `models/gemini` and `publishers/google/models/gemini`.
pub fn bare(name: &str) -> &str {
    let begins = |start: &&str| name.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start));
    if PATHS.iter().any(begins) { name.rsplit('/').next().unwrap_or(name) } else { name }
}

/// A text in one case, without what is not seen: servers may ignore both. Upper case comes first, for letters that are the
/// same only there (`ſ`, `ı`).
pub(super) fn folded(text: &str) -> String {
    let seen = text.chars().filter(|character| !is_unseen(*character));
    seen.flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
}

/// The texts that a name may stand for, in one case and without blanks around.
pub fn aliases(name: &str) -> Vec<String> {
    let folded = folded(name);
    let folded = folded.trim();
    let bare = bare(folded);
    let local = bare.strip_prefix(LIBRARY).unwrap_or(bare);
    let untagged = |text: &str| text.strip_suffix(LATEST).map(str::to_owned);
    let (other, short) = ((local != folded).then(|| local.to_owned()), untagged(local));
    let long = other.as_ref().and_then(|_| untagged(folded));
    [other, short, long].into_iter().flatten().chain([folded.to_owned()]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stands_for_what_servers_take_it_for() {
        for (name, expected) in [
            ("gpt-4", &["gpt-4"][..]),
            (" GPT-4\t", &["gpt-4"]),
            ("models/Gemini", &["gemini", "models/gemini"]),
            ("\u{feff}gpt-4\0", &["gpt-4"]),
            ("gpt\u{200b}-4\u{200b} ", &["gpt-4"]),
            ("claude-ſonnet", &["claude-sonnet"]),
            ("Models/gemini", &["gemini", "models/gemini"]),
            ("publishers/google/models/gemini", &["gemini", "publishers/google/models/gemini"]),
            ("library/llama3", &["library/llama3", "llama3"]),
            ("llama3:latest", &["llama3", "llama3:latest"]),
            ("library/llama3:latest", &["library/llama3", "library/llama3:latest", "llama3", "llama3:latest"]),
            ("acme/llama3:8b", &["acme/llama3:8b"]),
            ("", &[""]),
        ] {
            let mut found = aliases(name);
            found.sort();
            assert_eq!(found, expected, "{name:?}");
        }
    }
}
