//! The invented company: Pebblewick, which sells parts for model railways on one web shop.

/// The account the logs are about.
pub(crate) const ACCOUNT: &str = "111122223333";
/// The intruder's account, to which snapshots are shared.
pub(crate) const OUTSIDE_ACCOUNT: &str = "444455556666";
/// The account of the vendor whose monitoring reads the inventory.
pub(crate) const VENDOR_ACCOUNT: &str = "777788889999";

/// The two regions with activity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Region {
    /// Where the shop runs.
    Ireland,
    /// Where global services write their records, and the image CDN.
    Virginia,
}

impl Region {
    /// The name in ARNs, keys and `awsRegion`.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Ireland => "eu-west-1",
            Self::Virginia => "us-east-1",
        }
    }
}

/// Egress address of the shop's private subnets.
pub(crate) const NAT_ADDRESS: &str = "192.0.2.10";
/// The office, behind one address.
pub(crate) const OFFICE_ADDRESS: &str = "203.0.113.24";
/// One employee's flat.
pub(crate) const HOME_ADDRESS: &str = "2001:db8:4f12:77::c0de";
/// The runner of the old build server.
pub(crate) const BUILD_SERVER_ADDRESS: &str = "203.0.113.61";
/// The intruder.
pub(crate) const INTRUDER_ADDRESS: &str = "198.51.100.77";
/// The intruder's browser.
pub(crate) const INTRUDER_BROWSER_ADDRESS: &str = "198.51.100.142";

/// The trail that the intruder can reach.
pub(crate) const OPS_TRAIL: &str = "pebblewick-ops";
/// The trail that writes these logs; an organization policy protects it.
pub(crate) const AUDIT_TRAIL: &str = "pebblewick-audit";
/// Bucket of the trail that the intruder can reach.
pub(crate) const OPS_TRAIL_BUCKET: &str = "pebblewick-ops-trail";
/// Bucket of database dumps.
pub(crate) const BACKUP_BUCKET: &str = "pebblewick-db-dumps";
/// Bucket of Terraform's state.
pub(crate) const STATE_BUCKET: &str = "pebblewick-tfstate";

/// All buckets of the account.
pub(crate) const BUCKETS: &[&str] = &[
    OPS_TRAIL_BUCKET,
    BACKUP_BUCKET,
    STATE_BUCKET,
    "pebblewick-shop-images",
    "pebblewick-lb-logs",
    "pebblewick-artifacts",
];

/// EC2 instances: the bastion, the two search nodes and the stock importer.
pub(crate) const INSTANCES: &[&str] =
    &["i-0a41c6f2d97be5301", "i-0b7d20e94c15fa682", "i-0c93f58ab16e0d274", STOCK_IMPORTER];
/// The instance whose user data the intruder changes.
pub(crate) const STOCK_IMPORTER: &str = "i-0d5e8a7310c4bf926";
/// The data volume of the stock importer.
pub(crate) const STOCK_VOLUME: &str = "vol-07be41d0a92c653f8";
/// A snapshot from before the last move, unencrypted.
pub(crate) const OLD_SNAPSHOT: &str = "snap-02f6c81be5d4907a3";
/// The machine image of the stock importer.
pub(crate) const STOCK_IMAGE: &str = "ami-0e817c5fa4b30d962";
/// Flow logs of the shop's VPC.
pub(crate) const FLOW_LOGS: &str = "fl-0c2a94e7b815fd360";
/// GuardDuty in Ireland.
pub(crate) const DETECTOR_IRELAND: &str = "5ec1d4b7a90f42e68b3c7d1f0a2e9c84";
/// GuardDuty in Virginia.
pub(crate) const DETECTOR_VIRGINIA: &str = "a8c35e0b41d94f7fbe62710c9d3a5f18";

/// Lambda functions with their roles and how often (in seconds) a new environment starts.
pub(crate) const FUNCTIONS: &[(&str, &str, u32)] = &[
    ("order-mailer", "order-mailer-role", 260),
    ("stock-sync", "stock-sync-role", 300),
    ("image-resize", "image-resize-role", 420),
];

/// ECS services with their task roles.
pub(crate) const SERVICES: &[(&str, &str)] =
    &[("shop-web", "shop-web-task"), ("shop-api", "shop-api-task"), ("orders-worker", "orders-worker-task")];

/// The KMS key of the shop's data.
pub(crate) const DATA_KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/6f0d2a1e-93b4-4c58-8e17-b2a5c94d7f03";
/// The KMS key of the trails.
pub(crate) const TRAIL_KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/c17b58e4-20fd-4a96-b3d1-7e84f5a0296c";

/// The ARN of something in the account.
pub(crate) fn arn(service: &str, region: &str, resource: &str) -> String {
    format!("arn:aws:{service}:{region}:{ACCOUNT}:{resource}")
}

/// The ARN of a role of the account.
pub(crate) fn role_arn(role: &str) -> String {
    arn("iam", "", &format!("role/{role}"))
}
