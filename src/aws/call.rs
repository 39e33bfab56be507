//! One call of an AWS API, understood, and what can be said to it.
//!
//! Owns: the values that travel between the wire (which knows protocols) and the answers (which know services). Neither
//! knows the other.

use std::path::PathBuf;

use serde_json::Value;

/// How a call was written on the wire, and how its answer has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// `X-Amz-Target` and a JSON body, version 1.0 or 1.1.
    Json {
        /// Whether it is version 1.1.
        one_one: bool,
    },
    /// A form with `Action` and `Version`, answered in XML.
    Query,
    /// As `Query`, with EC2's own way to write lists and errors.
    Ec2,
    /// Method and path say the operation, the body is JSON.
    RestJson,
    /// Method and path say the operation, the body is XML.
    RestXml,
    /// `smithy-rpc-v2-cbor`: the path says the operation, the body is CBOR.
    Cbor,
}

/// One call.
#[derive(Debug, Clone)]
pub struct Call {
    /// The service, by its prefix in IAM actions: `s3`, `sts`, `ecr`, `cloudwatch`.
    pub service: String,
    /// The operation, in the API's spelling: `GetCallerIdentity`. Empty when no operation of the service fits.
    pub operation: String,
    /// Whether it only reads, as far as its name tells.
    pub read: bool,
    /// Its input by the members' API names. Members of a REST call that stand in the path, the query or headers are here
    /// too. Blobs are base64 texts; timestamps as the client wrote them.
    pub parameters: Value,
    /// The region it was signed for.
    pub region: String,
    /// The access key id it was signed with: one of the session's.
    pub access_key: String,
    /// How it came.
    pub protocol: Protocol,
    /// The HTTP method.
    pub method: String,
    /// The path as it came, with its percent signs, and behind a `?` the query.
    pub target: String,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body as it came, without the framing of chunked uploads.
    pub body: Body,
}

impl Call {
    /// The value of a header, by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// A text among the parameters.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.parameters.get(name).and_then(Value::as_str)
    }

    /// Its name as people write it: `s3:PutObject`.
    pub fn name(&self) -> String {
        format!("{}:{}", self.service, self.operation)
    }
}

/// The body of a call.
#[derive(Debug, Clone)]
pub enum Body {
    /// A short one.
    Memory(Vec<u8>),
    /// A long one, in a file that belongs to the call: an answer may move it away, and it is removed afterwards.
    File {
        /// Where it is, on the file system that holds the buckets.
        path: PathBuf,
        /// Bytes.
        length: u64,
    },
}

/// What is said to a call.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// Its output by the members' API names, to be written as the protocol has it. A timestamp is
    /// `{"$timestamp": SECONDS}`, a blob `{"$blob": BASE64}`.
    Output(Value),
    /// A response written by hand: `rest-xml`, and whatever streams.
    Raw {
        /// The HTTP status.
        status: u16,
        /// Headers.
        headers: Vec<(String, String)>,
        /// The body.
        body: Payload,
    },
    /// An error of the API.
    Error(ApiError),
    /// Nobody here knows: a write is then taken for done and recorded as simulated, a read is refused.
    Unanswered,
}

/// The body of a hand-written response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Payload {
    /// A short one.
    Memory(Vec<u8>),
    /// A piece of a file.
    File {
        /// Where it is.
        path: PathBuf,
        /// Where the piece begins.
        offset: u64,
        /// Its length in bytes.
        length: u64,
    },
}

/// An error as AWS's API has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiError {
    /// The HTTP status. Clients try again after 429 and 500 and above, so those are not for refusals.
    pub status: u16,
    /// The code: `ValidationError`.
    pub code: String,
    /// The sentence for people.
    pub message: String,
}

impl ApiError {
    /// An error of the client's making (status 400).
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        Self { status: 400, code: code.to_owned(), message: message.into() }
    }

    /// The same with another status.
    #[must_use]
    pub fn with_status(self, status: u16) -> Self {
        Self { status, ..self }
    }
}

/// Performs calls for real, with the user's own keys, as far as `--allow` lets it.
pub trait Forward: Send + Sync {
    /// Whether this call was allowed.
    fn allows(&self, call: &Call) -> bool;

    /// Performs it. The response comes as it was; an error says, for people, why there is none.
    fn forward(&self, call: &Call) -> Result<Answer, String>;

    /// The name of the profile, for the record.
    fn profile(&self) -> &str;
}
