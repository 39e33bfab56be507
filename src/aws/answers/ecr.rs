//! Elastic Container Registry: logins, repositories, and images pushed in this execution.
//!
//! Owns: private registries. A repository is told of when it was made or pushed to in this execution, or belongs to a
//! stack that was rehearsed; pushing asks for none, unless it was deleted. An image is known when it was pushed here. A pushed image is a thing of the kind
//! [`IMAGE`], named `REPOSITORY:TAG` (`REPOSITORY@DIGEST` without a tag), of the form
//! `{"repository": …, "tag": …, "digest": "sha256:…", "manifest": …}`; the docker stand-in records its pushes so too,
//! without a manifest.

use serde_json::{Value, json};

use super::input::{inner, items, text, texts};
use super::made::{
    UPPER, all, counted, digest, done, encoded, find, fresh, moment, next, now, output, put, unanswered,
};
use super::{Operation, Outcome, cloudformation};
use crate::aws::call::{ApiError, Call};
use crate::aws::desk::Desk;
use crate::clock::new_id;

/// What ECR answers.
pub(super) const OPERATIONS: &[Operation] = &[
    ("BatchCheckLayerAvailability", batch_check_layer_availability),
    ("BatchDeleteImage", batch_delete_image),
    ("BatchGetImage", batch_get_image),
    ("CompleteLayerUpload", complete_layer_upload),
    ("CreateRepository", create_repository),
    ("DeleteRepository", delete_repository),
    ("DescribeImages", describe_images),
    ("DescribeRegistry", |_, desk| output(json!({ "registryId": desk.world.account }))),
    ("DescribeRepositories", describe_repositories),
    ("GetAuthorizationToken", get_authorization_token),
    ("InitiateLayerUpload", initiate_layer_upload),
    ("ListImages", list_images),
    ("PutImage", put_image),
    ("StartImageScan", start_image_scan),
    ("UploadLayerPart", upload_layer_part),
];

/// The kind of pushed images.
pub(super) const IMAGE: &str = "ecr:image";
/// The kind of passwords that were given out, each with its region.
pub(in crate::aws) const TOKEN: &str = "ecr:token";
/// Repositories that were made in this execution; null when they were deleted.
const REPOSITORY: &str = "ecr:repository";
const LAYER: &str = "ecr:layer";

/// How long a token lasts, in seconds.
const LASTS: i64 = 12 * 3600;

fn registry(call: &Call, desk: &Desk) -> String {
    call.text("registryId").unwrap_or(&desk.world.account).to_owned()
}

fn get_authorization_token(call: &Call, desk: &Desk) -> Outcome {
    let mut registries = texts(call, "registryIds");
    if registries.is_empty() {
        registries.push(&desk.world.account);
    }
    let tokens: Vec<Value> = registries
        .into_iter()
        .map(|account| {
            let password = fresh("", UPPER, 200);
            put(desk, TOKEN, &password, &json!({ "region": call.region }));
            json!({
                "authorizationToken": encoded(format!("AWS:{password}").as_bytes()),
                "expiresAt": moment(desk, LASTS),
                "proxyEndpoint": format!("https://{account}.dkr.ecr.{}.amazonaws.com", call.region),
            })
        })
        .collect();
    output(json!({ "authorizationData": tokens }))
}

fn repository(call: &Call, desk: &Desk, name: &str) -> Value {
    let account = registry(call, desk);
    json!({
        "repositoryArn": format!("arn:aws:ecr:{}:{account}:repository/{name}", call.region),
        "registryId": account,
        "repositoryName": name,
        "repositoryUri": format!("{account}.dkr.ecr.{}.amazonaws.com/{name}", call.region),
        "createdAt": now(desk),
        "imageTagMutability": call.text("imageTagMutability").unwrap_or("MUTABLE"),
        "imageScanningConfiguration": { "scanOnPush": false },
        "encryptionConfiguration": { "encryptionType": "AES256" },
    })
}

fn repository_not_found(call: &Call, desk: &Desk, name: &str) -> ApiError {
    let message = format!(
        "The repository with name '{name}' does not exist in the registry with id '{}'",
        registry(call, desk)
    );
    ApiError::new("RepositoryNotFoundException", message)
}

