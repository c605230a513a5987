//! The search of finished calls: what a form or an export asks for, and the columns that show what is found.

use std::time::Duration;

use call::{AccountId, CallRecord, Timestamp, event::Side, quality::LegQuality, state::Sides};
use history::{Annotations, QualityField, RecordQuery};
use http_core::time::{in_zone, instant, rfc3339};
use jiff::{civil::DateTime, tz::TimeZone};
use maud::{Markup, html};
use questions::{
    FinishedCalls, Place,
    names::{ANSWERS, SIDES},
};

use crate::{
    errors::Failure,
    form::Fields,
    look,
    now::{number, one_of, refused},
    words,
};

/// A stretch of time.
#[derive(Clone, Debug, PartialEq)]
pub struct Stretch {
    /// Its first instant.
    pub from: Timestamp,
    /// The first instant after it.
    pub to: Timestamp,
    /// In which zone it was asked for.
    pub zone: TimeZone,
}

/// The stretches up to now that can be asked for by name.
const LATEST: [(&str, u64); 5] =
    [("hour", 1), ("day", 24), ("week", 7 * 24), ("month", 31 * 24), ("year", 366 * 24)];
/// The one that is meant if none is.
const USUAL: u64 = 24;

impl Stretch {
    /// The stretch that a query asks for: `last`, or `from` and `to` in `zone`; the last day if nothing is said.
    pub fn read(fields: &Fields, now: Timestamp) -> Result<Self, Failure> {
        let zone = zone(fields)?;
        let hours = one_of(fields, "last", &LATEST)?.unwrap_or(USUAL);
        let to = civil(fields, "to", &zone)?.unwrap_or(now);
        let from = civil(fields, "from", &zone)?.unwrap_or(to - Duration::from_secs(3_600 * hours));
        if from >= to {
            return Err(refused("from", fields.get("from").unwrap_or_default(), words::ACCEPTED_FROM));
        }
        Ok(Self { from, to, zone })
    }

    /// How long it is.
    pub fn length(&self) -> Duration {
        self.to.since(self.from)
    }

    /// The fields that ask for it, whenever they are read.
    pub fn fixed(&self, fields: &Fields) -> Fields {
        let at = |at: Timestamp| rfc3339(at).trim_end_matches('Z').to_owned();
        let (from, to) = (at(self.from), at(self.to));
        fields.with("last", None).with("zone", None).with("from", Some(&from)).with("to", Some(&to))
    }
}

/// The zone that a form was filled in.
pub fn zone(fields: &Fields) -> Result<TimeZone, Failure> {
    let Some(name) = fields.get("zone") else { return Ok(TimeZone::UTC) };
    TimeZone::get(name).map_err(|_| refused("zone", name, words::ACCEPTED_ZONE))
}

/// The instant that a field of a form has, in a zone.
pub fn civil(fields: &Fields, name: &str, zone: &TimeZone) -> Result<Option<Timestamp>, Failure> {
    let Some(text) = fields.get(name) else { return Ok(None) };
    let at = text.parse::<DateTime>().ok().and_then(|at| at.to_zoned(zone.clone()).ok());
    at.map(|at| Some(instant(at.timestamp()))).ok_or_else(|| refused(name, text, words::ACCEPTED_TIME))
}

/// The fields of a form that ask for a stretch.
pub fn stretch_fields(fields: &Fields, stretch: &Stretch) -> Markup {
    let shown = |name: &str, at: Timestamp| {
        let at = in_zone(at, &stretch.zone).strftime("%Y-%m-%dT%H:%M").to_string();
        fields.get(name).map(|_| at)
    };
    html! {
        (look::choice_of("last", words::LATEST, look::or_else(words::USUAL_STRETCH, &LATEST), fields.get("last")))
        (look::field("from", words::FROM_TIME, "datetime-local", shown("from", stretch.from).as_deref()))
        (look::field("to", words::TO_TIME, "datetime-local", shown("to", stretch.to).as_deref()))
        input type="hidden" name="zone" value=[fields.get("zone")] data-own-zone;
    }
}

