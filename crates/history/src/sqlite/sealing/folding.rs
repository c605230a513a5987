//! Which parts of a day are made into one.

use rusqlite::Connection;

use super::WHILE;

/// Parts of a day that are made into one at once.
const MANY_PARTS: i64 = 8;

/// Rows that are made into one part at most: where each of them lies is held in memory.
const MOST_ROWS: i64 = 2_000_000;

/// A day of which some parts can be made into one.
pub(super) struct Scattered {
    pub(super) day: i64,
    pub(super) parts: Vec<i64>,
    /// Parts of the day in all.
    all: i64,
    /// When the day was sealed last, in microseconds.
    sealed_at: i64,
}

impl Scattered {
    /// Whether nothing more is to be expected soon, or there are too many parts.
    pub(super) fn is_due(&self, now: i64) -> bool {
        self.all >= MANY_PARTS || now - self.sealed_at >= WHILE
    }
}

/// The days before `day` that lie in several parts, oldest first.
pub(super) fn scattered_days(connection: &Connection, day: i64) -> rusqlite::Result<Vec<Scattered>> {
    let mut select = connection.prepare_cached(
        "SELECT day, count(*), max(sealed_at) FROM sealed_parts WHERE day < ?1
         GROUP BY day HAVING count(*) > 1 AND min(taken = rows AND records_taken = records) ORDER BY day",
    )?;
    let days = select.query_map([day], |row| {
        let day = row.get(0)?;
        Ok(Scattered { day, parts: small_parts(connection, day)?, all: row.get(1)?, sealed_at: row.get(2)? })
    })?;
    let days: Vec<_> = days.collect::<rusqlite::Result<_>>()?;
    Ok(days.into_iter().filter(|scattered| scattered.parts.len() > 1).collect())
}

/// The smallest parts of a day that are not too many rows together.
fn small_parts(connection: &Connection, day: i64) -> rusqlite::Result<Vec<i64>> {
    let mut select =
        connection.prepare_cached("SELECT id, rows FROM sealed_parts WHERE day = ?1 ORDER BY rows, id")?;
    let mut rows = select.query([day])?;
    let (mut parts, mut sum) = (Vec::new(), 0);
    while let Some(row) = rows.next()? {
        sum += row.get::<_, i64>(1)?;
        if sum <= MOST_ROWS {
            parts.push(row.get(0)?);
        }
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_made_into_one_up_to_so_many_rows() {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE sealed_parts (id INTEGER PRIMARY KEY, day, rows)").unwrap();
        let half = MOST_ROWS / 2;
        for (id, rows) in [(1, MOST_ROWS), (2, half), (3, 7), (4, half - 7), (5, half)] {
            let insert = "INSERT INTO sealed_parts VALUES (?1, 1, ?2)";
            connection.execute(insert, [id, rows]).unwrap();
        }
        assert_eq!(small_parts(&connection, 1).unwrap(), [3, 4, 2], "one row more would be too many");
    }
}
