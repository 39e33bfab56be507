//! Command names in shell text.
//!
//! Owns: enough of the shell's grammar to tell commands from words: quotes, substitutions, here-documents, compound
//! commands, programs that start others. It expands nothing, and gives up on what it does not understand.

/// Commands that start the one behind their options, and those of their options that have a value.
const WRAPPERS: &[(&str, &[&str])] = &[
    ("command", &[]),
    ("env", &["-u", "-C", "-S"]),
    ("exec", &["-a"]),
    ("nice", &["-n"]),
    ("nohup", &[]),
    ("sudo", &["-u", "-g", "-h", "-p"]),
    ("time", &["-f", "-o"]),
    ("xargs", &["-I", "-n", "-P", "-L", "-d", "-E", "-s", "-a"]),
];

/// What stands for the name of a command where a function is defined: its words are the function's name.
pub(super) const DEFINITION: &str = "()";

/// One command of shell text: its name, and the literal words behind it.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Simple {
    /// `None` where it is made by an expansion.
    pub(super) name: Option<String>,
    /// Its arguments, as far as they are literal.
    pub(super) words: Vec<String>,
}

/// Reads shell text. What is not understood ends the reading.
pub(super) fn read(text: &str) -> Vec<Simple> {
    let mut reader = Reader { text: text.chars().collect(), at: 0, found: Vec::new(), heredocs: Vec::new() };
    reader.list(None);
    reader.found
}

/// A word: its text where that is literal.
#[derive(Debug)]
struct Word {
    text: String,
    literal: bool,
    quoted: bool,
}

struct Reader {
    text: Vec<char>,
    at: usize,
    found: Vec<Simple>,
    /// The words that end here-documents which begin on the next line.
    heredocs: Vec<String>,
}

/// Where a command is being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// The next word is a command.
    Command,
    /// Its arguments.
    Arguments,
    /// Words that are none: behind `for`, `case`, `in`.
    Head,
    /// A pattern of `case`.
    Pattern,
}

