// All that the page says.

export const STATES = { connecting: "Connecting …", ready: "Ready", refused: "The server refused the registration" };
export const CALL_STATES = { calling: "Calling …", ringing: "Ringing", talking: "Talking", held: "On hold", ended: "Ended" };
export const INCOMING = "Incoming call";
export const ANSWER = "Answer";
export const DECLINE = "Decline";
export const HANG_UP = "Hang up";
export const HOLD = "Hold";
export const RESUME = "Resume";
export const MUTE = "Mute";
export const UNMUTE = "Unmute";
export const TRANSFER = "Transfer";
export const TRANSFER_TO = "Transfer to number";
export const CONNECT = (other) => `Connect with ${other}`;
export const NO_MICROPHONE = "The browser did not give the microphone. Allow it for this page, and call again.";
export const NOT_SECURE =
  "Browsers give the microphone to secure pages only: open this page by https, with a certificate that the browser trusts, or on the server's own machine by localhost.";
export const SIGNED_OUT = "You are signed out. Sign in again to use the phone.";
export const QUALITY = ({ codec, lost, jitter, roundTrip }) =>
  `${codec} · ${lost.toFixed(1)} % lost · jitter ${jitter.toFixed(0)} ms · round trip ${roundTrip.toFixed(0)} ms`;
export const DEFAULT_MICROPHONE = "Default microphone";
