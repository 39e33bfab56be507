//! Messages: SNS, SQS, EventBridge, CloudWatch and its logs, SES, Kinesis and Firehose.
//!
//! Owns: what is said to those who send; nothing arrives anywhere. Queues and topics are known when they were made here.

use md5::{Digest, Md5};
use serde_json::{Value, json};

use super::input::{inner, items, list, short, text, texts};
use super::made::{
    all, counted, decoded, done, find, fresh, hexadecimal, listed, next, output, put, unanswered,
};
use super::{Operation, Outcome};
use crate::aws::call::{ApiError, Call};
use crate::aws::desk::Desk;
use crate::clock::new_id;

/// What SNS answers.
pub(super) const SNS: &[Operation] = &[
    ("CreateTopic", create_topic),
    ("ListTopics", list_topics),
    ("Publish", publish),
    ("PublishBatch", publish_batch),
    ("Subscribe", subscribe),
];

/// What SQS answers.
pub(super) const SQS: &[Operation] = &[
    ("CreateQueue", create_queue),
    ("GetQueueAttributes", get_queue_attributes),
    ("GetQueueUrl", get_queue_url),
    ("SendMessage", send_message),
    ("SendMessageBatch", send_message_batch),
];

/// What EventBridge answers.
pub(super) const EVENTS: &[Operation] = &[
    ("DescribeRule", describe_rule),
    ("PutEvents", put_events),
    ("PutRule", put_rule),
    ("PutTargets", targets),
    ("RemoveTargets", targets),
];

/// What CloudWatch answers.
pub(super) const CLOUDWATCH: &[Operation] = &[
    ("PutMetricAlarm", |call, _| done(json!({}), format!("set alarm {}", text(call, "AlarmName")?))),
    ("PutMetricData", put_metric_data),
];

/// What CloudWatch Logs answers.
pub(super) const LOGS: &[Operation] = &[
    ("CreateLogGroup", create_log_group),
    ("CreateLogStream", create_log_stream),
    ("DescribeLogGroups", |_, desk| listed(desk, GROUP, "logGroups")),
    ("DescribeLogStreams", describe_log_streams),
    ("PutLogEvents", put_log_events),
    ("PutRetentionPolicy", put_retention_policy),
];

/// What SES answers.
pub(super) const SES: &[Operation] =
    &[("SendEmail", send_email), ("SendRawEmail", send_email), ("SendTemplatedEmail", send_email)];

/// What Kinesis answers.
pub(super) const KINESIS: &[Operation] = &[("PutRecord", put_record), ("PutRecords", put_records)];

/// What Firehose answers.
pub(super) const FIREHOSE: &[Operation] =
    &[("PutRecord", deliver_record), ("PutRecordBatch", deliver_records)];

const TOPIC: &str = "sns:topic";
const QUEUE: &str = "sqs:queue";
const RULE: &str = "events:rule";
const GROUP: &str = "logs:group";
const STREAM: &str = "logs:stream";

fn publish(call: &Call, _: &Desk) -> Outcome {
    let target = call.text("TopicArn").or_else(|| call.text("TargetArn"));
    let said = json!({ "MessageId": new_id() });
    match target {
        Some(arn) => counted(said, format!("published to topic {}", short(arn)), "message"),
        None if call.text("PhoneNumber").is_some() => counted(said, "sent text messages", "message"),
        None => {
            let message = "Invalid parameter: TopicArn or TargetArn Reason: no value for required parameter";
            Err(ApiError::new("InvalidParameter", message))
        }
    }
}

/// One id for each entry of a batch.
fn entries(sent: &[Value], member: &str) -> Vec<Value> {
    sent.iter().map(|entry| json!({ "Id": entry["Id"], member: new_id() })).collect()
}

fn publish_batch(call: &Call, _: &Desk) -> Outcome {
    let topic = short(text(call, "TopicArn")?);
    let successful = entries(items(call, "PublishBatchRequestEntries"), "MessageId");
    let words = format!("published to topic {topic} in a batch of {}", successful.len());
    done(json!({ "Successful": successful, "Failed": [] }), words)
}

fn create_topic(call: &Call, desk: &Desk) -> Outcome {
    let name = text(call, "Name")?;
    let topic = json!({ "TopicArn": desk.world.arn("sns", &call.region, name) });
    put(desk, TOPIC, name, &topic);
    done(topic, format!("created topic {name}"))
}

fn list_topics(_: &Call, desk: &Desk) -> Outcome {
    listed(desk, TOPIC, "Topics")
}

fn subscribe(call: &Call, _: &Desk) -> Outcome {
    let topic = text(call, "TopicArn")?;
    let said = json!({ "SubscriptionArn": format!("{topic}:{}", new_id()) });
    done(said, format!("subscribed to topic {}", short(topic)))
}

