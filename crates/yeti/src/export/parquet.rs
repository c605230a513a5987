//! The rows of an export as Apache Parquet: a column for each of the CSV's, with a type of its own and a name of
//! lower-case words (`time_start`).

mod held;

use std::{
    io::{self, Write},
    mem,
    sync::Arc,
};

use call::Timestamp;
use history::{
    RecordField,
    export::{FieldValue, RowPrinter},
};
use http_core::time::in_zone;
use jiff::tz::TimeZone;
use parking_lot::Mutex;
use parquet::{
    basic::Compression,
    errors::ParquetError,
    file::{
        properties::{WriterProperties, WriterPropertiesBuilder},
        writer::SerializedFileWriter,
    },
    schema::{
        parser::parse_message_type,
        types::{ColumnPath, TypePtr},
    },
};

use self::held::Held;
use super::columns::{Cell, Chosen, Column, Kind};
use crate::wire::cdr_export::TimeFormatWire;

/// Rows that are held back and written together.
const GROUP: usize = 10_000;

const MICROS: i64 = 1_000_000;

/// Prints rows.
pub struct ParquetPrinter {
    columns: Chosen,
    time_format: TimeFormatWire,
    zone: TimeZone,
    file: SerializedFileWriter<Sink>,
    sink: Sink,
    rows: usize,
    held: Vec<Held>,
}

impl ParquetPrinter {
    /// Times with zone are instants. Those without are what a clock in the zone shows, to the second if they
    /// are to be rounded.
    pub fn new(columns: Chosen, time_format: TimeFormatWire, zone: TimeZone) -> Self {
        let sink = Sink::default();
        let schema = schema(&columns, time_format);
        let file = SerializedFileWriter::new(sink.clone(), schema, Arc::new(properties()));
        let file = file.expect("memory takes the beginning of a file");
        Self {
            time_format,
            zone,
            file,
            sink,
            rows: 0,
            held: columns.columns().map(|column| Held::of(column.kind)).collect(),
            columns,
        }
    }

    fn micros(&self, at: Timestamp) -> i64 {
        let wall = || at.as_micros() + i64::from(in_zone(at, &self.zone).offset().seconds()) * MICROS;
        match self.time_format {
            TimeFormatWire::WithTimezone => at.as_micros(),
            TimeFormatWire::WithoutTimezone => wall(),
            TimeFormatWire::RoundToSeconds => wall().div_euclid(MICROS) * MICROS,
        }
    }

    fn write_group(&mut self) -> Result<(), ParquetError> {
        let mut group = self.file.next_row_group()?;
        for held in &mut self.held {
            let mut column = group.next_column()?.expect("a group has as many columns as the schema");
            held.write(&mut column)?;
            column.close()?;
        }
        group.close()?;
        self.rows = 0;
        Ok(())
    }
}

impl RowPrinter for ParquetPrinter {
    fn fields(&self) -> Vec<RecordField> {
        self.columns.fields()
    }

    fn header(&mut self, _: &mut Vec<u8>) {}

    fn row(&mut self, values: &[FieldValue<'_>], out: &mut Vec<u8>) {
        for (place, cell) in self.columns.cells(values).enumerate() {
            let cell = match cell {
                Cell::Time(at) => Cell::Time(Timestamp::from_micros(self.micros(at))),
                cell => cell,
            };
            self.held[place].take(cell);
        }
        self.rows += 1;
        if self.rows == GROUP {
            self.write_group().expect("memory takes a group of rows");
            self.sink.drain(out);
        }
    }

    fn footer(&mut self, out: &mut Vec<u8>) {
        if self.rows > 0 {
            self.write_group().expect("memory takes a group of rows");
        }
        self.file.finish().expect("memory takes the end of a file");
        self.sink.drain(out);
    }
}

/// Most calls have values of their own in these columns: a dictionary would take time and room, and spare none.
const VARIOUS: [&str; 2] = ["orig_call", "local_tag"];

fn properties() -> WriterProperties {
    let builder = WriterProperties::builder().set_compression(Compression::SNAPPY);
    let without = |builder: WriterPropertiesBuilder, name: &str| {
        builder.set_column_dictionary_enabled(ColumnPath::from(name), false)
    };
    VARIOUS.into_iter().fold(builder, without).build()
}

/// The schema in Parquet's own notation.
fn schema(columns: &Chosen, time_format: TimeFormatWire) -> TypePtr {
    let field = |Column { title, kind, .. }: Column| {
        let name = title.to_lowercase().replace(' ', "_");
        format!("optional {};", of_kind(kind, &name, time_format))
    };
    let text = format!("message cdrs {{ {} }}", columns.columns().map(field).collect::<String>());
    Arc::new(parse_message_type(&text).expect("the notation is right"))
}

fn of_kind(kind: Kind, name: &str, time_format: TimeFormatWire) -> String {
    let is_instant = time_format == TimeFormatWire::WithTimezone;
    match kind {
        Kind::Flag => format!("boolean {name}"),
        Kind::Time => format!("int64 {name} (TIMESTAMP(MICROS,{is_instant}))"),
        Kind::Number => format!("int64 {name}"),
        Kind::Amount => format!("fixed_len_byte_array(16) {name} (DECIMAL(38,{}))", held::SCALE),
        Kind::Text => format!("binary {name} (STRING)"),
    }
}

/// What the file's writer has written and nobody has taken yet.
#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Vec<u8>>>);

impl Sink {
    fn drain(&self, out: &mut Vec<u8>) {
        out.append(&mut mem::take(&mut *self.0.lock()));
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
