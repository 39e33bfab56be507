//! The way out, against servers on loopback.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::*;

/// A server that takes one connection, reads up to an empty line, answers, and gives back what it was asked.
struct Outside {
    port: u16,
    asked: JoinHandle<String>,
}

impl Outside {
    fn answering(text: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
            let mut bytes = Vec::new();
            while !bytes.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                stream.read_exact(&mut byte).unwrap();
                bytes.push(byte[0]);
            }
            stream.write_all(text.as_bytes()).unwrap();
            String::from_utf8(bytes).unwrap()
        });
        Self { port, asked }
    }

    /// The same, but everything that comes until the client ends its side is what it was asked.
    fn listening(text: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
            let mut bytes = Vec::new();
            stream.read_to_end(&mut bytes).unwrap();
            stream.write_all(text.as_bytes()).unwrap();
            String::from_utf8(bytes).unwrap()
        });
        Self { port, asked }
    }

    fn asked(self) -> String {
        self.asked.join().unwrap().replace("\r\n", "\n").replace(&self.port.to_string(), "PORT")
    }
}

fn reach(way_out: WayOut) -> Given {
    Given { reach: Reach { way_out, ..Reach::default() }, ..Given::default() }
}

fn public() -> WayOut {
    WayOut::Public { registries: Vec::new() }
}

impl Ground {
    fn authorization(&self) -> String {
        format!("Proxy-Authorization: Basic {}", STANDARD.encode(format!("{}:x", self.key())))
    }

    /// The answer to a CONNECT.
    fn tunnel(&self, place: &str) -> String {
        let close = "Connection: close";
        self.raw(
            format!("CONNECT {place} HTTP/1.1\r\n{}\r\n{close}\r\n\r\n", self.authorization()).as_bytes(),
        )
    }

    fn plain(&self, url: &str) -> String {
        self.raw(format!("GET {url} HTTP/1.1\r\n{}\r\nAccept: */*\r\n\r\n", self.authorization()).as_bytes())
    }
}

#[test]
fn tunnels_carry_bytes_both_ways_and_are_recorded_once() {
    let ground = Ground::new(reach(WayOut::Host));
    for turn in 0..2 {
        let outside = Outside::answering("pong");
        let mut stream = ground.connect();
        let request =
            format!("CONNECT localhost:{} HTTP/1.1\r\n{}\r\n\r\n", outside.port, ground.authorization());
        stream.write_all(request.as_bytes()).unwrap();
        let mut head = [0; 19];
        stream.read_exact(&mut head).unwrap();
        assert_eq!(&head[..12], b"HTTP/1.1 200", "{turn}");
        stream.write_all(b"ping\r\n\r\n").unwrap();
        let port = outside.port;
        assert_eq!(outside.asked(), "ping\n\n");
        assert!(answer(stream).ends_with("pong"));
        let again = ground.tunnel(&format!("localhost:{port}"));
        assert!(again.starts_with("HTTP/1.1 502 Bad Gateway: cannot connect to localhost:"), "{again}");
        assert_eq!(ground.effects().len(), turn + 1, "a place is recorded once, and one that fails is not");
    }
}

#[test]
fn plain_requests_are_passed_on_without_what_is_for_the_proxy() {
    let ground = Ground::new(reach(WayOut::Host));
    let outside = Outside::answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi");
    let answer = ground.plain(&format!("http://127.0.0.1:{}/a?b=c", outside.port));
    assert!(answer.ends_with("hi"), "{answer}");
    insta::assert_snapshot!(outside.asked());
    assert!(ground.record().starts_with("real 127.0.0.1:"));
}

