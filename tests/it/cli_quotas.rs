//! `rehearsal quotas`.
