//! The order of SRV records (RFC 2782).

use std::cmp::Ordering;

use hickory_resolver::proto::rr::rdata::SRV;

/// The weight of a record that says 0: it has a small chance beside others.
const LEAST: f64 = 0.01;

/// The records in the order in which their targets are to be tried: by priority, and of the same priority
/// each by chance before the others, as its weight is.
pub(super) fn in_order(records: Vec<SRV>) -> Vec<SRV> {
    let mut drawn: Vec<_> = records.into_iter().map(|record| (draw(record.weight), record)).collect();
    drawn.sort_by(|(one, first), (other, second)| {
        first.priority.cmp(&second.priority).then(one.partial_cmp(other).unwrap_or(Ordering::Equal))
    });
    drawn.into_iter().map(|(_, record)| record).collect()
}

/// When something comes that comes so often: of several such, the first is each in proportion to its weight.
fn draw(weight: u16) -> f64 {
    let often = f64::from(weight).max(LEAST);
    -(1.0 - rand::random::<f64>()).ln() / often
}

#[cfg(test)]
mod tests {
    use hickory_resolver::proto::rr::Name;

    use super::*;

    fn record(priority: u16, weight: u16, port: u16) -> SRV {
        SRV::new(priority, weight, port, Name::root())
    }

    #[test]
    fn priorities_come_first_and_weights_decide_how_often_within_one() {
        let records = vec![record(2, 0, 3), record(1, 90, 1), record(1, 10, 2)];
        let first = (0..2000).filter(|_| {
            let ports: Vec<_> = in_order(records.clone()).iter().map(|record| record.port).collect();
            assert_eq!(ports[2], 3);
            ports[0] == 1
        });
        let often = first.count();
        // 1800 are expected; ten standard deviations are 134.
        assert!((1666..=1934).contains(&often), "{often}");
    }
}