/// A search.
#[derive(Clone, Debug)]
pub struct Search {
    /// When the calls began.
    pub stretch: Stretch,
    /// The columns that are shown.
    pub columns: Vec<Column>,
    /// Which calls.
    pub calls: FinishedCalls,
}

/// Whether it is flagged.
pub const FLAGS: [(&str, bool); 1] = [("flagged", true)];

impl Search {
    /// Reads what is asked for.
    pub fn read(fields: &Fields, now: Timestamp) -> Result<Self, Failure> {
        let stretch = Stretch::read(fields, now)?;
        let columns = fields.all("column").map(Column::named).collect::<Result<Vec<_>, _>>()?;
        let columns = if columns.is_empty() { Column::USUAL.to_vec() } else { columns };
        Ok(Self { calls: calls(fields, &stretch)?, stretch, columns })
    }

    /// What is asked of the history, of these accounts.
    pub fn query(&self, accounts: Vec<AccountId>) -> RecordQuery {
        self.calls.query(accounts)
    }

    /// Those of the calls that were answered; `None` if there can be none.
    pub fn answered(&self) -> Option<FinishedCalls> {
        let can_be = self.calls.is_answered != Some(false);
        can_be.then(|| FinishedCalls { is_answered: Some(true), ..self.calls.clone() })
    }
}

fn calls(fields: &Fields, stretch: &Stretch) -> Result<FinishedCalls, Failure> {
    let text = |name: &str| fields.get(name).map(str::to_owned);
    Ok(FinishedCalls {
        side: one_of(fields, "direction", &SIDES)?.unwrap_or_default(),
        caller: text("caller"),
        called: text("called"),
        answered_by: text("answered_by"),
        notes: text("notes"),
        is_answered: one_of(fields, "outcome", &ANSWERS)?,
        is_flagged: one_of(fields, "flag", &FLAGS)?,
        code: number(fields, "code")?,
        least_seconds: number(fields, "least")?,
        sip_call_id: text("sip_call_id"),
        ..FinishedCalls::within(stretch.from..stretch.to)
    })
}

/// The place in what is found that a query asks for.
pub fn place(fields: &Fields) -> Result<Option<Place>, Failure> {
    let Some(text) = fields.get("after") else { return Ok(None) };
    Place::parse(text).map(Some).ok_or_else(|| refused("after", text, words::ACCEPTED_CURSOR))
}

/// A column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// When it began.
    Started,
    /// Who called.
    Caller,
    /// What the caller calls itself.
    CallerName,
    /// What was dialed.
    Called,
    /// Who answered.
    AnsweredBy,
    /// The account that it is seen from.
    Account,
    /// Who sent it.
    Direction,
    /// What became of it.
    Outcome,
    /// The final SIP status.
    Code,
    /// Until somebody answered.
    Wait,
    /// From the answer to the end.
    Connected,
    /// On hold.
    Hold,
    /// What the account pays or is paid.
    Cost,
    /// Its Call-ID.
    SipCallId,
    /// The peer's address.
    Address,
    /// What the peer calls itself.
    UserAgent,
    /// How well the account's own leg was heard.
    Quality(QualityField),
    /// What was noted about it.
    Notes,
    /// Whether it is flagged.
    Flag,
}

