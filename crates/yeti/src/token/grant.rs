//! What an operator grants to a customer without a login: the `cfg` of a token (contract yeti.md, 2.2).

use std::net::IpAddr;

use call::{AccountId, CustomerId};
use directory::{Access, Snapshot};
use ipnet::IpNet;
use serde::{Deserialize, Deserializer, Serialize};

/// A grant. Members that it does not know make a token invalid: they may be meant to restrict it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// The customer.
    pub customer_id: u32,
    /// What the customer may do, by the number of a profile.
    #[serde(default = "first_profile")]
    pub customer_portal_access_profile_id: u32,
    /// The accounts that it may see; empty = all of the customer.
    #[serde(default)]
    pub account_ids: Vec<u32>,
    /// Number lists that it may change.
    #[serde(default)]
    pub allow_outgoing_numberlists_ids: Vec<i64>,
    /// The networks that it may come from.
    #[serde(default = "everywhere", deserialize_with = "networks")]
    pub allowed_ips: Vec<IpNet>,
    /// A gateway that its phones log in to. This server has none.
    #[serde(default)]
    pub provision_gateway_id: Option<i64>,
}

impl Grant {
    /// Everything of a customer, from everywhere.
    pub fn of(customer: CustomerId) -> Self {
        Self {
            customer_id: customer.0,
            customer_portal_access_profile_id: first_profile(),
            account_ids: Vec::new(),
            allow_outgoing_numberlists_ids: Vec::new(),
            allowed_ips: everywhere(),
            provision_gateway_id: None,
        }
    }

    /// Whether it may come from an address.
    pub fn may_come_from(&self, ip: IpAddr) -> bool {
        let ip = ip.to_canonical();
        self.allowed_ips.iter().any(|network| network.contains(&ip))
    }

    /// What it may see; `None` if the customer is gone.
    pub fn access(&self, directory: &Snapshot) -> Option<Access> {
        let access = directory.access_of_customer(CustomerId(self.customer_id))?;
        let is_listed = |account: AccountId| self.account_ids.contains(&account.0);
        Some(if self.account_ids.is_empty() { access } else { access.narrowed(is_listed) })
    }
}

fn first_profile() -> u32 {
    1
}

fn everywhere() -> Vec<IpNet> {
    ["0.0.0.0/0", "::/0"].map(|net| net.parse().expect("a network in correct notation")).to_vec()
}

/// Networks, or addresses alone.
fn networks<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<IpNet>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    let network = |text: &String| text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
    texts.iter().map(network).collect::<Result<_, _>>().map_err(serde::de::Error::custom)
}