#[test]
fn the_proxy_serves_nobody_else() {
    let ground = Ground::new(reach(WayOut::Host));
    let stranger = format!("Proxy-Authorization: Basic {}", STANDARD.encode("AKIAIOSFODNN7EXAMPLE:x"));
    for line in ["CONNECT localhost:1 HTTP/1.1", "GET http://localhost:1/ HTTP/1.1"] {
        for header in ["Accept: */*", stranger.as_str(), "Proxy-Authorization: Bearer x"] {
            let answer = ground.raw(format!("{line}\r\n{header}\r\nConnection: close\r\n\r\n").as_bytes());
            assert!(answer.starts_with("HTTP/1.1 407 Proxy Authentication Required\n"), "{answer}");
            assert!(
                answer.to_ascii_lowercase().contains("proxy-authenticate: basic realm=\"rehearsal\""),
                "{answer}"
            );
        }
    }
    assert_eq!(ground.record(), "");
    let private = Reach { private: true, way_out: public(), ..Reach::default() };
    let private = Ground::new(Given { reach: private, ..Given::default() });
    let answer = private.raw(b"CONNECT localhost:1 HTTP/1.1\r\nConnection: close\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
}

#[test]
fn refusals_say_what_and_why_and_are_recorded() {
    // None of these names is looked up, none of these addresses is connected to.
    let rows = [
        (WayOut::Host, "s3.amazonaws.com:443"),
        (WayOut::Host, "SITE.S3.eu-west-1.AmazonAWS.com.:443"),
        (WayOut::Host, "169.254.169.254:80"),
        (WayOut::Host, "[::ffff:169.254.170.2]:80"),
        (public(), "127.0.0.1:22"),
        (public(), "10.1.2.3:443"),
        (public(), "[::1]:443"),
        (public(), "[::ffff:8.8.8.8]:443"),
        (public(), "8.8.8.8:443"),
        (public(), "[2606:4700:4700::1111]:443"),
        (public(), "sts.eu-west-1.api.aws:443"),
        (WayOut::Closed, "pypi.org:443"),
    ];
    let mut story = String::new();
    for (way_out, place) in rows {
        let ground = Ground::new(reach(way_out));
        let answer = ground.tunnel(place);
        assert!(answer.starts_with("HTTP/1.1 403 Refused by rehearsal: "), "{answer}");
        let text = answer.split_once("\n\n").unwrap().1;
        story.extend([text, "\n", ground.record().trim_end(), "\n\n"]);
        let plain = ground.plain(&format!("http://{place}/"));
        assert!(plain.starts_with("HTTP/1.1 403 Refused by rehearsal: "), "{plain}");
        assert_eq!(ground.effects().len(), 2);
        let hints = ground.session.desk().hints(None, None);
        let [hint] = &hints[..] else { panic!("{place}: {hints:?}") };
        let told = text.trim_end().replace(".\n", ". ");
        assert_eq!(
            hint.trim_start_matches("a connection was refused: "),
            told.trim_start_matches("rehearsal refused this connection: ")
        );
    }
    insta::assert_snapshot!(story);
}

#[test]
fn what_tools_say_of_themselves_is_refused_and_nothing_to_tell() {
    let ground = Ground::new(reach(WayOut::Host));
    for host in ["cli.cdk.dev-tools.aws.dev", "aws-serverless-tools-telemetry.us-west-2.amazonaws.com"] {
        let answer = ground.tunnel(&format!("{host}:443"));
        assert!(answer.starts_with("HTTP/1.1 403 Refused by rehearsal: "), "{answer}");
    }
    assert_eq!(ground.effects(), []);
    assert_eq!(ground.session.desk().hints(None, None), [""; 0]);
}

#[test]
fn names_are_judged_by_what_they_mean() {
    let ground = Ground::new(reach(public()));
    for place in ["localhost:443", "127.1:443", "2130706433:80", "0x7f000001:80", "0:80"] {
        let answer = ground.tunnel(place);
        // Some of these are no names to every system.
        let is_refused = answer.starts_with("HTTP/1.1 403 Refused by rehearsal: ");
        assert!(is_refused || (place != "localhost:443" && answer.starts_with("HTTP/1.1 502 ")), "{answer}");
    }
}

#[test]
fn registries_are_reached_wherever_they_are() {
    let outside = Outside::answering("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nwheel");
    let registries = vec![Place { host: "localhost".into(), port: outside.port }];
    let ground = Ground::new(reach(WayOut::Public { registries }));
    let other = ground.plain(&format!("http://127.0.0.1:{}/", outside.port));
    assert!(other.starts_with("HTTP/1.1 403 "), "{other}");
    let answer = ground.plain(&format!("http://localhost:{}/simple/", outside.port));
    assert!(answer.ends_with("wheel"), "{answer}");
}

#[test]
fn the_users_own_proxy_is_gone_through_with_its_password() {
    let variables = |port: u16| {
        let url = format!("http://me:p%40ss@127.0.0.1:{port}");
        [("https_proxy", url.clone()), ("HTTP_PROXY", url), ("NO_PROXY", "direct.example, .corp".to_owned())]
            .map(|(name, value)| (OsString::from(name), OsString::from(value)))
    };
    let through = |outside: &Outside, way_out: WayOut| {
        let upstreams = Upstreams::of_environment(&variables(outside.port).into());
        Ground::new(Given { reach: Reach { way_out, private: false, upstreams }, ..Given::default() })
    };
    // No name has so long a part, so this machine finds none and asks nobody.
    let name = format!("{}.example", "a".repeat(64));
    let proxy = Outside::answering("HTTP/1.1 200 Connection established\r\n\r\n");
    let ground = through(&proxy, public());
    let answer = ground.tunnel(&format!("{name}:443"));
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    insta::assert_snapshot!(proxy.asked());

    let proxy = Outside::answering("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhi");
    let ground = through(&proxy, public());
    assert!(ground.plain(&format!("http://{name}/a")).ends_with("hi"));
    insta::assert_snapshot!(proxy.asked());

    let proxy = Outside::answering("HTTP/1.1 403 Not today\r\n\r\n");
    let ground = through(&proxy, WayOut::Host);
    let answer = ground.tunnel(&format!("{name}:443"));
    assert!(answer.starts_with("HTTP/1.1 502 ") && answer.contains("HTTP/1.1 403 Not today"), "{answer}");
    drop(proxy.asked());

    // What is private or AWS's is refused before the proxy is asked.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let upstreams = Upstreams::of_environment(&variables(listener.local_addr().unwrap().port()).into());
    let ground = Ground::new(Given {
        reach: Reach { way_out: public(), private: false, upstreams },
        ..Given::default()
    });
    for place in ["10.0.0.1:443", "s3.amazonaws.com:443", "169.254.169.254:80"] {
        assert!(ground.tunnel(place).starts_with("HTTP/1.1 403 "), "{place}");
    }
    for domain in [".internal", ""] {
        let answer = ground.tunnel(&format!("{}{domain}:443", "a".repeat(64)));
        assert!(answer.starts_with("HTTP/1.1 502 Bad Gateway: cannot look up"), "{answer}");
    }
    listener.set_nonblocking(true).unwrap();
    assert!(listener.accept().is_err(), "the proxy was asked");
}

#[test]
fn one_request_is_passed_on_and_what_comes_behind_it_is_not() {
    let second = "GET http://s3.amazonaws.com/ HTTP/1.1\r\nHost: s3.amazonaws.com\r\n\r\n";
    let rows = [
        ("GET", "", ""),
        ("POST", "Content-Length: 3\r\n", "abc"),
        ("POST", "Transfer-Encoding: chunked\r\n", "3;x=y\r\nabc\r\n0\r\nX: y\r\n\r\n"),
        ("POST", "Content-Length: 3\r\n", "abc\r\n"),
    ];
    let mut story = String::new();
    for through_proxy in [true, false] {
        for (method, header, body) in rows {
            let outside = Outside::listening("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
            let port = outside.port;
            let variables = [(OsString::from("http_proxy"), format!("http://127.0.0.1:{port}").into())];
            let upstreams = if through_proxy {
                Upstreams::of_environment(&variables.into())
            } else {
                Upstreams::default()
            };
            let reach = Reach { way_out: WayOut::Host, private: false, upstreams };
            let ground = Ground::new(Given { reach, ..Given::default() });
            let request = format!(
                "{method} http://127.0.0.1:{port}/a HTTP/1.1\r\n{}\r\n{header}\r\n{body}{second}",
                ground.authorization()
            );
            let mut stream = ground.connect();
            // The client's side stays open: what ends the other one is the second request.
            stream.write_all(request.as_bytes()).unwrap();
            assert!(answer(stream).ends_with("hi"));
            let asked = outside.asked();
            assert!(!asked.contains("s3.amazonaws.com"), "{asked}");
            if through_proxy {
                story.extend([asked.as_str(), "\n---\n"]);
            }
        }
    }
    insta::assert_snapshot!(story);
}

#[test]
fn what_could_be_read_as_two_requests_is_none() {
    let ground = Ground::new(reach(WayOut::Host));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let place = listener.local_addr().unwrap();
    for headers in [
        "Content-Length: 3\r\nTransfer-Encoding: chunked",
        "Content-Length: 3\r\nContent-Length: 4",
        "Content-Length: 0x3",
        "Transfer-Encoding: gzip, chunked",
        "Transfer-Encoding : chunked",
        "X: y\r\n Transfer-Encoding: chunked",
        "X: y\nTransfer-Encoding: chunked",
    ] {
        let authorization = ground.authorization();
        let request =
            format!("POST http://{place}/ HTTP/1.1\r\n{authorization}\r\n{headers}\r\n\r\n0\r\n\r\n");
        let answer = ground.raw(request.as_bytes());
        assert!(answer.starts_with("HTTP/1.1 400 Bad Request\n"), "{headers}: {answer}");
    }
    listener.set_nonblocking(true).unwrap();
    assert!(listener.accept().is_err(), "a server was asked");
    // Where only the body shows it, the head has gone out already.
    listener.set_nonblocking(false).unwrap();
    let request = format!(
        "POST http://{place}/ HTTP/1.1\r\n{}\r\nTransfer-Encoding: chunked\r\n\r\n3\nabc\r\n0\r\n\r\n",
        ground.authorization()
    );
    let answer = ground.raw(request.as_bytes());
    assert!(answer.starts_with("HTTP/1.1 400 Bad Request\n"), "{answer}");
    let mut asked = String::new();
    listener.accept().unwrap().0.read_to_string(&mut asked).unwrap();
    assert!(asked.ends_with("\r\n\r\n") && !asked.contains("abc"), "{asked}");
}

#[test]
fn proxies_are_read_from_the_environment_as_clients_do() {
    let read = |variables: &[(&str, &str)]| {
        let variables = variables.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        format!("{:?}", Upstreams::of_environment(&variables))
    };
    let rows: [(&[(&str, &str)], &str); 6] = [
        (&[], "Upstreams { https: None, http: None, direct: [] }"),
        (&[("HTTPS_PROXY", "")], "Upstreams { https: None, http: None, direct: [] }"),
        (
            &[("HTTPS_PROXY", "proxy:3128")],
            "Upstreams { https: Some(Http(proxy:3128)), http: None, direct: [] }",
        ),
        (
            &[("all_proxy", "socks5://a:1"), ("http_proxy", "http://[::1]:8080/")],
            "Upstreams { https: Some(Unspoken(socks5)), http: Some(Http([::1]:8080)), direct: [] }",
        ),
        (
            &[("https_proxy", "http://lower"), ("HTTPS_PROXY", "http://upper")],
            "Upstreams { https: Some(Http(lower:80)), http: None, direct: [] }",
        ),
        (
            &[("no_proxy", "A.example, ,*.b")],
            "Upstreams { https: None, http: None, direct: [\"a.example\", \"*.b\"] }",
        ),
    ];
    for (variables, expected) in rows {
        assert_eq!(read(variables), expected);
    }
    let place = |host: &str| Place { host: host.into(), port: 443 };
    let upstreams = Upstreams {
        direct: vec!["*.b".into(), "a.example".into()],
        https: Some(Upstream::Unspoken("x".into())),
        http: None,
    };
    for (host, is_direct) in
        [("a.example", true), ("x.a.example", true), ("xa.example", false), ("c.b", true), ("c", false)]
    {
        assert_eq!(upstreams.of(&place(host), true).is_none(), is_direct, "{host}");
    }
}
