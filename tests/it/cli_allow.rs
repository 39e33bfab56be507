//! What may be real, and what is done about secrets: `--allow`, `--profile`, `--placeholder-secrets`.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};

use serde_json::Value;

use crate::env::{CEILING, Env, buildspec};

const SECRETS: &str = "version: 0.2
env:
  parameter-store: {TOKEN: /app/token}
  secrets-manager: {DB_USER: 'service/db:user', DB_PASSWORD: 'service/db:password'}
phases:
  build:
    commands:
      - echo \"user $DB_USER token $TOKEN\"
";

const PROJECT: &str = "projects:
  - name: web
    environment:
      environmentVariables:
        - {name: LICENSE, value: /app/license, type: PARAMETER_STORE}
";

#[test]
fn all_missing_stand_ins_are_told_at_once_with_lines_to_paste() {
    let env = Env::with(&[("buildspec.yml", SECRETS), ("rehearsal.yml", PROJECT)]);
    let said = env.run(["build"]);
    let said: Vec<_> = said.lines().filter(|line| !line.starts_with("[Container]")).collect();
    insta::assert_snapshot!(said.join("\n"), @r#"
    exit: 1
    --- stderr

    web failed in phase DOWNLOAD_SOURCE
      reason  STAND_IN_MISSING: there is no stand-in for the secret service/db (for DB_PASSWORD, DB_USER), the parameter /app/license (for LICENSE), the parameter /app/token (for TOKEN); add to rehearsal.yml, or run with --placeholder-secrets:
      log     [WORK]/.git/rehearsal/logs/[ID]/[ID].log

    parameters:
      /app/license: { env: LICENSE }
      /app/token: { env: TOKEN }
    secrets:
      service/db: { literal: '{"password": "…", "user": "…"}' }

    Failed web [SHORT] in [TIME]
    run it again: rehearsal build
    "#);
    // What is to be pasted does what it says.
    let start = said.iter().rposition(|line| *line == "parameters:").unwrap();
    let block: Vec<_> = said[start..].iter().take_while(|line| !line.is_empty()).copied().collect();
    let block = block.join("\n").replace('…', "app");
    env.file("rehearsal.yml", &format!("{PROJECT}{block}\n"));
    let mut env = env;
    env.set("TOKEN", "t0ken");
    env.set("LICENSE", "licence");
    assert_eq!(env.stdout(["build"], 0), "user *** token ***\n");
}

#[test]
fn placeholders_fill_in_and_count_as_simulated() {
    let env = Env::with(&[("buildspec.yml", SECRETS), ("rehearsal.yml", PROJECT)]);
    let said = env.run(["build", "--placeholder-secrets"]);
    let said: Vec<_> = said.lines().filter(|line| !line.starts_with("[Container]")).collect();
    insta::assert_snapshot!(said.join("\n"), @"
    exit: 0
    --- stdout
    user placeholder-for-service/db:user token placeholder-for-/app/token
    --- stderr
    [Rehearsal] [WHEN] placeholders stand in for the secret service/db, the parameter /app/license, the parameter /app/token
    note: placeholders stand in for the secret service/db, the parameter /app/license, the parameter /app/token

    Succeeded web [SHORT] in [TIME], 3 simulated
    would have: read the secret service/db, for which a placeholder stood in
                read the parameter /app/license, for which a placeholder stood in
                read the parameter /app/token, for which a placeholder stood in
    ");
    let lines = env.stdout(["build", "--placeholder-secrets", "--json", "--strict"], 1);
    let finished: Value = serde_json::from_str(lines.lines().last().unwrap()).unwrap();
    assert_eq!((&finished["status"], &finished["simulated"]), (&"Succeeded".into(), &3.into()));
}

#[test]
fn what_cannot_be_allowed_is_wrong_usage_that_says_why() {
    let mut env = Env::with(&[("buildspec.yml", &buildspec(&["true"]))]);
    env.file(
        "../home/.aws/config",
        "[profile dev]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = s3cret\n",
    );
    // Nothing of the environment allows anything.
    for name in ["ALLOW", "PROFILE", "REHEARSAL_ALLOW", "REHEARSAL_PROFILE"] {
        env.set(name, "read");
    }
    let mut said = String::new();
    for arguments in [
        &["run", "--allow", "*"][..],
        &["run", "--allow", "s3:*"],
        &["run", "--allow", "s3:putobject"],
        &["build", "--allow", "sts:AssumeRole", "--profile", "dev"],
        &["run", "--allow", "s3:PutObject"],
        &["build", "--allow", "fetch"],
        &["run", "--profile", "dev"],
        &["build", "--allow", "read", "--profile", "prod"],
        &["build", "--allow", "host-hooks"],
        &["watch", "--allow", "read", "--profile", "dev"],
        &["hook", "install", "--allow", "read"],
        &["hook", "--profile", "dev", "install"],
    ] {
        let typed = arguments.join(" ");
        let text = env.run(arguments.iter().copied());
        assert!(text.starts_with("exit: 2\n"), "{text}");
        let text = text.replace("exit: 2\n--- stderr\n", "");
        said.extend(["$ rehearsal ", &typed, "\n", &text, "\n"]);
    }
    assert!(!said.contains("s3cret"), "{said}");
    insta::assert_snapshot!(said);
    // Nor does a file.
    env.file("rehearsal.yml", "allow: [read]\nlocal: { allow: [read], profile: dev }\n");
    env.commit("a file that would allow");
    let refused = env.run(["build"]);
    assert!(refused.starts_with("exit: 2\n"), "{refused}");
    for key in ["there is no `allow`", "there is no `local.allow`", "there is no `local.profile`"] {
        assert!(refused.contains(key), "{key}: {refused}");
    }
}

/// A server that answers everything with these outputs, in order, and tells the target and the key of each request.
fn aws(outputs: &'static [&'static str]) -> (String, Receiver<(String, String)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (sender, requests) = channel();
    std::thread::spawn(move || {
        for output in outputs {
            let Ok((mut stream, _)) = listener.accept() else { return };
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let (mut target, mut key, mut length) = (String::new(), String::new(), 0);
            loop {
                let mut line = String::new();
                reader.read_line(&mut line).unwrap();
                let Some((name, value)) = line.trim_end().split_once(": ") else {
                    if line.trim().is_empty() {
                        break;
                    }
                    continue;
                };
                match name.to_ascii_lowercase().as_str() {
                    "x-amz-target" => value.clone_into(&mut target),
                    "authorization" => {
                        value.split(['=', '/']).nth(1).unwrap_or_default().clone_into(&mut key);
                    }
                    "content-length" => length = value.parse().unwrap(),
                    _ => {}
                }
            }
            reader.read_exact(&mut vec![0; length]).unwrap();
            sender.send((target, key)).unwrap();
            let head =
                format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", output.len());
            stream.write_all(head.as_bytes()).unwrap();
            stream.write_all(output.as_bytes()).unwrap();
        }
    });
    (url, requests)
}

#[test]
fn stand_ins_are_fetched_only_when_that_is_typed_and_their_values_stay_hidden() {
    let env = Env::with(&[("buildspec.yml", SECRETS)]);
    env.file(
        "rehearsal.yml",
        "parameters: { /app/token: { fetch: /staging/token } }\nsecrets: { service/db: { fetch: true } }\n",
    );
    let (url, requests) = aws(&[
        r#"{"Parameter":{"Value":"t0ken"}}"#,
        r#"{"SecretString":"{\"user\":\"app-user\",\"password\":\"pw\"}"}"#,
    ]);
    // Keys come from a command of the user, which runs with the user's own environment, outside of the build.
    let printed = r#"{"Version":1,"AccessKeyId":"AKIDEXAMPLE","SecretAccessKey":"s3cret"}"#;
    let tool = env.file("../home/get-keys", &format!("#!/bin/sh\necho '{printed}'\n"));
    let config =
        format!("[profile dev]\ncredential_process = /bin/sh {}\nendpoint_url = {url}\n", tool.display());
    env.file("../home/.aws/config", &config);

    let refused = env.run(["build"]);
    assert!(refused.starts_with("exit: 1\n"), "{refused}");
    let why = "the stand-in for the parameter /app/token cannot be had: it is read from AWS only when that is allowed: \
               --allow fetch --profile NAME";
    assert!(refused.contains(why), "{refused}");
    requests.try_recv().unwrap_err();

    let ran = env.run(["build", "--allow", "fetch", "--profile", "dev"]);
    assert!(ran.starts_with("exit: 0\n") && ran.contains("user *** token ***"), "{ran}");
    let first = requests.recv_timeout(CEILING).unwrap();
    assert_eq!(first, ("AmazonSSM.GetParameter".to_owned(), "AKIDEXAMPLE".to_owned()));
    let second = requests.recv_timeout(CEILING).unwrap();
    assert_eq!(second, ("secretsmanager.GetSecretValue".to_owned(), "AKIDEXAMPLE".to_owned()));
    assert!(env.workspaces().is_empty(), "{:?}", env.workspaces());
    // Neither keys nor values are anywhere in what is kept.
    for secret in ["s3cret", "t0ken", "app-user"] {
        assert!(!ran.contains(secret), "{ran}");
        let found =
            env.prepare("grep").args(["-r", "-l", "-a", secret, ".git", "../state"]).output().unwrap();
        assert!(found.stdout.is_empty(), "{secret} is in {}", String::from_utf8_lossy(&found.stdout));
    }
}

/// A client in a build that asks for the values of a table. Its signature is good for nothing but to say who asks.
const CLIENT: &str = r#"
import json, os, urllib.request
request = urllib.request.Request(os.environ["AWS_ENDPOINT_URL"], data=json.dumps({"TableName": "prices"}).encode())
request.add_header("X-Amz-Target", "DynamoDB_20120810.Scan")
request.add_header("Content-Type", "application/x-amz-json-1.0")
credential = os.environ["AWS_ACCESS_KEY_ID"] + "/20261125/us-east-1/dynamodb/aws4_request"
request.add_header("Authorization", f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=0")
try:
    print(urllib.request.urlopen(request).read().decode())
except urllib.error.HTTPError as error:
    print(json.load(error)["message"])
print("profile key" if "AKIDEXAMPLE" in str(dict(os.environ)) else "keys of its own")
"#;

#[test]
fn a_call_that_is_allowed_reaches_the_profiles_endpoint_with_its_keys_which_the_build_never_sees() {
    for sandbox in ["host", "isolated"] {
        let mut env = Env::with(&[("buildspec.yml", &buildspec(&["python3 scan.py"])), ("scan.py", CLIENT)]);
        env.set("REHEARSAL_SANDBOX", sandbox);
        let (url, requests) = aws(&[r#"{"Items":[{"price":{"N":"3"}}]}"#]);
        env.file("../home/.aws/config", &format!("[profile dev]\nendpoint_url = {url}\n"));
        let keys = "[dev]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = s3cret\n";
        env.file("../home/.aws/credentials", keys);

        let refused = env.stdout(["build"], 0);
        assert!(refused.contains("--allow dynamodb:Scan --profile PROFILE"), "{refused}");
        requests.try_recv().unwrap_err();

        let allowed = ["build", "--allow", "dynamodb:Scan", "--profile", "dev"];
        let answer = env.stdout(allowed, 0);
        assert_eq!(answer, "{\"Items\":[{\"price\":{\"N\":\"3\"}}]}\nkeys of its own\n", "{sandbox}");
        let asked = requests.recv_timeout(CEILING).unwrap();
        assert_eq!(asked, ("DynamoDB_20120810.Scan".to_owned(), "AKIDEXAMPLE".to_owned()));
        let effects = env.stdout(["show", "--effects"], 0);
        assert!(
            effects.contains("forwarded  dynamodb:Scan {\"TableName\":\"prices\"} with profile dev"),
            "{effects}"
        );
    }
}
