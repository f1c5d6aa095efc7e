//! Requests and answers of `cohere`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| portcullis_fuzz::dialect("cohere", data));
