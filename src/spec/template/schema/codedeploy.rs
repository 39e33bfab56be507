//! `AWS::CodeDeploy::Application`, `DeploymentConfig` and `DeploymentGroup` (codedeploy.md 7, 10).

use super::{Of, Shape, TAGS, may, must};

pub(super) const APPLICATION: Shape =
    &[may("ApplicationName", Of::Text), may("ComputePlatform", Of::Text), TAGS];

const HOSTS: Shape = &[must("Type", Of::Text), must("Value", Of::Number)];
const CANARY: Shape = &[must("CanaryInterval", Of::Number), must("CanaryPercentage", Of::Number)];
const LINEAR: Shape = &[must("LinearInterval", Of::Number), must("LinearPercentage", Of::Number)];
const ROUTING: Shape = &[
    may("TimeBasedCanary", Of::Object(CANARY)),
    may("TimeBasedLinear", Of::Object(LINEAR)),
    must("Type", Of::Text),
];
const ZONAL: Shape = &[
    may("FirstZoneMonitorDurationInSeconds", Of::Number),
    may("MinimumHealthyHostsPerZone", Of::Object(HOSTS)),
    may("MonitorDurationInSeconds", Of::Number),
];
pub(super) const CONFIG: Shape = &[
    may("ComputePlatform", Of::Text),
    may("DeploymentConfigName", Of::Filled),
    may("MinimumHealthyHosts", Of::Object(HOSTS)),
    may("TrafficRoutingConfig", Of::Object(ROUTING)),
    may("ZonalConfig", Of::Object(ZONAL)),
];

const ALARM: Shape = &[may("Name", Of::Filled)];
const ALARMS: Shape = &[
    may("Alarms", Of::List(&Of::Object(ALARM))),
    may("Enabled", Of::Flag),
    may("IgnorePollAlarmFailure", Of::Flag),
];
const ROLLBACK: Shape = &[may("Enabled", Of::Flag), may("Events", Of::List(&Of::Text))];
const READY: Shape = &[may("ActionOnTimeout", Of::Text), may("WaitTimeInMinutes", Of::Number)];
const GREEN: Shape = &[may("Action", Of::Text)];
const TERMINATION: Shape = &[may("Action", Of::Text), may("TerminationWaitTimeInMinutes", Of::Number)];
const BLUE_GREEN: Shape = &[
    may("DeploymentReadyOption", Of::Object(READY)),
    may("GreenFleetProvisioningOption", Of::Object(GREEN)),
    may("TerminateBlueInstancesOnDeploymentSuccess", Of::Object(TERMINATION)),
];
const STYLE: Shape = &[may("DeploymentOption", Of::Text), may("DeploymentType", Of::Text)];
const ECS: Shape = &[must("ClusterName", Of::Filled), must("ServiceName", Of::Filled)];
const FILTER: Shape = &[may("Key", Of::Text), may("Type", Of::Text), may("Value", Of::Text)];
const EC2_GROUP: Shape = &[may("Ec2TagGroup", Of::List(&Of::Object(FILTER)))];
const EC2_SET: Shape = &[may("Ec2TagSetList", Of::Wrapped(EC2_GROUP, "Ec2TagGroup"))];
const PREMISES_GROUP: Shape = &[may("OnPremisesTagGroup", Of::List(&Of::Object(FILTER)))];
const PREMISES_SET: Shape = &[may("OnPremisesTagSetList", Of::Wrapped(PREMISES_GROUP, "OnPremisesTagGroup"))];
const NAMED: Shape = &[may("Name", Of::Filled)];
const ROUTE: Shape = &[may("ListenerArns", Of::List(&Of::Filled))];
const PAIR: Shape = &[
    may("ProdTrafficRoute", Of::Object(ROUTE)),
    may("TargetGroups", Of::List(&Of::Object(NAMED))),
    may("TestTrafficRoute", Of::Object(ROUTE)),
];
const BALANCERS: Shape = &[
    may("ElbInfoList", Of::List(&Of::Object(NAMED))),
    may("TargetGroupInfoList", Of::List(&Of::Object(NAMED))),
    may("TargetGroupPairInfoList", Of::List(&Of::Object(PAIR))),
];
const TRIGGER: Shape = &[
    may("TriggerEvents", Of::List(&Of::Text)),
    may("TriggerName", Of::Filled),
    may("TriggerTargetArn", Of::Filled),
];

pub(super) const GROUP: Shape = &[
    may("AlarmConfiguration", Of::Object(ALARMS)),
    must("ApplicationName", Of::Text),
    may("AutoRollbackConfiguration", Of::Object(ROLLBACK)),
    may("AutoScalingGroups", Of::List(&Of::Filled)),
    may("BlueGreenDeploymentConfiguration", Of::Object(BLUE_GREEN)),
    may("Deployment", Of::Any),
    may("DeploymentConfigName", Of::Filled),
    may("DeploymentGroupName", Of::Text),
    may("DeploymentStyle", Of::Object(STYLE)),
    may("ECSServices", Of::List(&Of::Object(ECS))).called("ecsServices"),
    may("Ec2TagFilters", Of::List(&Of::Object(FILTER))),
    may("Ec2TagSet", Of::Object(EC2_SET)),
    may("LoadBalancerInfo", Of::Object(BALANCERS)),
    may("OnPremisesInstanceTagFilters", Of::List(&Of::Object(FILTER))),
    may("OnPremisesTagSet", Of::Object(PREMISES_SET)),
    may("OutdatedInstancesStrategy", Of::Text),
    must("ServiceRoleArn", Of::Filled),
    TAGS,
    may("TerminationHookEnabled", Of::Flag),
    may("TriggerConfigurations", Of::List(&Of::Object(TRIGGER))),
];
