//! Files together.
