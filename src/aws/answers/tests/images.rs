//! Registries of images and packages.

use super::*;

#[test]
fn logins_name_the_registry() {
    let mut elsewhere = Bench::new().call("ecr-public:GetAuthorizationToken", json!({}));
    let bench = Bench::new();
    bench.play(&[
        (
            "ecr:GetAuthorizationToken",
            json!({}),
            Holds(&[
                (
                    "/authorizationData/0/proxyEndpoint",
                    json!("https://111122223333.dkr.ecr.eu-west-1.amazonaws.com"),
                ),
                // `AWS:` in base64.
                ("/authorizationData/0/authorizationToken", json!("QVdTO…")),
            ]),
        ),
        ("ecr-public:GetAuthorizationToken", json!({}), Fails("UnsupportedCommandException", "us-east-1")),
        (
            "codeartifact:GetAuthorizationToken",
            json!({"domain": "d"}),
            Holds(&[("/expiration/$timestamp", json!(1_750_043_200))]),
        ),
        (
            "codeartifact:GetRepositoryEndpoint",
            json!({"domain": "d", "domainOwner": "444455556666", "repository": "r", "format": "pypi"}),
            Holds(&[(
                "/repositoryEndpoint",
                json!("https://d-444455556666.d.codeartifact.eu-west-1.amazonaws.com/pypi/r/"),
            )]),
        ),
    ]);
    elsewhere.region = "us-east-1".to_owned();
    assert!(matches!(answer(&elsewhere, &bench.desk).answer, Answer::Output(_)));
}

#[test]
fn repositories_and_images_are_known_when_they_were_made_here() {
    let bench = Bench::new();
    let pushed = |tag: &str| json!({"repository": "web", "tag": tag, "digest": "sha256:ab"});
    bench.play(&[
        (
            "ecr:DescribeRepositories",
            json!({"repositoryNames": ["web"]}),
            Fails("RepositoryNotFoundException", "The repository with name 'web' does not exist in the registry with id '111122223333'"),
        ),
        ("ecr:PutImage", json!({"repositoryName": "elsewhere", "imageManifest": "{}", "imageTag": "1"}), Did("pushed image elsewhere:1")),
        ("ecr:DescribeRepositories", json!({"repositoryNames": ["elsewhere"]}), Holds(&[("/repositories/0/repositoryName", json!("elsewhere"))])),
        (
            "cloudformation:CreateStack",
            json!({"StackName": "registry", "TemplateBody": "Resources: {R: {Type: 'AWS::ECR::Repository', Properties: {RepositoryName: ours}}}"}),
            Did("created stack registry (1 resource)"),
        ),
        ("ecr:DescribeRepositories", json!({"repositoryNames": ["ours"]}), Holds(&[("/repositories/0/repositoryName", json!("ours"))])),
    ]);
    bench.desk.world.made().put("ecr:image", "web:1.2", pushed("1.2"));
    bench.play(&[
        (
            "ecr:DescribeRepositories",
            json!({"repositoryNames": ["web"]}),
            Holds(&[("/repositories/0/repositoryUri", json!("111122223333.dkr.ecr.eu-west-1.amazonaws.com/web"))]),
        ),
        ("ecr:DescribeRepositories", json!({}), Unanswered),
        ("ecr:CreateRepository", json!({"repositoryName": "web"}), Did("created repository web")),
        ("ecr:CreateRepository", json!({"repositoryName": "web"}), Fails("RepositoryAlreadyExistsException", "'web' already exists")),
        ("ecr:DescribeImages", json!({"repositoryName": "web", "imageIds": [{"imageTag": "1.2"}]}), Holds(&[("/imageDetails/0/imageDigest", json!("sha256:ab"))])),
        ("ecr:DescribeImages", json!({"repositoryName": "web", "imageIds": [{"imageTag": "1.1"}]}), Unanswered),
        ("ecr:ListImages", json!({"repositoryName": "web"}), Holds(&[("/imageIds/0/imageTag", json!("1.2"))])),
        ("ecr:BatchGetImage", json!({"repositoryName": "web", "imageIds": [{"imageTag": "1.2"}]}), Holds(&[("/images/0/imageId/imageDigest", json!("sha256:ab"))])),
        (
            "ecr:PutImage",
            json!({"repositoryName": "web", "imageTag": "latest", "imageManifest": "@/images/0/imageManifest"}),
            Did("pushed image web:latest"),
        ),
        ("ecr:DescribeImages", json!({"repositoryName": "web", "imageIds": [{"imageTag": "latest"}]}), Holds(&[("/imageDetails/0/imageTags", json!(["latest"]))])),
        (
            "ecr:BatchDeleteImage",
            json!({"repositoryName": "web", "imageIds": [{"imageTag": "latest"}]}),
            Did("deleted 1 image of repository web"),
        ),
        ("ecr:DescribeImages", json!({"repositoryName": "web", "imageIds": [{"imageTag": "latest"}]}), Unanswered),
        ("ecr:BatchCheckLayerAvailability", json!({"repositoryName": "web", "layerDigests": ["sha256:1"]}), Holds(&[("/layers/0/layerAvailability", json!("UNAVAILABLE"))])),
        ("ecr:InitiateLayerUpload", json!({"repositoryName": "web"}), Did("uploaded to repository web")),
        ("ecr:UploadLayerPart", json!({"repositoryName": "web", "uploadId": "@/uploadId", "partLastByte": 9}), Holds(&[("/lastByteReceived", json!(9))])),
        ("ecr:CompleteLayerUpload", json!({"repositoryName": "web", "uploadId": "@/uploadId", "layerDigests": ["sha256:1"]}), Holds(&[])),
        ("ecr:BatchCheckLayerAvailability", json!({"repositoryName": "web", "layerDigests": ["sha256:1"]}), Holds(&[("/layers/0/layerAvailability", json!("AVAILABLE"))])),
        ("ecr:DeleteRepository", json!({"repositoryName": "web"}), Did("deleted repository web")),
        ("ecr:DescribeRepositories", json!({"repositoryNames": ["web"]}), Fails("RepositoryNotFoundException", "The repository with name 'web' does not exist in the registry with id '111122223333'")),
        ("ecr:PutImage", json!({"repositoryName": "web", "imageManifest": "{}"}), Fails("RepositoryNotFoundException", "")),
    ]);
}
