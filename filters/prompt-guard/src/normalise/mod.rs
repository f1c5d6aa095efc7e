//! A text as a reader would take it, whatever it was dressed in.
