//! The values of a column that are held back until their group is written.

use std::mem;

use bytes::Bytes;
use parquet::{
    data_type::{BoolType, ByteArray, ByteArrayType, FixedLenByteArray, FixedLenByteArrayType, Int64Type},
    errors::ParquetError,
    file::writer::SerializedColumnWriter,
};
use rust_decimal::Decimal;

use crate::export::columns::{Cell, Kind};

/// Places of amounts of money. Digits beyond are rounded.
pub const SCALE: u32 = 12;

/// The greatest whole number of 38 digits, which is what an amount may have.
const MOST: i128 = 10_i128.pow(38) - 1;

/// A column's values, and which rows have one.
pub struct Held {
    /// For each row 1, or 0 without a value.
    levels: Vec<i16>,
    values: Values,
}

enum Values {
    Flags(Vec<bool>),
    Numbers(Vec<i64>),
    /// Each by itself: what a group keeps of its least and greatest amount would else keep all of them.
    Amounts(Vec<FixedLenByteArray>),
    Texts {
        bytes: Vec<u8>,
        ends: Vec<usize>,
    },
}

impl Held {
    /// None yet.
    pub fn of(kind: Kind) -> Self {
        let values = match kind {
            Kind::Flag => Values::Flags(Vec::new()),
            Kind::Time | Kind::Number => Values::Numbers(Vec::new()),
            Kind::Amount => Values::Amounts(Vec::new()),
            Kind::Text => Values::Texts { bytes: Vec::new(), ends: Vec::new() },
        };
        Self { levels: Vec::new(), values }
    }

    /// The value of one more row. One that is not of the column's kind is none.
    pub fn take(&mut self, cell: Cell<'_>) {
        let is_taken = self.values.take(cell);
        self.levels.push(i16::from(is_taken));
    }

    /// Writes what is held, and holds nothing any more.
    pub fn write(&mut self, column: &mut SerializedColumnWriter<'_>) -> Result<(), ParquetError> {
        let levels = Some(self.levels.as_slice());
        match &mut self.values {
            Values::Flags(flags) => column.typed::<BoolType>().write_batch(flags, levels, None),
            Values::Numbers(numbers) => column.typed::<Int64Type>().write_batch(numbers, levels, None),
            Values::Amounts(amounts) => {
                column.typed::<FixedLenByteArrayType>().write_batch(amounts, levels, None)
            }
            Values::Texts { bytes, ends } => {
                let texts: Vec<_> = slices(mem::take(bytes), ends.iter().copied()).collect();
                column.typed::<ByteArrayType>().write_batch(&texts, levels, None)
            }
        }?;
        self.levels.clear();
        self.values.clear();
        Ok(())
    }
}

impl Values {
    fn take(&mut self, cell: Cell<'_>) -> bool {
        match (self, cell) {
            (Self::Flags(flags), Cell::Flag(flag)) => flags.push(flag),
            (Self::Numbers(numbers), Cell::Time(at)) => numbers.push(at.as_micros()),
            (Self::Numbers(numbers), Cell::Number(number)) => {
                numbers.push(i64::try_from(number).unwrap_or(i64::MAX));
            }
            (Self::Amounts(amounts), Cell::Amount(amount)) => amounts.push(fixed(amount)),
            (Self::Texts { bytes, ends }, Cell::Text(text)) => {
                bytes.extend_from_slice(text.as_bytes());
                ends.push(bytes.len());
            }
            _ => return false,
        }
        true
    }

    fn clear(&mut self) {
        match self {
            Self::Flags(flags) => flags.clear(),
            Self::Numbers(numbers) => numbers.clear(),
            Self::Amounts(amounts) => amounts.clear(),
            Self::Texts { bytes, ends } => {
                bytes.clear();
                ends.clear();
            }
        }
    }
}

/// What lies one behind the other, up to each of the ends.
fn slices(bytes: Vec<u8>, ends: impl Iterator<Item = usize>) -> impl Iterator<Item = ByteArray> {
    let (bytes, mut start) = (Bytes::from(bytes), 0);
    ends.map(move |end| bytes.slice(mem::replace(&mut start, end)..end).into())
}

/// The amount in units of the last place, most significant byte first. One with more than 38 digits then is
/// the greatest there is.
fn fixed(amount: Decimal) -> FixedLenByteArray {
    let rounded = amount.round_dp(SCALE);
    let units = 10_i128.pow(SCALE - rounded.scale());
    let whole = rounded.mantissa().saturating_mul(units).clamp(-MOST, MOST);
    whole.to_be_bytes().to_vec().into()
}
