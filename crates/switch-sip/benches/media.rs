//! What relaying costs: calls that talk in both directions, 50 packets a second each way, over loopback.
//!
//! `cargo bench -p switch-sip --bench media -- [CALLS] [SECONDS]` prints packets, losses, and the
//! processor time of the relay's threads (Linux).
#![allow(clippy::print_stdout, reason = "its output is what it is for")]

use std::{
    fs, io,
    net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket},
    thread,
    time::{Duration, Instant},
};

use switch_sip::media::{MediaConfig, MediaLeg, MediaRelay};

const LOCAL: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const PACE: Duration = Duration::from_millis(20);
/// Slices of the pace, so that packets come evenly spread.
const SLICES: usize = 20;
/// A header and 20 ms of G.711.
const PACKET: [u8; 172] = {
    let mut packet = [0; 172];
    packet[0] = 0x80;
    packet
};

struct Phone {
    socket: UdpSocket,
    relay: SocketAddr,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut numbers = std::env::args().skip(1).filter_map(|argument| argument.parse::<u32>().ok());
    let (calls, seconds) = (numbers.next().unwrap_or(200), numbers.next().unwrap_or(10));
    let config = MediaConfig { address: LOCAL, advertised: LOCAL, ports: 10_000..=29_999 };
    let relay = MediaRelay::new(config)?;
    let (mut phones, mut legs) = (Vec::new(), Vec::new());
    for _ in 0..calls {
        let pair = [relay.open()?, relay.open()?];
        phones.extend(connect(&pair)?);
        legs.extend(pair);
    }
    let before = relay_time()?;
    let (sent, received, elapsed) = talk(&phones, Duration::from_secs(seconds.into()))?;
    let spent = relay_time()?.saturating_sub(before);
    let share = spent.as_secs_f64() / elapsed.as_secs_f64() * 100.0;
    println!("{calls} calls for {:.1} s: {sent} packets in, {} lost", elapsed.as_secs_f64(), sent - received);
    println!("relay: {share:.1} % of a core, {:.3} % a call", share / f64::from(calls));
    println!("       {:.2} us a packet; {:?}", spent.as_secs_f64() * 1e6 / sent as f64, relay.counts());
    Ok(())
}

fn connect([one, other]: &[MediaLeg; 2]) -> Result<[Phone; 2], Box<dyn std::error::Error>> {
    let (caller, callee) = (open()?, open()?);
    one.connect(other);
    let to_callee = pass(one, other, &caller)?;
    let to_caller = pass(other, one, &callee)?;
    Ok([Phone { socket: caller, relay: to_caller }, Phone { socket: callee, relay: to_callee }])
}

fn open() -> io::Result<UdpSocket> {
    let socket = UdpSocket::bind((LOCAL, 0))?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

fn pass(
    from: &MediaLeg,
    to: &MediaLeg,
    socket: &UdpSocket,
) -> Result<SocketAddr, Box<dyn std::error::Error>> {
    let port = socket.local_addr()?.port();
    let sdp = format!("v=0\r\nc=IN IP4 {LOCAL}\r\nm=audio {port} RTP/AVP 0\r\n");
    let passed = String::from_utf8(from.pass(to, sdp.as_bytes(), LOCAL)?)?;
    let port = passed.lines().find_map(|line| line.strip_prefix("m=audio ")?.split(' ').next());
    Ok(SocketAddr::new(LOCAL, port.ok_or("no audio")?.parse()?))
}

fn talk(phones: &[Phone], length: Duration) -> io::Result<(u64, u64, Duration)> {
    let (began, mut sent, mut received) = (Instant::now(), 0, 0);
    let mut slice = 0_u32;
    let slice_length = PACE / u32::try_from(SLICES).expect("small");
    while began.elapsed() < length {
        for phone in phones.iter().skip(slice as usize % SLICES).step_by(SLICES) {
            sent += u64::from(phone.socket.send_to(&PACKET, phone.relay).is_ok());
            received += drain(phone);
        }
        slice += 1;
        thread::sleep((slice_length * slice).saturating_sub(began.elapsed()));
    }
    let elapsed = began.elapsed();
    thread::sleep(PACE * 5);
    received += phones.iter().map(drain).sum::<u64>();
    Ok((sent, received, elapsed))
}

fn drain(phone: &Phone) -> u64 {
    let mut buffer = [0; 256];
    let mut count = 0;
    while phone.socket.recv(&mut buffer).is_ok() {
        count += 1;
    }
    count
}

/// The processor time that the relay's threads have used.
fn relay_time() -> io::Result<Duration> {
    let mut total = Duration::ZERO;
    for task in fs::read_dir("/proc/self/task")? {
        let task = task?.path();
        if fs::read_to_string(task.join("comm"))?.trim_end() == "media-relay" {
            let times = fs::read_to_string(task.join("schedstat"))?;
            let nanos = times.split(' ').next().and_then(|nanos| nanos.parse().ok()).unwrap_or(0);
            total += Duration::from_nanos(nanos);
        }
    }
    Ok(total)
}
