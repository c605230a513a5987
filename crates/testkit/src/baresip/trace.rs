//! The SIP messages in what a phone has printed (its option `-s`).

use std::net::SocketAddr;

use crate::sipp::Direction;

/// What stands before a printed message, and after it.
const BEGIN: &str = "\u{1b}[36;1m#\n";
const END: &str = "\u{1b}[;m";

/// The messages to and from the server, in order.
pub(super) fn messages(log: &str, server: SocketAddr) -> Vec<(Direction, &str)> {
    // Each begins with `UDP one -> other` on a line of its own.
    let printed = log.split(BEGIN).skip(1).filter_map(|block| block.split(END).next());
    printed.filter_map(|block| message(block, server)).collect()
}

fn message(block: &str, server: SocketAddr) -> Option<(Direction, &str)> {
    let (heading, text) = block.split_once('\n')?;
    let (from, to) = heading.split_once(' ')?.1.split_once(" -> ")?;
    let server = server.to_string();
    let direction = match () {
        () if to == server => Direction::Sent,
        () if from == server => Direction::Received,
        () => return None,
    };
    Some((direction, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_cut_out_of_the_log() {
        let log = "ready\n\u{1b}[36;1m#\nUDP 127.0.0.1:7 -> 127.0.0.1:9\nBYE sip:a SIP/2.0\r\n\r\n\
                   \u{1b}[;m\nsaid\n\u{1b}[36;1m#\nUDP 127.0.0.1:9 -> 127.0.0.1:7\nSIP/2.0 200 OK\r\n\r\n";
        let messages = messages(log, "127.0.0.1:9".parse().unwrap());
        let expected =
            [(Direction::Sent, "BYE sip:a SIP/2.0\r\n\r\n"), (Direction::Received, "SIP/2.0 200 OK\r\n\r\n")];
        assert_eq!(messages, expected);
    }
}
