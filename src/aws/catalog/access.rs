//! What a call does and gives: whether it is a read, and whether its answer is a secret.
//!
//! Owns: the rule and the table of exceptions. A *read* changes nothing at AWS and is called for its answer, so an empty
//! answer to it would be a lie, and letting it through harms nobody's resources. Whatever is doubtful is a write: it is
//! never let through because reads are. Leaves to the endpoint: what is done with either.

use super::operation::Operation;

/// What a call of an operation does and gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Changes nothing, gives an answer.
    Read,
    /// Changes nothing, and the answer opens doors: credentials, tokens, secrets, keys.
    Secret,
    /// Changes something, or may.
    Write,
}

use Access::{Read, Secret, Write};

/// First words of names of reads. `Batch` counts for nothing: `BatchGetItem` begins with `Get`.
const READS: [&str; 25] = [
    "Calculate",
    "Check",
    "Compare",
    "Contains",
    "Count",
    "Decode",
    "Describe",
    "Detect",
    "Discover",
    "Download",
    "Estimate",
    "Filter",
    "Get",
    "Head",
    "Is",
    "List",
    "Lookup",
    "Preview",
    "Query",
    "Render",
    "Scan",
    "Search",
    "Select",
    "Simulate",
    "Validate",
];

/// Parts of names of reads that give what opens doors: `GetClusterCredentials`, `GetAuthorizationToken`. Names of things
/// that are not given themselves (`GetAccountPasswordPolicy`) are among the exceptions.
const DOORS: [&str; 5] = ["Credential", "Token", "Password", "SecretValue", "ApiKey"];

