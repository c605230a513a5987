//! The values of a record that a table can state, each with its way of being written.

use std::time::Duration;

use call::{
    AccountRow, CallRecord, Timestamp,
    event::SipStatus,
    party::Owner,
    record::{Interaction, LegRecord, Recording, Transfer},
    state::Sides,
};

use super::{
    START, cast,
    names::{call_name, leg_name},
    words::{
        CAUSES, DISPOSITIONS, INTERACTIONS, RECORDING_KINDS, RELEASED_BY, TRANSFER_MODES, Words, name, pick,
        seconds, show_seconds,
    },
};

/// A value that a table can state.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    pub(super) name: &'static str,
    /// The expectation in the form in which `show` writes, or what is accepted.
    pub(super) read: fn(&str) -> Result<String, String>,
    /// What the record says; the expectation tells for whom.
    pub(super) show: fn(&CallRecord, &str) -> String,
}

pub(super) const FIELDS: [Field; 24] = [
    Field { name: "direction", read: read_directions, show: show_directions },
    word(
        "disposition",
        |text| known("disposition", text, &DISPOSITIONS),
        |record, _| name(&record.disposition(), &DISPOSITIONS).to_owned(),
    ),
    word("cause", |text| known("cause", text, &CAUSES), |record, _| name(&record.cause, &CAUSES).to_owned()),
    word(
        "released_by",
        |text| known("releaser", text, &RELEASED_BY),
        |record, _| name(&record.released_by, &RELEASED_BY).to_owned(),
    ),
    length("pdd", |record, _| show_seconds(record.times.pdd)),
    length("ring", |record, _| show_seconds(record.times.ring)),
    length("talk", |record, _| show_seconds(record.times.talk)),
    length("hold", |record, _| show_seconds(record.times.hold)),
    length("transfer", |record, _| show_seconds(record.times.transfer)),
    length("connected", |record, _| show_seconds(record.connected())),
    instant("ringing_at", |record, _| show_instant(record.ringing_at)),
    instant("answered_at", |record, _| show_instant(record.answered_at)),
    instant("ended_at", |record, _| show_instant(Some(record.ended_at))),
    text("hold_count", |record, _| record.hold_count.to_string()),
    text("caller", |record, _| record.caller_received.to_string()),
    text("caller_name", |record, _| show(record.caller_name.as_deref())),
    text("called", |record, _| record.called_received.to_string()),
    text("called_routed", |record, _| record.called_routed.to_string()),
    text("answered_by", |record, _| show(record.answered_by.as_deref())),
    text("transferred_to", |record, _| show_target(record)),
    text("termination", |record, _| show(record.termination.map(account_name))),
    text("caller_status", |record, _| show_status(record.caller_leg.status.as_ref())),
    text("called_status", |record, _| {
        show_status(record.called_leg.as_ref().and_then(|leg| leg.status.as_ref()))
    }),
    text("absorbed", |record, _| show(record.absorbed.first().map(|_| show_absorbed(record)))),
];

type Read = fn(&str) -> Result<String, String>;
type Show = fn(&CallRecord, &str) -> String;

const fn word(name: &'static str, read: Read, show: Show) -> Field {
    Field { name, read, show }
}

const fn length(name: &'static str, show: Show) -> Field {
    Field { name, read: |text| seconds(text).map(show_seconds), show }
}

const fn instant(name: &'static str, show: Show) -> Field {
    Field { name, read: read_instant, show }
}

const fn text(name: &'static str, show: Show) -> Field {
    Field { name, read: |text| Ok(text.to_owned()), show }
}

fn known<T: Clone>(what: &str, text: &str, words: &[(&str, T)]) -> Result<String, String> {
    pick(what, text, words).map(|_| text.to_owned())
}

/// `outbound`, or `outbound for acme, inbound for carrier-a, none for globex`.
fn read_directions(text: &str) -> Result<String, String> {
    let parts: Result<Vec<_>, String> = text.split(',').map(read_direction).collect();
    Ok(parts?.join(", "))
}

