//! `Master.csv`, as Asterisk's `cdr_csv` writes it: 16 fields, and two more where the unique id and the user's field
//! are logged (`cdr.conf`, `cdr_csv.c`).

use jiff::tz::TimeZone;

use call::event::EndCause;

use super::{LineReader, at, needed, whole};
use crate::{
    field::{Field, Mistake},
    foreign::{EndedBy, ForeignCall, ForeignParty},
    source::Understood,
};

/// The layout.
pub(super) struct MasterCsv {
    /// Asterisk writes local times, unless it is told `usegmtime`.
    pub(super) zone: TimeZone,
}

const FIELDS: [&str; 18] = [
    "accountcode",
    "src",
    "dst",
    "dcontext",
    "clid",
    "channel",
    "dstchannel",
    "lastapp",
    "lastdata",
    "start",
    "answer",
    "end",
    "duration",
    "billsec",
    "disposition",
    "amaflags",
    "uniqueid",
    "userfield",
];

/// Without the two that need not be there.
const LEAST: usize = 16;

impl LineReader for MasterCsv {
    fn has_header(&self) -> bool {
        false
    }

    fn learn(&mut self, _: &csv::StringRecord) -> Result<(), Mistake> {
        Ok(())
    }

    fn read(&self, line: &csv::StringRecord) -> Result<Understood, Mistake> {
        if !(LEAST..=FIELDS.len()).contains(&line.len()) {
            return Err(Mistake::new(
                "the line",
                &format!("{} fields", line.len()),
                "16 to 18 fields of Asterisk's cdr_csv",
            ));
        }
        let field = |name: &'static str| at(line, name, FIELDS.iter().position(|known| *known == name));
        let time = |name| field(name).instant(&self.zone);
        let started_at = needed(time("start"), "start", "a time such as 2026-11-29 10:00:00")?;
        let ended_at = needed(time("end"), "end", "a time such as 2026-11-29 10:00:00")?;
        let (cause, is_answered) = disposition(field("disposition"))?;
        let answered_at = time("answer")?.filter(|_| is_answered);
        if is_answered && answered_at.is_none() {
            return Err(Mistake::new("answer", "", "a time, as the disposition is ANSWERED"));
        }
        let number = |name| -> Result<_, Mistake> { Ok(field(name).text()?.unwrap_or_else(|| "".into())) };
        let caller = ForeignParty {
            number: number("src")?,
            account: field("accountcode").given().map(|code| code.text.to_owned()),
            endpoint: endpoint(field("channel")),
            ..ForeignParty::default()
        };
        let called = ForeignParty {
            number: number("dst")?,
            endpoint: endpoint(field("dstchannel")),
            ..ForeignParty::default()
        };
        let caller_name = field("clid").given().and_then(|clid| name_of(clid.text)).map(Into::into);
        let identity = whole(line);
        let call = ForeignCall {
            identity,
            started_at,
            ringing_at: None,
            answered_at,
            ended_at,
            caller,
            caller_name,
            called,
            cause,
            ended_by: EndedBy::Switch,
            status: None,
        };
        Ok(call.into())
    }
}

/// Why it ended, and whether it was answered.
fn disposition(field: Field<'_>) -> Result<(EndCause, bool), Mistake> {
    match field.text {
        "ANSWERED" => Ok((EndCause::Normal, true)),
        "BUSY" => Ok((EndCause::Busy, false)),
        "NO ANSWER" | "NOANSWER" => Ok((EndCause::NoAnswer, false)),
        "FAILED" | "CONGESTION" => Ok((EndCause::Failed, false)),
        found => Err(Mistake::new(field.name, found, "ANSWERED, NO ANSWER, BUSY, FAILED or CONGESTION")),
    }
}

/// `PJSIP/carrier-a-0000002a` is of `carrier-a`; `Local/100@phones-00000001;2` of `100`.
fn endpoint(channel: Field<'_>) -> Option<String> {
    let (_, rest) = channel.text.split_once('/')?;
    let name = rest.rsplit_once('-').map_or(rest, |(name, _)| name);
    let name = name.split('@').next().unwrap_or(name);
    (!name.is_empty()).then(|| name.to_owned())
}

/// The name of `"Ada" <100>`.
fn name_of(clid: &str) -> Option<&str> {
    let (name, _) = clid.split_once('<')?;
    let name = name.trim().trim_matches('"').trim();
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_channel_tells_of_which_endpoint_it_is() {
        for (channel, expected) in [
            ("PJSIP/carrier-a-0000002a", Some("carrier-a")),
            ("SIP/1001-00000001", Some("1001")),
            ("Local/100@phones-00000001;2", Some("100")),
            ("", None),
            ("DAHDI", None),
        ] {
            assert_eq!(endpoint(Field::new("channel", channel)).as_deref(), expected);
        }
        assert_eq!(name_of("\"Ada L.\" <100>"), Some("Ada L."));
        assert_eq!([name_of("<100>"), name_of("100"), name_of("\"\" <1>")], [None; 3]);
    }
}
