//! What rows say in some fields, one row after the other.

use std::{ops::Range, sync::Arc, time::Duration};

use call::{Timestamp, event::Side};

use super::{
    Columns,
    array::Array,
    batch::{Batch, Rates},
    cell::{Cell, Row, of_rate},
    layout::{self, Column},
    matcher::{Kind, kind},
    place::{Place, place},
    row_file::RowFile,
    texts::Texts,
};
use crate::{
    HistoryError,
    export::FieldValue,
    query::{RateField, RecordField},
    scaled,
};

/// The fields of some rows of a file that lie together.
pub(crate) struct FieldBatch {
    rows: Range<u32>,
    columns: Vec<FieldColumn>,
}

/// The values of a field.
enum FieldColumn {
    Numbers(Array<i64>, Kind),
    Texts(Texts),
    Ids(Array<[u8; 16]>),
    Rates(Arc<Rates>, RateField),
    Nothing,
}

impl FieldBatch {
    /// Reads the fields of a row, and of those around it among `rows`.
    pub(crate) fn around(
        file: &RowFile,
        row: u32,
        rows: Range<u32>,
        fields: &[RecordField],
    ) -> Result<Self, HistoryError> {
        const PAGE: u32 = layout::PAGE as u32;
        let first = row / PAGE * PAGE;
        let rows = first.max(rows.start)..(first + PAGE).min(rows.end);
        let mut rates = SideRates::default();
        let column = |field: &RecordField| FieldColumn::read(file, rows.clone(), *field, &mut rates);
        let columns = fields.iter().map(column).collect::<Result<_, _>>()?;
        Ok(Self { rows, columns })
    }

    /// Whether a row is one of them.
    pub(crate) fn has(&self, row: u32) -> bool {
        self.rows.contains(&row)
    }

    /// What a row of the file says.
    pub(crate) fn values(&self, row: u32) -> impl Iterator<Item = FieldValue<'_>> {
        let row = row - self.rows.start;
        self.columns.iter().map(move |column| column.value(row))
    }
}

/// The rates of the two sides, as far as they were read.
#[derive(Default)]
struct SideRates([Option<Arc<Rates>>; 2]);

impl SideRates {
    fn read(&mut self, file: &RowFile, rows: Range<u32>, side: Side) -> Result<Arc<Rates>, HistoryError> {
        let place = match side {
            Side::Origination => 0,
            Side::Termination => 1,
        };
        if let Some(read) = &self.0[place] {
            return Ok(read.clone());
        }
        let rates = Arc::new(Batch::new(file, rows).rates(side)?);
        Ok(self.0[place].insert(rates).clone())
    }
}

impl FieldColumn {
    fn read(
        file: &RowFile,
        rows: Range<u32>,
        field: RecordField,
        rates: &mut SideRates,
    ) -> Result<Self, HistoryError> {
        Ok(match place(field) {
            Place::Numbers => Self::Numbers(file.numbers(Column::Field(field), rows)?, kind(field)),
            Place::Texts => Self::Texts(file.texts(Column::Field(field), rows)?),
            Place::Id => Self::Ids(file.call_ids(rows)?),
            Place::Rate(side, field) => Self::Rates(rates.read(file, rows, side)?, field),
            Place::Noted(_) => Self::Nothing,
        })
    }

    fn value(&self, row: u32) -> FieldValue<'_> {
        let value = match self {
            Self::Numbers(array, kind) => array.get(row as usize).map(|number| of_number(*kind, *number)),
            Self::Texts(texts) => texts.get(row).map(FieldValue::Text),
            Self::Ids(ids) => Some(FieldValue::Call(ids.call_id(row))),
            Self::Rates(rates, field) => rates.of(row).map(|rate| match of_rate(rate, *field) {
                // The prefix is borrowed; numbers and amounts are as they are.
                Cell::Text(_) => FieldValue::Text(&rate.prefix),
                Cell::Number(number) => FieldValue::Number(number),
                Cell::Amount(amount) => FieldValue::Amount(amount),
                Cell::Uuid(_) => FieldValue::Absent,
            }),
            Self::Nothing => None,
        };
        value.unwrap_or(FieldValue::Absent)
    }
}

/// What a row that lies in no file says in these fields.
pub(crate) fn with_values<T>(
    row: &Row<'_>,
    fields: &[RecordField],
    take: impl FnOnce(&[FieldValue<'_>]) -> T,
) -> T {
    let cells: Vec<Option<Cell<'_>>> = fields.iter().map(|field| row.cell(*field)).collect();
    let values = cells.iter().zip(fields).map(|(cell, field)| match cell {
        Some(Cell::Number(number)) => of_number(kind(*field), *number),
        Some(Cell::Amount(amount)) => FieldValue::Amount(*amount),
        Some(Cell::Text(text)) => FieldValue::Text(text),
        Some(Cell::Uuid(uuid)) => FieldValue::Call(call::CallId::from_uuid(*uuid)),
        None => FieldValue::Absent,
    });
    take(&values.collect::<Vec<_>>())
}

fn of_number(kind: Kind, number: i64) -> FieldValue<'static> {
    match kind {
        Kind::Bool => FieldValue::Flag(number != 0),
        Kind::Time => FieldValue::Time(Timestamp::from_micros(number)),
        Kind::Length => FieldValue::Length(Duration::from_micros(number.unsigned_abs())),
        Kind::Price => FieldValue::Amount(scaled::read_price(number)),
        Kind::Int | Kind::Text | Kind::Amount => FieldValue::Number(number),
    }
}
