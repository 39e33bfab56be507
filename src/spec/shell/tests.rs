//! What is read, beside what bash and dash themselves say.

use std::process::Command as Process;

use proptest::prelude::*;

use super::*;
use crate::spec::corpus;
use crate::syntax::agreement::runner;

#[expect(clippy::disallowed_methods, reason = "shells that only read are no builds to be guarded")]
/// What a shell makes of a text: nothing when it would run it, else its own words.
fn refused_by(shell: &str, text: &str) -> Option<String> {
    let output = Process::new(shell).args(["-n", "-c", text]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    // Of some errors bash speaks and goes on; a here-document without an end is none.
    let speaks = said.lines().any(|line| !line.contains("here-document"));
    (!output.status.success() || speaks).then_some(said)
}

fn error(text: &str) -> Option<(Trouble, &str)> {
    let error = parse(text).error?;
    Some((error.trouble, &text[error.span.start as usize..error.span.end as usize]))
}

/// Texts that bash takes; those of the second list dash does not.
const SOUND: [&str; 61] = [
    "",
    "# nothing",
    "make all",
    "a && b || c; d & e",
    "a |\n  b | # said\n c",
    "if a; then b; elif c; then d; else e; fi",
    "if ! a\nthen\n  b\nfi > log 2>&1",
    "while read -r line; do echo \"$line\"; done < file",
    "until a; do :; done",
    "for x in a b \"$@\"; do echo $x; done",
    "for x\ndo echo $x; done",
    "for x\n in a\n do echo; done",
    "for x; do echo; done",
    "case $x in a|b) c ;; (d) e;; *) f\nesac",
    "case x in esac",
    "case x in if) a;; esac",
    "(a; b) && { c; d; }",
    "f() { a; }\nf",
    "f ( )\n(a)",
    "x=1 y=\"2 3\" make",
    "echo $(a \"$(b 'c)')\" \\) )",
    "echo `a \\`b\\``",
    "echo \"`a`\"",
    "echo ${x:-${y:-\"a b}\"}} ${x%'}'} ${#x}",
    "echo $((1 + (2 * 3))) $(( x << 2 ))",
    "echo $( (a) | (b) )",
    "cat <<EOF\n$x 'it''s $(a)\nEOF\necho",
    "cat <<'EOF' | tee x\n$( `\nEOF\n",
    "cat <<-A; cat <<B\n\ta\n\tA\nb\nB\n",
    "cat <<EOF\nnever ended",
    "x=$(cat <<EOF\na ) b\nEOF\n)",
    "echo 'a\nb' \"c\nd\" \\\n e",
    "echo a#b # c",
    "echo {} {a b} if then fi do done",
    "find . -name '*.sh' -exec echo {} \\;",
    "[ -z \"$x\" ] || exit 1",
    "a > b 2>/dev/null >&2 < c <> d >| e",
    "! a",
    "echo !x",
    "echo é \"ü\" '✅' \\é",
    "time -p make",
    "echo $ \"$\" $. a$",
    "{ a; } | { b; }",
    "if (a) then (b) fi",
    "for i in 1; do if a; then b; fi done",
    "a() ( b )",
    "x= y=",
    "case \"$a\" in (*[!0-9]*|'') echo;; esac",
    "while :; do break; done &",
    "echo \"a\"'b'c$d",
    "a\\\n  b",
    "$(a) `b` \"$c\"",
    "export A=1 B=\"$2\"",
    "test a = b -a ! -f c",
    "echo \"${x#\"y\"}\"",
    "awk '{ print $1 }' <a",
    "echo 1>&2",
    "2>x a",
    "if a; then b; fi; if c; then d; fi",
    "{\n a\n}\n",
    "((a); (b))",
];

const BASH_ONLY: [&str; 37] = [
    "[[ $a == b* && ( -f c || ! -d d ) ]]",
    "[[ $a =~ ^v([0-9]+|x)\\.y$ ]] && b",
    "[[ a < b ]]",
    "[[ $x == @(a|b) ]]",
    "(( x > 1 )) && a",
    "for (( i = 0; i < 3; i++ )); do a; done",
    "for ((i=0;i<3;i++)) { a; }",
    "a=(1 \"2 3\"\n # four\n 4)",
    "a+=(b); a[1]=c; declare -a d=(e f)",
    "function f { a; }",
    "function f() { a; }",
    "function f\n( a )",
    "diff <(a) <(b)",
    "a > >(tee log)",
    "cat <<< \"a b\"",
    "echo ${x:0:3} ${x/a/b} ${x^^} ${!x} ${x[@]} ${x@Q} ${#a[@]}",
    "a &> b",
    "a |& b",
    "echo $'a\\'b' $\"c\"",
    "select x in a b; do c; done",
    "coproc { a; }",
    "coproc N { a; }",
    "coproc a b",
    "case a in a) b;& c) d;;& esac",
    "exec {log}>file",
    "echo {a,b}{1..3}",
    "echo $[1 + 2]",
    "time { a; }",
    "time (a)",
    "echo $((a[1]))",
    "if [[ a ]]; then b; fi",
    "while (( i-- )); do a; done",
    "shopt -s extglob\nrm !(a|b)",
    "export A=(b)",
    "! ! a",
    "a=b[1]=c",
    "[[ -n $(a) ]]",
];

#[test]
fn what_bash_takes_is_no_error() {
    for text in SOUND.into_iter().chain(BASH_ONLY) {
        assert_eq!(error(text), None, "{text}");
        // Extended patterns are not switched on before the line that does so has run.
        if !text.contains("extglob") {
            assert_eq!(refused_by("bash", text), None, "{text}");
        }
    }
}

#[test]
fn what_no_shell_takes_is_one_and_its_place_is_told() {
    use Trouble::{Missing, NoCommand, NoTarget, Unclosed, Unexpected};
    for (text, expected, place) in [
        ("echo 'a", Unclosed(Opener::SingleQuote), "'"),
        ("echo \"a", Unclosed(Opener::DoubleQuote), "\""),
        ("echo \"a $(b", Unclosed(Opener::Substitution), "$("),
        ("echo `a", Unclosed(Opener::Backquote), "`"),
        ("echo ${a", Unclosed(Opener::Expansion), "${"),
        ("(a", Unclosed(Opener::Parenthesis), "("),
        ("[[ a", Unclosed(Opener::DoubleBracket), "[["),
        ("a=(b", Unclosed(Opener::Parenthesis), "("),
        ("if a; then b", Missing("fi"), "if"),
        ("if a", Missing("then"), "if"),
        ("if a then b; fi", Unexpected(Some("then")), "fi"),
        ("for x in a b", Missing("do"), "for"),
        ("for x in a; do b", Missing("done"), "for"),
        ("for x in a do b; done", Unexpected(Some("do")), "done"),
        ("while a; do b", Missing("done"), "while"),
        ("case a in b) c", Missing("esac"), "case"),
        ("case a", Missing("in"), "case"),
        ("{ a", Missing("}"), "{"),
        ("{ a }", Missing("}"), "{"),
        ("fi", Unexpected(None), "fi"),
        ("done", Unexpected(None), "done"),
        ("then a", Unexpected(None), "then"),
        ("else", Unexpected(None), "else"),
        ("}", Unexpected(None), "}"),
        ("a)", Unexpected(None), ")"),
        ("echo (a)", Unexpected(None), "("),
        ("&& a", Unexpected(None), "&&"),
        ("a && && b", Unexpected(None), "&&"),
        ("a;; b", Unexpected(None), ";;"),
        ("; a", Unexpected(None), ";"),
        ("a | | b", Unexpected(None), "|"),
        ("a &&", NoCommand, ""),
        ("a |", NoCommand, ""),
        ("a >", NoTarget, ">"),
        ("X=<A_B>", NoTarget, ">"),
        ("if a; then; b; fi", Unexpected(None), ";"),
        ("if a; then fi", Unexpected(None), "fi"),
        ("if a; then b; fi c", Unexpected(None), "c"),
        ("()", Unexpected(Some(")")), ")"),
        ("f() ", NoCommand, ""),
        ("case a in b) c; fi", Unexpected(Some("esac")), "fi"),
        ("for ;", Unexpected(None), ";"),
    ] {
        let found = error(text);
        assert_eq!(found.map(|(trouble, _)| trouble), Some(expected), "{text}: {found:?}");
        assert_eq!(found.map(|(_, place)| place), Some(place), "{text}");
        for shell in ["bash", "dash"] {
            // For dash `[[` is a program like others, until it is not found.
            let named = shell == "dash" && text.starts_with("[[");
            assert!(named || refused_by(shell, text).is_some(), "{shell} takes {text}");
        }
    }
}

#[test]
fn what_bash_alone_knows_is_told_with_its_place() {
    use FeatureKind as F;
    for (text, expected) in [
        ("[[ a ]]", vec![(F::DoubleBracket, "[[ a ]]")]),
        ("echo ${x:0:3}", vec![(F::Substring, "${x:0:3}")]),
        ("echo ${x:-a} ${x:+b} ${x%c} ${AWS::Region} ${#x}", vec![]),
        ("echo {a,b} ${{a,b}} '{a,b}' {} {a}", vec![(F::Braces, "{a,b}")]),
        ("aws --query {a:1,\"b\":2} x={a,b}", vec![(F::Braces, "{a,b}")]),
        ("a &>b; c >&d; e >&2; f 2>&1", vec![(F::RedirectBoth, "&>b"), (F::RedirectBoth, ">&d")]),
        ("((a); (b))", vec![]),
        ("x+=y", vec![(F::Append, "x+=")]),
        ("cat <<EOF\n[[ {a,b} <(c)\nEOF", vec![]),
        ("sed s/a{1,2}/b/", vec![(F::Braces, "{1,2}")]),
        ("echo \"$'a'\"", vec![]),
    ] {
        let script = parse(text);
        let found: Vec<_> = script
            .features
            .iter()
            .map(|feature| (feature.kind, &text[feature.span.start as usize..feature.span.end as usize]))
            .collect();
        assert_eq!(found, expected, "{text}");
    }
}

/// The names of the programs that a text runs, with what each walk says of their place.
fn programs(text: &str) -> Vec<String> {
    let script = parse(text);
    assert_eq!(script.error, None, "{text}");
    let mut found = Vec::new();
    for (simple, place) in simples(&steps(&script, &mut Vec::new())) {
        let mut marks = String::new();
        for (holds, mark) in [
            (place.judged, '?'),
            (place.in_function, 'f'),
            (place.in_substitution, '$'),
            (place.in_subshell, '('),
        ] {
            if holds {
                marks.push(mark);
            }
        }
        found.push(format!("{}{marks}", simple.name().unwrap_or("-")));
    }
    found
}

#[test]
fn programs_are_found_wherever_they_stand() {
    for (text, expected) in [
        ("a && b", "a? b"),
        ("a | b", "a( b("),
        ("if a; then b; fi", "a? b"),
        ("! a", "a?"),
        ("f() { a; }; b", "af b"),
        ("echo $(a) \"`b`\"", "a$( b$( echo"),
        ("(a; b) && c &", "a?( b?( c("),
        ("X=1 sudo -u root env -u Y A=b /usr/bin/make x", "make"),
        ("xargs -n 1 rm", "rm"),
        ("timeout -k 5 60 make", "make"),
        ("command -v make", "command"),
        ("X=$(a)", "a$( -"),
        ("$x y", "-"),
        ("cat <<E\n$(a)\nE", "a$( cat"),
        ("diff <(a) b", "a$( diff"),
        ("for x in $(a); do b; done", "a$( b"),
        ("case x in y) a;; esac", "a"),
    ] {
        assert_eq!(programs(text).join(" "), expected, "{text}");
    }
}

#[test]
fn words_are_what_the_command_gets() {
    let script = parse("a 'b c' \"d\\\"e\" f\\ g h$i\"j\" \"\\n\"");
    let mut found = Vec::new();
    for (simple, _) in simples(&steps(&script, &mut Vec::new())) {
        found.extend(simple.words.iter().map(|word| (word.text.to_string(), word.literal)));
    }
    let found: Vec<_> = found.iter().map(|(text, literal)| (text.as_str(), *literal)).collect();
    assert_eq!(
        found,
        [("a", true), ("b c", true), ("d\"e", true), ("f g", true), ("h$ij", false), ("\\n", true)]
    );
}

/// A commands' text of the corpus that a shell refuses is refused here, and no other.
#[test]
fn real_commands_are_read_as_bash_reads_them() {
    let Some(commands) = corpus::commands() else {
        println!("no corpus of real files here: skipped");
        return;
    };
    // One start of bash for all that is sound here, in functions of their own.
    let (sound, broken): (Vec<_>, Vec<_>) = commands.iter().partition(|text| parse(text).error.is_none());
    println!("{} commands, {} of them broken", commands.len(), broken.len());
    assert!(sound.len() > 1000);
    for text in broken {
        assert!(refused_by("bash", text).is_some(), "bash takes this: {text}\n{:?}", parse(text).error);
    }
    for chunk in sound.chunks(50) {
        let whole = chunk.iter().map(|text| text.as_str()).collect::<Vec<_>>().join("\n");
        if chunk.iter().any(|text| text.contains("<<")) || refused_by("bash", &whole).is_some() {
            for text in chunk {
                let said = refused_by("bash", text);
                assert_eq!(said, None, "{text}");
            }
        }
    }
}

/// Pieces of shell in a row.
fn rubbish() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(&PIECES[..]);
    prop::collection::vec(pieces, 0..14).prop_map(|pieces| pieces.concat())
}