/// The repository that a call is about, unless it was deleted.
fn of_call<'c>(call: &'c Call, desk: &Desk) -> Result<&'c str, ApiError> {
    let name = text(call, "repositoryName")?;
    match find(desk, REPOSITORY, name) {
        Some(Value::Null) => Err(repository_not_found(call, desk, name)),
        Some(_) | None => Ok(name),
    }
}

fn describe_repositories(call: &Call, desk: &Desk) -> Outcome {
    let names = texts(call, "repositoryNames");
    if names.is_empty() {
        let made: Vec<Value> = all(desk, REPOSITORY).into_iter().filter(|it| !it.is_null()).collect();
        return if made.is_empty() { unanswered() } else { output(json!({ "repositories": made })) };
    }
    let mut repositories = Vec::new();
    for name in names {
        repositories.push(match find(desk, REPOSITORY, name) {
            Some(made) if !made.is_null() => made,
            None if is_known(call, desk, name) => repository(call, desk, name),
            Some(_) | None => return Err(repository_not_found(call, desk, name)),
        });
    }
    output(json!({ "repositories": repositories }))
}

/// Whether a repository that no call made is there all the same.
fn is_known(call: &Call, desk: &Desk, name: &str) -> bool {
    !images(desk, name).is_empty()
        || cloudformation::has_resource(desk, &call.region, "AWS::ECR::Repository", name)
}

fn create_repository(call: &Call, desk: &Desk) -> Outcome {
    let name = text(call, "repositoryName")?;
    if find(desk, REPOSITORY, name).is_some_and(|it| !it.is_null()) {
        let account = registry(call, desk);
        let message =
            format!("The repository with name '{name}' already exists in the registry with id '{account}'");
        return Err(ApiError::new("RepositoryAlreadyExistsException", message));
    }
    let made = repository(call, desk, name);
    put(desk, REPOSITORY, name, &made);
    done(json!({ "repository": made }), format!("created repository {name}"))
}

fn delete_repository(call: &Call, desk: &Desk) -> Outcome {
    let name = of_call(call, desk)?;
    let gone = find(desk, REPOSITORY, name).unwrap_or_else(|| repository(call, desk, name));
    put(desk, REPOSITORY, name, &Value::Null);
    done(json!({ "repository": gone }), format!("deleted repository {name}"))
}

/// Images of a repository that were pushed in this execution.
fn images(desk: &Desk, repository: &str) -> Vec<Value> {
    all(desk, IMAGE).into_iter().filter(|image| inner(image, "repository") == Some(repository)).collect()
}

fn image_id(image: &Value) -> Value {
    match inner(image, "tag") {
        Some(tag) => json!({ "imageDigest": image["digest"], "imageTag": tag }),
        None => json!({ "imageDigest": image["digest"] }),
    }
}

fn fits(image: &Value, id: &Value) -> bool {
    let same = |own: &str, asked: &str| inner(id, asked).is_none_or(|asked| inner(image, own) == Some(asked));
    same("digest", "imageDigest") && same("tag", "imageTag")
}

fn describe_images(call: &Call, desk: &Desk) -> Outcome {
    let name = of_call(call, desk)?;
    let pushed = images(desk, name);
    let asked = items(call, "imageIds");
    let mut found: Vec<&Value> = Vec::new();
    for id in asked {
        match pushed.iter().find(|image| fits(image, id)) {
            Some(image) => found.push(image),
            // Another execution may have pushed it.
            None => return unanswered(),
        }
    }
    if asked.is_empty() {
        found.extend(&pushed);
    }
    if found.is_empty() {
        return unanswered();
    }
    let details: Vec<Value> = found
        .into_iter()
        .map(|image| {
            json!({
                "registryId": registry(call, desk),
                "repositoryName": name,
                "imageDigest": image["digest"],
                "imageTags": image.get("tag").into_iter().collect::<Vec<_>>(),
                "imagePushedAt": now(desk),
                "imageManifestMediaType": MANIFEST,
            })
        })
        .collect();
    output(json!({ "imageDetails": details }))
}

fn list_images(call: &Call, desk: &Desk) -> Outcome {
    let ids: Vec<Value> = images(desk, of_call(call, desk)?).iter().map(image_id).collect();
    if ids.is_empty() { unanswered() } else { output(json!({ "imageIds": ids })) }
}

const MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";

