//! Tests of configurations and policies; those of single ideas stand beside them.

mod clamps;
mod configs;
mod decisions;
mod filters;
mod inventories;
mod lists;
mod model_lists;
mod offline;
mod properties;
mod slow;
mod speed;
mod world;
