//! The cron expression of a DeploymentWindow rule (codepipeline.md 4.9).
//!
//! Owns: what each of its fields may hold. Leaves to `conditions`: saying so.

/// A field: its name, its numbers, the words for them, and the letters that it alone may have.
type Field = (&'static str, u32, u32, &'static [&'static str], &'static [char]);

const MONTHS: &[&str] = &["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const DAYS: &[&str] = &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/// The fields, in their order. The first is ignored: AWS's own samples write `0`, where `*` is documented.
const FIELDS: [Field; 7] = [
    ("seconds", 0, 59, &[], &[]),
    ("minutes", 0, 59, &[], &[]),
    ("hours", 0, 23, &[], &[]),
    ("day of month", 1, 31, &[], &['?', 'L', 'W']),
    ("month", 1, 12, MONTHS, &[]),
    ("day of week", 1, 7, DAYS, &['?', 'L', '#']),
    ("year", 1970, 2199, &[], &[]),
];

/// What is wrong with an expression, and what to do.
pub(super) fn mistake(text: &str) -> Option<(String, String)> {
    let parts: Vec<_> = text.split_whitespace().collect();
    if let Some(inner) = text.trim().strip_prefix("cron(") {
        let help = format!("write the fields alone, seconds first: `* {}`", inner.trim_end_matches(')'));
        return Some(("is written as EventBridge has it".to_owned(), help));
    }
    if !(6..=7).contains(&parts.len()) {
        let help = "write seconds, minutes, hours, day of month, month, day of week";
        return Some(("has six fields, or seven with the year".to_owned(), help.to_owned()));
    }
    for ((name, least, most, words, letters), part) in FIELDS.iter().zip(&parts) {
        let is_fine = |item: &&str| fits(item, (*least, *most), words, letters);
        if let Some(item) = part.split(',').find(|item| !is_fine(item)) {
            let range = match words {
                [] => format!("{least} to {most}"),
                [first, ..] => format!("{least} to {most}, or {first} to {}", words[words.len() - 1]),
            };
            return Some((format!("has no {name} `{item}`"), format!("the {name}: {range}, or `*`")));
        }
    }
    // One of the two days says which, the other nothing.
    let help = "write `*`, or a day, in one of them";
    (parts[3] == "?" && parts[5] == "?").then(|| ("has `?` for both days".to_owned(), help.to_owned()))
}

/// Whether an item of a field, between its commas, is one.
fn fits(item: &str, range: (u32, u32), words: &[&str], letters: &[char]) -> bool {
    let (item, step) = item.split_once('/').map_or((item, None), |(item, step)| (item, Some(step)));
    if step.is_some_and(|step| step.parse::<u32>().is_err()) {
        return false;
    }
    let is_value = |text: &str| {
        let is_number = text.parse::<u32>().is_ok_and(|number| (range.0..=range.1).contains(&number));
        is_number || words.iter().any(|word| word.eq_ignore_ascii_case(text))
    };
    if item == "*" || is_value(item) || (item == "?" && letters.contains(&'?')) {
        return true;
    }
    let number = |text: &str| text.parse::<u32>().is_ok();
    let with_letters = match item {
        "L" => letters.contains(&'L'),
        "LW" => letters.contains(&'W'),
        _ if item.starts_with("L-") => letters.contains(&'W') && number(&item[2..]),
        _ if item.ends_with('L') => letters.contains(&'#') && is_value(&item[..item.len() - 1]),
        _ if item.ends_with('W') => letters.contains(&'W') && is_value(&item[..item.len() - 1]),
        _ => item.split_once('#').is_some_and(|(day, week)| {
            letters.contains(&'#')
                && is_value(day)
                && week.parse::<u32>().is_ok_and(|week| (1..=5).contains(&week))
        }),
    };
    with_letters || item.split_once('-').is_some_and(|(from, to)| is_value(from) && is_value(to))
}

#[cfg(test)]
mod tests {
    use super::mistake;

    #[test]
    fn fields_hold_what_the_reference_says() {
        // codepipeline.md 4.9
        for (text, is_fine) in [
            ("0 0 9-17 ? * MON-FRI *", true),
            ("* * 9-17 ? * mon-fri", true),
            ("* 0/15 9,17 L * ?", true),
            ("* * * LW JAN-MAR ? 2026-2030", true),
            ("* * * L-3 * ?", true),
            ("* * * 15W * ?", true),
            ("* * * ? * 6#3", true),
            ("* * * ? * 6L", true),
            ("* * * * * *", true),
            ("* */5 * ? * 1-7", true),
            ("* 60 9 ? * MON", false),
            ("* * 25 ? * MON", false),
            ("* * 9-25 ? * MON", false),
            ("* * 9 ? * 0-5", false),
            ("* * 9 ? * ?", false),
            ("* * 9 ? 13 MON", false),
            ("* * ? 1 * ?", false),
            ("* * 9 ? * MON#6", false),
            ("* * 9 L * MON 1969", false),
            ("9-17 ? * MON", false),
            ("cron(0 9 * * ? *)", false),
            ("* * 9/x ? * MON", false),
        ] {
            assert_eq!(mistake(text).is_none(), is_fine, "{text}: {:?}", mistake(text));
        }
    }
}
