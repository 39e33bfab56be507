//! EC2's dialect of the query protocol: other names for lists and errors.

use serde_json::Value;

use super::xml::{self, Style};
use crate::aws::call::ApiError;

/// The body of an answer.
pub(super) fn output(operation: &str, id: &str, output: &Value) -> Vec<u8> {
    let mut text = String::new();
    let name = format!("{operation}Response");
    xml::open(&mut text, &name);
    xml::text(&mut text, "requestId", id);
    match output.as_object() {
        Some(members) if !members.is_empty() => xml::members(&mut text, members, Style::Ec2),
        // What operations without output say.
        _ => xml::text(&mut text, "return", "true"),
    }
    xml::close(&mut text, &name);
    text.into_bytes()
}

/// The body of an error.
pub(super) fn error(id: &str, error: &ApiError) -> Vec<u8> {
    let mut text = String::new();
    xml::open(&mut text, "Response");
    xml::open(&mut text, "Errors");
    xml::open(&mut text, "Error");
    xml::text(&mut text, "Code", &error.code);
    xml::text(&mut text, "Message", &error.message);
    xml::close(&mut text, "Error");
    xml::close(&mut text, "Errors");
    xml::text(&mut text, "RequestID", id);
    xml::close(&mut text, "Response");
    text.into_bytes()
}

/// The name of a member in a response: `VpcId` is `vpcId`, the list `Vpcs` is `vpcSet`.
pub(super) fn name(member: &str, is_list: bool) -> String {
    /// Lists that the rule does not tell (model of EC2, API version 2016-11-15).
    const LISTS: [(&str, &str); 12] = [
        ("Addresses", "addressesSet"),
        ("AvailabilityZones", "availabilityZoneInfo"),
        ("BlockDeviceMappings", "blockDeviceMapping"),
        ("Images", "imagesSet"),
        ("Instances", "instancesSet"),
        ("IpPermissions", "ipPermissions"),
        ("IpPermissionsEgress", "ipPermissionsEgress"),
        ("KeyPairs", "keySet"),
        ("LaunchTemplates", "launchTemplates"),
        ("PrivateIpAddresses", "privateIpAddressesSet"),
        ("Regions", "regionInfo"),
        ("SecurityGroups", "securityGroupInfo"),
    ];
    let lower = |text: &str| {
        let mut chars = text.chars();
        chars.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(chars).collect::<String>()
    };
    if !is_list {
        return lower(member);
    }
    match LISTS.iter().find(|(own, _)| *own == member) {
        Some((_, name)) => (*name).to_owned(),
        None => lower(member.strip_suffix('s').unwrap_or(member)) + "Set",
    }
}
