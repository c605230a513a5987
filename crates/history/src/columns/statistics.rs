//! What the statistics of a group of rows, or of a page of a column, tell: whether any value in it can pass.

use std::ops::RangeInclusive;

use call::filter::{TextKind, TextOperator, TextTest};
use parquet::file::{
    page_index::column_index::ColumnIndexMetaData,
    statistics::{Statistics, ValueStatistics},
};

use super::matcher::{Comparison, Matching};

/// What is known of the values of some rows.
pub(super) struct Known<'a> {
    bounds: Bounds<'a>,
    /// Whether every row has a value.
    is_full: bool,
}

/// Between what values lie.
enum Bounds<'a> {
    Numbers(RangeInclusive<i64>),
    /// The bytes of texts. Those of long ones are cut, the lower bound downwards, the upper one upwards.
    Texts(&'a [u8], &'a [u8]),
    /// No row has a value.
    Nothing,
    Unknown,
}

impl<'a> Known<'a> {
    /// Of a group.
    pub(super) fn of_group(statistics: Option<&'a Statistics>) -> Self {
        let bounds = match statistics {
            Some(Statistics::Int64(numbers)) => range(numbers).map(Bounds::Numbers),
            Some(Statistics::ByteArray(texts)) => texts
                .min_bytes_opt()
                .zip(texts.max_bytes_opt())
                .map(|(least, most)| Bounds::Texts(least, most)),
            _ => None,
        };
        let absent = statistics.and_then(Statistics::null_count_opt);
        Self { bounds: bounds.unwrap_or(Bounds::Unknown), is_full: absent == Some(0) }
    }

    /// Of a page.
    pub(super) fn of_page(index: &'a ColumnIndexMetaData, page: usize) -> Self {
        if page as u64 >= index.num_pages() {
            return Self { bounds: Bounds::Unknown, is_full: false };
        }
        let bounds = match index {
            _ if index.is_null_page(page) => Some(Bounds::Nothing),
            ColumnIndexMetaData::INT64(numbers) => {
                let bounds = numbers.min_value(page).zip(numbers.max_value(page));
                bounds.map(|(least, most)| Bounds::Numbers(*least..=*most))
            }
            ColumnIndexMetaData::BYTE_ARRAY(texts) => {
                let bounds = texts.min_value(page).zip(texts.max_value(page));
                bounds.map(|(least, most)| Bounds::Texts(least, most))
            }
            _ => None,
        };
        Self { bounds: bounds.unwrap_or(Bounds::Unknown), is_full: index.null_count(page) == Some(0) }
    }

    /// Whether a value, or a row without one, may pass.
    pub(super) fn may_pass(&self, test: &Matching) -> bool {
        match (test, &self.bounds) {
            (Matching::Absence, _) => !self.is_full,
            (_, Bounds::Nothing) => false,
            (Matching::Numbers(test), Bounds::Numbers(range)) => test.may_accept(range),
            (Matching::Texts(test), Bounds::Texts(least, most)) => may_be_in(test, least, most),
            (Matching::TextOrder(comparison, with), Bounds::Texts(least, most)) => match comparison {
                Comparison::Above | Comparison::AtLeast => *most >= with.as_bytes(),
                Comparison::Below | Comparison::AtMost => *least <= with.as_bytes(),
            },
            _ => true,
        }
    }

    /// The texts that are all that passes a test, as they are written; `None` if these cannot be named.
    pub(super) fn spelled(&self, test: &TextTest) -> Option<Vec<String>> {
        if test.operator() != TextOperator::Is {
            return None;
        }
        match test.kind() {
            TextKind::Plain => Some(test.values().map(str::to_owned).collect()),
            TextKind::Number if self.has_no_number_with_more_than_one_plus() => {
                Some(test.values().flat_map(|number| [number.to_owned(), format!("+{number}")]).collect())
            }
            TextKind::Number | TextKind::Address => None,
        }
    }

    fn has_no_number_with_more_than_one_plus(&self) -> bool {
        match self.bounds {
            // What begins with two of them comes before whatever begins with one and a digit.
            Bounds::Texts(least, most) => !has_common((least, most), (b"++", b"+,")),
            Bounds::Numbers(_) | Bounds::Nothing | Bounds::Unknown => false,
        }
    }
}

fn range(numbers: &ValueStatistics<i64>) -> Option<RangeInclusive<i64>> {
    Some(*numbers.min_opt()?..=*numbers.max_opt()?)
}

fn has_common(one: (&[u8], &[u8]), other: (&[u8], &[u8])) -> bool {
    one.0 <= other.1 && other.0 <= one.1
}

