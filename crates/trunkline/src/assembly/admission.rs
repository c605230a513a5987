//! Whom the doors let in: what of that a running server takes over from its configuration.

use anyhow::Result;
use api::{
    ApiConfig,
    config::{Secret, StaticToken},
};
use call::AccountId;

use super::doors::guard_policy;
use crate::config::{Config, TokenEntry};

/// From now on these are let in; a configuration that is refused changes nothing.
pub fn admit(api: &ApiConfig, config: &Config) -> Result<()> {
    api.guard.set_policy(guard_policy(config)?);
    api.trusted_proxies.replace(config.http.trusted_proxies.clone());
    api.operator_networks.replace(config.http.operator_networks.clone());
    api.vonage.tokens.replace(tokens(config));
    Ok(())
}

fn tokens(config: &Config) -> Vec<StaticToken> {
    let token = |entry: &TokenEntry| StaticToken {
        token: Secret(entry.token.clone()),
        account: AccountId(entry.account),
    };
    config.vonage.tokens.iter().map(token).collect()
}
