//! The table, its files, its documentation, its fixtures and the codes that findings have agree with each other.
