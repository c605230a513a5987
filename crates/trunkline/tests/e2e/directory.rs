//! The customers of the end-to-end tests: an office with phones, and a carrier with two trunks.

/// The customer.
pub const CUSTOMER: &str = "Office";
/// Its user.
pub const LOGIN: &str = "olga";
/// Its user's password.
pub const PASSWORD: &str = "correct horse";
/// The other id of its account.
pub const ACCOUNT_UUID: &str = "0b0e5b0a-8d43-4f4a-9c1b-0f8d8a1c1234";
/// Secret of every phone.
pub const SECRET: &str = "phone-secret";

/// The directory, with the ports of the carrier's trunks.
pub fn text(first_trunk: u16, second_trunk: u16) -> String {
    let phones: String = ["1001", "1002", "1003"].iter().map(|extension| phone(extension)).collect();
    let phones = phones + TWO_PHONES;
    format!(
        r#"realm = "trunkline"

[[customers]]
name = "{CUSTOMER}"

[[customers]]
name = "Carrier"

[[rateplans]]
name = "retail"
rates = [{{ prefix = "1", initial_interval = 60, initial_rate = "0.06" }}]

[[accounts]]
id = 1234
billing = {{ origination_rateplan = "retail" }}
uuid = "{ACCOUNT_UUID}"
customer = "{CUSTOMER}"
name = "Main"

[[accounts]]
id = 9001
customer = "Carrier"
name = "Wholesale"

[[users]]
customer = "{CUSTOMER}"
login = "{LOGIN}"
password = "{PASSWORD}"
name = "Olga"
role = "manager"

[[users]]
customer = "{CUSTOMER}"
login = "cleo"
password = "{PASSWORD}"
name = "Cleo"
role = "client"

[[users]]
customer = "Carrier"
login = "carl"
password = "{PASSWORD}"
name = "Carl"
role = "manager"

[[numbers]]
number = "+12125550100"
account = 1234
extension = "1001"
screen_pop = "Office, good day"

{}{}
{phones}"#,
        trunk("first", first_trunk, 1),
        trunk("second", second_trunk, 2),
    )
}

/// An extension with two phones.
const TWO_PHONES: &str = r#"
[[devices]]
account = 1234
sip_user = "1004a"
mac = "02-00-00-00-10-0A"
secret = "phone-secret"

[[devices]]
account = 1234
sip_user = "1004b"
mac = "02-00-00-00-10-0B"
secret = "phone-secret"

[[extensions]]
account = 1234
number = "1004"
name = "Lobby"
devices = ["1004a", "1004b"]
"#;

fn trunk(name: &str, port: u16, priority: u16) -> String {
    format!(
        r#"
[[trunks]]
name = "{name}"
account = 9001
host = "127.0.0.1"
port = {port}
transport = "udp"
sources = ["127.0.0.1:{port}"]
probe_seconds = 0
routes = [{{ prefix = "1", priority = {priority} }}]
"#
    )
}

fn phone(extension: &str) -> String {
    format!(
        r#"
[[devices]]
account = 1234
sip_user = "{extension}"
mac = "02-00-00-00-{}-{}"
secret = "{SECRET}"

[[extensions]]
account = 1234
number = "{extension}"
name = "Desk {extension}"
devices = ["{extension}"]
"#,
        &extension[..2],
        &extension[2..]
    )
}
