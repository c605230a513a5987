//! The head of a file of types: where it comes from and with which options, so that the framework's command line
//! can fetch it again.

use super::Language;

/// What the head of a file says.
pub struct Head {
    language: Language,
    date: String,
    base_url: String,
    given: Vec<(&'static str, String)>,
}

impl Head {
    /// For a file of a service at `base_url` that is asked for with these parameters at `date`.
    pub fn new(language: Language, base_url: String, date: String, query: &[(String, String)]) -> Self {
        let known = language.options().iter().filter_map(|(option, _)| {
            let (_, value) = query.iter().find(|(name, _)| name.eq_ignore_ascii_case(option))?;
            is_name(value).then(|| (*option, value.clone()))
        });
        Self { language, date, base_url, given: known.collect() }
    }

    /// The value of an option.
    pub fn option(&self, name: &str) -> &str {
        let given = self.given.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str());
        let usual = || self.language.options().iter().find(|(known, _)| *known == name);
        given.or_else(|| usual().map(|(_, value)| *value)).unwrap_or_default()
    }

    /// The head in a comment of C.
    pub fn in_c(&self) -> String {
        format!("/* {}*/\n", self.text("//"))
    }

    /// The head in a text of Python.
    pub fn in_python(&self) -> String {
        format!("\"\"\" {}\"\"\"\n", self.text("#"))
    }

    fn text(&self, off: &str) -> String {
        let option = |(name, _): &(&str, &str)| {
            let mark = if self.given.iter().any(|(given, _)| given == name) { "" } else { off };
            format!("{mark}{name}: {}\n", self.option(name))
        };
        let options: String = self.language.options().iter().map(option).collect();
        format!(
            "Options:\nDate: {}\nVersion: {}\nTip: To override a DTO option, remove \"{off}\" prefix before \
             updating\nBaseUrl: {}\n\n{options}",
            self.date,
            env!("CARGO_PKG_VERSION"),
            self.base_url,
        )
    }
}

/// What options may say: a name in parts.
fn is_name(text: &str) -> bool {
    let is_part = |part: &str| {
        part.starts_with(|first: char| first.is_ascii_alphabetic())
            && part.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
    };
    text.len() <= 100 && text.split(['.', '\\']).all(is_part)
}
