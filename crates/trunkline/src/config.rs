//! The configuration: defaults, then a TOML file, then the environment. A mistake stops the start and is
//! told with file and line, or with the variable's name.

pub mod check;
mod environment;
mod sections;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use serde::Deserialize;

pub use sections::{
    AuditSection, CsvSection, DigestName, EncryptionName, EventsSection, ExportsSection, FeaturesSection,
    GuardSection, HistorySection, HostedSuiteSection, HttpSection, LogFormat, LogSection, MediaModeName,
    MediaSection, PhoneSection, RedirectsName, SipSection, StopSection, TokenEntry, TokenRole, VonageSection,
    VonageWireName, YetiSection,
};

/// Every option, with its default. `config/default.toml` documents them.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Folder of everything that is kept.
    pub data_dir: PathBuf,
    /// Name of this server in call records; empty = the name of the machine.
    pub node: String,
    /// SIP.
    pub sip: SipSection,
    /// RTP.
    pub features: FeaturesSection,
    pub media: MediaSection,
    /// HTTP.
    pub http: HttpSection,
    /// Whoever guesses secrets.
    pub guard: GuardSection,
    /// The Yeti dialect.
    pub yeti: YetiSection,
    /// The Vonage dialect.
    pub vonage: VonageSection,
    /// The HostedSuite dialect.
    pub hostedsuite: HostedSuiteSection,
    /// Phones in browsers.
    pub phone: PhoneSection,
    /// CSV of all dialects.
    pub csv: CsvSection,
    /// Stopping.
    pub stop: StopSection,
    /// The call history.
    pub history: HistorySection,
    /// The event log and its readers.
    pub events: EventsSection,
    /// Exports of the call history.
    pub exports: ExportsSection,
    /// The audit trail.
    pub audit: AuditSection,
    /// Logging.
    pub log: LogSection,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data_dir: "data".into(),
            node: String::new(),
            sip: SipSection::default(),
            features: FeaturesSection::default(),
            media: MediaSection::default(),
            http: HttpSection::default(),
            guard: GuardSection::default(),
            yeti: YetiSection::default(),
            vonage: VonageSection::default(),
            hostedsuite: HostedSuiteSection::default(),
            phone: PhoneSection::default(),
            csv: CsvSection::default(),
            stop: StopSection::default(),
            history: HistorySection::default(),
            events: EventsSection::default(),
            exports: ExportsSection::default(),
            audit: AuditSection::default(),
            log: LogSection::default(),
        }
    }
}

impl Config {
    /// Reads `file`, if there is one, and the process's environment.
    pub fn load(file: Option<&Path>) -> Result<Self> {
        let text = match file {
            Some(path) => std::fs::read_to_string(path)
                .with_context(|| format!("cannot read the configuration file {}", path.display()))?,
            None => String::new(),
        };
        let name = file.map_or("the defaults".to_owned(), |path| path.display().to_string());
        Self::parse(&name, &text, std::env::vars())
    }

    /// The options that are not the same in `other`, with their sections.
    pub fn differences(&self, other: &Self) -> Vec<&'static str> {
        sections::differences(self, other)
    }

    /// Reads the text of a file called `name`, and the variables of an environment.
    pub fn parse(name: &str, text: &str, variables: impl Iterator<Item = (String, String)>) -> Result<Self> {
        let from_file: Self = toml::from_str(text).map_err(|error| anyhow!("{name}: {error}"))?;
        let overrides = environment::overrides(variables);
        if overrides.is_empty() {
            return Ok(from_file);
        }
        let mut table: toml::Table = toml::from_str(text).map_err(|error| anyhow!("{name}: {error}"))?;
        for change in &overrides {
            change.apply(&mut table)?;
            let checked = Self::deserialize(toml::Value::Table(table.clone()));
            checked.map_err(|error| anyhow!("environment variable {}: {error}", change.variable))?;
        }
        Ok(Self::deserialize(toml::Value::Table(table))?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENTED: &str = include_str!("../../../config/default.toml");

    fn parse(text: &str, variables: &[(&str, &str)]) -> Result<Config> {
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Config::parse("test.toml", text, variables)
    }

    #[test]
    fn the_documented_defaults_are_the_defaults() {
        let documented = parse(DOCUMENTED, &[]).unwrap();
        assert_eq!(format!("{documented:#?}"), format!("{:#?}", Config::default()));
    }

    #[test]
    fn every_option_is_documented() {
        let documented: toml::Table = toml::from_str(DOCUMENTED).unwrap();
        for (section, option) in sections::every_option() {
            let table = if section.is_empty() { Some(&documented) } else { documented[section].as_table() };
            assert!(
                table.unwrap().contains_key(option),
                "[{section}] {option} is not in config/default.toml"
            );
        }
    }

    #[test]
    fn a_mistake_names_file_line_and_option() {
        let error = parse("[http]\nlisten = 5\n", &[]).unwrap_err().to_string();
        assert!(error.starts_with("test.toml: TOML parse error at line 2"), "{error}");
        let error = parse("[http]\nlisen = \"x\"\n", &[]).unwrap_err().to_string();
        assert!(error.contains("unknown field `lisen`") && error.contains("`listen`"), "{error}");
    }

    #[test]
    fn a_variable_goes_before_the_file() {
        let config =
            parse("[http]\nlisten = \"127.0.0.1:1\"\n", &[("TRUNKLINE__HTTP__LISTEN", "127.0.0.1:2")]);
        assert_eq!(config.unwrap().http.listen.port(), 2);
        let config =
            parse("", &[("TRUNKLINE__STOP__GRACE_SECONDS", "7"), ("TRUNKLINE__DATA_DIR", "/x")]).unwrap();
        assert_eq!((config.stop.grace_seconds, config.data_dir), (7, PathBuf::from("/x")));
    }

    #[test]
    fn a_mistake_in_a_variable_names_the_variable() {
        let error = parse("", &[("TRUNKLINE__HTTP__LISTEN", "here")]).unwrap_err().to_string();
        assert!(error.starts_with("environment variable TRUNKLINE__HTTP__LISTEN: "), "{error}");
        let error = parse("", &[("TRUNKLINE__HTTP__LISEN", "here")]).unwrap_err().to_string();
        assert!(error.contains("TRUNKLINE__HTTP__LISEN") && error.contains("unknown field"), "{error}");
    }

    #[test]
    fn the_variables_of_the_demo_are_not_options() {
        assert!(parse("", &[("TRUNKLINE_URL", "http://127.0.0.1:8080")]).is_ok());
    }
}
