//! Records and templates written by hand, and what comes of them.