fn read_direction(text: &str) -> Result<String, String> {
    let mut words = Words::of(text);
    let direction = words.need("a direction")?;
    known("direction", direction, &DIRECTIONS)?;
    let account = if words.skip("for") { words.need("an account")? } else { cast::HOME };
    cast::parse_account(account)?;
    words.end()?;
    Ok(format!("{direction} for {account}"))
}

const DIRECTIONS: [(&str, ()); 3] = [("outbound", ()), ("inbound", ()), ("none", ())];

fn show_directions(record: &CallRecord, expected: &str) -> String {
    let accounts = expected.split(", ").filter_map(|part| part.rsplit(' ').next());
    let shown: Vec<_> = accounts.map(|name| format!("{} for {name}", direction(record, name))).collect();
    shown.join(", ")
}

fn direction(record: &CallRecord, account: &str) -> &'static str {
    match cast::account(account).and_then(|owner| record.sides_of(owner.account)).map(Sides::is_outbound) {
        Some(true) => "outbound",
        Some(false) => "inbound",
        None => "none",
    }
}

fn show(value: Option<impl ToString>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}

fn account_name(owner: Owner) -> &'static str {
    cast::name_of(owner.account)
}

fn show_target(record: &CallRecord) -> String {
    let target = record.transferred_to.as_ref();
    show(target.map(|target| match &target.name {
        Some(name) => format!("{} {name}", target.number),
        None => target.number.to_string(),
    }))
}

fn show_status(status: Option<&SipStatus>) -> String {
    show(status.map(|status| format!("{} {}", status.code, status.reason)))
}

fn show_absorbed(record: &CallRecord) -> String {
    let names: Vec<_> = record.absorbed.iter().map(|id| call_name(*id)).collect();
    names.join(",")
}

fn read_instant(text: &str) -> Result<String, String> {
    if text == "-" { Ok(text.to_owned()) } else { seconds(text).map(show_seconds) }
}

pub(super) fn show_instant(at: Option<Timestamp>) -> String {
    show(at.map(|at| show_seconds(at.since(START))))
}

/// `6.020 answered Bob`, and the target of a transfer or a parking behind it.
pub(super) fn read_interaction(line: &str) -> Result<String, String> {
    let mut words = Words::of(line);
    let at = seconds(words.need("a time")?).map(show_seconds)?;
    let kind = words.need("what a party did")?;
    known("interaction", kind, &INTERACTIONS)?;
    let by = words.need("who did it, or `-`")?;
    let target = words.next();
    words.end()?;
    Ok(join(&[&at, kind, by, target.unwrap_or_default()]))
}

pub(super) fn show_interaction(interaction: &Interaction) -> String {
    let at = show_instant(Some(interaction.at));
    let kind = name(&interaction.kind, &INTERACTIONS);
    let target = interaction.target.as_ref().map(ToString::to_string).unwrap_or_default();
    join(&[&at, kind, interaction.by.as_deref().unwrap_or("-"), &target])
}

/// `A 0.000 - 6.031 66.031 normal`: offered, ringing, answered, ended, cause.
pub(super) fn read_leg(line: &str) -> Result<String, String> {
    let mut words = Words::of(line);
    let leg = words.need("a leg")?;
    let mut times = Vec::new();
    for what in ["when it was offered", "when it rang", "when it was answered", "when it ended"] {
        times.push(read_instant(words.need(what)?)?);
    }
    let cause = words.need("a cause")?;
    known("cause", cause, &CAUSES)?;
    words.end()?;
    Ok(join(&[leg, &times.join(" "), cause]))
}

pub(super) fn show_leg(leg: &LegRecord) -> String {
    let times = [Some(leg.offered_at), leg.ringing_at, leg.answered_at, Some(leg.ended_at)];
    let times: Vec<_> = times.into_iter().map(show_instant).collect();
    join(&[&leg_name(leg.leg_id), &times.join(" "), name(&leg.cause, &CAUSES)])
}

