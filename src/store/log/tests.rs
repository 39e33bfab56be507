//! Round trips, cut tails, and reading what is being written.

use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::clock::Timestamp;
use crate::testing::cases;

fn at(millisecond: i64) -> Timestamp {
    Timestamp::from_millisecond(millisecond).unwrap()
}

fn text(chunks: &[LogChunk]) -> Vec<u8> {
    chunks.iter().flat_map(|chunk| chunk.bytes.clone()).collect()
}

fn reader(path: &Path) -> LogReader {
    LogReader::open(path).unwrap().unwrap()
}

#[test]
fn pieces_keep_their_time_and_stream() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.log");
    assert!(LogReader::open(&path).unwrap().is_none());
    let mut writer = LogWriter::open(&path).unwrap();
    writer.write(at(1), Stream::Agent, b"[Container] Running\n").unwrap();
    writer.write(at(2), Stream::Stdout, b"o").unwrap();
    writer.write(at(2), Stream::Stdout, b"ut\n").unwrap();
    writer.write(at(2), Stream::Stderr, b"").unwrap();
    writer.write(at(2), Stream::Stderr, b"err\xff\n").unwrap();
    drop(writer);
    // Whoever writes on, after a crash too, begins a new piece.
    LogWriter::open(&path).unwrap().write(at(2), Stream::Stderr, b"more").unwrap();

    let reader = reader(&path);
    let chunk = |offset, millisecond, stream, bytes: &[u8]| LogChunk {
        offset,
        at: Some(at(millisecond)),
        stream,
        bytes: bytes.to_vec(),
    };
    let whole = [
        chunk(0, 1, Stream::Agent, b"[Container] Running\n"),
        chunk(20, 2, Stream::Stdout, b"out\n"),
        chunk(24, 2, Stream::Stderr, b"err\xff\n"),
        chunk(29, 2, Stream::Stderr, b"more"),
    ];
    assert_eq!(reader.read(0, 1_000).unwrap(), whole);
    assert_eq!(
        reader.read(22, 4).unwrap(),
        [chunk(22, 2, Stream::Stdout, b"t\n"), chunk(24, 2, Stream::Stderr, b"er")]
    );
    assert_eq!(reader.read(33, 10).unwrap(), []);
    assert_eq!(reader.read(99, 10).unwrap(), []);
    assert_eq!(std::fs::read(&path).unwrap(), text(&whole));
}

#[test]
fn the_last_lines_are_found_from_the_end() {
    let lines = |n: usize, text: &str| {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.log");
        LogWriter::open(&path).unwrap().write(at(1), Stream::Stdout, text.as_bytes()).unwrap();
        let _ = std::fs::OpenOptions::new().create(true).append(true).open(&path);
        reader(&path).tail(n).unwrap().into_iter().map(|line| line.text).collect::<Vec<_>>()
    };
    assert_eq!(lines(2, "one\ntwo\nthree\n"), ["two", "three"]);
    assert_eq!(lines(2, "one\ntwo\nthree"), ["two", "three"]);
    assert_eq!(lines(3, "one\ntwo\nthree"), ["one", "two", "three"]);
    assert_eq!(lines(9, "one\n\n"), ["one", ""]);
    assert_eq!(lines(2, "\n\n\n"), ["", ""]);
    assert_eq!(lines(1, ""), Vec::<String>::new());
    assert_eq!(lines(0, "one\n"), Vec::<String>::new());
    // Over the border of blocks, and cut where a single line is longer than what is looked at.
    let long = "x".repeat(100_000);
    assert_eq!(lines(2, &format!("first\n{long}\nlast\n")), [long.as_str(), "last"]);
    assert_eq!(lines(20, &"y".repeat(3_000_000))[0].len(), usize::try_from(1_048_576).unwrap());
}

#[test]
fn lines_belong_to_where_they_began() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.log");
    let mut writer = LogWriter::open(&path).unwrap();
    writer.write(at(1), Stream::Stdout, b"half a ").unwrap();
    writer.write(at(2), Stream::Stderr, b"line\nnext").unwrap();
    let line = |millisecond, stream, text: &str| LogLine {
        at: Some(at(millisecond)),
        stream,
        text: text.to_owned(),
    };
    assert_eq!(
        reader(&path).tail(5).unwrap(),
        [line(1, Stream::Stdout, "half a line"), line(2, Stream::Stderr, "next")]
    );
}

