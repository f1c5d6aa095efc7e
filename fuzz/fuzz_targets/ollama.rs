//! Requests and answers of `ollama`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| portcullis_fuzz::dialect("ollama", data));
