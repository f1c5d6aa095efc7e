//! prompt-guard: texts and chats.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| portcullis_fuzz::guard(data));