/// Where the words mislead, or somebody may ask why.
const EXCEPTIONS: &[(&str, &str, Access)] = &[
    // Answers that are credentials, whatever the name says.
    ("acm", "ExportCertificate", Secret),      // With its private key.
    ("codepipeline", "GetJobDetails", Secret), // With credentials for the artifacts.
    ("codepipeline", "GetThirdPartyJobDetails", Secret),
    ("eks-auth", "AssumeRoleForPodIdentity", Secret),
    ("gamelift", "GetInstanceAccess", Secret),
    ("kms", "Decrypt", Secret), // Changes nothing; the plaintext is the secret.
    ("lightsail", "DownloadDefaultKeyPair", Secret),
    ("lightsail", "GetBucketAccessKeys", Secret),
    ("lightsail", "GetInstanceAccessDetails", Secret),
    ("payment-cryptography", "ExportKey", Secret),
    ("payment-cryptography-data", "DecryptData", Secret),
    ("route53domains", "RetrieveDomainAuthCode", Secret),
    ("s3", "CreateSession", Secret), // Creates nothing that stays: session credentials of directory buckets.
    ("s3control", "GetDataAccess", Secret),
    // Parameters may be SecureStrings, and nothing in the request says which.
    ("ssm", "GetParameter", Secret),
    ("ssm", "GetParameterHistory", Secret),
    ("ssm", "GetParameters", Secret),
    ("ssm", "GetParametersByPath", Secret),
    // Roles are assumed for the answer; the sessions that come of it are not undone by anything.
    ("sts", "AssumeRole", Secret),
    ("sts", "AssumeRoleWithSAML", Secret),
    ("sts", "AssumeRoleWithWebIdentity", Secret),
    ("sts", "AssumeRoot", Secret),
    // Names with a telling word whose answer tells nothing of the kind.
    ("bedrock-agentcore-control", "GetApiKeyCredentialProvider", Read),
    ("bedrock-agentcore-control", "GetTokenVault", Read),
    ("bedrock-agentcore-control", "ListApiKeyCredentialProviders", Read),
    ("bedrock-runtime", "CountTokens", Read),
    ("codebuild", "ListSourceCredentials", Read), // ARNs and kinds only.
    ("codedeploy", "ListGitHubAccountTokenNames", Read),
    ("cognito-identity", "GetId", Write), // Makes the identity when there is none.
    ("cognito-identity", "GetOpenIdTokenForDeveloperIdentity", Write),
    ("iam", "GenerateCredentialReport", Read), // Like the two below: the report is the answer, asked for later.
    ("iam", "GenerateOrganizationsAccessReport", Read),
    ("iam", "GenerateServiceLastAccessedDetails", Read),
    ("iam", "GetAccountPasswordPolicy", Read),
    ("iam", "GetCredentialReport", Read),
    ("iam", "ListServiceSpecificCredentials", Read),
    ("waf", "GetChangeTokenStatus", Read),
    ("waf-regional", "GetChangeTokenStatus", Read),
    // Models that are asked, functions of their input: the answer is all there is.
    ("bedrock-agent-runtime", "Rerank", Read),
    ("bedrock-agent-runtime", "Retrieve", Read),
    ("bedrock-agent-runtime", "RetrieveAndGenerate", Read),
    ("bedrock-agent-runtime", "RetrieveAndGenerateStream", Read),
    ("bedrock-runtime", "Converse", Read),
    ("bedrock-runtime", "ConverseStream", Read),
    ("bedrock-runtime", "InvokeModel", Read),
    ("bedrock-runtime", "InvokeModelWithResponseStream", Read),
    ("comprehend", "ClassifyDocument", Read),
    ("comprehendmedical", "InferICD10CM", Read),
    ("comprehendmedical", "InferRxNorm", Read),
    ("comprehendmedical", "InferSNOMEDCT", Read),
    ("kms", "Encrypt", Read),
    ("kms", "GenerateDataKey", Secret),
    ("kms", "GenerateDataKeyPair", Secret),
    ("kms", "GenerateDataKeyPairWithoutPlaintext", Read),
    ("kms", "GenerateDataKeyWithoutPlaintext", Read),
    ("kms", "GenerateMac", Read),
    ("kms", "GenerateRandom", Secret),
    ("kms", "ReEncrypt", Read),
    ("kms", "Sign", Secret), // A signature lets others believe what was signed.
    ("kms", "Verify", Read),
    ("kms", "VerifyMac", Read),
    ("machinelearning", "Predict", Read),
    ("polly", "SynthesizeSpeech", Read),
    ("rekognition", "RecognizeCelebrities", Read),
    ("sagemaker-runtime", "InvokeEndpoint", Read),
    ("sagemaker-runtime", "InvokeEndpointWithResponseStream", Read),
    ("textract", "AnalyzeDocument", Read),
    ("textract", "AnalyzeExpense", Read),
    ("textract", "AnalyzeID", Read),
    ("translate", "TranslateDocument", Read),
    ("translate", "TranslateText", Read),
    // Questions that are asked in two steps, and questions by other words.
    ("apigatewayv2", "ExportApi", Read),
    ("appconfigdata", "StartConfigurationSession", Read),
    ("appsync", "EvaluateCode", Read),
    ("appsync", "EvaluateMappingTemplate", Read),
    ("clouddirectory", "BatchRead", Read),
    ("dynamodb", "TransactGetItems", Read),
    ("elasticbeanstalk", "RetrieveEnvironmentInfo", Read),
    ("gamelift", "ResolveAlias", Read),
    ("greengrassv2", "ResolveComponentCandidates", Read),
    ("kendra", "Retrieve", Read),
    ("logs", "StartLiveTail", Read),
    ("logs", "StartQuery", Read),
    ("logs", "StopQuery", Read),
    ("schemas", "ExportSchema", Read),
    // Reads by their name or model that change something, send something or run something.
    ("agent-registry-control", "ValidatePublisher", Write),
    ("endusermessaging", "ValidateNotifyCodeVerification", Write), // Uses the code up.
    ("ivs", "BatchStartViewerSessionRevocation", Write),
    ("ivs", "StartViewerSessionRevocation", Write),
    ("license-manager", "CheckInLicense", Write),
    ("redshift", "GetClusterCredentials", Write), // Makes the user with AutoCreate.
    // `Test…` is a read only where nothing but the given input is looked at: the others run functions, send messages,
    // open connections or fail over.
    ("b2bi", "TestConversion", Read),
    ("b2bi", "TestMapping", Read),
    ("b2bi", "TestParsing", Read),
    ("cloudfront", "TestFunction", Read),
    ("events", "TestEventPattern", Read),
    ("iot", "TestAuthorization", Read),
    ("logs", "TestMetricFilter", Read),
    ("logs", "TestTransformer", Read),
    ("macie2", "TestCustomDataIdentifier", Read),
    ("route53", "TestDNSAnswer", Read),
    ("ses", "TestRenderTemplate", Read),
    ("sesv2", "TestRenderEmailTemplate", Read),
    // Writes although they are called for their answer. A received message is hidden from others for a while, and work
    // that is polled for is handed out; a statement may be an INSERT; a function is code that may do anything.
    ("codepipeline", "PollForJobs", Write),
    ("dynamodb", "ExecuteStatement", Write),
    ("lambda", "Invoke", Write),
    ("rds-data", "ExecuteStatement", Write),
    ("redshift-data", "ExecuteStatement", Write),
    ("sqs", "ReceiveMessage", Write),
];

impl Access {
    pub(super) fn of(operation: &Operation) -> Self {
        let (service, name) = (operation.service.name, operation.name);
        if let Some((.., access)) = EXCEPTIONS.iter().find(|(s, n, _)| (*s, *n) == (service, name)) {
            return *access;
        }
        let name = name.strip_prefix("Batch").filter(|rest| !rest.is_empty()).unwrap_or(name);
        if !operation.is_marked_read_only() && !READS.contains(&first_word(name)) {
            return Write;
        }
        if first_word(name) == "Get" && DOORS.iter().any(|part| name.contains(part)) { Secret } else { Read }
    }
}

/// `Get` of `GetObject`.
fn first_word(name: &str) -> &str {
    let end = name.char_indices().skip(1).find(|(_, c)| c.is_ascii_uppercase() || c.is_ascii_digit());
    end.map_or(name, |(at, _)| &name[..at])
}

/// The operations of the table of exceptions.
#[cfg(test)]
pub(super) fn exceptions() -> impl Iterator<Item = (&'static str, &'static str)> {
    EXCEPTIONS.iter().map(|(service, name, _)| (*service, *name))
}