#[test]
fn whoever_follows_sees_every_byte_with_its_stream() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.log");
    let mut writer = LogWriter::open(&path).unwrap();
    let rounds = 3_000_u32;
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for round in 0..rounds {
                let (stream, byte) =
                    if round % 2 == 0 { (Stream::Stdout, b'o') } else { (Stream::Stderr, b'e') };
                writer.write(at(1), stream, &vec![byte; (round % 7 + 1) as usize]).unwrap();
            }
            writer.write(at(2), Stream::Agent, b"end").unwrap();
        });
        let reader = reader(&path);
        let mut next = 0;
        let mut ended = false;
        while !ended {
            for chunk in reader.read(next, 512).unwrap() {
                assert_eq!(chunk.offset, next);
                next = chunk.end();
                match chunk.stream {
                    Stream::Stdout => assert!(chunk.bytes.iter().all(|byte| *byte == b'o')),
                    Stream::Stderr => assert!(chunk.bytes.iter().all(|byte| *byte == b'e')),
                    Stream::Agent => ended = chunk.bytes.ends_with(b"d"),
                }
            }
        }
    });
}

fn stream() -> impl Strategy<Value = Stream> {
    prop_oneof![Just(Stream::Stdout), Just(Stream::Stderr), Just(Stream::Agent)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(64), failure_persistence: None, ..ProptestConfig::default() })]

    /// A crash (or a power cut) may leave any beginning of either file, or damage in the index.
    #[test]
    fn any_cut_reads_as_a_beginning(
        pieces in prop::collection::vec((0..5_i64, stream(), prop::collection::vec(any::<u8>(), 0..40)), 0..20),
        cut_log in 0..=400_u64,
        cut_index in 0..=300_u64,
        damage in prop::option::of((0..300_usize, any::<u8>())),
        from in 0..400_u64,
        most in 0..400_usize,
    ) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.log");
        let mut writer = LogWriter::open(&path).unwrap();
        let mut whole = Vec::new();
        for (millisecond, stream, bytes) in &pieces {
            writer.write(at(*millisecond), *stream, bytes).unwrap();
            whole.extend_from_slice(bytes);
        }
        drop(writer);
        let cut = |path: &Path, length: u64| {
            let file = std::fs::OpenOptions::new().write(true).open(path).unwrap();
            file.set_len(file.metadata().unwrap().len().min(length)).unwrap();
        };
        cut(&path, cut_log);
        let index = index_path(&path);
        if let Some((position, byte)) = damage {
            let mut bytes = std::fs::read(&index).unwrap();
            if let Some(place) = bytes.get_mut(position) {
                *place = byte;
            }
            std::fs::write(&index, bytes).unwrap();
        }
        cut(&index, cut_index);
        whole.truncate(usize::try_from(cut_log).unwrap());

        let reader = LogReader::open(&path).unwrap().unwrap();
        let from = usize::try_from(from).unwrap().min(whole.len());
        let expected = &whole[from..(from + most).min(whole.len())];
        let chunks = reader.read(from as u64, most).unwrap();
        prop_assert_eq!(text(&chunks), expected);
        for pair in chunks.windows(2) {
            prop_assert_eq!(pair[0].end(), pair[1].offset);
        }
        let tail: Vec<String> = reader.tail(3).unwrap().into_iter().map(|line| line.text).collect();
        let lossy = String::from_utf8_lossy(&whole).into_owned();
        if damage.is_none() && String::from_utf8(whole.clone()).is_ok() {
            let lines: Vec<&str> = lossy.split_terminator('\n').collect();
            prop_assert_eq!(tail, &lines[lines.len().saturating_sub(3)..]);
        }

        // Writing goes on after the cut, and what comes then is told apart from it.
        let mut writer = LogWriter::open(&path).unwrap();
        writer.write(at(9), Stream::Agent, b"on").unwrap();
        let last = reader.read(whole.len() as u64, 10).unwrap();
        if damage.is_none() {
            let expected = LogChunk {
                offset: whole.len() as u64,
                at: Some(at(9)),
                stream: Stream::Agent,
                bytes: b"on".to_vec(),
            };
            prop_assert_eq!(last, [expected]);
        }
    }
}