fn image(call: &Call, desk: &Desk, repository: &str, image: &Value) -> Value {
    // The engine keeps the manifests of what docker pushed; one of the right form does for giving another tag.
    let made_up =
        || json!({ "schemaVersion": 2, "mediaType": MANIFEST, "config": {}, "layers": [] }).to_string();
    json!({
        "registryId": registry(call, desk),
        "repositoryName": repository,
        "imageId": image_id(image),
        "imageManifest": inner(image, "manifest").map_or_else(made_up, str::to_owned),
        "imageManifestMediaType": MANIFEST,
    })
}

fn batch_get_image(call: &Call, desk: &Desk) -> Outcome {
    let name = of_call(call, desk)?;
    let pushed = images(desk, name);
    let mut found = Vec::new();
    for id in items(call, "imageIds") {
        match pushed.iter().find(|image| fits(image, id)) {
            Some(one) => found.push(image(call, desk, name, one)),
            None => return unanswered(),
        }
    }
    output(json!({ "images": found, "failures": [] }))
}

fn put_image(call: &Call, desk: &Desk) -> Outcome {
    let (name, manifest) = (of_call(call, desk)?, text(call, "imageManifest")?);
    let tag = call.text("imageTag");
    let digest = call
        .text("imageDigest")
        .map_or_else(|| format!("sha256:{}", digest(manifest.as_bytes())), str::to_owned);
    let thing = json!({ "repository": name, "tag": tag, "digest": digest, "manifest": manifest });
    let full = match tag {
        Some(tag) => format!("{name}:{tag}"),
        None => format!("{name}@{digest}"),
    };
    put(desk, IMAGE, &full, &thing);
    done(json!({ "image": image(call, desk, name, &thing) }), format!("pushed image {full}"))
}

fn batch_delete_image(call: &Call, desk: &Desk) -> Outcome {
    let (name, ids) = (of_call(call, desk)?, items(call, "imageIds"));
    let mut made = desk.world.made();
    let gone: Vec<String> = made
        .all(IMAGE)
        .filter(|(_, image)| inner(image, "repository") == Some(name) && ids.iter().any(|id| fits(image, id)))
        .map(|(full, _)| full.to_owned())
        .collect();
    for full in gone {
        made.remove(IMAGE, &full);
    }
    drop(made);
    let words = match ids {
        [_] => format!("deleted 1 image of repository {name}"),
        ids => format!("deleted {} images of repository {name}", ids.len()),
    };
    done(json!({ "imageIds": ids, "failures": [] }), words)
}

fn batch_check_layer_availability(call: &Call, desk: &Desk) -> Outcome {
    let name = of_call(call, desk)?;
    let layer = |digest: &&str| {
        let there = find(desk, LAYER, &format!("{name}@{digest}")).is_some();
        json!({ "layerDigest": digest, "layerAvailability": if there { "AVAILABLE" } else { "UNAVAILABLE" } })
    };
    let layers: Vec<Value> = texts(call, "layerDigests").iter().map(layer).collect();
    output(json!({ "layers": layers, "failures": [] }))
}

fn initiate_layer_upload(call: &Call, desk: &Desk) -> Outcome {
    let name = of_call(call, desk)?;
    counted(
        json!({ "uploadId": new_id(), "partSize": 10_485_760 }),
        format!("uploaded to repository {name}"),
        "layer",
    )
}

/// A part is received, and not kept: nothing here runs it.
fn upload_layer_part(call: &Call, desk: &Desk) -> Outcome {
    let name = of_call(call, desk)?;
    output(json!({
        "registryId": registry(call, desk),
        "repositoryName": name,
        "uploadId": text(call, "uploadId")?,
        "lastByteReceived": super::input::number(call, "partLastByte").unwrap_or_default(),
    }))
}

fn complete_layer_upload(call: &Call, desk: &Desk) -> Outcome {
    let name = of_call(call, desk)?;
    let digests = texts(call, "layerDigests");
    for digest in &digests {
        next(desk, LAYER, &format!("{name}@{digest}"));
    }
    output(json!({
        "registryId": registry(call, desk),
        "repositoryName": name,
        "uploadId": text(call, "uploadId")?,
        "layerDigest": digests.first(),
    }))
}

fn start_image_scan(call: &Call, desk: &Desk) -> Outcome {
    let name = of_call(call, desk)?;
    let said = json!({
        "registryId": registry(call, desk),
        "repositoryName": name,
        "imageId": call.parameters["imageId"],
        "imageScanStatus": { "status": "PENDING" },
    });
    done(said, format!("scanned an image of repository {name}"))
}
