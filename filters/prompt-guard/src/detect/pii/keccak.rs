//! Keccak-256 as Ethereum uses it: what SHA-3 was before FIPS 202 changed the padding. One block, for addresses.

/// Bytes of a block.
const RATE: usize = 136;

/// The hash of fewer bytes than a block has.
pub(super) fn keccak256(message: &[u8]) -> [u8; 32] {
    let mut block = [0_u8; RATE];
    let padded = message.iter().copied().chain([1]);
    for (place, byte) in block.iter_mut().zip(padded) {
        *place = byte;
    }
    if let Some(last) = block.last_mut() {
        *last |= 0x80;
    }
    let mut state = [0_u64; 25];
    for (lane, bytes) in state.iter_mut().zip(block.as_chunks().0) {
        *lane = u64::from_le_bytes(*bytes);
    }
    permute(&mut state);
    let mut hash = [0; 32];
    for (place, byte) in hash.iter_mut().zip(state.iter().flat_map(|lane| lane.to_le_bytes())) {
        *place = byte;
    }
    hash
}

/// Keccak-f[1600], FIPS 202 section 3.3. The constants come from its shift register (section 3.2.5).
fn permute(state: &mut [u64; 25]) {
    let mut register = 1_u8;
    for _ in 0..24 {
        theta(state);
        rho_and_pi(state);
        chi(state);
        let [first, ..] = state;
        *first ^= constant(&mut register);
    }
}

/// Every lane takes in the parity of two columns.
fn theta(state: &mut [u64; 25]) {
    let mut parities = [0_u64; 5];
    for row in state.as_chunks::<5>().0 {
        for (parity, lane) in parities.iter_mut().zip(row) {
            *parity ^= lane;
        }
    }
    let [zero, one, two, three, four] = parities;
    let changes = [
        four ^ one.rotate_left(1),
        zero ^ two.rotate_left(1),
        one ^ three.rotate_left(1),
        two ^ four.rotate_left(1),
        three ^ zero.rotate_left(1),
    ];
    for row in state.as_chunks_mut::<5>().0 {
        for (lane, change) in row.iter_mut().zip(changes) {
            *lane ^= change;
        }
    }
}

/// Lanes turn and change places, one after the other.
fn rho_and_pi(state: &mut [u64; 25]) {
    const PLACES: [usize; 24] = [10, 7, 11, 17, 18, 3, 5, 16, 8, 21, 24, 4, 15, 23, 19, 13, 12, 2, 20, 14, 22, 9, 6, 1];
    const TURNS: [u32; 24] =
        [1, 3, 6, 10, 15, 21, 28, 36, 45, 55, 2, 14, 27, 41, 56, 8, 25, 43, 62, 18, 39, 61, 20, 44];
    let [_, mut carried, ..] = *state;
    for (place, turn) in PLACES.iter().zip(TURNS) {
        if let Some(lane) = state.get_mut(*place) {
            carried = std::mem::replace(lane, carried.rotate_left(turn));
        }
    }
}

/// Each row becomes not linear.
fn chi(state: &mut [u64; 25]) {
    for row in state.as_chunks_mut::<5>().0 {
        let [zero, one, two, three, four] = *row;
        *row = [
            zero ^ (!one & two),
            one ^ (!two & three),
            two ^ (!three & four),
            three ^ (!four & zero),
            four ^ (!zero & one),
        ];
    }
}

/// The next constant of a round: bits at the places 0, 1, 3, 7, 15, 31 and 63.
fn constant(register: &mut u8) -> u64 {
    let mut constant = 0;
    for place in [0, 1, 3, 7, 15, 31, 63] {
        constant |= u64::from(*register & 1) << place;
        *register = (*register << 1) ^ (if *register >> 7 == 1 { 0x71 } else { 0 });
    }
    constant
}

#[cfg(test)]
mod tests {
    use super::keccak256;

    #[test]
    fn the_hash_of_nothing_is_the_known_one() {
        let known = 0xc5d2_4601_86f7_233c_927e_7db2_dcc7_03c0_u128;
        assert!(keccak256(b"").starts_with(&known.to_be_bytes()));
    }
}
