//! Values of a column, one for each row.

use call::CallId;
use parquet::data_type::ByteArray;
use uuid::Uuid;

use super::layout::Shape;

/// The values of some rows. Where a row has none, what stands there means nothing.
pub(crate) struct Array<T> {
    pub(super) values: Vec<T>,
    /// Whether each row has a value; `None` if every one has.
    pub(super) present: Option<Vec<bool>>,
}

impl<T: Clone + Default> Array<T> {
    pub(super) fn with_capacity(rows: usize, is_optional: bool) -> Self {
        Self { values: Vec::new(), present: is_optional.then(|| Vec::with_capacity(rows)) }
    }

    fn absent(rows: usize) -> Self {
        Self { values: vec![T::default(); rows], present: Some(vec![false; rows]) }
    }

    /// Adds rows: their values without gaps, and for each row 1 or 0.
    pub(super) fn extend(&mut self, values: Vec<T>, levels: Option<&[i16]>) {
        match (&mut self.present, levels) {
            (Some(present), Some(levels)) => {
                present.extend(levels.iter().map(|level| *level > 0));
                if values.len() == levels.len() {
                    self.append(values);
                    return;
                }
                let mut values = values.into_iter();
                let spread = levels.iter().map(|level| match level {
                    0 => T::default(),
                    _ => values.next().unwrap_or_default(),
                });
                self.values.extend(spread);
            }
            (present, _) => {
                if let Some(present) = present {
                    present.resize(present.len() + values.len(), true);
                }
                self.append(values);
            }
        }
    }

    /// The first values are taken as they are.
    fn append(&mut self, values: Vec<T>) {
        match self.values.is_empty() {
            true => self.values = values,
            false => self.values.extend(values),
        }
    }

    /// Of ascending values, how many pass.
    pub(crate) fn partition_point(&self, passes: impl Fn(T) -> bool) -> usize {
        self.values.partition_point(|value| passes(value.clone()))
    }

    /// The value of a row.
    pub(crate) fn get(&self, row: usize) -> Option<&T> {
        self.has(row).then(|| &self.values[row])
    }

    /// Whether the row has a value.
    pub(crate) fn has(&self, row: usize) -> bool {
        self.present.as_ref().is_none_or(|present| present[row])
    }
}

impl Array<i64> {
    /// What stands at a row, which means something only if it has a value.
    pub(crate) fn number(&self, row: u32) -> i64 {
        self.values[row as usize]
    }
}

impl Array<[u8; 16]> {
    /// The call of a row.
    pub(crate) fn call_id(&self, row: u32) -> CallId {
        CallId::from_uuid(Uuid::from_bytes(self.values[row as usize]))
    }
}

/// The values of a column.
pub(crate) enum Values {
    /// Numbers, and what is stored as one; flags as 0 and 1.
    Numbers(Array<i64>),
    /// Texts.
    Texts(Array<ByteArray>),
    /// Ids of calls.
    Uuids(Array<[u8; 16]>),
}

impl Values {
    /// Whether a row has a value.
    pub(super) fn has(&self, row: usize) -> bool {
        match self {
            Self::Numbers(array) => array.has(row),
            Self::Texts(array) => array.has(row),
            Self::Uuids(array) => array.has(row),
        }
    }

    /// Rows without a value.
    pub(super) fn absent(shape: Shape, rows: usize) -> Self {
        match shape {
            Shape::Flag | Shape::Number | Shape::Time | Shape::Length | Shape::Price => {
                Self::Numbers(Array::absent(rows))
            }
            Shape::Text => Self::Texts(Array::absent(rows)),
            Shape::Amount | Shape::Uuid => Self::Uuids(Array::absent(rows)),
        }
    }
}