impl Column {
    /// All, in their order.
    pub const ALL: [Self; 26] = [
        Self::Started,
        Self::Caller,
        Self::CallerName,
        Self::Called,
        Self::AnsweredBy,
        Self::Account,
        Self::Direction,
        Self::Outcome,
        Self::Code,
        Self::Wait,
        Self::Connected,
        Self::Hold,
        Self::Cost,
        Self::SipCallId,
        Self::Address,
        Self::UserAgent,
        Self::Quality(QualityField::ReceivedPackets),
        Self::Quality(QualityField::ReceivedLost),
        Self::Quality(QualityField::ReceivedJitter),
        Self::Quality(QualityField::SentPackets),
        Self::Quality(QualityField::SentLost),
        Self::Quality(QualityField::SentJitter),
        Self::Quality(QualityField::RoundTrip),
        Self::Quality(QualityField::Mos),
        Self::Notes,
        Self::Flag,
    ];
    /// Those that are shown if none is chosen.
    pub const USUAL: [Self; 8] = [
        Self::Started,
        Self::Caller,
        Self::Called,
        Self::AnsweredBy,
        Self::Account,
        Self::Outcome,
        Self::Connected,
        Self::Cost,
    ];

    /// Its name in a query and in a file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::Caller => "caller",
            Self::CallerName => "caller_name",
            Self::Called => "called",
            Self::AnsweredBy => "answered_by",
            Self::Account => "account",
            Self::Direction => "direction",
            Self::Outcome => "outcome",
            Self::Code => "code",
            Self::Wait => "wait",
            Self::Connected => "connected",
            Self::Hold => "hold",
            Self::Cost => "cost",
            Self::SipCallId => "sip_call_id",
            Self::Address => "address",
            Self::UserAgent => "user_agent",
            Self::Quality(field) => field.name(),
            Self::Notes => "notes",
            Self::Flag => "flag",
        }
    }

    fn named(name: &str) -> Result<Self, Failure> {
        let known = Self::ALL.into_iter().find(|column| column.name() == name);
        known.ok_or_else(|| refused("column", name, &Self::ALL.map(Self::name).join(", ")))
    }

    /// Whether it holds numbers, which stand at the right.
    pub const fn is_number(self) -> bool {
        matches!(self, Self::Code | Self::Wait | Self::Connected | Self::Hold | Self::Cost | Self::Quality(_))
    }

    /// What it says of a call, for people.
    pub fn text(self, row: &Row<'_>) -> String {
        let Row { account, record, noted } = row;
        let own = record.leg(row.side());
        match self {
            Self::Started => rfc3339(record.started_at),
            Self::Caller => record.caller_routed.to_string(),
            Self::CallerName => record.caller_name.as_deref().unwrap_or_default().to_owned(),
            Self::Called => record.called_received.to_string(),
            Self::AnsweredBy => row.answered_by().unwrap_or_default().to_owned(),
            Self::Account => account.to_string(),
            Self::Direction => words::direction(row.is_outbound()).to_owned(),
            Self::Outcome => words::disposition(record.disposition()).to_owned(),
            Self::Code => own
                .and_then(|leg| leg.status.as_ref())
                .map(|status| status.code.to_string())
                .unwrap_or_default(),
            Self::Wait => look::length(record.times.pdd + record.times.ring),
            Self::Connected => {
                record.answered_at.map(|_| look::length(record.connected())).unwrap_or_default()
            }
            Self::Hold => look::length(record.times.hold),
            Self::Cost => {
                record.charge(row.side()).map(|charge| look::money(charge.price)).unwrap_or_default()
            }
            Self::SipCallId => own.and_then(|leg| leg.sip_call_id.as_deref()).unwrap_or_default().to_owned(),
            Self::Address => own.and_then(|leg| leg.address).map(|at| at.to_string()).unwrap_or_default(),
            Self::UserAgent => own.and_then(|leg| leg.user_agent.as_deref()).unwrap_or_default().to_owned(),
            Self::Quality(field) => {
                let quality = own.and_then(|leg| leg.quality.as_deref());
                quality.and_then(|quality| heard(quality, field)).unwrap_or_default()
            }
            Self::Notes => noted.and_then(|noted| noted.notes.clone()).unwrap_or_default(),
            Self::Flag => noted.filter(|noted| noted.is_flagged).map(flag).unwrap_or_default(),
        }
    }
}

