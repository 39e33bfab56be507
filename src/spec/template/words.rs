//! The words of findings, for people who see a template.
//!
//! Owns: the names that properties have in templates, in place of those that the API has for them. The readers of pipelines,
//! projects and deployment groups speak of `stages[0].actions`; in a template that is `Stages[0].Actions`.

use std::collections::HashMap;

use super::schema::{self, Shape};
use crate::diagnostic::{Finding, Label};

/// Says findings about properties of a shape in the template's names.
pub(super) fn in_template(findings: Vec<Finding>, shape: Shape) -> Vec<Finding> {
    if findings.is_empty() {
        return findings;
    }
    let mut names = HashMap::new();
    schema::names(shape, &mut names);
    let label = |label: Label| Label { text: translated(&label.text, &names), ..label };
    let each = |finding: Finding| Finding {
        message: translated(&finding.message, &names),
        primary: label(finding.primary),
        secondary: finding.secondary.into_iter().map(label).collect(),
        help: finding.help.map(|help| translated(&help, &names)),
        ..finding
    };
    findings.into_iter().map(each).collect()
}

/// Between backticks every name is taken, elsewhere those that cannot be words of a sentence: `runOrder`.
fn translated(text: &str, names: &HashMap<String, &'static str>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut is_quoted = false;
    let mut before = ' ';
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if !first.is_ascii_alphanumeric() {
            is_quoted ^= first == '`';
            before = first;
            out.push(first);
            rest = &rest[first.len_utf8()..];
            continue;
        }
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
        let (word, behind) = rest.split_at(end);
        let after = behind.chars().next().unwrap_or(' ');
        let is_path = is_quoted && matches!(before, '`' | '.') && matches!(after, '`' | '.' | '[' | ':');
        let is_name = word.chars().skip(1).any(|c| c.is_ascii_uppercase()) && !matches!(before, '-' | '_');
        match names.get(word).filter(|_| is_path || is_name) {
            Some(name) => out.push_str(name),
            None => out.push_str(word),
        }
        before = word.chars().next_back().unwrap_or(' ');
        rest = behind;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_templates_and_other_words_stay() {
        let mut names = HashMap::new();
        schema::names(schema::of("AWS::CodePipeline::Pipeline").unwrap(), &mut names);
        for (text, expected) in [
            ("`stages[0].actions[1].name` is missing", "`Stages[0].Actions[1].Name` is missing"),
            ("write `pipelineType: V2`", "write `PipelineType: V2`"),
            ("no stages, or a lower runOrder", "no stages, or a lower RunOrder"),
            ("`build-stages` of the stage `Build`", "`build-stages` of the stage `Build`"),
        ] {
            assert_eq!(translated(text, &names), expected);
        }
    }
}
