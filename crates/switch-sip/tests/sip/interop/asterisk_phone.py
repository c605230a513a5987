"""An Asterisk that registers as a phone, does what it is told line by line, and tells what happens to it in the same way.

Arguments: address of the server, SIP user, secret, and how its media is encrypted (`plain`, `sdes`, `dtls`). Its root is a folder of its own, see `scripts/peers`.
"""

import socket
import sys

from asterisk import ENCRYPTION, Asterisk
from peer import free_port, tell

server, user, secret, media = sys.argv[1:5]
numbers = {}
channels = []
up = set()
# The statuses that its causes (Q.850) stand for, as RFC 3398 has them.
STATUS = {"17": "486", "18": "408", "19": "480", "21": "603", "1": "404", "58": "488", "127": "500"}
# How many packets of sound a channel has got.
RECEIVED = "CHANNEL(rtcp,rxcount,audio)"

PJSIP = (
    "[global]\ntype=global\ndebug=yes\n"
    f"[udp]\ntype=transport\nprotocol=udp\nbind=127.0.0.1:{free_port(socket.SOCK_DGRAM)}\n"
    f"[login]\ntype=auth\nauth_type=userpass\nusername={user}\npassword={secret}\n"
    f"[switch]\ntype=aor\ncontact=sip:{server}\n"
    f"[switch]\ntype=registration\ntransport=udp\noutbound_auth=login\nserver_uri=sip:{server}\n"
    f"client_uri=sip:{user}@{server}\ncontact_user={user}\nretry_interval=5\nexpiration=120\n"
    "[switch]\ntype=identify\nendpoint=switch\nmatch=127.0.0.1\n"
    "[switch]\ntype=endpoint\ntransport=udp\ncontext=incoming\ndisallow=all\nallow=ulaw\naors=switch\n"
    f"{ENCRYPTION[media]}outbound_auth=login\nfrom_user={user}\ndirect_media=no\nsend_pai=no\ntrust_id_inbound=yes\nallow_transfer=yes\n"
)

EXTENSIONS = (
    f"[incoming]\nexten => {user},1,UserEvent(Incoming,Shown: ${{CALLERID(all)}})\n same => n,Ringing()\n"
    " same => n,Wait(60)\n same => n,Hangup()\n"
    "[orders]\nexten => answer,1,Answer()\n same => n,Milliwatt()\n"
    "exten => leave,1,Answer()\n same => n,Hangup()\n"
    f"exten => _refer.,1,Transfer(PJSIP/sip:${{EXTEN:5}}@{server})\n same => n,Wait(60)\n"
)


def number_of(channel):
    if channel not in numbers:
        numbers[channel] = len(channels)
        channels.append(channel)
    return numbers[channel]


def hear(fields):
    kind, channel = fields.get("Event"), fields.get("Channel", "")
    if fields.get("Response") == "Success" and fields.get("Variable") == RECEIVED:
        tell("count", fields.get("ActionID"), fields.get("Value") or 0)
    elif kind == "Registry" and fields.get("Status") == "Registered":
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


def obey(asterisk, words):
    verb, rest = words[0], words[1:]
    channel = channels[int(rest[0])] if verb not in ("call", "seen") else ""
    to = dict(Action="Redirect", Channel=channel, Context="orders", Priority=1)
    if verb == "call":
        where = f"PJSIP/switch/sip:{rest[0]}@{server}"
        asterisk.send(Action="Originate", Channel=where, Application="Milliwatt", CallerID=f"{user} <{user}>",
                      Async="true", Timeout=60000)
    elif verb == "answer" and rest[1] == "200":
        asterisk.send(**to, Exten="answer")
    elif verb == "answer":
        cause = next(cause for cause, status in STATUS.items() if status == rest[1])
        asterisk.send(Action="Hangup", Channel=channel, Cause=cause)
    elif verb == "leave":
        asterisk.send(**to, Exten="leave")
    elif verb == "hangup":
        asterisk.send(Action="Hangup", Channel=channel, Cause=16)
    elif verb == "transfer":
        asterisk.send(**to, Exten=f"refer{rest[1]}")
    elif verb == "count":
        asterisk.send(Action="Getvar", Channel=channel, Variable=RECEIVED, ActionID=rest[0])
    elif verb == "seen":
        tell("seen", "yes" if " ".join(rest) in asterisk.trace() else "no")


def main():
    asterisk = Asterisk(PJSIP, EXTENSIONS, hear)
    try:
        for line in sys.stdin:
            obey(asterisk, line.split())
    finally:
        asterisk.end()


main()
