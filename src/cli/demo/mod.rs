//! What `rehearsal demo` needs: the files of the example that it shows.

mod files;
