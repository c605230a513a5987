//! How the dialects behave, all together. Filled from the configuration file by the binary.

use hostedsuite::HostedSuiteConfig;
use http_core::{
    HttpConfig,
    config::{KeyRing, SigningKeys},
};
use vonage::VonageConfig;
use yeti::YetiConfig;

/// All of it.
#[derive(Clone, Debug)]
pub struct ApiConfig {
    /// What they share.
    pub http: HttpConfig,
    /// Yeti's customer API.
    pub yeti: YetiConfig,
    /// Vonage's telephony API.
    pub vonage: VonageConfig,
    /// HostedSuite's call records.
    pub hostedsuite: HostedSuiteConfig,
}

impl ApiConfig {
    /// The defaults, with what signs tokens.
    pub fn new(signing_keys: SigningKeys) -> Self {
        let signing_keys = KeyRing::from(signing_keys);
        Self {
            http: HttpConfig::default(),
            yeti: YetiConfig::new(signing_keys.clone()),
            vonage: VonageConfig::new(signing_keys),
            hostedsuite: HostedSuiteConfig::default(),
        }
    }
}
