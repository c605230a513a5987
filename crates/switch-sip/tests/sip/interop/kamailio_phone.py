"""A baresip phone behind a Kamailio of its own, which stays in the way of everything (Path, Record-Route). It is told
and tells what `baresip_phone.py` does.

Arguments: address of the server, SIP user, secret.
"""

import ctypes
import os
import socket
import subprocess
import sys
import tempfile

server, user, secret = sys.argv[1:4]
port = server.rsplit(":", 1)[1]
folder = tempfile.mkdtemp(prefix="kamailio-")


def tied(signal):
    """Has a program end with this one, however that ends (prctl, PR_SET_PDEATHSIG)."""
    return lambda: ctypes.CDLL(None).prctl(1, signal)


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


CONFIG = """#!KAMAILIO
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

request_route {{
    if (!mf_process_maxfwd_header("10")) {{ sl_send_reply("483", "Too Many Hops"); exit; }}
    if (is_method("CANCEL")) {{ if (t_check_trans()) {{ t_relay(); }} exit; }}
    if (has_totag()) {{
        if (loose_route() || is_method("ACK")) {{ t_relay(); exit; }}
        sl_send_reply("404", "Not Here");
        exit;
    }}
    if ($sp == {switch}) {{
        loose_route();
        record_route();
        t_relay();
        exit;
    }}
    remove_hf("Route");
    if (is_method("REGISTER")) {{ add_path(); }} else {{ record_route(); }}
    $du = "sip:127.0.0.1:{switch}";
    t_relay();
}}
"""


def main():
    own = free_port()
    path = os.path.join(folder, "kamailio.cfg")
    with open(path, "w", encoding="utf-8") as file:
        file.write(CONFIG.format(own=own, switch=port))
    log = open(os.path.join(folder, "log"), "w")
    command = ["kamailio", "-DD", "-f", path, "-Y", folder, "-m", "32", "-M", "4", "-w", folder]
    proxy = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=tied(15))
    phone = os.path.join(os.path.dirname(os.path.abspath(__file__)), "baresip_phone.py")
    try:
        subprocess.run([sys.executable, phone, f"127.0.0.1:{own}", user, secret], check=False, preexec_fn=tied(9))
    finally:
        proxy.terminate()


main()
