//! Whom the doors let in: what of that a running server takes over from its configuration.

use anyhow::Result;
use call::AccountId;
use directory::model::Role;
use http_core::{HttpConfig, Rights, config::StaticToken};

use super::doors::guard_policy;
use crate::config::{Config, TokenEntry, TokenRole};

/// From now on these are let in; a configuration that is refused changes nothing.
pub fn admit(http: &HttpConfig, config: &Config) -> Result<()> {
    http.guard.set_policy(guard_policy(config)?);
    http.trusted_proxies.replace(config.http.trusted_proxies.clone());
    http.operator_networks.replace(config.http.operator_networks.clone());
    http.quotas.set_limit(config.http.requests_per_minute);
    http.tokens.replace(config.vonage.tokens.iter().filter_map(token).collect());
    Ok(())
}

/// `None` for one that the check of the configuration refuses.
fn token(entry: &TokenEntry) -> Option<StaticToken> {
    let role = match entry.role {
        TokenRole::Manager => Role::Manager,
        TokenRole::Viewer => Role::Viewer,
    };
    let rights = Rights { role, scope: entry.scope().ok()? };
    Some(StaticToken { sha256: entry.sha256()?, account: AccountId(entry.account), rights })
}
