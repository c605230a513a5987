//! Options from the environment: `TRUNKLINE__SECTION__OPTION=value`.

use anyhow::{Result, bail};
use toml::{Table, Value};

const PREFIX: &str = "TRUNKLINE__";

/// One option that a variable sets.
pub struct Override {
    /// The variable's name.
    pub variable: String,
    path: Vec<String>,
    value: Value,
}

/// The options that the environment sets, by name.
pub fn overrides(variables: impl Iterator<Item = (String, String)>) -> Vec<Override> {
    let mut overrides: Vec<_> = variables.filter_map(|(name, text)| Override::read(name, &text)).collect();
    overrides.sort_by(|one, other| one.variable.cmp(&other.variable));
    overrides
}

impl Override {
    fn read(variable: String, text: &str) -> Option<Self> {
        let path = variable.strip_prefix(PREFIX)?.to_lowercase();
        let path = path.split("__").map(str::to_owned).collect();
        Some(Self { variable, path, value: value(text) })
    }

    /// Puts the option into the table.
    pub fn apply(&self, table: &mut Table) -> Result<()> {
        let Some((option, sections)) = self.path.split_last() else { return Ok(()) };
        let mut place = table;
        for section in sections {
            let inner = place.entry(section.clone()).or_insert_with(|| Value::Table(Table::new()));
            let Value::Table(inner) = inner else { bail!("{}: `{section}` is no section", self.variable) };
            place = inner;
        }
        place.insert(option.clone(), self.value.clone());
        Ok(())
    }
}

/// Numbers, booleans and lists are read as TOML; anything else is text.
fn value(text: &str) -> Value {
    let parsed = toml::from_str::<Table>(&format!("value = {text}")).ok();
    let parsed = parsed.and_then(|mut table| table.remove("value"));
    match parsed {
        Some(value @ (Value::Integer(_) | Value::Boolean(_) | Value::Array(_) | Value::String(_))) => value,
        _ => Value::String(text.to_owned()),
    }
}
