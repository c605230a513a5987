//! Tests of texts against how they compare letter by letter.

use call::filter::{TextKind, TextOperator, TextTest};
use proptest::{collection::vec, prelude::*, sample::select};
use testkit::texts::{TEXTS, passes};

const KINDS: [TextKind; 3] = [TextKind::Plain, TextKind::Number, TextKind::Address];
const OPERATORS: [TextOperator; 5] = [
    TextOperator::Is,
    TextOperator::IsNot,
    TextOperator::StartsWith,
    TextOperator::EndsWith,
    TextOperator::Contains,
];

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => select(TEXTS).prop_map(str::to_owned),
        1 => (select(TEXTS), select(TEXTS)).prop_map(|(one, other)| format!("{one}{other}")),
        1 => any::<String>(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn a_text_passes_as_it_does_letter_by_letter(
        kind in select(&KINDS[..]),
        operator in select(&OPERATORS[..]),
        values in vec(text(), 0..4),
        text in text(),
    ) {
        let test = TextTest::new(kind, operator, &values);
        prop_assert_eq!(test.accepts(&text), passes(kind, operator, &values, &text));
    }
}

#[test]
fn what_is_alike_is_found() {
    use {
        TextKind::{Address, Number, Plain},
        TextOperator::{Contains, EndsWith, Is, IsNot, StartsWith},
    };
    let cases = [
        (Number, StartsWith, "1415", "+14155550177", true),
        (Number, StartsWith, "+1415", "14155550177", true),
        (Number, Is, "14155550177", "+14155550177", true),
        (Number, IsNot, "14155550177", "+14155550177", false),
        (Number, EndsWith, "0177", "+14155550177", true),
        (Plain, StartsWith, "1415", "+14155550177", false),
        (Plain, Contains, "ïD", "NAÏDA", true),
        (Plain, Is, "naïda", "NAÏDA", false),
        (Plain, Contains, "σ", "ΟΔΟΣ", true),
        (Plain, EndsWith, "ς", "ΟΔΟΣ", false),
        (Plain, Contains, "\"", "Joe \"the\" Doe", true),
        (Address, Is, "::ffff:127.0.0.1", "127.0.0.1", true),
        (Address, Is, "127.0.0.1", "::ffff:127.0.0.1", true),
        (Address, IsNot, "0:0:0:0:0:0:0:1", "::1", false),
    ];
    for (kind, operator, value, text, passes) in cases {
        let test = TextTest::new(kind, operator, [value]);
        assert_eq!(test.accepts(text), passes, "{test:?} of {value} and {text}");
    }
}

#[test]
fn what_is_looked_for_is_not_told() {
    let test = TextTest::new(TextKind::Number, TextOperator::Is, ["+14155550177"]);
    assert_eq!(format!("{test:?}"), "Is(Number, 1 values)");
}
