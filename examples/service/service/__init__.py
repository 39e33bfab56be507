"""A small HTTP service: it greets, and says that it is well."""
