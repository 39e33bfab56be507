//! The isolated sandbox as the library makes it.
