//! Tests of configurations, policies and the filter; those of single ideas stand beside them.

mod backend;
mod chance;
mod clocks;
mod filters;
mod fixtures;

mod properties;
mod service;
mod slow;
mod tables;
mod unusual;
mod usages;
mod world;
