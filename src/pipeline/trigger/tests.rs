//! Pushes against definitions, case by case, with the section of the reference that decides each.
