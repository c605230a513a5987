//! What the statistics of a group of rows tell: whether any value in it can pass.

use std::ops::RangeInclusive;

use call::filter::{TextKind, TextOperator, TextTest};
use parquet::file::statistics::{Statistics, ValueStatistics};

use super::matcher::Matching;

/// Whether a value may pass. Bounds of long texts are cut, the lower one downwards, the upper one upwards.
pub(super) fn may_pass(statistics: Option<&Statistics>, test: &Matching) -> bool {
    match (test, statistics) {
        (Matching::Absence, Some(statistics)) => statistics.null_count_opt() != Some(0),
        (Matching::Numbers(test), Some(Statistics::Int64(numbers))) => {
            range(numbers).is_none_or(|range| test.may_accept(&range))
        }
        (Matching::Texts(test), Some(Statistics::ByteArray(texts))) => {
            let (least, most) = (texts.min_bytes_opt(), texts.max_bytes_opt());
            least.zip(most).is_none_or(|(least, most)| may_be_in(test, least, most))
        }
        _ => true,
    }
}

fn range(numbers: &ValueStatistics<i64>) -> Option<RangeInclusive<i64>> {
    Some(*numbers.min_opt()?..=*numbers.max_opt()?)
}

fn may_be_in(test: &TextTest, least: &[u8], most: &[u8]) -> bool {
    match (test.operator(), test.kind()) {
        (TextOperator::Is, TextKind::Plain) => {
            test.values().any(|value| least <= value.as_bytes() && value.as_bytes() <= most)
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use parquet::data_type::ByteArray;

    use super::*;
    use crate::columns::matcher::NumberTest;

    #[test]
    fn a_group_is_passed_over_only_if_nothing_in_it_can_pass() {
        let numbers = Statistics::int64(Some(10), Some(20), None, Some(0), false);
        let passes = |test| may_pass(Some(&numbers), &Matching::Numbers(test));
        assert!(passes(NumberTest::Within(20..=30)) && !passes(NumberTest::Within(21..=30)));
        assert!(passes(NumberTest::OneOf(vec![1..=2, 5..=10])) && !passes(NumberTest::OneOf(vec![1..=2])));
        assert!(passes(NumberTest::NoneOf(vec![10..=20])));
        assert!(!may_pass(Some(&numbers), &Matching::Absence) && may_pass(None, &Matching::Absence));
        let text = |text: &str| Some(ByteArray::from(text));
        let texts = Statistics::byte_array(text("b"), text("d"), None, None, false);
        let passes = |operator, kind, value: &str| {
            may_pass(Some(&texts), &Matching::Texts(TextTest::new(kind, operator, [value])))
        };
        assert!(passes(TextOperator::Is, TextKind::Plain, "cat"));
        assert!(!passes(TextOperator::Is, TextKind::Plain, "dog"));
        assert!(
            passes(TextOperator::Is, TextKind::Number, "1")
                && passes(TextOperator::IsNot, TextKind::Plain, "a")
        );
        assert!(may_pass(Some(&texts), &Matching::Absence));
    }
}
