//! CloudFront: invalidations.

use serde_json::json;

use super::input::{elements, text, whole};
use super::made::{UPPER, done, find, fresh, merged, now, output, put, unanswered};
use super::{Operation, Outcome};
use crate::aws::call::Call;
use crate::aws::desk::Desk;

/// What CloudFront answers.
pub(super) const OPERATIONS: &[Operation] =
    &[("CreateInvalidation", create_invalidation), ("GetInvalidation", get_invalidation)];

const INVALIDATION: &str = "cloudfront:invalidation";

fn create_invalidation(call: &Call, desk: &Desk) -> Outcome {
    let distribution = text(call, "DistributionId")?;
    let batch = call.parameters.get("InvalidationBatch").cloned().unwrap_or_default();
    let paths = batch.get("Paths").cloned().unwrap_or_default();
    let listed = i64::try_from(elements(&paths, "Items", "Path")).unwrap_or(i64::MAX);
    let count = paths.get("Quantity").and_then(whole).unwrap_or(listed);
    let id = fresh("I", UPPER, 25);
    let invalidation =
        json!({ "Id": id, "Status": "InProgress", "CreateTime": now(desk), "InvalidationBatch": batch });
    put(desk, INVALIDATION, &format!("{distribution}/{id}"), &invalidation);
    let location =
        format!("https://cloudfront.amazonaws.com/2020-05-31/distribution/{distribution}/invalidation/{id}");
    let paths = if count == 1 { "1 path".to_owned() } else { format!("{count} paths") };
    done(
        json!({ "Location": location, "Invalidation": invalidation }),
        format!("invalidated {paths} of distribution {distribution}"),
    )
}

fn get_invalidation(call: &Call, desk: &Desk) -> Outcome {
    let name = format!("{}/{}", text(call, "DistributionId")?, text(call, "Id")?);
    match find(desk, INVALIDATION, &name) {
        Some(made) => output(json!({ "Invalidation": merged(&made, json!({ "Status": "Completed" })) })),
        None => unanswered(),
    }
}
