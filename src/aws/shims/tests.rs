//! The table, what is printed, and shims that run.