/// How well a leg was heard, for people.
fn heard(quality: &LegQuality, field: QualityField) -> Option<String> {
    let LegQuality { received, sent, round_trip } = quality;
    Some(match field {
        QualityField::ReceivedPackets => received.as_ref()?.packets.to_string(),
        QualityField::ReceivedLost => received.as_ref()?.lost.to_string(),
        QualityField::ReceivedJitter => look::ms(received.as_ref()?.jitter),
        QualityField::SentPackets => sent.as_ref()?.packets.to_string(),
        QualityField::SentLost => sent.as_ref()?.lost.to_string(),
        QualityField::SentJitter => look::ms(sent.as_ref()?.jitter),
        QualityField::RoundTrip => look::ms((*round_trip)?),
        QualityField::Mos => format!("{:.2}", quality.mos()?.value()),
    })
}

fn flag(noted: &Annotations) -> String {
    let why = noted.flag_notes.as_deref().map(|why| format!(": {why}")).unwrap_or_default();
    format!("{}{why}", words::FLAGGED)
}

/// A call that was found, and the account that it is seen from.
#[derive(Clone, Copy)]
pub struct Row<'a> {
    /// The account.
    pub account: AccountId,
    /// The call.
    pub record: &'a CallRecord,
    /// What the account has noted, where that is looked at.
    pub noted: Option<&'a Annotations>,
}

impl Row<'_> {
    /// Whether the account sends it.
    pub fn is_outbound(&self) -> bool {
        self.record.sides_of(self.account).is_none_or(Sides::is_outbound)
    }

    /// The account's side of it.
    pub fn side(&self) -> Side {
        if self.is_outbound() { Side::Origination } else { Side::Termination }
    }

    /// Who answered, if that is not another customer's affair.
    pub fn answered_by(&self) -> Option<&str> {
        let owner = |account: AccountId| {
            [Some(self.record.origination), self.record.termination]
                .into_iter()
                .flatten()
                .find(|owner| owner.account == account)
        };
        let own = owner(self.account).map(|owner| owner.customer);
        let is_own = self.record.termination.is_some_and(|owner| Some(owner.customer) == own);
        self.record.answered_by.as_deref().filter(|_| is_own)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_767_355_200);

    fn stretch(query: &str) -> Result<(i64, i64), String> {
        let stretch =
            Stretch::read(&Fields::parse(query.as_bytes()), NOW).map_err(|failure| match failure {
                Failure::Refused { message, .. } => message,
                Failure::SignedOut { .. } => String::new(),
            })?;
        let seconds = |at: Timestamp| at.as_seconds() - NOW.as_seconds();
        Ok((seconds(stretch.from), seconds(stretch.to)))
    }

    #[test]
    fn a_stretch_is_the_last_day_or_what_is_asked_for() {
        let cases = [
            ("", (-86_400, 0)),
            ("last=hour", (-3_600, 0)),
            ("from=2026-01-02T11:00&to=2026-01-02T11:30", (-3_600, -1_800)),
            ("from=2026-01-02T12:00&to=2026-01-02T12:30&zone=Europe/Berlin", (-3_600, -1_800)),
            ("to=2026-01-02T11:00&last=hour", (-7_200, -3_600)),
        ];
        for (query, expected) in cases {
            assert_eq!(stretch(query), Ok(expected), "{query}");
        }
        for query in ["last=eon", "from=yesterday", "zone=Mars", "from=2026-01-02T11:00&to=2026-01-02T10:00"]
        {
            assert!(stretch(query).unwrap_err().contains("accepted"), "{query}");
        }
    }

    #[test]
    fn a_stretch_that_is_fixed_is_the_same_later() {
        let fields = Fields::parse(b"last=hour&zone=Europe/Berlin&caller=1");
        let fixed = Stretch::read(&fields, NOW).unwrap().fixed(&fields);
        let later = Stretch::read(&fixed, NOW + Duration::from_secs(999)).unwrap();
        assert_eq!((later.from, later.to), (NOW - Duration::from_secs(3_600), NOW));
        assert_eq!(fixed.get("caller"), Some("1"));
    }
}