/// The URL of a queue, at whichever address the call came to: clients send the next call there.
fn queue_url(call: &Call, desk: &Desk, name: &str) -> String {
    match call.header("host") {
        Some(host) => format!("http://{host}/{}/{name}", desk.world.account),
        None => format!("https://sqs.{}.amazonaws.com/{}/{name}", call.region, desk.world.account),
    }
}

fn queue_name(url: &str) -> &str {
    url.rsplit('/').next().unwrap_or(url)
}

fn create_queue(call: &Call, desk: &Desk) -> Outcome {
    let name = text(call, "QueueName")?;
    put(desk, QUEUE, name, &call.parameters);
    done(json!({ "QueueUrl": queue_url(call, desk, name) }), format!("created queue {name}"))
}

/// Any queue is taken to be there: sending begins with this.
fn get_queue_url(call: &Call, desk: &Desk) -> Outcome {
    output(json!({ "QueueUrl": queue_url(call, desk, text(call, "QueueName")?) }))
}

/// What is known of any queue is its ARN.
fn get_queue_attributes(call: &Call, desk: &Desk) -> Outcome {
    let name = queue_name(text(call, "QueueUrl")?);
    let asked = texts(call, "AttributeNames");
    let Some(made) = find(desk, QUEUE, name) else {
        return if asked == ["QueueArn"] {
            output(json!({ "Attributes": { "QueueArn": desk.world.arn("sqs", &call.region, name) } }))
        } else {
            unanswered()
        };
    };
    let mut attributes = made.get("Attributes").cloned().unwrap_or_else(|| json!({}));
    attributes["QueueArn"] = json!(desk.world.arn("sqs", &call.region, name));
    attributes["ApproximateNumberOfMessages"] = json!("0");
    output(json!({ "Attributes": attributes }))
}

fn md5(bytes: &[u8]) -> String {
    hexadecimal(&Md5::digest(bytes))
}