const PIECES: [&str; 56] = [
    "a",
    " ",
    "\n",
    ";",
    "&",
    "|",
    "(",
    ")",
    "<",
    ">",
    "'",
    "\"",
    "`",
    "$",
    "{",
    "}",
    "[",
    "]",
    "=",
    "\\",
    "#",
    "!",
    "$(",
    "${",
    "((",
    "))",
    "[[ ",
    " ]]",
    "if ",
    "then ",
    "fi ",
    "for ",
    "in ",
    "do ",
    "done ",
    "case ",
    "esac ",
    ";;",
    "<<E\n",
    "\nE\n",
    "&&",
    "||",
    "x=",
    "x=(",
    "é",
    "while ",
    " b",
    "f() ",
    "{ ",
    "; }",
    "$((",
    "1",
    "2>",
    "function ",
    "else ",
    "\t",
];

#[test]
fn no_text_does_harm_and_every_place_is_in_it() {
    let texts = prop_oneof![rubbish(), ".{0,40}"];
    let outcome = runner(3000).run(&texts, |text| {
        let script = parse(&text);
        let inside = |span: Span| text.get(span.start as usize..span.end as usize).is_some();
        if let Some(error) = script.error {
            prop_assert!(inside(error.span), "{error:?}");
            prop_assert!(error.opened.into_iter().chain(error.swallowed).all(inside), "{error:?}");
        }
        prop_assert!(script.features.iter().all(|feature| inside(feature.span)), "{:?}", script.features);
        let mut all = true;
        for (simple, _) in simples(&steps(&script, &mut Vec::new())) {
            all &= inside(simple.span) && simple.words.iter().all(|word| inside(word.span));
            simple.name();
        }
        prop_assert!(all);
        Ok(())
    });
    outcome.unwrap();
}

