//! DynamoDB: writes that are taken for done, and tables made in this execution.
//!
//! Owns: what is said to those who write. Items are not kept; reading one is left unanswered.

use serde_json::{Value, json};

use super::input::text;
use super::made::{counted, done, find, merged, now, output, picked, put, unanswered};
use super::{Operation, Outcome};
use crate::aws::call::{ApiError, Call};
use crate::aws::desk::Desk;

/// What DynamoDB answers.
pub(super) const OPERATIONS: &[Operation] = &[
    ("BatchWriteItem", batch_write),
    ("CreateTable", create_table),
    ("DeleteItem", |call, _| counted(json!({}), format!("deleted from table {}", table(call)?), "item")),
    ("DeleteTable", delete_table),
    ("DescribeTable", describe_table),
    ("PutItem", |call, _| counted(json!({}), format!("written to table {}", table(call)?), "item")),
    ("TransactWriteItems", |_, _| counted(json!({}), "written to tables in transactions", "call")),
    ("UpdateItem", |call, _| counted(json!({}), format!("written to table {}", table(call)?), "item")),
];

const TABLE: &str = "dynamodb:table";

fn table(call: &Call) -> Result<&str, ApiError> {
    Ok(super::input::short(text(call, "TableName")?))
}

fn batch_write(call: &Call, _: &Desk) -> Outcome {
    let tables = call.parameters.get("RequestItems").and_then(Value::as_object);
    let names: Vec<&str> = tables.into_iter().flat_map(|tables| tables.keys().map(String::as_str)).collect();
    counted(json!({ "UnprocessedItems": {} }), format!("written to table {}", names.join(", ")), "batch")
}

fn create_table(call: &Call, desk: &Desk) -> Outcome {
    let name = table(call)?;
    if find(desk, TABLE, name).is_some() {
        let message = format!("Table already exists: {name}");
        return Err(ApiError::new("ResourceInUseException", message));
    }
    let given = picked(
        call,
        &["AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "LocalSecondaryIndexes"],
    );
    let made = merged(
        &given,
        json!({
            "TableName": name,
            "TableArn": desk.world.arn("dynamodb", &call.region, &format!("table/{name}")),
            "TableStatus": "ACTIVE",
            "CreationDateTime": now(desk),
            "ItemCount": 0,
            "TableSizeBytes": 0,
        }),
    );
    put(desk, TABLE, name, &made);
    done(json!({ "TableDescription": made }), format!("created table {name}"))
}

fn describe_table(call: &Call, desk: &Desk) -> Outcome {
    match find(desk, TABLE, table(call)?) {
        Some(table) => output(json!({ "Table": table })),
        None => unanswered(),
    }
}

fn delete_table(call: &Call, desk: &Desk) -> Outcome {
    let name = table(call)?;
    let before = desk.world.made().remove(TABLE, name).unwrap_or_else(|| json!({ "TableName": name }));
    let gone = merged(&before, json!({ "TableStatus": "DELETING" }));
    done(json!({ "TableDescription": gone }), format!("deleted table {name}"))
}
