"""An Asterisk that registers as a phone, does what it is told line by line, and tells what happens to it in the same way.

Arguments: address of the server, SIP user, secret. Its root is a folder of its own, see `scripts/peers`.
"""

import ctypes
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

server, user, secret = sys.argv[1:4]
home = os.path.expanduser("~/.cache/trunkline/asterisk-root")
root = os.environ.get("TRUNKLINE_ASTERISK_ROOT", home)
folder = tempfile.mkdtemp(prefix="phone-", dir=os.path.join(root, "tmp"))
inside = "/tmp/" + os.path.basename(folder)
numbers = {}
channels = []
up = set()
# The statuses that its causes (Q.850) stand for, as RFC 3398 has them.
STATUS = {"17": "486", "18": "408", "19": "480", "21": "603", "1": "404", "58": "488", "127": "500"}


def tied(signal):
    """Has a program end with this one, however that ends (prctl, PR_SET_PDEATHSIG)."""
    return lambda: ctypes.CDLL(None).prctl(1, signal)


def tell(*words):
    print(*words, flush=True)


def free_port(kind):
    with socket.socket(socket.AF_INET, kind) as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def write(name, text):
    with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
        file.write(text)


def configure(control):
    for name in ("log", "run", "spool", "db", "keys"):
        os.makedirs(os.path.join(folder, name))
    write(
        "asterisk.conf",
        f"[directories]\nastetcdir => {inside}\nastmoddir => /usr/lib/x86_64-linux-gnu/asterisk/modules\n"
        f"astvarlibdir => /usr/share/asterisk\nastdbdir => {inside}/db\nastkeydir => {inside}/keys\n"
        f"astdatadir => /usr/share/asterisk\nastagidir => {inside}\nastspooldir => {inside}/spool\n"
        f"astrundir => {inside}/run\nastlogdir => {inside}/log\n[options]\nverbose = 5\n",
    )
    write("modules.conf", "[modules]\nautoload = yes\nnoload => chan_iax2.so\nnoload => res_http_websocket.so\n")
    write("logger.conf", "[logfiles]\nfull => verbose,debug,notice,warning,error\n")
    write("rtp.conf", "[general]\nrtpstart=16384\nrtpend=19999\nicesupport=no\n")
    write("manager.conf", f"[general]\nenabled = yes\nport = {control}\nbindaddr = 127.0.0.1\n"
          "[test]\nsecret = test\nread = all\nwrite = all\n")
    write(
        "pjsip.conf",
        "[global]\ntype=global\ndebug=yes\n"
        f"[udp]\ntype=transport\nprotocol=udp\nbind=127.0.0.1:{free_port(socket.SOCK_DGRAM)}\n"
        f"[login]\ntype=auth\nauth_type=userpass\nusername={user}\npassword={secret}\n"
        f"[switch]\ntype=aor\ncontact=sip:{server}\n"
        f"[switch]\ntype=registration\ntransport=udp\noutbound_auth=login\nserver_uri=sip:{server}\n"
        f"client_uri=sip:{user}@{server}\ncontact_user={user}\nretry_interval=5\nexpiration=120\n"
        "[switch]\ntype=identify\nendpoint=switch\nmatch=127.0.0.1\n"
        "[switch]\ntype=endpoint\ntransport=udp\ncontext=incoming\ndisallow=all\nallow=ulaw\naors=switch\n"
        f"outbound_auth=login\nfrom_user={user}\ndirect_media=no\nsend_pai=no\ntrust_id_inbound=yes\nallow_transfer=yes\n",
    )
    write(
        "extensions.conf",
        f"[incoming]\nexten => {user},1,UserEvent(Incoming,Shown: ${{CALLERID(all)}})\n same => n,Ringing()\n"
        " same => n,Wait(60)\n same => n,Hangup()\n"
        "[orders]\nexten => answer,1,Answer()\n same => n,Milliwatt()\n"
        "exten => leave,1,Answer()\n same => n,Hangup()\n"
        f"exten => _refer.,1,Transfer(PJSIP/sip:${{EXTEN:5}}@{server})\n same => n,Wait(60)\n",
    )


class Manager:
    """Its manager interface."""

    def __init__(self, port):
        for _ in range(1500):
            try:
                self.stream = socket.create_connection(("127.0.0.1", port))
                break
            except OSError:
                time.sleep(0.02)
        else:
            raise SystemExit("error Asterisk takes no commands")
        self.reader = self.stream.makefile("r", encoding="utf-8", errors="replace")
        self.reader.readline()
        self.send(Action="Login", Username="test", Secret="test")

    def send(self, **fields):
        lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        self.stream.sendall((lines + "\r\n").encode())

    def read(self):
        fields = {}
        for line in self.reader:
            name, colon, value = line.rstrip("\r\n").partition(": ")
            if colon:
                fields[name] = value
            elif not line.strip():
                hear(fields)
                fields = {}


def number_of(channel):
    if channel not in numbers:
        numbers[channel] = len(channels)
        channels.append(channel)
    return numbers[channel]


def hear(fields):
    kind, channel = fields.get("Event"), fields.get("Channel", "")
    if kind == "Registry" and fields.get("Status") == "Registered":
        tell("registered")
    elif not channel.startswith("PJSIP/"):
        return
    elif kind == "UserEvent":
        tell("incoming", number_of(channel), fields.get("Shown"))
    elif kind == "Newstate" and fields.get("ChannelState") == "5":
        tell("ringing", number_of(channel))
    elif kind == "Newstate" and fields.get("ChannelState") == "6" and channel not in up:
        up.add(channel)
        tell("answered", number_of(channel))
    elif kind == "Newchannel":
        number_of(channel)
    elif kind == "Hangup":
        tell("ended", number_of(channel), STATUS.get(fields.get("Cause"), ""))


def trace():
    with open(os.path.join(folder, "log", "full"), encoding="utf-8", errors="replace") as log:
        return log.read()


def obey(manager, words):
    verb, rest = words[0], words[1:]
    channel = channels[int(rest[0])] if verb not in ("call", "seen") else ""
    to = dict(Action="Redirect", Channel=channel, Context="orders", Priority=1)
    if verb == "call":
        where = f"PJSIP/switch/sip:{rest[0]}@{server}"
        manager.send(Action="Originate", Channel=where, Application="Milliwatt", CallerID=f"{user} <{user}>",
                     Async="true", Timeout=60000)
    elif verb == "answer" and rest[1] == "200":
        manager.send(**to, Exten="answer")
    elif verb == "answer":
        cause = next(cause for cause, status in STATUS.items() if status == rest[1])
        manager.send(Action="Hangup", Channel=channel, Cause=cause)
    elif verb == "leave":
        manager.send(**to, Exten="leave")
    elif verb == "hangup":
        manager.send(Action="Hangup", Channel=channel, Cause=16)
    elif verb == "transfer":
        manager.send(**to, Exten=f"refer{rest[1]}")
    elif verb == "seen":
        tell("seen", "yes" if " ".join(rest) in trace() else "no")


def main():
    control = free_port(socket.SOCK_STREAM)
    configure(control)
    command = ["chroot", root, "/usr/sbin/asterisk", "-f", "-n", "-C", f"{inside}/asterisk.conf"]
    quiet = subprocess.DEVNULL
    program = subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet, preexec_fn=tied(9))
    try:
        manager = Manager(control)
        threading.Thread(target=manager.read, daemon=True).start()
        for line in sys.stdin:
            obey(manager, line.split())
    finally:
        program.kill()
        shutil.rmtree(folder, ignore_errors=True)


main()
