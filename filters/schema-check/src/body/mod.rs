//! Bodies that are not JSON, read strictly: forms and files, pictures, sounds, lines and plain text.
