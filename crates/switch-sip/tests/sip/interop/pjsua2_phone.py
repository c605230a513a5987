"""A pjsip phone that does what it is told line by line, and tells what happens to it in the same way.

Arguments: address of the server, SIP user, secret, and whether its media is encrypted (`plain`, `sdes`).
"""

import os
import queue
import sys
import threading

import pjsua2 as pj

server, user, secret, media = sys.argv[1:5]
seen = []
calls = []

MEDIA = {
    pj.PJSUA_CALL_MEDIA_ACTIVE: "talks",
    pj.PJSUA_CALL_MEDIA_LOCAL_HOLD: "holds",
    pj.PJSUA_CALL_MEDIA_REMOTE_HOLD: "held",
}


def tell(*words):
    # In one piece: several threads speak.
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


class Log(pj.LogWriter):
    """Keeps every message that comes or goes."""

    def write(self, entry):
        seen.append(entry.msg)


class Call(pj.Call):
    def __init__(self, account, call_id=pj.PJSUA_INVALID_ID):
        super().__init__(account, call_id)
        self.number = len(calls)
        self.is_answered = False
        calls.append(self)

    def onCallState(self, prm):
        info = self.getInfo()
        if info.state == pj.PJSIP_INV_STATE_EARLY and info.role == pj.PJSIP_ROLE_UAC:
            tell("ringing", self.number, info.lastStatusCode)
        if info.state == pj.PJSIP_INV_STATE_CONFIRMED and not self.is_answered:
            self.is_answered = True
            tell("answered", self.number)
        if info.state == pj.PJSIP_INV_STATE_DISCONNECTED:
            tell("ended", self.number, info.lastStatusCode)

    def onCallMediaState(self, prm):
        # Its streams live no longer than it.
        info = self.getInfo()
        for stream in info.media:
            if stream.type == pj.PJMEDIA_TYPE_AUDIO:
                tell("media", self.number, MEDIA.get(stream.status, "none"))
                if stream.status == pj.PJSUA_CALL_MEDIA_ACTIVE:
                    voice.startTransmit(self.getAudioMedia(-1))

    def onCallTransferStatus(self, prm):
        tell("transfer", self.number, prm.statusCode)


class Account(pj.Account):
    def onRegState(self, prm):
        if prm.code == 200:
            tell("registered")

    def onIncomingCall(self, prm):
        call = Call(self, prm.callId)
        ring = pj.CallOpParam()
        ring.statusCode = 180
        call.answer(ring)
        info = call.getInfo()
        tell("incoming", call.number, info.remoteUri)


def options(code=0):
    prm = pj.CallOpParam(True)
    prm.statusCode = code
    return prm


def received(number):
    try:
        statistics = calls[number].getStreamStat(0)
        return statistics.rtcp.rxStat.pkt
    except pj.Error:
        return 0


def obey(account, words):
    verb, rest = words[0], words[1:]
    if verb == "call":
        Call(account).makeCall(f"sip:{rest[0]}@{server}", options())
    elif verb == "answer":
        calls[int(rest[0])].answer(options(int(rest[1])))
    elif verb == "leave":  # Answers and hangs up in one go.
        calls[int(rest[0])].answer(options(200))
        calls[int(rest[0])].hangup(options())
    elif verb == "hangup":
        calls[int(rest[0])].hangup(options())
    elif verb == "hold":
        calls[int(rest[0])].setHold(options())
    elif verb == "resume":
        again = options()
        again.opt.flag = pj.PJSUA_CALL_UNHOLD
        calls[int(rest[0])].reinvite(again)
    elif verb == "transfer":
        calls[int(rest[0])].xfer(f"sip:{rest[1]}@{server}", options())
    elif verb == "replace":
        calls[int(rest[0])].xferReplaces(calls[int(rest[1])], options())
    elif verb == "count":
        tell("count", rest[0], received(int(rest[0])))
    elif verb == "seen":
        tell("seen", "yes" if any(" ".join(rest) in text for text in seen) else "no")


def start():
    endpoint = pj.Endpoint()
    endpoint.libCreate()
    config = pj.EpConfig()
    log = Log()
    config.logConfig.writer = log
    config.logConfig.level = 5
    config.logConfig.consoleLevel = 5
    config.logConfig.msgLogging = 1
    config.uaConfig.threadCnt = 0
    config.uaConfig.mainThreadOnly = True
    config.medConfig.noVad = True
    endpoint.libInit(config)
    endpoint.audDevManager().setNullDev()
    transport = pj.TransportConfig()
    transport.boundAddress = "127.0.0.1"
    endpoint.transportCreate(pj.PJSIP_TRANSPORT_UDP, transport)
    endpoint.libStart()
    # pjsip answers with the one codec that it likes best; the switch is to speak it too.
    for codec in endpoint.codecEnum2():
        if not codec.codecId.startswith("PCM"):
            endpoint.codecSetPriority(codec.codecId, 0)
    return endpoint, log


def start_voice():
    """A tone without end: what is silent sends nothing."""
    generator = pj.ToneGenerator()
    generator.createToneGenerator(8000)
    tone = pj.ToneDesc()
    tone.freq1, tone.freq2, tone.on_msec, tone.off_msec = 440, 0, 1000, 0
    generator.play(pj.ToneDescVector([tone]), True)
    return generator


def register():
    config = pj.AccountConfig()
    config.idUri = f"sip:{user}@{server}"
    config.regConfig.registrarUri = f"sip:{server}"
    config.sipConfig.authCreds.append(pj.AuthCredInfo("digest", "*", user, 0, secret))
    config.mediaConfig.transportConfig.boundAddress = "127.0.0.1"
    if media == "sdes":
        config.mediaConfig.srtpUse = pj.PJMEDIA_SRTP_MANDATORY
        config.mediaConfig.srtpSecureSignaling = 0
    account = Account()
    account.create(config)
    return account


def main():
    global voice
    kept = start()
    voice = start_voice()
    account = register()
    orders = queue.SimpleQueue()

    def read():
        for line in sys.stdin:
            orders.put(line.split())
        orders.put(None)

    threading.Thread(target=read, daemon=True).start()
    while True:
        kept[0].libHandleEvents(10)
        while not orders.empty():
            words = orders.get()
            if words is None:
                return
            try:
                obey(account, words)
            except pj.Error as error:
                tell("error", error.reason)


main()
# Its destructors want an order that the interpreter does not keep.
os._exit(0)