/// `20.000 24.020 blind B A C`: asked for, over, the way, initiator, transferred, recipient (`-` if none).
pub(super) fn read_transfer(line: &str) -> Result<String, String> {
    let mut words = Words::of(line);
    let started_at = seconds(words.need("when it was asked for")?).map(show_seconds)?;
    let ended_at = seconds(words.need("when it was over")?).map(show_seconds)?;
    let mode = words.need("`blind` or `attended`")?;
    known("way of transfer", mode, &TRANSFER_MODES)?;
    let roles = [words.need("the initiator")?, words.need("the transferred")?, words.need("the recipient")?];
    words.end()?;
    Ok(join(&[&started_at, &ended_at, mode, &roles.join(" ")]))
}

pub(super) fn show_transfer(transfer: &Transfer) -> String {
    let times = [transfer.started_at, transfer.ended_at].map(|at| show_instant(Some(at))).join(" ");
    let roles = [Some(transfer.initiator), transfer.transferred, transfer.recipient];
    let roles = roles.map(|leg| leg.map_or_else(|| "-".to_owned(), leg_name)).join(" ");
    join(&[&times, name(&transfer.mode, &TRANSFER_MODES), &roles])
}

/// `A 4.210 60.000 on-demand a.wav`: the leg, from, to, why, the file.
pub(super) fn read_recording(line: &str) -> Result<String, String> {
    let mut words = Words::of(line);
    let leg = words.need("a leg")?;
    let from = seconds(words.need("when it began")?).map(show_seconds)?;
    let to = seconds(words.need("when it ended")?).map(show_seconds)?;
    let kind = words.need("`standing` or `on-demand`")?;
    known("kind of recording", kind, &RECORDING_KINDS)?;
    let file = words.need("a file")?;
    words.end()?;
    Ok(join(&[leg, &from, &to, kind, file]))
}

pub(super) fn show_recording(recording: &Recording) -> String {
    let times = [recording.started_at, recording.ended_at].map(|at| show_instant(Some(at))).join(" ");
    join(&[&leg_name(recording.leg), &times, name(&recording.kind, &RECORDING_KINDS), &recording.file])
}

/// `acme sent 0.000 6.020 66.031 +14155550199 normal 200 -60 call,counted`.
pub(super) fn read_row(line: &str) -> Result<String, String> {
    let mut words = Words::of(line);
    let account = words.need("an account")?;
    cast::parse_account(account)?;
    let sides = words.need("`sent`, `taken` or `both`")?;
    known("side", sides, &SIDES)?;
    let mut times = Vec::new();
    for what in ["when it began", "when it was answered", "when it ended"] {
        times.push(read_instant(words.need(what)?)?);
    }
    let rest = words.take_rest().split_whitespace().collect::<Vec<_>>().join(" ");
    Ok(join(&[account, sides, &times.join(" "), &rest]))
}

pub(super) fn show_row(row: &AccountRow<&CallRecord>) -> String {
    let record = row.call;
    let times = [Some(record.started_at), record.answered_at, Some(record.ended_at)];
    let status = record.called_leg.as_ref().and_then(|leg| leg.status.as_ref());
    let counted = row.sides.originates() && row.is_sent_call;
    let marks: Vec<_> =
        [("call", row.is_call), ("counted", counted)].into_iter().filter(|mark| mark.1).collect();
    let marks = marks.into_iter().map(|mark| mark.0).collect::<Vec<_>>().join(",");
    join(&[
        cast::name_of(row.owner.account),
        name(&row.sides, &SIDES),
        &times.map(show_instant).join(" "),
        record.called_routed.as_str(),
        name(&record.cause, &CAUSES),
        &show(status.map(|status| status.code)),
        &row.movement().normalize().to_string(),
        if marks.is_empty() { "-" } else { &marks },
    ])
}

const SIDES: [(&str, Sides); 3] =
    [("sent", Sides::Originated), ("taken", Sides::Terminated), ("both", Sides::Both)];

fn join(words: &[&str]) -> String {
    let words: Vec<_> = words.iter().copied().filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

/// The parts of a call's time, which must add up.
pub(super) fn sum_mismatch(record: &CallRecord) -> Option<String> {
    let (sum, whole): (Duration, Duration) = (record.times.total(), record.ended_at.since(record.started_at));
    (sum != whole)
        .then(|| format!("the times add up to {}, the call took {}", show_seconds(sum), show_seconds(whole)))
}
