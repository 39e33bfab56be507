//! STS, KMS, IAM.

use super::*;

#[test]
fn identities_have_the_forms_of_aws() {
    let bench = Bench::new();
    let role = "arn:aws:iam::444455556666:role/ops/deploy";
    bench.play(&[
        (
            "sts:GetCallerIdentity",
            json!({}),
            Holds(&[
                ("/Account", json!("111122223333")),
                (
                    "/Arn",
                    json!("arn:aws:sts::111122223333:assumed-role/codebuild-web-service-role/AWSCodeBuild-…"),
                ),
                ("/UserId", json!("AROA…")),
            ]),
        ),
        (
            "sts:AssumeRole",
            json!({"RoleArn": role, "RoleSessionName": "release"}),
            Holds(&[
                ("/Credentials/AccessKeyId", json!("ASIA…")),
                ("/Credentials/Expiration/$timestamp", json!(1_750_003_600)),
                ("/AssumedRoleUser/Arn", json!("arn:aws:sts::444455556666:assumed-role/deploy/release")),
            ]),
        ),
        (
            "sts:AssumeRole",
            json!({"RoleArn": "deploy", "RoleSessionName": "release"}),
            Fails("ValidationError", "deploy is invalid"),
        ),
        (
            "sts:AssumeRole",
            json!({"RoleArn": role, "RoleSessionName": "a b"}),
            Fails("ValidationError", "roleSessionName"),
        ),
        (
            "sts:AssumeRole",
            json!({"RoleArn": role, "RoleSessionName": "release", "DurationSeconds": "60"}),
            Fails("ValidationError", "greater than or equal to 900"),
        ),
        (
            "sts:AssumeRoleWithWebIdentity",
            json!({"RoleArn": role, "RoleSessionName": "ci", "WebIdentityToken": "x"}),
            Holds(&[("/AssumedRoleUser/Arn", json!("arn:aws:sts::444455556666:assumed-role/deploy/ci"))]),
        ),
        ("sts:GetSessionToken", json!({}), Holds(&[("/Credentials/AccessKeyId", json!("ASIA…"))])),
        (
            "sts:GetAccessKeyInfo",
            json!({"AccessKeyId": "AKIA"}),
            Holds(&[("/Account", json!("111122223333"))]),
        ),
        (
            "sts:DecodeAuthorizationMessage",
            json!({}),
            Fails("InvalidAuthorizationMessageException", "only AWS"),
        ),
    ]);
}

#[test]
fn whoever_took_on_a_role_is_that_role() {
    let bench = Bench::new();
    let role = json!({"RoleArn": "arn:aws:iam::444455556666:role/deploy", "RoleSessionName": "release"});
    let assumed = bench.output("sts:AssumeRole", role);
    let mut call = bench.call("sts:GetCallerIdentity", json!({}));
    call.access_key = assumed["Credentials"]["AccessKeyId"].as_str().unwrap().to_owned();
    let Answer::Output(identity) = answer(&call, &bench.desk).answer else { panic!() };
    assert_eq!(identity["Arn"], "arn:aws:sts::444455556666:assumed-role/deploy/release");
    assert_eq!(identity["Account"], "444455556666");
    assert_eq!(identity["UserId"], assumed["AssumedRoleUser"]["AssumedRoleId"]);
}

#[test]
fn what_kms_encrypts_here_it_decrypts_here() {
    let context = json!({"service": "web"});
    let bench = Bench::new();
    let sealed = bench.output(
        "kms:Encrypt",
        json!({"KeyId": "alias/app", "Plaintext": "aGVsbG8=", "EncryptionContext": context}),
    );
    let blob = &sealed["CiphertextBlob"]["$blob"];
    let bench = Bench::new();
    bench.play(&[
        (
            "kms:Decrypt",
            json!({"CiphertextBlob": blob, "EncryptionContext": context}),
            Holds(&[
                ("/Plaintext/$blob", json!("aGVsbG8=")),
                ("/KeyId", json!("arn:aws:kms:eu-west-1:111122223333:key/…")),
            ]),
        ),
        ("kms:Decrypt", json!({"CiphertextBlob": blob}), Fails("InvalidCiphertextException", "")),
        ("kms:Decrypt", json!({"CiphertextBlob": "AQICAHh"}), Unanswered),
        ("kms:GenerateDataKey", json!({"KeyId": "k", "KeySpec": "AES_256"}), Holds(&[])),
        ("kms:Decrypt", json!({"CiphertextBlob": "@/CiphertextBlob/$blob"}), Holds(&[])),
        ("kms:GenerateDataKeyWithoutPlaintext", json!({"KeyId": "k"}), Holds(&[("/Plaintext", Value::Null)])),
    ]);
}

#[test]
fn roles_and_policies_are_known_when_they_were_made() {
    let trust = r#"{"Version": "2012-10-17", "Statement": []}"#;
    let role = json!({"RoleName": "deploy", "AssumeRolePolicyDocument": trust});
    let policy = json!({"PolicyName": "read", "PolicyDocument": trust});
    Bench::new().play(&[
        ("iam:GetRole", json!({"RoleName": "deploy"}), Unanswered),
        (
            "iam:CreateRole",
            json!({"RoleName": "x", "AssumeRolePolicyDocument": "{"}),
            Fails("MalformedPolicyDocument", ""),
        ),
        ("iam:CreateRole", role.clone(), Did("created role deploy")),
        ("iam:CreateRole", role, Fails("EntityAlreadyExists", "Role with name deploy already exists.")),
        (
            "iam:GetRole",
            json!({"RoleName": "deploy"}),
            Holds(&[("/Role/Arn", json!("arn:aws:iam::111122223333:role/deploy"))]),
        ),
        ("iam:CreatePolicy", policy, Did("created policy read")),
        (
            "iam:AttachRolePolicy",
            json!({"RoleName": "deploy", "PolicyArn": "@/Policy/Arn"}),
            Did("attached policy read to role deploy"),
        ),
        (
            "iam:PutRolePolicy",
            json!({"RoleName": "deploy", "PolicyName": "own", "PolicyDocument": trust}),
            Did("put policy own into role deploy"),
        ),
        (
            "iam:GetRolePolicy",
            json!({"RoleName": "deploy", "PolicyName": "own"}),
            Holds(&[("/PolicyDocument", json!(trust))]),
        ),
        ("iam:GetRolePolicy", json!({"RoleName": "deploy", "PolicyName": "other"}), Unanswered),
    ]);
}
