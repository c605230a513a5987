"""A baresip phone behind a Kamailio of its own, which stays in the way of everything (Path, Record-Route). It is told
and tells what `baresip_phone.py` does.

Arguments: address of the server, SIP user, secret, how its media is encrypted (`plain`, `sdes`, `dtls`).
"""

import os
import socket
import subprocess
import sys
import tempfile

import kamailio
from peer import free_port, tied

server, user, secret, media = sys.argv[1:5]
port = server.rsplit(":", 1)[1]
folder = tempfile.mkdtemp(prefix="kamailio-")


ROUTES = """
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
    own = free_port(socket.SOCK_DGRAM)
    proxy = kamailio.start(folder, own, ROUTES.format(switch=port))
    phone = os.path.join(os.path.dirname(os.path.abspath(__file__)), "baresip_phone.py")
    try:
        subprocess.run([sys.executable, phone, f"127.0.0.1:{own}", user, secret, media], check=False, preexec_fn=tied(9))
    finally:
        proxy.terminate()


main()
