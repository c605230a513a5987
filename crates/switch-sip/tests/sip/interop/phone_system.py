"""An Asterisk that is a phone system at a trunk, alone or behind a Kamailio. It does what its dialplan says of the last
three digits of a number, and tells what happens to it.

Arguments: address of the switch, own port, `asterisk` or `kamailio`, and options of Asterisk's endpoint (`name=value`;
`login=secret` has it challenge and wait for the switch to register, `proxy_login=secret` has Kamailio challenge).
"""

import os
import socket
import sys

import kamailio
from asterisk import Asterisk
from peer import free_port, tell

switch, own, kind = sys.argv[1:4]
options = dict(option.split("=", 1) for option in sys.argv[4:])

DIALPLAN = """[incoming]
exten => _[+0-9].,1,UserEvent(Told,Words: incoming ${{CALLERID(num)}} ${{CALLERID(pres)}} ${{CALLERID(name)}})
 same => n,Goto(do,${{EXTEN:-3}},1)
[do]
; answers
exten => 601,1,Answer()
 same => n,Echo()
; early media, then an answer
exten => 602,1,Progress()
 same => n,Wait(0.2)
 same => n,Answer()
 same => n,Echo()
; a BYE behind the answer
exten => 603,1,Answer(,i)
 same => n,Hangup()
; busy
exten => 604,1,Hangup(17)
; sends on before the answer
exten => 605,1,Transfer(PJSIP/sip:1002@{switch})
; refers after the answer
exten => 606,1,Answer()
 same => n,Wait(0.5)
 same => n,Transfer(PJSIP/sip:+14155550100@{switch})
 same => n,Wait(5)
; calls back by the switch
exten => 607,1,Dial(PJSIP/switch/sip:+14155550100@{switch})
; rings
exten => 608,1,Ringing()
 same => n,Wait(60)
; hears digits
exten => 609,1,Answer()
 same => n,Read(DIGITS,,4)
 same => n,UserEvent(Told,Words: digits ${{DIGITS}})
 same => n,Echo()
; its party becomes somebody else
exten => 610,1,Answer()
 same => n,Wait(0.5)
 same => n,Set(CONNECTEDLINE(all,i)="Cora" <+4930777>)
 same => n,Set(CONNECTEDLINE(pres)=allowed)
 same => n,Echo()
; calls back by the switch, hidden
exten => 611,1,Set(CALLERID(all)="Cora" <+4930777>)
 same => n,Set(CALLERID(pres)=prohib)
 same => n,Dial(PJSIP/switch/sip:+14155550100@{switch})
"""

ROUTES = """
request_route {{
    if (!sanity_check("17895", "7")) {{ xlog("L_ERR", "not sane: $mb\\n"); exit; }}
    if (!mf_process_maxfwd_header("10")) {{ sl_send_reply("483", "Too Many Hops"); exit; }}
    if (is_method("CANCEL")) {{ if (t_check_trans()) {{ t_relay(); }} exit; }}
    if (has_totag()) {{
        if (loose_route()) {{ t_relay(); exit; }}
        if (is_method("ACK")) {{ if (t_check_trans()) {{ t_relay(); }} exit; }}
        xlog("L_ERR", "not routed: $mb\\n");
        sl_send_reply("404", "Not Here");
        exit;
    }}
    remove_hf("Route");
    {challenge}
    if (!is_method("REGISTER|OPTIONS")) {{ record_route(); }}
    if ($sp == {behind}) {{ $du = "sip:{switch}"; }} else {{ $du = "sip:127.0.0.1:{behind}"; }}
    t_relay();
}}
"""


CHALLENGE = """if (is_method("INVITE") && $sp != {behind}) {{
        if (!pv_proxy_authenticate("carrier.example", "{secret}", "0")) {{
            proxy_challenge("carrier.example", "1");
            exit;
        }}
        consume_credentials();
    }}"""


def routes(behind):
    """What Kamailio does with a request, before Asterisk at a port."""
    secret = options.pop("proxy_login", None)
    challenge = CHALLENGE.format(behind=behind, secret=secret) if secret else ""
    return ROUTES.format(switch=switch, behind=behind, challenge=challenge)


def endpoint(port):
    """Asterisk's side of the trunk."""
    login = options.pop("login", None)
    name = "trunkline" if login else "switch"
    proxy = f"outbound_proxy=sip:127.0.0.1:{own}\\;lr\n" if kind == "kamailio" else ""
    text = (
        "[global]\ntype=global\ndebug=yes\ndefault_realm=carrier.example\n"
        "endpoint_identifier_order=ip,auth_username,username\n"
        f"[udp]\ntype=transport\nprotocol=udp\nbind=127.0.0.1:{port}\n"
    )
    if login:
        text += (
            f"[login]\ntype=auth\nauth_type=userpass\nusername={name}\npassword={login}\nrealm=carrier.example\n"
            f"[{name}]\ntype=aor\nmax_contacts=1\nqualify_frequency=1\n"
        )
        options.update(auth="login", identify_by="auth_username,username")
    else:
        text += (
            f"[{name}]\ntype=aor\ncontact=sip:{switch}\nqualify_frequency=1\n{proxy}"
            f"[{name}]\ntype=identify\nendpoint={name}\nmatch=127.0.0.1\n"
        )
    settings = dict(transport="udp", context="incoming", disallow="all", allow="ulaw", aors=name, direct_media="no")
    settings.update(options)
    return text + f"[{name}]\ntype=endpoint\n{proxy}" + "".join(f"{key}={value}\n" for key, value in settings.items())


def complaints(asterisk):
    """What the proxy found wrong with what it was sent."""
    if kind != "kamailio":
        return []
    with open(os.path.join(asterisk.folder, "proxy.log"), encoding="utf-8", errors="replace") as log:
        return [line.strip() for line in log if "ERROR" in line or "WARNING" in line]


def hear(fields):
    event = fields.get("Event")
    if event == "FullyBooted":
        tell("registered")
    elif event == "UserEvent":
        tell(fields.get("Words"))
    elif event == "Newstate" and fields.get("ChannelState") == "6":
        tell("up")
    elif event in ("Hold", "Unhold"):
        tell(event.lower())
    elif event == "Hangup":
        tell("ended", fields.get("Cause"))


def obey(asterisk, words):
    verb, rest = words[0], words[1:]
    if verb == "call":
        # A call from a number to one of the switch, which hears what is said to an extension of the dialplan.
        caller, number, name = rest
        where, caller = f"PJSIP/{number}@{name}", f"Cora <{caller}>"
        asterisk.send(Action="Originate", Channel=where, Context="do", Exten="601", Priority=1, CallerID=caller,
                      Async="true", Timeout=60000)
    elif verb == "hangup":
        asterisk.send(Action="Hangup", Channel="/^PJSIP/.*$/", Cause=16)
    elif verb == "seen":
        tell("seen", "yes" if " ".join(rest) in asterisk.trace() else "no")
    elif verb == "complaints":
        tell("complaints", " ".join(complaints(asterisk)))


def main():
    behind = free_port(socket.SOCK_DGRAM) if kind == "kamailio" else int(own)
    proxied = routes(behind)
    asterisk = Asterisk(endpoint(behind), DIALPLAN.format(switch=switch), hear)
    proxy = None
    try:
        if kind == "kamailio":
            proxy = kamailio.start(asterisk.folder, own, proxied)
        for line in sys.stdin:
            obey(asterisk, line.split())
    finally:
        if proxy:
            proxy.terminate()
            proxy.wait()
        asterisk.end()


main()
