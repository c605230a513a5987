"""A Kamailio with routes of its own."""

import os
import subprocess

from peer import tied

HEAD = """#!KAMAILIO
debug=0
log_stderror=yes
fork=yes
children=1
disable_tcp=yes
auto_aliases=no
listen=udp:127.0.0.1:{own}
mpath="/usr/lib/x86_64-linux-gnu/kamailio/modules/"
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "path.so"
loadmodule "pv.so"
loadmodule "maxfwd.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "sanity.so"
loadmodule "xlog.so"
loadmodule "auth.so"
modparam("auth", "algorithm", "SHA-256")
"""


def start(folder, own, routes):
    """Starts it at a port; what it complains of goes to `proxy.log`."""
    path = os.path.join(folder, "kamailio.cfg")
    with open(path, "w", encoding="utf-8") as file:
        file.write(HEAD.format(own=own) + routes)
    command = ["kamailio", "-DD", "-f", path, "-Y", folder, "-m", "32", "-M", "4", "-w", folder]
    log = open(os.path.join(folder, "proxy.log"), "w")
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=tied(15))
