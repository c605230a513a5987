//! The values of a column that are held until their group is written.

use parquet::{
    data_type::{BoolType, ByteArray, ByteArrayType, FixedLenByteArray, FixedLenByteArrayType, Int64Type},
    errors::ParquetError,
    file::writer::SerializedColumnWriter,
};
use rust_decimal::Decimal;

use super::{
    array,
    cell::Cell,
    layout::{AMOUNT_SCALE, Described, Shape},
};

/// The greatest whole number of 38 digits, which is what an amount may have.
const MOST: i128 = 10_i128.pow(38) - 1;

/// A column's values, and which rows have one.
pub(super) struct Held {
    /// For each row 1, or 0 without a value; empty if every row has one.
    levels: Vec<i16>,
    is_optional: bool,
    values: Values,
}

enum Values {
    Flags(Vec<bool>),
    Numbers(Vec<i64>),
    Amounts(Vec<FixedLenByteArray>),
    Texts { bytes: Vec<u8>, ends: Vec<usize> },
    Uuids(Vec<u8>),
}

impl Held {
    /// None yet.
    pub(super) fn of(described: &Described) -> Self {
        let values = match described.shape {
            Shape::Flag => Values::Flags(Vec::new()),
            Shape::Number | Shape::Time | Shape::Length | Shape::Price => Values::Numbers(Vec::new()),
            Shape::Amount => Values::Amounts(Vec::new()),
            Shape::Text => Values::Texts { bytes: Vec::new(), ends: Vec::new() },
            Shape::Uuid => Values::Uuids(Vec::new()),
        };
        Self { levels: Vec::new(), is_optional: described.is_optional, values }
    }

    /// The value of one more row.
    pub(super) fn take(&mut self, cell: Option<Cell<'_>>) {
        if self.is_optional {
            self.levels.push(i16::from(cell.is_some()));
        }
        if let Some(cell) = cell {
            self.values.take(cell);
        }
    }

    /// The value of one more row, as it was read of the same column of another file; false if it can be none of this
    /// column.
    pub(super) fn copy(&mut self, read: &array::Values, row: usize) -> bool {
        let has_value = read.has(row);
        if self.is_optional {
            self.levels.push(i16::from(has_value));
        }
        if has_value { self.values.copy(read, row) } else { self.is_optional }
    }

    /// Writes what is held, and holds nothing any more.
    pub(super) fn write(&mut self, column: &mut SerializedColumnWriter<'_>) -> Result<(), ParquetError> {
        let levels = self.is_optional.then_some(self.levels.as_slice());
        match &mut self.values {
            Values::Flags(flags) => column.typed::<BoolType>().write_batch(flags, levels, None),
            Values::Numbers(numbers) => column.typed::<Int64Type>().write_batch(numbers, levels, None),
            Values::Amounts(amounts) => {
                column.typed::<FixedLenByteArrayType>().write_batch(amounts, levels, None)
            }
            Values::Texts { bytes, ends } => {
                let texts = slices(std::mem::take(bytes), ends);
                column.typed::<ByteArrayType>().write_batch(&texts, levels, None)
            }
            Values::Uuids(bytes) => {
                let ends: Vec<_> = (1..=bytes.len() / 16).map(|uuid| uuid * 16).collect();
                let uuids = slices(std::mem::take(bytes), &ends);
                let uuids: Vec<FixedLenByteArray> = uuids.into_iter().map(Into::into).collect();
                column.typed::<FixedLenByteArrayType>().write_batch(&uuids, levels, None)
            }
        }?;
        self.levels.clear();
        self.values.clear();
        Ok(())
    }
}

fn slices(bytes: Vec<u8>, ends: &[usize]) -> Vec<ByteArray> {
    let bytes = bytes::Bytes::from(bytes);
    let starts = std::iter::once(0).chain(ends.iter().copied());
    starts.zip(ends).map(|(start, end)| bytes.slice(start..*end).into()).collect()
}

impl Values {
    /// A cell of another shape than the column's is a bug, and shifts no other value.
    fn take(&mut self, cell: Cell<'_>) {
        match (self, cell) {
            (Self::Flags(flags), Cell::Number(number)) => flags.push(number != 0),
            (Self::Numbers(numbers), Cell::Number(number)) => numbers.push(number),
            (Self::Amounts(amounts), Cell::Amount(amount)) => amounts.push(fixed(amount)),
            (Self::Texts { bytes, ends }, Cell::Text(text)) => {
                bytes.extend_from_slice(text.as_bytes());
                ends.push(bytes.len());
            }
            (Self::Uuids(bytes), Cell::Uuid(uuid)) => bytes.extend_from_slice(uuid.as_bytes()),
            (
                Self::Flags(_) | Self::Numbers(_) | Self::Amounts(_) | Self::Texts { .. } | Self::Uuids(_),
                _,
            ) => {
                unreachable!("the layout gives each field the shape of its cells")
            }
        }
    }

    /// False if it is of another shape.
    fn copy(&mut self, read: &array::Values, row: usize) -> bool {
        match (self, read) {
            (Self::Flags(flags), array::Values::Numbers(read)) => flags.push(read.values[row] != 0),
            (Self::Numbers(numbers), array::Values::Numbers(read)) => numbers.push(read.values[row]),
            (Self::Amounts(amounts), array::Values::Uuids(read)) => {
                amounts.push(ByteArray::from(read.values[row].to_vec()).into());
            }
            (Self::Texts { bytes, ends }, array::Values::Texts(read)) => {
                bytes.extend_from_slice(read.values[row].data());
                ends.push(bytes.len());
            }
            (Self::Uuids(bytes), array::Values::Uuids(read)) => bytes.extend_from_slice(&read.values[row]),
            (
                Self::Flags(_) | Self::Numbers(_) | Self::Amounts(_) | Self::Texts { .. } | Self::Uuids(_),
                _,
            ) => return false,
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
            Self::Uuids(bytes) => bytes.clear(),
        }
    }
}

/// A decimal with the places of the column, as sixteen bytes.
fn fixed(amount: Decimal) -> FixedLenByteArray {
    let rounded = amount.round_dp(AMOUNT_SCALE);
    let shift = 10_i128.pow(AMOUNT_SCALE - rounded.scale());
    let number = rounded.mantissa().saturating_mul(shift).clamp(-MOST, MOST);
    ByteArray::from(number.to_be_bytes().to_vec()).into()
}
