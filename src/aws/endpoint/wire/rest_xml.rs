//! rest-xml, and S3's way of it.

use serde_json::Value;

use super::Manner;
use super::xml::{self, Style};
use crate::aws::call::ApiError;
use crate::aws::endpoint::reply::Reply;

/// Members that CloudFront has in headers (model of CloudFront, API version 2020-05-31).
const HEADERS: [(&str, &str); 2] = [("ETag", "etag"), ("Location", "location")];

/// An answer. CloudFront's outputs are one structure beside headers, and that structure is the document.
pub(super) fn output(manner: &Manner, id: &str, output: &Value) -> Reply {
    let members = output.as_object().cloned().unwrap_or_default();
    let mut headers = Vec::new();
    let mut text = String::new();
    let inner = members.iter().find(|(_, value)| value.is_object());
    match inner {
        Some((name, value)) if manner.service == "cloudfront" => {
            xml::element(&mut text, name, value, Style::Rest);
            let named =
                HEADERS.iter().filter_map(|(name, header)| Some((header, members.get(*name)?.as_str()?)));
            headers.extend(named.map(|(header, value)| ((*header).to_owned(), value.to_owned())));
        }
        // What S3 answers to most writes is nothing.
        None if members.is_empty() && manner.service == "s3" => {}
        _ => xml::element(&mut text, &format!("{}Response", root(&manner.operation)), output, Style::Rest),
    }
    let mut reply = Reply::new(200, "application/xml", text);
    reply.headers.extend(headers);
    identified(reply, manner, id)
}

/// An error. One that was asked for with HEAD has no body to say anything in.
pub(super) fn error(manner: &Manner, id: &str, error: &ApiError) -> Reply {
    let mut text = String::new();
    let is_s3 = manner.service == "s3";
    if !is_s3 {
        xml::open(&mut text, "ErrorResponse");
    }
    xml::open(&mut text, "Error");
    if !is_s3 {
        xml::text(&mut text, "Type", if error.status < 500 { "Sender" } else { "Receiver" });
    }
    xml::text(&mut text, "Code", &error.code);
    xml::text(&mut text, "Message", &error.message);
    if is_s3 {
        xml::text(&mut text, "RequestId", id);
    }
    xml::close(&mut text, "Error");
    if !is_s3 {
        xml::text(&mut text, "RequestId", id);
        xml::close(&mut text, "ErrorResponse");
    }
    if manner.head {
        text.clear();
    }
    identified(Reply::new(error.status, "application/xml", text), manner, id)
}

fn identified(reply: Reply, manner: &Manner, id: &str) -> Reply {
    if manner.service == "s3" {
        reply.with("x-amz-request-id", id).with("x-amz-id-2", id)
    } else {
        reply.with("x-amzn-requestid", id)
    }
}

/// A document needs a name even where the operation has none.
fn root(operation: &str) -> &str {
    if operation.is_empty() { "Empty" } else { operation }
}
