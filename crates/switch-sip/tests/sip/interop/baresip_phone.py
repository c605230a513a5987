"""A baresip phone that does what it is told line by line, and tells what happens to it in the same way.

Arguments: address of the server, SIP user, secret, and how its media is encrypted (`plain`, `sdes`, `dtls`).
"""

import array
import ctypes
import json
import math
import os
import queue
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
import wave

server, user, secret, media = sys.argv[1:5]
MODULES = {"plain": [], "sdes": ["srtp"], "dtls": ["srtp", "dtls_srtp"]}
ENCRYPTION = {"plain": "", "sdes": ";mediaenc=srtp-mand", "dtls": ";mediaenc=dtls_srtp"}
folder = tempfile.mkdtemp(prefix="baresip-")
calls = {}
order = []


def tied(signal):
    """Has a program end with this one, however that ends (prctl, PR_SET_PDEATHSIG)."""
    return lambda: ctypes.CDLL(None).prctl(1, signal)


def tell(*words):
    # In one piece: several threads speak.
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


def free_port(kind):
    with socket.socket(socket.AF_INET, kind) as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def write(name, text):
    with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
        file.write(text)


def write_tone():
    with wave.open(os.path.join(folder, "tone.wav"), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        samples = (int(8000 * math.sin(2 * math.pi * 440 * n / 8000)) for n in range(60 * 8000))
        file.writeframes(array.array("h", samples).tobytes())


def configure(control):
    write_tone()
    write("contacts", "")
    write("accounts", "")
    modules = ["module g711.so", "module aufile.so", "module sndfile.so", "module aubridge.so"]
    modules += [f"module {name}.so" for name in MODULES[media]]
    modules += [f"module_app {name}.so" for name in ("account", "menu", "ctrl_tcp", "debug_cmd", "mwi")]
    options = {
        "poll_method": "epoll",
        "sip_listen": f"127.0.0.1:{free_port(socket.SOCK_DGRAM)}",
        "audio_player": "aubridge,nobody",
        "audio_alert": "aubridge,nobody",
        "audio_source": f"aufile,{folder}/tone.wav",
        "ausrc_srate": "8000",
        "auplay_srate": "8000",
        "ausrc_channels": "1",
        "auplay_channels": "1",
        "audio_path": folder,
        "snd_path": folder,
        "call_max_calls": "10",
        "call_hold_other_calls": "no",
        "module_path": "/usr/lib/baresip/modules",
        "ctrl_tcp_listen": f"127.0.0.1:{control}",
    }
    write("config", "".join(f"{name} {value}\n" for name, value in options.items()) + "\n".join(modules) + "\n")


class Control:
    """Its control connection: JSON in netstrings."""

    def __init__(self, stream):
        self.stream = stream
        self.answers = queue.SimpleQueue()
        self.events = queue.SimpleQueue()

    def read(self):
        received = b""
        while more := self.stream.recv(65536):
            received += more
            while b":" in received:
                length, rest = received.split(b":", 1)
                if len(rest) <= int(length):
                    break
                message = json.loads(rest[: int(length)])
                received = rest[int(length) + 1 :]
                if message.get("event"):
                    self.events.put(message)
                else:
                    self.answers.put(message)

    def tell_events(self):
        while True:
            hear(self.events.get())

    def command(self, name, params=""):
        text = json.dumps({"command": name, "params": params, "token": "x"})
        self.stream.sendall(f"{len(text)}:{text},".encode())
        return self.answers.get(timeout=10)


def number_of(message):
    key = message.get("id")
    if key not in calls:
        calls[key] = len(order)
        order.append(key)
    return calls[key]


def hear(message):
    kind, param = message.get("type"), message.get("param") or ""
    if kind == "CALL_INCOMING":
        tell("incoming", number_of(message), message.get("peerdisplayname", ""), message.get("peeruri"))
    elif kind == "MWI_NOTIFY":
        tell("messages", param.split("\n")[0].split(":")[-1].strip())
    elif kind in ("CALL_RINGING", "CALL_PROGRESS"):
        tell("ringing", number_of(message))
    elif kind == "CALL_ESTABLISHED":
        tell("answered", number_of(message))
    elif kind == "CALL_CLOSED":
        tell("ended", number_of(message), param.split(" ")[0])
    elif kind == "CALL_REMOTE_SDP" and param == "offer":
        tell("media", number_of(message), "held" if is_held() else "talks")
    else:
        tell("event", kind, param)


def trace():
    with open(os.path.join(folder, "log"), encoding="utf-8", errors="replace") as log:
        return log.read()


def is_held():
    """Whether the latest offer that came wants nothing of ours."""
    offer = trace().rsplit("INVITE sip:", 1)[-1]
    return "a=sendonly" in offer or "a=inactive" in offer


def received(control):
    """How many packets of 20 ms have been decoded, by the time that it says they last."""
    played = control.command("audio_debug")["data"].split(" rx: ")[-1]
    seconds = re.search(r"time = ([\d.]+) sec", played)
    return int(float(seconds[1]) * 50) if seconds else 0


def select(control, number):
    control.command("callfind", order[int(number)])


def obey(control, words):
    verb, rest = words[0], words[1:]
    if verb == "call":
        control.command("dial", f"sip:{rest[0]}@{server}")
    elif verb == "answer" and rest[1] == "200":
        select(control, rest[0])
        control.command("accept")
    elif verb in ("answer", "hangup"):
        select(control, rest[0])
        code = f"scode={rest[1]}" if verb == "answer" else ""
        control.command("hangup", code)
    elif verb == "leave":
        select(control, rest[0])
        control.command("accept")
        control.command("hangup")
    elif verb == "hold":
        select(control, rest[0])
        control.command("hold")
        tell("media", rest[0], "holds")
    elif verb == "resume":
        select(control, rest[0])
        control.command("resume")
    elif verb == "transfer":
        select(control, rest[0])
        control.command("transfer", f"sip:{rest[1]}@{server}")
    elif verb == "count":
        select(control, rest[0])
        tell("count", rest[0], received(control))
    elif verb == "seen":
        tell("seen", "yes" if " ".join(rest) in trace() else "no")


def connect(port, program):
    """The control connection, or nothing if the phone has not got its ports."""
    for _ in range(500):
        if program.poll() is not None:
            return None
        try:
            return socket.create_connection(("127.0.0.1", port))
        except OSError:
            time.sleep(0.02)
    return None


def start():
    """The phone is told its ports, and another process may be faster to take them: then it gets others."""
    for _ in range(4):
        port = free_port(socket.SOCK_STREAM)
        configure(port)
        log = open(os.path.join(folder, "log"), "w")
        command = ["baresip", "-s", "-f", folder]
        program = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=tied(9))
        if stream := connect(port, program):
            return program, stream
        program.kill()
    raise SystemExit("error baresip takes no commands")


def main():
    program, stream = start()
    try:
        control = Control(stream)
        threading.Thread(target=control.read, daemon=True).start()
        # Its module `mwi` never ends its first timer if it has registered before that: it gets its account afterwards.
        account = f"<sip:{user}@{server}>;auth_user={user};auth_pass={secret};answermode=manual;audio_codecs=PCMU;regint=60;mwi=yes{ENCRYPTION[media]}"
        control.command("uanew", account)
        while "} 200 OK (" not in trace():
            time.sleep(0.02)
        tell("registered")
        # Those that came of registering are told after it, too.
        threading.Thread(target=control.tell_events, daemon=True).start()
        for line in sys.stdin:
            obey(control, line.split())
    finally:
        program.kill()


main()