/// A text that is an error here is one for bash and for dash: the other way round matters less.
#[test]
fn no_error_is_found_where_bash_finds_none() {
    let outcome = runner(150).run(&rubbish(), |text| {
        if let Some(error) = parse(&text).error
            && error.trouble != Trouble::TooDeep
            // What bash takes for the index of an array there is nobody's intention.
            && !["a[", "b["].iter().any(|index| text.contains(index))
            // What begins like arithmetic and is none bash leaves to the moment when it runs.
            && !text.contains("$((")
            // Of an empty test bash says nothing, and does nothing.
            && !text.replace([' ', '\t', '\n'], "").contains("[[]]")
        {
            prop_assert!(refused_by("bash", &text).is_some(), "bash takes {text:?}, not so {error:?}");
        }
        Ok(())
    });
    outcome.unwrap();
}

#[test]
fn nesting_and_length_cost_no_more_than_reading() {
    for piece in
        ["(", "((", "$(", "${a:-", "\"$(", "`", "{ ", "if ", "[[ ( ", "$((", "a=(", "! ", "<(", "case x in ("]
    {
        let text = piece.repeat(20_000);
        let script = parse(&text);
        assert!(script.error.is_some() || ["`", "! "].contains(&piece), "{piece}");
    }
    for unit in ["a | ", "a && ", "cat <<E\n", "{a,", "x='y' ", "a;\n", "$x", "\\\n", "# c\n"] {
        parse(&unit.repeat(20_000));
    }
}
