//! Small numbers as Parquet packs them: runs of one number and stretches of numbers of a few bits each, in turn
//! (the encoding `RLE`, the run length encoding and bit packing hybrid).

/// Reads `count` numbers of `width` bits, at most 32; `None` if there are not so many.
pub(super) fn read(mut bytes: &[u8], width: u32, count: usize) -> Option<Vec<u32>> {
    if width > u32::BITS {
        return None;
    }
    let mut numbers = Vec::with_capacity(count + 8);
    while numbers.len() < count {
        let header = header(&mut bytes)?;
        let length = (header >> 1) as usize;
        if header & 1 == 1 {
            let packed = bytes.len().min(length.checked_mul(width as usize)?);
            let (packed, rest) = bytes.split_at(packed);
            unpack(packed, width, (count - numbers.len()).min(length.checked_mul(8)?), &mut numbers)?;
            bytes = rest;
        } else {
            let (number, rest) = bytes.split_at_checked(width.div_ceil(8) as usize)?;
            let number = number.iter().rev().fold(0, |number, byte| number << 8 | u32::from(*byte));
            numbers.resize(numbers.len() + length.min(count - numbers.len()), number);
            bytes = rest;
        }
    }
    Some(numbers)
}

/// A number in as many bytes as it needs, seven bits in each, the least first (LEB128).
pub(super) fn header(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

/// Reads so many numbers of `width` bits, at most 32, of which the least bits come first.
pub(super) fn unpack(bytes: &[u8], width: u32, count: usize, into: &mut Vec<u32>) -> Option<()> {
    if (bytes.len() as u64) * 8 < count as u64 * u64::from(width) {
        return None;
    }
    let mask = (1_u64 << width) - 1;
    let (mut held, mut bits, mut bytes) = (0_u64, 0, bytes.iter());
    for _ in 0..count {
        while bits < width {
            held |= u64::from(*bytes.next()?) << bits;
            bits += 8;
        }
        into.push((held & mask) as u32);
        held >>= width;
        bits -= width;
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_and_packed_numbers_are_read_and_what_is_cut_off_is_refused() {
        // Four sevens, then eight numbers of three bits: the example of Parquet's own description, 0 to 7.
        let bytes = [0b1000, 7, 0b11, 0b1000_1000, 0b1100_0110, 0b1111_1010];
        let numbers = [7, 7, 7, 7, 0, 1, 2, 3, 4, 5, 6, 7];
        assert_eq!(read(&bytes, 3, 12).unwrap(), numbers);
        assert_eq!(read(&bytes, 3, 2).unwrap(), numbers[..2]);
        assert_eq!(read(&bytes, 3, 13), None);
        assert_eq!(read(&bytes[..5], 3, 12), None);
        assert_eq!(read(&[], 3, 0), Some(Vec::new()));
        assert_eq!(read(&[0b1010], 0, 5).unwrap(), [0; 5]);
        assert_eq!(read(&[0xff; 12], 3, 1), None);
        assert_eq!(read(&bytes, 33, 1), None);
    }
}
