//! What the on-host agent says when it refuses an appspec (codedeploy.md 2.1).
//!
//! Owns: its words, which a deployment shows. Leaves to the readers: when it says them.

use std::fmt;

/// Why the agent refuses a file. The numbers are those of codedeploy.md 2.1.
#[derive(Debug, Clone)]
pub(super) enum Refusal<'a> {
    /// 1
    Empty,
    /// 2
    Version(&'a str),
    /// 3
    FileExists(&'a str),
    /// 4
    Os(&'a str),
    /// 5
    NoSource,
    /// 6: the source that stands alone.
    NoDestination(&'a str),
    /// 7
    NoLocation,
    /// 8
    Timeout,
    /// 9
    NoObject,
    /// 10
    PermissionsOnWindows,
    /// 11
    ObjectType(&'a str),
    /// 12
    ModeLength(&'a str),
    /// 13
    ModeDigit(&'a str, char),
    /// 14
    Acl(&'a str),
    /// 15
    BaseAcl(&'a str),
    /// 16
    AclLetter(&'a str, char),
    /// 18: a range that goes down.
    Range(&'a str),
}

impl fmt::Display for Refusal<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        const ACL: &str =
            "of a problem with the acls permission settings in the application specification file.";
        out.write_str("The deployment failed because ")?;
        match self {
            Self::Empty => out.write_str(
                "the application specification file was empty. Make sure your AppSpec file defines at minimum the \
                 'version' and 'os' properties.",
            ),
            Self::Version(version) => write!(
                out,
                "an invalid version value ({version}) was entered in the application specification file. Make sure \
                 your AppSpec file specifies \"0.0\" as the version, and then try again."
            ),
            Self::FileExists(value) => write!(
                out,
                "an invalid file_exists_behavior value ({value}) was entered in the application specification file. \
                 Make sure your AppSpec file specifies one of DISALLOW,OVERWRITE,RETAIN as the file_exists_behavior, \
                 and then try again."
            ),
            Self::Os(os) => write!(
                out,
                "the application specification file specifies an unsupported operating system ({os}). Specify either \
                 \"linux\" or \"windows\" in the os section of the AppSpec file, and then try again."
            ),
            Self::NoSource => out.write_str(
                "the application specification file specifies a destination file, but no source file. Update the \
                 files section of the AppSpec file, and then try again.",
            ),
            Self::NoDestination(source) => write!(
                out,
                "the application specification file specifies only a source file ({source}). Add the name of the \
                 destination file to the files section of the AppSpec file, and then try again."
            ),
            Self::NoLocation => out.write_str(
                "the application specification file specifies a script with no location value. Specify the location \
                 in the hooks section of the AppSpec file, and then try again.",
            ),
            Self::Timeout => out.write_str(
                "an invalid timeout value was provided for a script in the application specification file. Make \
                 corrections in the hooks section of the AppSpec file, and then try again.",
            ),
            Self::NoObject => out.write_str(
                "a permission listed in the application specification file has no object value. Update the \
                 permissions section of the AppSpec file, and then try again.",
            ),
            Self::PermissionsOnWindows => out.write_str(
                "the application specification file specifiles file permissions, but the deployment is targeting one \
                 or more Windows Server instances. Permissions are supported only for Amazon Linux, Ubuntu Server, \
                 and Red Hat Enterprise Linux (RHEL) instances. Update the permissions section of the AppSpec file, \
                 and then try again.",
            ),
            Self::ObjectType(kind) => write!(
                out,
                "the application specification file specifies a permission for an object type not supported for \
                 permissions ({kind}). Update the permissions section of the AppSpec file, and then try again."
            ),
            Self::ModeLength(mode) => write!(
                out,
                "the length of a permissions mode ({mode}) in the application specification file is invalid. \
                 Permissions modes must be between one and four characters long. Update the permissions section of \
                 the AppSpec file, and then try again."
            ),
            Self::ModeDigit(mode, digit) => write!(
                out,
                "the permissions mode ({mode}) in the application specification file contains an invalid character \
                 ({digit}). Update the permissions section of the AppSpec file, and then try again."
            ),
            Self::Acl(acl) => write!(out, "{ACL} Invalid acl entry ({acl})."),
            Self::BaseAcl(acl) => write!(
                out,
                "{ACL} Use mode to set the base acl entry ({acl}). Update the permissions section of the AppSpec \
                 file, and then try again."
            ),
            Self::AclLetter(acl, letter) => write!(
                out,
                "the access control list (ACL) named {acl} in the application specification file contains an invalid \
                 character ({letter}). Correct the ACL in the hooks section of the AppSpec file, and then try again."
            ),
            Self::Range(range) => write!(
                out,
                "of a problem with the SELinux range specified ({range}) for the context parameter in the \
                 permissions section of the application specification file. Make corrections in the permissions \
                 section of the AppSpec file, and then try again."
            ),
        }
    }
}
