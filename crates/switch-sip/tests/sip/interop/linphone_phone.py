"""A Linphone (linphone-daemon) that does what it is told line by line, and tells what happens to it in the same way.

Arguments: address of the server, SIP user, secret, and how its media is encrypted (`plain`, `sdes`, `dtls`).
"""

import ctypes
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time

server, user, secret, media = sys.argv[1:5]
ENCRYPTION = {
    "plain": "",
    "sdes": "media_encryption=srtp\nmedia_encryption_mandatory=1\n",
    "dtls": "media_encryption=dtls\nmedia_encryption_mandatory=1\n",
}
folder = tempfile.mkdtemp(prefix="linphone-")
pipe = os.path.basename(folder) + ".socket"
numbers = {}
ids = []
states = {}
lock = threading.RLock()


def tied(signal):
    """Has a program end with this one, however that ends (prctl, PR_SET_PDEATHSIG)."""
    return lambda: ctypes.CDLL(None).prctl(1, signal)


def tell(*words):
    # In one piece: several threads speak.
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def configure():
    with open(os.path.join(folder, "rc"), "w", encoding="utf-8") as file:
        file.write(
            f"[sip]\nsip_port={free_port()}\nsip_tcp_port=0\nsip_tls_port=0\nbind_address=127.0.0.1\nguess_hostname=0\n"
            "contact=sip:127.0.0.1\nregister_only_when_network_is_up=0\nauto_net_state_mon=0\n"
            f"{ENCRYPTION[media]}"
            "[net]\nmtu=1300\nfirewall_policy=0\n"
            f"[rtp]\naudio_rtp_port={free_port()}\n[video]\nenabled=0\n"
            "[sound]\nplayback_dev_id=\nringer_dev_id=\ncapture_dev_id=\n[misc]\nlog_level=1\n"
        )


class Daemon:
    """The daemon's socket: a line for each command, and an answer."""

    def __init__(self):
        self.log = os.path.join(folder, "log")
        home = dict(os.environ, HOME=folder)
        os.makedirs(os.path.join(folder, ".local/share/linphone"))
        command = ["linphone-daemon", "--pipe", pipe, "--log", self.log, "--config", os.path.join(folder, "rc")]
        command.append("--disable-stats-events")
        self.program = subprocess.Popen(
            command, env=home, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            preexec_fn=tied(9),
        )
        for _ in range(500):
            try:
                self.stream = socket.socket(socket.AF_UNIX)
                self.stream.connect(f"/tmp/{pipe}")
                return
            except OSError:
                time.sleep(0.02)
        raise SystemExit("error linphone-daemon takes no commands")

    def command(self, text):
        with lock:
            self.stream.settimeout(5)
            self.stream.sendall(text.encode() + b"\n")
            return self.stream.recv(65536).decode(errors="replace")

    def trace(self):
        with open(self.log, encoding="utf-8", errors="replace") as log:
            return log.read()

    def received(self):
        """How many packets of sound have come, by what it says each second that comes: 80 kbit/s are 50 of them."""
        rates = re.findall(r" RTP : \[d=([\d.]+)", self.trace())
        return int(sum(float(rate) for rate in rates) / 1.6)

    def last_refusal(self):
        refusals = re.findall(r"SIP/2\.0 ([3-6]\d\d) ", self.trace())
        return refusals[-1] if refusals else ""


def field(text, name):
    for line in text.splitlines():
        if line.startswith(name + ": "):
            return line[len(name) + 2 :].strip()
    return ""


def number_of(call):
    if call not in numbers:
        numbers[call] = len(ids)
        ids.append(call)
    return numbers[call]


def follow(daemon):
    while True:
        event = daemon.command("pop-event")
        if "Event-type" not in event:
            time.sleep(0.02)
            continue
        hear(daemon, event)


def hear(daemon, event):
    kind, call = field(event, "Event"), field(event, "Id")
    if not kind.startswith("LinphoneCall") or not call:
        return
    number, kind = number_of(call), kind.removeprefix("LinphoneCall")
    was_up = states.get(number, False)
    if kind == "IncomingReceived":
        tell("incoming", number, field(event, "From"))
    elif kind in ("OutgoingRinging", "OutgoingEarlyMedia"):
        tell("ringing", number)
    elif kind == "Connected":
        states[number] = True
        tell("answered", number)
    elif kind == "StreamsRunning" and was_up:
        tell("media", number, "talks")
    elif kind == "Paused":
        tell("media", number, "holds")
    elif kind == "PausedByRemote":
        tell("media", number, "held")
    elif kind in ("End", "Error"):
        tell("ended", number, daemon.last_refusal() if kind == "Error" else "")


def obey(daemon, words):
    verb, rest = words[0], words[1:]
    call = ids[int(rest[0])] if verb not in ("call", "seen") else ""
    if verb == "call":
        daemon.command(f"call sip:{rest[0]}@{server}")
    elif verb == "answer" and rest[1] == "200":
        daemon.command(f"answer {call}")
    elif verb in ("answer", "hangup"):
        daemon.command(f"terminate {call}")
    elif verb == "leave":
        daemon.command(f"answer {call}")
        daemon.command(f"terminate {call}")
    elif verb == "hold":
        daemon.command(f"call-pause {call}")
    elif verb == "resume":
        daemon.command(f"call-resume {call}")
    elif verb == "transfer":
        daemon.command(f"call-transfer {call} sip:{rest[1]}@{server}")
    elif verb == "replace":
        daemon.command(f"call-transfer {call} {ids[int(rest[1])]}")
    elif verb == "count":
        tell("count", rest[0], daemon.received())
    elif verb == "seen":
        tell("seen", "yes" if " ".join(rest) in daemon.trace() else "no")


def main():
    configure()
    daemon = Daemon()
    try:
        daemon.command(f"register sip:{user}@{server} sip:{server} {secret} {user}")
        while "LinphoneRegistrationOk" not in daemon.command("register-info ALL"):
            time.sleep(0.05)
        tell("registered")
        threading.Thread(target=follow, args=(daemon,), daemon=True).start()
        for line in sys.stdin:
            obey(daemon, line.split())
    finally:
        daemon.program.kill()


main()
