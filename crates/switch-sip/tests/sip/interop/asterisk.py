"""An Asterisk in a folder of its own, run in the root that `scripts/peers` installs. With TRUNKLINE_KEEP set, the folder
stays there, with a trace of every message.
"""

import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time

from peer import free_port, tied

ROOT = os.environ.get("TRUNKLINE_ASTERISK_ROOT") or os.path.expanduser("~/.cache/trunkline/asterisk-root")
# Options of an endpoint for how its media is encrypted.
ENCRYPTION = {
    "plain": "",
    "sdes": "media_encryption=sdes\n",
    "dtls": "media_encryption=dtls\ndtls_auto_generate_cert=yes\ndtls_setup=actpass\ndtls_verify=fingerprint\nrtcp_mux=yes\n",
}


class Asterisk:
    """Runs with a `pjsip.conf` and an `extensions.conf`, and has `hear` called with each event of its manager interface."""

    def __init__(self, pjsip, extensions, hear):
        self.folder = tempfile.mkdtemp(prefix="asterisk-", dir=os.path.join(ROOT, "tmp"))
        self.hear = hear
        control = free_port(socket.SOCK_STREAM)
        self._configure(control)
        self.write("pjsip.conf", pjsip)
        self.write("extensions.conf", extensions)
        inside = "/" + os.path.relpath(self.folder, ROOT)
        command = ["chroot", ROOT, "/usr/sbin/asterisk", "-f", "-n", "-C", f"{inside}/asterisk.conf"]
        quiet = subprocess.DEVNULL
        self.program = subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet, preexec_fn=tied(9))
        self._connect(control)
        threading.Thread(target=self._read, daemon=True).start()

    def write(self, name, text):
        with open(os.path.join(self.folder, name), "w", encoding="utf-8") as file:
            file.write(text)

    def _configure(self, control):
        for name in ("log", "run", "spool", "db", "keys"):
            os.makedirs(os.path.join(self.folder, name))
        inside = "/" + os.path.relpath(self.folder, ROOT)
        self.write(
            "asterisk.conf",
            f"[directories]\nastetcdir => {inside}\nastmoddir => /usr/lib/x86_64-linux-gnu/asterisk/modules\n"
            f"astvarlibdir => /usr/share/asterisk\nastdbdir => {inside}/db\nastkeydir => {inside}/keys\n"
            f"astdatadir => /usr/share/asterisk\nastagidir => {inside}\nastspooldir => {inside}/spool\n"
            f"astrundir => {inside}/run\nastlogdir => {inside}/log\n[options]\nverbose = 5\n",
        )
        self.write("modules.conf", "[modules]\nautoload = yes\nnoload => chan_iax2.so\nnoload => res_http_websocket.so\n")
        self.write("logger.conf", "[logfiles]\nfull => verbose,debug,notice,warning,error\n")
        self.write("rtp.conf", "[general]\nrtpstart=16384\nrtpend=19999\nicesupport=no\n")
        self.write(
            "manager.conf",
            f"[general]\nenabled = yes\nport = {control}\nbindaddr = 127.0.0.1\n"
            "[test]\nsecret = test\nread = all\nwrite = all\n",
        )

    def _connect(self, port):
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
        """Sends an action."""
        lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        self.stream.sendall((lines + "\r\n").encode())

    def _read(self):
        fields = {}
        for line in self.reader:
            name, colon, value = line.rstrip("\r\n").partition(": ")
            if colon:
                fields[name] = value
            elif not line.strip():
                self.hear(fields)
                fields = {}

    def trace(self):
        """What it has logged, with every message."""
        with open(os.path.join(self.folder, "log", "full"), encoding="utf-8", errors="replace") as log:
            return log.read()

    def end(self):
        self.program.kill()
        if "TRUNKLINE_KEEP" not in os.environ:
            shutil.rmtree(self.folder, ignore_errors=True)
