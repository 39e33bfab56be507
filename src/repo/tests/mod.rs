//! Tests of whole questions to a repository, one file for each kind of question.

mod copies;
mod discovery;
mod history;
mod hostile;
mod machine;
mod questions;
mod work_tree;
