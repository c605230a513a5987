//! Lengths as Parquet packs them by their differences (the encoding `DELTA_BINARY_PACKED`): blocks of some stretches
//! each, in each of which the differences have a few bits beyond the least one.

use super::hybrid::{header, unpack};

/// Reads lengths from the front of `bytes`, at most so many; `None` if there are more, or it is cut off, or one of them
/// can be none.
pub(super) fn lengths(bytes: &mut &[u8], most: usize) -> Option<Vec<u32>> {
    let block = usize::try_from(header(bytes)?).ok()?;
    let stretches = usize::try_from(header(bytes)?).ok()?;
    let count = usize::try_from(header(bytes)?).ok().filter(|count| *count <= most)?;
    let first = zigzag(header(bytes)?);
    let stretch = block.checked_div(stretches).filter(|stretch| *stretch > 0 && stretch % 8 == 0)?;
    let mut lengths = Vec::with_capacity(count);
    if count > 0 {
        lengths.push(length(first)?);
    }
    let (mut last, mut differences) = (first, Vec::with_capacity(stretch));
    while lengths.len() < count {
        let least = zigzag(header(bytes)?);
        let (widths, rest) = bytes.split_at_checked(stretches)?;
        *bytes = rest;
        for width in widths {
            let wanted = stretch.min(count - lengths.len());
            if wanted == 0 {
                break;
            }
            let width = u32::from(*width);
            let (packed, rest) = bytes.split_at_checked(stretch / 8 * width as usize)?;
            *bytes = rest;
            differences.clear();
            match width {
                0 => differences.resize(wanted, 0),
                1..=u32::BITS => unpack(packed, width, wanted, &mut differences)?,
                _ => return None,
            }
            for difference in &differences {
                last = wrapped(last.wrapping_add(least).wrapping_add((*difference).into()));
                lengths.push(length(last)?);
            }
        }
    }
    Some(lengths)
}

/// Differences are taken of numbers of 32 bits, and may overflow.
fn wrapped(number: i64) -> i64 {
    (number as i32).into()
}

fn length(number: i64) -> Option<u32> {
    u32::try_from(number).ok()
}

/// A number whose sign is in its last bit.
fn zigzag(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_read_and_what_is_cut_off_is_refused() {
        // Blocks of 128 in four stretches: five lengths, the first 7, then differences of -2 and 0 to 3 beyond it.
        let mut bytes = vec![0x80, 0x01, 4, 5, 14, 3, 2, 0, 0, 0, 0b1110_0100];
        bytes.extend([0; 7]);
        bytes.push(9);
        let read = |mut bytes: &[u8]| lengths(&mut bytes, 5).map(|lengths| (lengths, bytes.to_vec()));
        assert_eq!(read(&bytes), Some((vec![7, 5, 4, 4, 5], vec![9])));
        assert_eq!(read(&bytes[..bytes.len() - 2]), None);
        assert_eq!(lengths(&mut bytes.as_slice(), 4), None);
        // A constant length takes no bits; none is less than nothing.
        assert_eq!(read(&[0x80, 0x01, 4, 3, 2, 0, 0, 0, 0, 0]), Some((vec![1; 3], vec![])));
        assert_eq!(read(&[0x80, 0x01, 4, 3, 2, 3, 0, 0, 0, 0]), None);
        assert_eq!(read(&[0x80, 0x01, 4, 0, 0]), Some((vec![], vec![])));
        assert_eq!(read(&[0x80, 0x01, 0, 3, 2]), None);
    }
}
