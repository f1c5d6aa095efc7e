//! Tests of configurations and policies; those of single ideas stand beside them.

mod configs;
mod decisions;
mod lists;
mod properties;
mod slow;
mod speed;
mod world;
