//! Names and doors: Route 53, certificates, API Gateway.
//!
//! Owns: changes that are taken for done, and complete when asked again. API Gateway's second generation has members whose
//! names on the wire begin in lower case, and its moments are texts.

use serde_json::{Value, json};

use super::input::{elements, inner, text};
use super::made::{LOWER, UPPER, done, find, found, fresh, merged, now, output, picked, put, unanswered};
use super::{Operation, Outcome};
use crate::aws::call::Call;
use crate::aws::desk::Desk;
use crate::clock::new_id;

/// What Route 53 answers.
pub(super) const ROUTE53: &[Operation] =
    &[("ChangeResourceRecordSets", change_records), ("GetChange", get_change)];

/// What Certificate Manager answers.
pub(super) const ACM: &[Operation] = &[
    ("DescribeCertificate", |call, desk| {
        found(desk, CERTIFICATE, text(call, "CertificateArn")?, "Certificate")
    }),
    ("ImportCertificate", import_certificate),
    ("RequestCertificate", request_certificate),
];

/// What API Gateway answers, in its two generations: their operations share names and IAM's prefix.
pub(super) const API_GATEWAY: &[Operation] = &[
    ("CreateDeployment", create_deployment),
    ("GetDeployment", get_deployment),
    ("PutRestApi", put_rest_api),
    ("UpdateStage", update_stage),
];

const CHANGE: &str = "route53:change";
const CERTIFICATE: &str = "acm:certificate";
const DEPLOYMENT: &str = "apigateway:deployment";

fn change_records(call: &Call, desk: &Desk) -> Outcome {
    let zone = text(call, "HostedZoneId")?;
    let zone = zone.rsplit('/').next().unwrap_or(zone);
    let count = call.parameters.get("ChangeBatch").map_or(0, |batch| elements(batch, "Changes", "Change"));
    let id = fresh("C", UPPER, 20);
    let info = json!({ "Id": format!("/change/{id}"), "Status": "PENDING", "SubmittedAt": now(desk) });
    put(desk, CHANGE, &id, &info);
    let records = if count == 1 { "1 record".to_owned() } else { format!("{count} records") };
    done(json!({ "ChangeInfo": info }), format!("changed {records} of hosted zone {zone}"))
}

fn get_change(call: &Call, desk: &Desk) -> Outcome {
    let id = text(call, "Id")?;
    match find(desk, CHANGE, id.rsplit('/').next().unwrap_or(id)) {
        Some(info) => output(json!({ "ChangeInfo": merged(&info, json!({ "Status": "INSYNC" })) })),
        None => unanswered(),
    }
}

fn certificate(call: &Call, desk: &Desk, own: Value) -> String {
    let arn = desk.world.arn("acm", &call.region, &format!("certificate/{}", new_id()));
    let given = picked(call, &["DomainName", "SubjectAlternativeNames"]);
    let made = merged(&merged(&given, own), json!({ "CertificateArn": arn, "Status": "ISSUED" }));
    put(desk, CERTIFICATE, &arn, &made);
    arn
}

fn request_certificate(call: &Call, desk: &Desk) -> Outcome {
    let domain = text(call, "DomainName")?;
    let own = json!({ "Type": "AMAZON_ISSUED", "CreatedAt": now(desk), "IssuedAt": now(desk) });
    let arn = certificate(call, desk, own);
    done(json!({ "CertificateArn": arn }), format!("requested a certificate for {domain}"))
}

fn import_certificate(call: &Call, desk: &Desk) -> Outcome {
    let arn = match call.text("CertificateArn") {
        Some(arn) => arn.to_owned(),
        None => certificate(call, desk, json!({ "Type": "IMPORTED", "ImportedAt": now(desk) })),
    };
    done(json!({ "CertificateArn": arn }), "imported a certificate")
}

/// The API that a call is about and whether that is one of the first generation (REST).
fn api(call: &Call) -> (&str, bool) {
    match call.text("restApiId") {
        Some(id) => (id, true),
        None => (call.text("ApiId").or_else(|| call.text("apiId")).unwrap_or_default(), false),
    }
}

fn create_deployment(call: &Call, desk: &Desk) -> Outcome {
    let (api, rest) = api(call);
    let id = fresh("", LOWER, 6);
    let made = if rest {
        json!({ "id": id, "description": call.text("description"), "createdDate": now(desk) })
    } else {
        json!({
            "deploymentId": id,
            "deploymentStatus": "DEPLOYED",
            "description": call.text("description"),
            "createdDate": desk.world.clock.now().to_string(),
            "autoDeployed": false,
        })
    };
    put(desk, DEPLOYMENT, &format!("{api}/{id}"), &made);
    let stage = call.text("stageName").or_else(|| call.text("StageName"));
    let stage = stage.map(|name| format!(" to stage {name}")).unwrap_or_default();
    done(made, format!("deployed API {api}{stage}"))
}

fn get_deployment(call: &Call, desk: &Desk) -> Outcome {
    let id = inner(&call.parameters, "deploymentId").or_else(|| call.text("DeploymentId"));
    let name = format!("{}/{}", api(call).0, id.unwrap_or_default());
    find(desk, DEPLOYMENT, &name).map_or_else(unanswered, output)
}

fn put_rest_api(call: &Call, desk: &Desk) -> Outcome {
    let id = text(call, "restApiId")?;
    done(json!({ "id": id, "createdDate": now(desk) }), format!("changed API {id}"))
}

fn update_stage(call: &Call, desk: &Desk) -> Outcome {
    let (api, rest) = api(call);
    let stage = call.text("stageName").or_else(|| call.text("StageName")).unwrap_or_default();
    let said = if rest {
        json!({ "stageName": stage, "lastUpdatedDate": now(desk) })
    } else {
        json!({ "stageName": stage, "lastUpdatedDate": desk.world.clock.now().to_string() })
    };
    done(said, format!("changed stage {stage} of API {api}"))
}
