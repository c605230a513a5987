//! What SIPp counts (`-trace_stat`).

use anyhow::Context;

/// The counts at the end of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Calls placed or taken.
    pub created: u64,
    /// Calls that went as the scenario says.
    pub successful: u64,
    /// Calls that did not.
    pub failed: u64,
    /// Messages sent again for want of an answer.
    pub retransmissions: u64,
}

impl Statistics {
    /// Reads the last line of the statistics under the heading of the first.
    pub(super) fn parse(text: &str) -> anyhow::Result<Self> {
        let mut lines = text.lines();
        let names: Vec<_> = lines.next().context("SIPp wrote no statistics")?.split(';').collect();
        let values: Vec<_> = lines.last().context("SIPp wrote no counts")?.split(';').collect();
        let count = |name: &str| -> anyhow::Result<u64> {
            let column = names.iter().position(|known| *known == name);
            let value = column.and_then(|column| values.get(column)).with_context(|| format!("no {name}"))?;
            value.parse().with_context(|| format!("{name} is {value}"))
        };
        Ok(Self {
            created: count("TotalCallCreated")?,
            successful: count("SuccessfulCall(C)")?,
            failed: count("FailedCall(C)")?,
            retransmissions: count("Retransmissions(C)")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_counts() {
        let text = "StartTime;TotalCallCreated;SuccessfulCall(C);FailedCall(C);Retransmissions(C);\n\
                    x;1;0;0;0;\nx;3;2;1;4;\n";
        let expected = Statistics { created: 3, successful: 2, failed: 1, retransmissions: 4 };
        assert_eq!(Statistics::parse(text).unwrap(), expected);
    }

    #[test]
    fn a_missing_count_is_named() {
        let error = Statistics::parse("StartTime;\nx;\n").unwrap_err();
        assert_eq!(error.to_string(), "no TotalCallCreated");
    }
}
