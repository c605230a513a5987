//! Numbers and amounts as text, a million rows of them.

use rust_decimal::Decimal;

/// Digits of the greatest number.
const MOST: usize = 39;

/// A whole number.
pub fn number(number: u64, out: &mut Vec<u8>) {
    put(number.into(), 1, out);
}

/// An amount without zeros at its end.
pub fn amount(amount: Decimal, out: &mut Vec<u8>) {
    let (mut units, mut scale) = (amount.mantissa().unsigned_abs(), amount.scale());
    while scale > 0 && units % 10 == 0 {
        units /= 10;
        scale -= 1;
    }
    if amount.is_sign_negative() && units > 0 {
        out.push(b'-');
    }
    let whole = 10_u128.pow(scale);
    put(units / whole, 1, out);
    if scale > 0 {
        out.push(b'.');
        put(units % whole, scale as usize, out);
    }
}

/// At least so many digits.
fn put(number: u128, least: usize, out: &mut Vec<u8>) {
    let mut digits = [b'0'; MOST];
    let mut from = MOST;
    // Division is much quicker in 64 bits, and nearly every number fits.
    match u64::try_from(number) {
        Ok(mut rest) => {
            while rest > 0 {
                from -= 1;
                digits[from] = b'0' + (rest % 10) as u8;
                rest /= 10;
            }
        }
        Err(_) => {
            let mut rest = number;
            while rest > 0 {
                from -= 1;
                digits[from] = b'0' + (rest % 10) as u8;
                rest /= 10;
            }
        }
    }
    out.extend_from_slice(&digits[from.min(MOST - least)..]);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn numbers_and_amounts_are_printed_as_everywhere_else(
            whole in any::<u64>(), units in any::<i64>(), high in any::<i32>(), scale in 0_u32..=28, shift in 0_u32..64,
        ) {
            let mut out = Vec::new();
            number(whole >> shift, &mut out);
            prop_assert_eq!(String::from_utf8(out).unwrap(), (whole >> shift).to_string());
            for units in [i128::from(units >> shift), i128::from(units) * i128::from(high)] {
                let Ok(decimal) = Decimal::try_from_i128_with_scale(units, scale) else { continue };
                let mut out = Vec::new();
                amount(decimal, &mut out);
                prop_assert_eq!(String::from_utf8(out).unwrap(), decimal.normalize().to_string());
            }
        }
    }
}
