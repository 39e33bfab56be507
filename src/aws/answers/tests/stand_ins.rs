//! Parameter Store and Secrets Manager.

use super::*;

fn bench() -> Bench {
    Bench::with(|world| {
        for (name, value) in [("/web/url", "https://x"), ("/web/db/host", "db"), ("token", "t")] {
            world.parameters.insert(name.to_owned(), Ok(value.to_owned()));
        }
        world.parameters.insert("/web/unset".to_owned(), Err("the variable URL is not set".to_owned()));
        world.secrets.insert("web/db".to_owned(), Ok(r#"{"password":"p"}"#.to_owned()));
        let arn = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:web/key-AbCdEf";
        world.secrets.insert(arn.to_owned(), Ok("k".to_owned()));
        world.secrets.insert("web/unset".to_owned(), Err("the variable KEY is not set".to_owned()));
    })
}

#[test]
fn parameters_come_from_the_stand_ins_and_from_what_was_put() {
    bench().play(&[
        (
            "ssm:GetParameter",
            json!({"Name": "/web/url", "WithDecryption": true}),
            Holds(&[
                ("/Parameter/Value", json!("https://x")),
                ("/Parameter/Version", json!(1)),
                ("/Parameter/ARN", json!("arn:aws:ssm:eu-west-1:111122223333:parameter/web/url")),
            ]),
        ),
        (
            "ssm:GetParameter",
            json!({"Name": "arn:aws:ssm:eu-west-1:111122223333:parameter/web/url"}),
            Holds(&[("/Parameter/Value", json!("https://x"))]),
        ),
        (
            "ssm:GetParameter",
            json!({"Name": "token"}),
            Holds(&[("/Parameter/ARN", json!("arn:aws:ssm:eu-west-1:111122223333:parameter/token"))]),
        ),
        ("ssm:GetParameter", json!({"Name": "token:1"}), Holds(&[("/Parameter/Selector", json!(":1"))])),
        (
            "ssm:GetParameter",
            json!({"Name": "token:2"}),
            Fails("ParameterVersionNotFound", "version 2 of token"),
        ),
        (
            "ssm:GetParameter",
            json!({"Name": "tokens"}),
            Fails("ParameterNotFound", "Parameter tokens not found"),
        ),
        (
            "ssm:GetParameter",
            json!({"Name": "/web/unset"}),
            Fails("ParameterNotFound", "the variable URL is not set"),
        ),
        ("ssm:GetParameter", json!({"Name": "/aws/service/ami-amazon-linux-latest/x"}), Unanswered),
        (
            "ssm:GetParameter",
            json!({"Name": "/aws/reference/secretsmanager/web/db"}),
            Holds(&[
                ("/Parameter/Value", json!(r#"{"password":"p"}"#)),
                ("/Parameter/Type", json!("SecureString")),
            ]),
        ),
        (
            "ssm:GetParameters",
            json!({"Names": ["/web/url", "/none"]}),
            Holds(&[("/Parameters/0/Value", json!("https://x")), ("/InvalidParameters", json!(["/none"]))]),
        ),
        (
            "ssm:GetParametersByPath",
            json!({"Path": "/web/db"}),
            Holds(&[("/Parameters/0/Name", json!("/web/db/host")), ("/Parameters/1", Value::Null)]),
        ),
        (
            "ssm:DescribeParameters",
            json!({"ParameterFilters": [{"Key": "Name", "Option": "BeginsWith", "Values": ["to"]}]}),
            Holds(&[
                ("/Parameters/0/Name", json!("token")),
                ("/Parameters/0/Value", Value::Null),
                ("/Parameters/1", Value::Null),
            ]),
        ),
        (
            "ssm:PutParameter",
            json!({"Name": "/web/url", "Value": "y", "Type": "String"}),
            Fails("ParameterAlreadyExists", "set the overwrite option"),
        ),
        (
            "ssm:PutParameter",
            json!({"Name": "/web/new", "Value": "y"}),
            Fails("ValidationException", "type is required"),
        ),
        (
            "ssm:PutParameter",
            json!({"Name": "/web/url", "Value": "y", "Overwrite": true}),
            Did("set the parameter /web/url"),
        ),
        (
            "ssm:GetParameter",
            json!({"Name": "/web/url"}),
            Holds(&[("/Parameter/Value", json!("y")), ("/Parameter/Version", json!(2))]),
        ),
        (
            "ssm:PutParameter",
            json!({"Name": "/web/new", "Value": "1.2", "Type": "String"}),
            Did("set the parameter /web/new"),
        ),
        ("ssm:GetParametersByPath", json!({"Path": "/web/new"}), Holds(&[("/Parameters", json!([]))])),
        ("ssm:DeleteParameter", json!({"Name": "/web/new"}), Did("deleted the parameter /web/new")),
        ("ssm:GetParameter", json!({"Name": "/web/new"}), Fails("ParameterNotFound", "")),
    ]);
}

#[test]
fn a_command_sent_to_instances_is_taken_for_run() {
    Bench::new().play(&[
        ("ssm:GetCommandInvocation", json!({"CommandId": "c", "InstanceId": "i-1"}), Unanswered),
        (
            "ssm:SendCommand",
            json!({"DocumentName": "AWS-RunShellScript", "InstanceIds": ["i-1"]}),
            Did("sent AWS-RunShellScript to instances"),
        ),
        (
            "ssm:GetCommandInvocation",
            json!({"CommandId": "@/Command/CommandId", "InstanceId": "i-1"}),
            Holds(&[("/Status", json!("Success")), ("/ResponseCode", json!(0))]),
        ),
    ]);
}

#[test]
fn secrets_come_from_the_stand_ins_and_from_what_was_put() {
    let arn = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:web/db-QwErTy";
    let missing = "Secrets Manager can't find the specified secret.";
    bench().play(&[
        (
            "secretsmanager:GetSecretValue",
            json!({"SecretId": "web/db"}),
            Holds(&[
                ("/SecretString", json!(r#"{"password":"p"}"#)),
                ("/Name", json!("web/db")),
                ("/ARN", json!("arn:aws:secretsmanager:eu-west-1:111122223333:secret:web/db-…")),
                ("/VersionStages", json!(["AWSCURRENT"])),
            ]),
        ),
        ("secretsmanager:GetSecretValue", json!({"SecretId": "@/ARN"}), Holds(&[("/Name", json!("web/db"))])),
        ("secretsmanager:GetSecretValue", json!({"SecretId": arn}), Holds(&[("/Name", json!("web/db"))])),
        (
            "secretsmanager:GetSecretValue",
            json!({"SecretId": "web/key"}),
            Holds(&[("/SecretString", json!("k")), ("/Name", json!("web/key"))]),
        ),
        (
            "secretsmanager:GetSecretValue",
            json!({"SecretId": "web/dbs"}),
            Fails("ResourceNotFoundException", missing),
        ),
        (
            "secretsmanager:GetSecretValue",
            json!({"SecretId": "web/unset"}),
            Fails("ResourceNotFoundException", "the variable KEY is not set"),
        ),
        (
            "secretsmanager:BatchGetSecretValue",
            json!({"SecretIdList": ["web/db", "none"]}),
            Holds(&[("/SecretValues/0/Name", json!("web/db")), ("/Errors/0/SecretId", json!("none"))]),
        ),
        (
            "secretsmanager:ListSecrets",
            json!({"Filters": [{"Key": "name", "Values": ["web/d"]}]}),
            Holds(&[("/SecretList/0/Name", json!("web/db")), ("/SecretList/1", Value::Null)]),
        ),
        (
            "secretsmanager:DescribeSecret",
            json!({"SecretId": "web/db"}),
            Holds(&[("/Name", json!("web/db")), ("/SecretString", Value::Null)]),
        ),
        (
            "secretsmanager:CreateSecret",
            json!({"Name": "web/db", "SecretString": "x"}),
            Fails("ResourceExistsException", "because the secret web/db already exists"),
        ),
        (
            "secretsmanager:CreateSecret",
            json!({"Name": "web/new", "SecretString": "x"}),
            Did("created the secret web/new"),
        ),
        (
            "secretsmanager:GetSecretValue",
            json!({"SecretId": "@/ARN"}),
            Holds(&[("/SecretString", json!("x")), ("/Name", json!("web/new"))]),
        ),
        (
            "secretsmanager:PutSecretValue",
            json!({"SecretId": "web/db", "SecretString": "z"}),
            Did("changed the secret web/db"),
        ),
        (
            "secretsmanager:GetSecretValue",
            json!({"SecretId": "web/db"}),
            Holds(&[("/SecretString", json!("z"))]),
        ),
        (
            "secretsmanager:PutSecretValue",
            json!({"SecretId": "elsewhere", "SecretBinary": "AQI="}),
            Did("changed the secret elsewhere"),
        ),
        (
            "secretsmanager:GetSecretValue",
            json!({"SecretId": "elsewhere"}),
            Holds(&[("/SecretBinary/$blob", json!("AQI="))]),
        ),
        ("secretsmanager:DeleteSecret", json!({"SecretId": "web/new"}), Did("deleted the secret web/new")),
        (
            "secretsmanager:GetSecretValue",
            json!({"SecretId": "web/new"}),
            Fails("ResourceNotFoundException", missing),
        ),
    ]);
}

#[test]
fn passwords_are_of_the_letters_that_are_left() {
    let wanted = json!({"PasswordLength": "40", "ExcludePunctuation": true, "ExcludeCharacters": "abcXYZ", "ExcludeNumbers": true});
    let said = Bench::new().output("secretsmanager:GetRandomPassword", wanted);
    let password = said["RandomPassword"].as_str().unwrap();
    assert_eq!(password.len(), 40);
    assert!(password.chars().all(|c| c.is_ascii_alphabetic() && !"abcXYZ".contains(c)), "{password}");
}

#[test]
fn placeholders_stand_in_for_what_has_no_stand_in_when_they_are_asked_for() {
    let bench = Bench::with(|world| {
        world.placeholders = true;
        world.parameters.insert("/web/url".to_owned(), Ok("https://x".to_owned()));
        world.parameters.insert("/web/unset".to_owned(), Err("the variable URL is not set".to_owned()));
        world.secrets.insert("web/db".to_owned(), Ok("p".to_owned()));
    });
    bench.play(&[
        ("ssm:GetParameter", json!({"Name": "/web/url"}), Holds(&[("/Parameter/Value", json!("https://x"))])),
        (
            "ssm:GetParameter",
            json!({"Name": "/web/token"}),
            Holds(&[("/Parameter/Value", json!("placeholder-for-/web/token"))]),
        ),
        (
            "ssm:GetParameters",
            json!({"Names": ["/web/url", "/web/unset", "/other"]}),
            Holds(&[
                ("/Parameters/1/Value", json!("placeholder-for-/web/unset")),
                ("/Parameters/2/Value", json!("placeholder-for-/other")),
                ("/InvalidParameters", json!([])),
            ]),
        ),
        (
            "ssm:GetParametersByPath",
            json!({"Path": "/api"}),
            Holds(&[("/Parameters/0/Value", json!("placeholder-for-/api/placeholder"))]),
        ),
        (
            "ssm:GetParameter",
            json!({"Name": "/aws/reference/secretsmanager/api/key"}),
            Holds(&[("/Parameter/Value", json!("placeholder-for-api/key"))]),
        ),
        ("ssm:GetParameter", json!({"Name": "/aws/service/ami-amazon-linux-latest/x"}), Unanswered),
        (
            "secretsmanager:GetSecretValue",
            json!({"SecretId": "web/db"}),
            Holds(&[("/SecretString", json!("p"))]),
        ),
        (
            "secretsmanager:GetSecretValue",
            json!({"SecretId": "web/key"}),
            Holds(&[("/SecretString", json!("placeholder-for-web/key")), ("/Name", json!("web/key"))]),
        ),
        ("ssm:DeleteParameter", json!({"Name": "/web/token"}), Did("deleted the parameter /web/token")),
        ("ssm:GetParameter", json!({"Name": "/web/token"}), Fails("ParameterNotFound", "not found")),
        ("secretsmanager:DeleteSecret", json!({"SecretId": "web/key"}), Did("deleted the secret web/key")),
        (
            "secretsmanager:GetSecretValue",
            json!({"SecretId": "web/key"}),
            Fails("ResourceNotFoundException", "can't find"),
        ),
    ]);
}

#[test]
fn placeholders_count_as_simulated_and_stand_ins_do_not() {
    let bench = Bench::with(|world| {
        world.placeholders = true;
        world.parameters.insert("/web/url".to_owned(), Ok("https://x".to_owned()));
        world.secrets.insert("web/db".to_owned(), Ok("p".to_owned()));
    });
    for (name, parameters, words) in [
        ("ssm:GetParameter", json!({"Name": "/web/url"}), None),
        ("secretsmanager:GetSecretValue", json!({"SecretId": "web/db"}), None),
        (
            "ssm:GetParameter",
            json!({"Name": "/web/token"}),
            Some("read the parameter /web/token, for which a placeholder stood in"),
        ),
        (
            "ssm:GetParameters",
            json!({"Names": ["/a", "/web/url", "/b"]}),
            Some("read the parameters /a, /b, for which a placeholder stood in"),
        ),
        (
            "secretsmanager:GetSecretValue",
            json!({"SecretId": "web/key"}),
            Some("read the secret web/key, for which a placeholder stood in"),
        ),
    ] {
        let said = bench.say(name, parameters);
        assert_eq!(said.deed.map(|deed| deed.words).as_deref(), words, "{name}");
    }
}
