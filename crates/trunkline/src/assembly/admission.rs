//! Whom the doors let in: what of that a running server takes over from its configuration.

use anyhow::Result;
use call::AccountId;
use http_core::{
    HttpConfig,
    config::{Secret, StaticToken},
};

use super::doors::guard_policy;
use crate::config::{Config, TokenEntry};

/// From now on these are let in; a configuration that is refused changes nothing.
pub fn admit(http: &HttpConfig, config: &Config) -> Result<()> {
    http.guard.set_policy(guard_policy(config)?);
    http.trusted_proxies.replace(config.http.trusted_proxies.clone());
    http.operator_networks.replace(config.http.operator_networks.clone());
    http.tokens.replace(tokens(config));
    Ok(())
}

fn tokens(config: &Config) -> Vec<StaticToken> {
    let token = |entry: &TokenEntry| StaticToken {
        token: Secret(entry.token.clone()),
        account: AccountId(entry.account),
    };
    config.vonage.tokens.iter().map(token).collect()
}
