//! AWS, as far as a build on this machine meets it.
//!
//! Owns: what is known about AWS's services and their operations ([`catalog`]).

pub mod catalog;