fn may_be_in(test: &TextTest, least: &[u8], most: &[u8]) -> bool {
    let mut values = test.values();
    match (test.operator(), test.kind()) {
        (TextOperator::Is, TextKind::Plain) => {
            values.any(|value| least <= value.as_bytes() && value.as_bytes() <= most)
        }
        (TextOperator::Is, TextKind::Number) => {
            values.any(|value| may_be_with_plus(value, least, most, false))
        }
        (TextOperator::StartsWith, TextKind::Number) => {
            values.any(|value| may_be_with_plus(value, least, most, true))
        }
        (TextOperator::StartsWith, TextKind::Plain) => {
            values.any(|value| has_case(value) || may_begin_with(value.as_bytes(), least, most))
        }
        _ => true,
    }
}

/// Whether a number may be there, with any number of `+` before it. Those that begin with a digit come the earlier, the
/// more there are.
fn may_be_with_plus(number: &str, least: &[u8], most: &[u8], is_beginning: bool) -> bool {
    if !number.starts_with(|first: char| first.is_ascii_digit()) || has_case(number) {
        return true;
    }
    let mut written = number.as_bytes().to_vec();
    for _ in 0..=least.len().max(most.len()) + 1 {
        let is_there = match is_beginning {
            true => may_begin_with(&written, least, most),
            false => least <= &written[..] && &written[..] <= most,
        };
        if is_there {
            return true;
        }
        written.insert(0, b'+');
    }
    // Only what is nothing but `+` as far as is known has more of them.
    least.iter().all(|byte| *byte == b'+')
}

fn may_begin_with(prefix: &[u8], least: &[u8], most: &[u8]) -> bool {
    let first = &least[..least.len().min(prefix.len())];
    first <= prefix && prefix <= most
}

/// Whether other texts may be the same but for the case of their letters.
fn has_case(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_alphabetic() || !byte.is_ascii())
}

#[cfg(test)]
mod tests {
    use parquet::data_type::ByteArray;
    use proptest::{collection::vec, prelude::*, sample::select};

    use super::*;
    use crate::columns::matcher::NumberTest;

    #[test]
    fn a_group_is_passed_over_only_if_nothing_in_it_can_pass() {
        let numbers = Statistics::int64(Some(10), Some(20), None, Some(0), false);
        let passes = |test| Known::of_group(Some(&numbers)).may_pass(&Matching::Numbers(test));
        assert!(passes(NumberTest::Within(20..=30)) && !passes(NumberTest::Within(21..=30)));
        assert!(passes(NumberTest::OneOf(vec![1..=2, 5..=10])) && !passes(NumberTest::OneOf(vec![1..=2])));
        assert!(passes(NumberTest::NoneOf(vec![10..=20])));
        assert!(!Known::of_group(Some(&numbers)).may_pass(&Matching::Absence));
        assert!(Known::of_group(None).may_pass(&Matching::Absence));
        let text = |text: &str| Some(ByteArray::from(text));
        let texts = Statistics::byte_array(text("b"), text("d"), None, None, false);
        let passes = |operator, kind, value: &str| {
            Known::of_group(Some(&texts)).may_pass(&Matching::Texts(TextTest::new(kind, operator, [value])))
        };
        assert!(passes(TextOperator::Is, TextKind::Plain, "cat"));
        assert!(!passes(TextOperator::Is, TextKind::Plain, "dog"));
        assert!(!passes(TextOperator::Is, TextKind::Number, "1"));
        assert!(passes(TextOperator::IsNot, TextKind::Plain, "a"));
        assert!(Known::of_group(Some(&texts)).may_pass(&Matching::Absence));
    }

    proptest! {
        #[test]
        fn what_passes_is_never_passed_over(
            mut texts in vec("[+]{0,3}[0-2#]{0,3}|[aA+0]{0,3}|é|", 1..4),
            value in "[+]{0,2}[0-2#]{0,2}|[aA]{1,2}|é",
            kind in select(vec![TextKind::Plain, TextKind::Number]),
            operator in select(vec![
                TextOperator::Is, TextOperator::IsNot, TextOperator::StartsWith, TextOperator::EndsWith,
                TextOperator::Contains,
            ]),
        ) {
            texts.sort();
            let (least, most) = (texts[0].as_str(), texts[texts.len() - 1].as_str());
            let known = Statistics::byte_array(
                Some(ByteArray::from(least)), Some(ByteArray::from(most)), None, Some(0), false,
            );
            let (known, test) = (Known::of_group(Some(&known)), TextTest::new(kind, operator, [value]));
            let passing: Vec<_> = texts.iter().filter(|text| test.accepts(text)).collect();
            prop_assert!(passing.is_empty() || known.may_pass(&Matching::Texts(test.clone())));
            if let Some(spelled) = known.spelled(&test) {
                prop_assert!(passing.iter().all(|text| spelled.contains(text)));
            }
        }
    }
}
