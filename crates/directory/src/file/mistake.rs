//! What is wrong with a directory file.

use std::fmt;

/// One mistake. Never shows a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The line, from 1.
    pub line: usize,
    /// The field, as in `trunks.routes.prefix`; `None` if the text is not TOML there.
    pub field: Option<String>,
    /// What is there.
    pub found: String,
    /// What could be there.
    pub accepted: String,
}

impl Mistake {
    /// Text that is not TOML, in the words of the TOML parser.
    pub(super) fn syntax(line: usize, message: &str) -> Self {
        let (found, accepted) = message.split_once(", expected ").unwrap_or((message, "TOML 1.1"));
        Self { line, field: None, found: found.to_owned(), accepted: accepted.to_owned() }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.line)?;
        if let Some(field) = &self.field {
            write!(f, "{field}: ")?;
        }
        write!(f, "found {}; accepted: {}", self.found, self.accepted)
    }
}

/// All mistakes of a file, one a line, each as `file:line: field: found …; accepted: …`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct FileError {
    /// The name of the file.
    pub name: String,
    /// The mistakes in the order of their lines. Never empty.
    pub mistakes: Vec<Mistake>,
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, mistake) in self.mistakes.iter().enumerate() {
            let newline = if at == 0 { "" } else { "\n" };
            write!(f, "{newline}{}:{mistake}", self.name)?;
        }
        Ok(())
    }
}