impl Reader {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.text.get(self.at + ahead).copied()
    }

    fn starts(&self, text: &str) -> bool {
        text.chars().enumerate().all(|(index, c)| self.peek(index) == Some(c))
    }

    /// Reads commands up to `end`, or to the end of the text.
    fn list(&mut self, end: Option<char>) {
        let mut place = Place::Command;
        let mut current: Option<Simple> = None;
        let mut cases = 0_usize;
        while let Some(c) = self.peek(0) {
            if Some(c) == end && !(c == ')' && place == Place::Pattern) {
                self.at += 1;
                break;
            }
            match c {
                ' ' | '\t' | '\r' => self.at += 1,
                '\\' if self.peek(1) == Some('\n') => self.at += 2,
                '\n' => {
                    self.at += 1;
                    self.skip_heredocs();
                    self.found.extend(current.take());
                    if place != Place::Pattern {
                        place = Place::Command;
                    }
                }
                '#' => {
                    while self.peek(0).is_some_and(|c| c != '\n') {
                        self.at += 1;
                    }
                }
                ';' | '&' | '|' => {
                    let ends_case = self.starts(";;") || self.starts(";&");
                    if c == '&' && self.peek(1) == Some('>') {
                        self.redirection();
                        continue;
                    }
                    while matches!(self.peek(0), Some(';' | '&' | '|')) {
                        self.at += 1;
                    }
                    self.found.extend(current.take());
                    if place == Place::Pattern && c == '|' {
                        continue;
                    }
                    place = if ends_case && cases > 0 { Place::Pattern } else { Place::Command };
                }
                '(' if place == Place::Pattern => self.at += 1,
                '(' if self.starts("((") => self.skip_to("))"),
                '(' => {
                    self.at += 1;
                    // `name ()` defines a function.
                    match current.take() {
                        Some(Simple { name: Some(name), words }) if words.is_empty() => {
                            self.found.push(Simple { name: Some(DEFINITION.into()), words: vec![name] });
                            while self.peek(0).is_some_and(|c| c == ' ' || c == ')') {
                                self.at += 1;
                            }
                            place = Place::Command;
                        }
                        Some(_) => return self.at = self.text.len(),
                        None => self.list(Some(')')),
                    }
                }
                ')' if place == Place::Pattern => {
                    self.at += 1;
                    place = Place::Command;
                }
                ')' => return self.at = self.text.len(),
                '<' | '>' => {
                    if self.peek(1) == Some('(') {
                        self.at += 2;
                        self.list(Some(')'));
                    } else {
                        self.redirection();
                    }
                }
                _ => {
                    let word = self.word();
                    place = self.place_after(&word, place, &mut current, &mut cases);
                }
            }
        }
        self.found.extend(current.take());
    }

    /// What a word means where it stands, and what is expected behind it.
    fn place_after(
        &mut self,
        word: &Word,
        place: Place,
        current: &mut Option<Simple>,
        cases: &mut usize,
    ) -> Place {
        let text = word.text.as_str();
        // The number before a redirection.
        if matches!(self.peek(0), Some('<' | '>'))
            && !text.is_empty()
            && text.chars().all(|c| c.is_ascii_digit())
        {
            return place;
        }
        match place {
            Place::Head if text == "do" || text == "then" => Place::Command,
            Place::Head if text == "in" && *cases > 0 => Place::Pattern,
            Place::Head => Place::Head,
            Place::Pattern if text == "esac" && word.literal => {
                *cases = cases.saturating_sub(1);
                Place::Arguments
            }
            Place::Pattern => Place::Pattern,
            Place::Arguments => {
                if let Some(simple) = current {
                    // Also what is not literal mentions names.
                    simple.words.push(word.text.clone());
                }
                Place::Arguments
            }
            Place::Command if !word.literal => {
                if assigned(text).is_some() {
                    self.array();
                    return Place::Command;
                }
                *current = Some(Simple { name: None, words: vec![text.to_owned()] });
                Place::Arguments
            }
            Place::Command if word.quoted => self.command(text, current),
            Place::Command => match text {
                "if" | "then" | "elif" | "else" | "while" | "until" | "do" | "!" | "{" => Place::Command,
                "fi" | "done" | "}" => Place::Arguments,
                "esac" => {
                    *cases = cases.saturating_sub(1);
                    Place::Arguments
                }
                "for" | "select" => Place::Head,
                "case" => {
                    *cases += 1;
                    Place::Head
                }
                "function" => {
                    let name = self.next_word();
                    self.found.push(Simple { name: Some(DEFINITION.into()), words: vec![name] });
                    Place::Command
                }
                "[[" => {
                    self.skip_to("]]");
                    Place::Arguments
                }
                _ => self.command(text, current),
            },
        }
    }

    /// A literal word at the place of a command.
    fn command(&mut self, text: &str, current: &mut Option<Simple>) -> Place {
        if let Some((name, value)) = assigned(text) {
            self.array();
            if name == "PATH" {
                self.found.push(Simple { name: Some(format!("PATH={value}")), words: Vec::new() });
            }
            return Place::Command;
        }
        // What `command -v` and `exec >log` do is no command.
        if let Some((_, valued)) = WRAPPERS.iter().find(|(name, _)| *name == text) {
            self.found.push(Simple { name: Some(text.to_owned()), words: Vec::new() });
            let mut asks = false;
            loop {
                self.blanks();
                match self.peek(0) {
                    Some('-') => {
                        let option = self.next_word();
                        asks |= text == "command" && matches!(option.as_str(), "-v" | "-V");
                        if valued.contains(&option.as_str()) {
                            self.blanks();
                            let _ = self.next_word();
                        }
                    }
                    _ if asks => {
                        *current = Some(Simple { name: Some(text.to_owned()), words: Vec::new() });
                        return Place::Arguments;
                    }
                    _ => return Place::Command,
                }
            }
        }
        if text == "timeout" {
            self.found.push(Simple { name: Some(text.to_owned()), words: Vec::new() });
            loop {
                self.blanks();
                let is_option = self.peek(0) == Some('-');
                let option = self.next_word();
                if !is_option {
                    return Place::Command;
                }
                if matches!(option.as_str(), "-s" | "-k" | "-t") {
                    self.blanks();
                    let _ = self.next_word();
                    if option == "-t" {
                        return Place::Command;
                    }
                }
            }
        }
        *current = Some(Simple { name: Some(text.to_owned()), words: Vec::new() });
        Place::Arguments
    }

    fn blanks(&mut self) {
        while matches!(self.peek(0), Some(' ' | '\t')) || self.starts("\\\n") {
            self.at += if self.peek(0) == Some('\\') { 2 } else { 1 };
        }
    }

    fn next_word(&mut self) -> String {
        self.blanks();
        if self.peek(0).is_some_and(|c| matches!(c, '\n' | ';' | '&' | '|' | '<' | '>' | '(' | ')')) {
            return String::new();
        }
        self.word().text
    }

    /// Skips the rest of `name=(…)`.
    fn array(&mut self) {
        if self.peek(0) == Some('(') {
            self.skip_to(")");
        }
    }

    fn skip_to(&mut self, end: &str) {
        while self.at < self.text.len() && !self.starts(end) {
            self.at += 1;
        }
        self.at = (self.at + end.len()).min(self.text.len());
    }

    fn redirection(&mut self) {
        let start = self.at;
        while matches!(self.peek(0), Some('<' | '>' | '&' | '|')) {
            self.at += 1;
        }
        let operator: String = self.text[start..self.at].iter().collect();
        if self.peek(0) == Some('-') && operator == "<<" {
            self.at += 1;
        }
        let target = self.next_word();
        if operator == "<<" {
            self.heredocs.push(target);
        }
    }

    fn skip_heredocs(&mut self) {
        for end in std::mem::take(&mut self.heredocs) {
            while self.at < self.text.len() {
                let start = self.at;
                while self.peek(0).is_some_and(|c| c != '\n') {
                    self.at += 1;
                }
                let line: String = self.text[start..self.at].iter().collect();
                self.at = (self.at + 1).min(self.text.len());
                if line.trim() == end {
                    break;
                }
            }
        }
    }

    /// A word, with the commands that are substituted in it.
    fn word(&mut self) -> Word {
        let mut word = Word { text: String::new(), literal: true, quoted: false };
        while let Some(c) = self.peek(0) {
            match c {
                ' ' | '\t' | '\r' | '\n' | ';' | '&' | '|' | '<' | '>' | '(' | ')' => break,
                '\\' => {
                    if self.peek(1) != Some('\n') {
                        word.text.extend(self.peek(1));
                        word.quoted = true;
                    }
                    self.at = (self.at + 2).min(self.text.len());
                }
                '\'' => {
                    word.quoted = true;
                    self.at += 1;
                    while let Some(c) = self.peek(0).filter(|c| *c != '\'') {
                        word.text.push(c);
                        self.at += 1;
                    }
                    self.at = (self.at + 1).min(self.text.len());
                }
                '"' => {
                    word.quoted = true;
                    self.at += 1;
                    self.double_quoted(&mut word);
                }
                '$' | '`' => self.expansion(&mut word),
                '*' | '?' => {
                    word.literal = false;
                    word.text.push(c);
                    self.at += 1;
                }
                c => {
                    word.text.push(c);
                    self.at += 1;
                }
            }
        }
        word
    }

    fn double_quoted(&mut self, word: &mut Word) {
        while let Some(c) = self.peek(0) {
            match c {
                '"' => {
                    self.at += 1;
                    return;
                }
                '\\' => {
                    word.text.extend(self.peek(1));
                    self.at = (self.at + 2).min(self.text.len());
                }
                '$' | '`' => self.expansion(word),
                c => {
                    word.text.push(c);
                    self.at += 1;
                }
            }
        }
    }

    fn expansion(&mut self, word: &mut Word) {
        word.literal = false;
        if self.starts("$((") {
            self.skip_to("))");
        } else if self.starts("$(") {
            self.at += 2;
            self.list(Some(')'));
        } else if self.starts("${") {
            let mut depth = 0_usize;
            while let Some(c) = self.peek(0) {
                self.at += 1;
                match c {
                    '{' => depth += 1,
                    '}' if depth == 1 => break,
                    '}' => depth -= 1,
                    _ => {}
                }
            }
        } else if self.peek(0) == Some('`') {
            self.at += 1;
            let start = self.at;
            while self.peek(0).is_some_and(|c| c != '`') {
                self.at += 1;
            }
            let inner: String = self.text[start..self.at].iter().collect();
            self.at = (self.at + 1).min(self.text.len());
            self.found.extend(read(&inner.replace("\\`", "`")));
        } else {
            word.text.push('$');
            self.at += 1;
        }
    }
}

/// A variable and its value, if the word assigns one.
fn assigned(word: &str) -> Option<(&str, &str)> {
    let (name, value) = word.split_once('=')?;
    let name = name.strip_suffix('+').unwrap_or(name);
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '[' | ']'));
    is_name.then_some((name, value))
}
