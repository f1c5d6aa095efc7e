//! Requests and answers of `anthropic`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| portcullis_fuzz::dialect("anthropic", data));