/// Adds bytes behind their length.
fn add(buffer: &mut Vec<u8>, bytes: &[u8]) {
    buffer.extend(u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
    buffer.extend(bytes);
}

/// The MD5 of attributes: names in order, each with its length, type, kind and value (SQS developer guide).
fn md5_of_attributes(attributes: &Value) -> Option<String> {
    let attributes = attributes.as_object().filter(|attributes| !attributes.is_empty())?;
    let mut buffer = Vec::new();
    let mut names: Vec<&String> = attributes.keys().collect();
    names.sort();
    for name in names {
        let attribute = &attributes[name];
        add(&mut buffer, name.as_bytes());
        add(&mut buffer, inner(attribute, "DataType")?.as_bytes());
        // The kind, 1 for a text and 2 for bytes, stands without a length.
        match (inner(attribute, "StringValue"), inner(attribute, "BinaryValue")) {
            (Some(text), _) => {
                buffer.push(1);
                add(&mut buffer, text.as_bytes());
            }
            (None, Some(binary)) => {
                buffer.push(2);
                add(&mut buffer, &decoded(binary)?);
            }
            (None, None) => return None,
        }
    }
    Some(md5(&buffer))
}

fn sent(message: &Value) -> Value {
    json!({
        "MessageId": new_id(),
        "MD5OfMessageBody": md5(inner(message, "MessageBody").unwrap_or_default().as_bytes()),
        "MD5OfMessageAttributes": message.get("MessageAttributes").and_then(md5_of_attributes),
    })
}

fn send_message(call: &Call, _: &Desk) -> Outcome {
    let queue = queue_name(text(call, "QueueUrl")?);
    counted(sent(&call.parameters), format!("sent to queue {queue}"), "message")
}

fn send_message_batch(call: &Call, _: &Desk) -> Outcome {
    let queue = queue_name(text(call, "QueueUrl")?);
    let successful: Vec<Value> = items(call, "Entries")
        .iter()
        .map(|entry| {
            let mut said = sent(entry);
            said["Id"] = entry["Id"].clone();
            said
        })
        .collect();
    let words = format!("sent to queue {queue} in a batch of {}", successful.len());
    done(json!({ "Successful": successful, "Failed": [] }), words)
}

fn put_events(call: &Call, _: &Desk) -> Outcome {
    let events = items(call, "Entries");
    let bus = events.iter().find_map(|event| inner(event, "EventBusName")).map_or("default", short);
    let said: Vec<Value> = events.iter().map(|_| json!({ "EventId": new_id() })).collect();
    counted(json!({ "FailedEntryCount": 0, "Entries": said }), format!("put events on bus {bus}"), "call")
}

fn put_rule(call: &Call, desk: &Desk) -> Outcome {
    let name = text(call, "Name")?;
    let arn = desk.world.arn("events", &call.region, &format!("rule/{name}"));
    let mut rule = call.parameters.clone();
    rule["Arn"] = json!(arn);
    put(desk, RULE, name, &rule);
    done(json!({ "RuleArn": arn }), format!("set rule {name}"))
}

fn describe_rule(call: &Call, desk: &Desk) -> Outcome {
    find(desk, RULE, text(call, "Name")?).map_or_else(unanswered, output)
}

fn targets(call: &Call, _: &Desk) -> Outcome {
    let rule = text(call, "Rule")?;
    done(json!({ "FailedEntryCount": 0, "FailedEntries": [] }), format!("changed the targets of rule {rule}"))
}

fn put_metric_data(call: &Call, _: &Desk) -> Outcome {
    counted(json!({}), format!("put metrics into {}", text(call, "Namespace")?), "call")
}

fn exists(kind: &str) -> ApiError {
    ApiError::new("ResourceAlreadyExistsException", format!("The specified log {kind} already exists"))
}

fn create_log_group(call: &Call, desk: &Desk) -> Outcome {
    let name = text(call, "logGroupName")?;
    if find(desk, GROUP, name).is_some() {
        return Err(exists("group"));
    }
    let group = json!({
        "logGroupName": name,
        "creationTime": desk.world.clock.now().as_millisecond(),
        "arn": desk.world.arn("logs", &call.region, &format!("log-group:{name}:*")),
        "storedBytes": 0,
        "metricFilterCount": 0,
    });
    put(desk, GROUP, name, &group);
    done(json!({}), format!("created log group {name}"))
}

fn create_log_stream(call: &Call, desk: &Desk) -> Outcome {
    let (group, name) = (text(call, "logGroupName")?, text(call, "logStreamName")?);
    let full = format!("{group}:{name}");
    if find(desk, STREAM, &full).is_some() {
        return Err(exists("stream"));
    }
    let stream = json!({
        "logStreamName": name,
        "creationTime": desk.world.clock.now().as_millisecond(),
        "arn": desk.world.arn("logs", &call.region, &format!("log-group:{group}:log-stream:{name}")),
        "storedBytes": 0,
    });
    put(desk, STREAM, &full, &stream);
    done(json!({}), format!("created log stream {name} of {group}"))
}

fn describe_log_streams(call: &Call, desk: &Desk) -> Outcome {
    let group = call.text("logGroupName").or_else(|| call.text("logGroupIdentifier")).unwrap_or_default();
    let part = format!(":log-group:{group}:log-stream:");
    let fits = |stream: &Value| inner(stream, "arn").is_some_and(|arn| arn.contains(&part));
    let streams: Vec<Value> = all(desk, STREAM).into_iter().filter(fits).collect();
    if streams.is_empty() { unanswered() } else { output(json!({ "logStreams": streams })) }
}

fn put_log_events(call: &Call, desk: &Desk) -> Outcome {
    let group = text(call, "logGroupName")?;
    let token = format!("{:056}", next(desk, "logs:token", group));
    counted(json!({ "nextSequenceToken": token }), format!("put log events into {group}"), "call")
}

fn put_retention_policy(call: &Call, _: &Desk) -> Outcome {
    done(json!({}), format!("set the retention of log group {}", text(call, "logGroupName")?))
}

fn send_email(call: &Call, _: &Desk) -> Outcome {
    let destination =
        call.parameters.get("Destination").map(|it| list(it, "ToAddresses")).unwrap_or_default();
    let to: Vec<&str> = destination.iter().filter_map(Value::as_str).collect();
    let words =
        if to.is_empty() { "sent mail".to_owned() } else { format!("sent mail to {}", to.join(", ")) };
    counted(json!({ "MessageId": new_id() }), words, "message")
}

fn stream(call: &Call) -> &str {
    let named = call.text("StreamName").or_else(|| call.text("DeliveryStreamName"));
    named.or_else(|| call.text("StreamARN").map(short)).unwrap_or_default()
}

fn sequenced() -> Value {
    json!({ "SequenceNumber": fresh("4", b"0123456789", 55), "ShardId": "shardId-000000000000" })
}

fn put_record(call: &Call, _: &Desk) -> Outcome {
    counted(sequenced(), format!("put records on stream {}", stream(call)), "call")
}

fn put_records(call: &Call, _: &Desk) -> Outcome {
    let records: Vec<Value> = items(call, "Records").iter().map(|_| sequenced()).collect();
    let said = json!({ "FailedRecordCount": 0, "Records": records });
    counted(said, format!("put records on stream {}", stream(call)), "call")
}

fn deliver_record(call: &Call, _: &Desk) -> Outcome {
    counted(
        json!({ "RecordId": new_id() }),
        format!("put records on delivery stream {}", stream(call)),
        "call",
    )
}

fn deliver_records(call: &Call, _: &Desk) -> Outcome {
    let records: Vec<Value> =
        items(call, "Records").iter().map(|_| json!({ "RecordId": new_id() })).collect();
    let said = json!({ "FailedPutCount": 0, "RequestResponses": records });
    counted(said, format!("put records on delivery stream {}", stream(call)), "call")
}
