// The sound of a call: a peer connection with one stream of sound each way.

/** How long candidates are gathered at most, in milliseconds; hosts' own are there at once. */
const GATHER = 1_000;

export class Sound extends EventTarget {
  #peer;
  #microphone;
  #sender;

  /** Takes the microphone; an error if it may not. */
  static async open({ iceServers, microphone }) {
    const audio = microphone ? { deviceId: { exact: microphone } } : true;
    return new Sound(iceServers, await navigator.mediaDevices.getUserMedia({ audio }));
  }

  constructor(iceServers, microphone) {
    super();
    this.#microphone = microphone;
    this.#peer = new RTCPeerConnection({ iceServers, bundlePolicy: "max-bundle" });
    this.#peer.addEventListener("track", ({ track }) => {
      this.dispatchEvent(new CustomEvent("heard", { detail: new MediaStream([track]) }));
    });
  }

  /** A description that offers; `direction` of ours. */
  async offer(direction = "sendrecv") {
    this.#attach(direction);
    await this.#peer.setLocalDescription(await this.#peer.createOffer());
    return this.#gathered();
  }

  /** The answer to an offer; undefined if there is nothing in common. */
  async answer(offer, direction = "sendrecv") {
    try {
      await this.#peer.setRemoteDescription({ type: "offer", sdp: offer });
    } catch {
      return undefined;
    }
    this.#attach(direction);
    await this.#peer.setLocalDescription(await this.#peer.createAnswer());
    return this.#gathered();
  }

  /** Takes the other end's answer; `type` is "pranswer" while it rings. */
  async accept(answer, type = "answer") {
    const isSettled = this.#peer.signalingState === "stable";
    if (!isSettled) await this.#peer.setRemoteDescription({ type, sdp: answer });
  }

  /** Lets what we say be heard, or not. */
  set isMuted(isMuted) {
    for (const track of this.#microphone.getTracks()) track.enabled = !isMuted;
  }

  /** Sends digits (RFC 4733). */
  digits(text) {
    this.#sender?.dtmf?.insertDTMF(text, 160, 80);
  }

  async useMicrophone(microphone) {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: { deviceId: { exact: microphone } } });
    const [track] = stream.getAudioTracks();
    track.enabled = this.#microphone.getAudioTracks()[0]?.enabled ?? true;
    await this.#sender?.replaceTrack(track);
    this.#microphone.getTracks().forEach((old) => old.stop());
    this.#microphone = stream;
  }

  /** How the other end's sound arrives: parts lost of a hundred, jitter and round trip in milliseconds. */
  async quality() {
    const quality = { lost: 0, jitter: 0, roundTrip: 0, codec: "" };
    const stats = await this.#peer.getStats();
    for (const report of stats.values()) {
      if (report.type === "inbound-rtp" && report.kind === "audio") {
        const all = report.packetsReceived + report.packetsLost;
        quality.lost = all > 0 ? (100 * report.packetsLost) / all : 0;
        quality.jitter = 1_000 * report.jitter;
        quality.codec = stats.get(report.codecId)?.mimeType?.replace("audio/", "") ?? "";
      }
      if (report.type === "remote-inbound-rtp") quality.roundTrip = 1_000 * (report.roundTripTime ?? 0);
    }
    return quality;
  }

  close() {
    this.#microphone.getTracks().forEach((track) => track.stop());
    this.#peer.close();
  }

  #attach(direction) {
    const [track] = this.#microphone.getAudioTracks();
    const [transceiver] = this.#peer.getTransceivers();
    if (transceiver === undefined) {
      this.#sender = this.#peer.addTransceiver(track, { direction, streams: [this.#microphone] }).sender;
      return;
    }
    transceiver.direction = direction;
    this.#sender = transceiver.sender;
    if (this.#sender.track !== track) void this.#sender.replaceTrack(track);
  }

  #gathered() {
    if (this.#peer.iceGatheringState === "complete") return this.#peer.localDescription.sdp;
    return new Promise((resolve) => {
      const done = () => {
        if (this.#peer.iceGatheringState === "complete") finish();
      };
      const finish = () => {
        clearTimeout(timer);
        this.#peer.removeEventListener("icegatheringstatechange", done);
        resolve(this.#peer.localDescription?.sdp);
      };
      const timer = setTimeout(finish, GATHER);
      this.#peer.addEventListener("icegatheringstatechange", done);
    });
  }
}
