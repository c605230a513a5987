//! What each member of `CallRecordInfo` sorts by (section 1.5).

use history::RecordField;

use super::{dto::read::Misfit, errors::Fault};

/// What records are sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SortKey {
    /// A field that the history knows.
    Record(RecordField),
    /// A text of the account that the record is seen from.
    Account(AccountText),
    /// Nothing: all records are alike in it.
    Alike,
}

/// What the directory says of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountText {
    /// `ClientId`.
    Uuid,
    /// `ClientName`.
    Name,
    /// `CenterId`.
    Center,
}

impl SortKey {
    /// The key if the request names none.
    pub const START: Self = Self::Record(RecordField::StartedAt);

    /// Every member that holds one value.
    pub const MEMBERS: [(&str, Self); 23] = [
        ("Id", Self::Record(RecordField::CallId)),
        ("ClientId", Self::Account(AccountText::Uuid)),
        ("ClientName", Self::Account(AccountText::Name)),
        ("CenterId", Self::Account(AccountText::Center)),
        ("StartTime", Self::START),
        ("CallerName", Self::Record(RecordField::CallerName)),
        ("CallerNumber", Self::Record(RecordField::CallerRouted)),
        ("TransferToName", Self::Record(RecordField::TransferredToName)),
        ("TransferToNumber", Self::Record(RecordField::TransferredToNumber)),
        ("Notes", Self::Record(RecordField::Notes)),
        ("DurationInSeconds", Self::Record(RecordField::Total)),
        ("RingTimeInSeconds", Self::Record(RecordField::Wait)),
        ("HoldTimeInSeconds", Self::Record(RecordField::Hold)),
        ("HoldCount", Self::Record(RecordField::HoldCount)),
        ("AnsweredBy", Self::Record(RecordField::AnsweredBy)),
        ("Server", Self::Alike),
        ("TalkTimeInSeconds", Self::Record(RecordField::Talk)),
        ("TransferTimeInSeconds", Self::Record(RecordField::Transfer)),
        ("ScreenPop", Self::Record(RecordField::ScreenPop)),
        ("Flagged", Self::Record(RecordField::IsFlagged)),
        ("FlagNotes", Self::Record(RecordField::FlagNotes)),
        ("Type", Self::Record(RecordField::IsOutbound)),
        ("WorkTimeInSeconds", Self::Record(RecordField::Work)),
    ];

    /// The key of the member with this name, in either case.
    pub fn parse(name: &str) -> Result<Self, Misfit> {
        let member = Self::MEMBERS.iter().find(|(word, _)| word.eq_ignore_ascii_case(name.trim()));
        let accepted = "a member of CallRecordInfo that holds one value, such as StartTime";
        member.map(|(_, key)| *key).ok_or(Misfit { fault: Fault::Unknown, accepted })
    }
}
