// The bell: two tones, a second of four.

export class Ringer {
  #context;
  #timer;

  ring(isWanted) {
    if (isWanted === (this.#timer !== undefined)) return;
    clearInterval(this.#timer);
    this.#timer = isWanted ? setInterval(() => this.#strike(), 4_000) : undefined;
    if (isWanted) this.#strike();
  }

  #strike() {
    this.#context ??= new AudioContext();
    // Until somebody has touched the page it may not sound; the row is seen all the same.
    if (this.#context.state !== "running") return void this.#context.resume().catch(() => {});
    const loudness = new GainNode(this.#context, { gain: 0.1 });
    loudness.connect(this.#context.destination);
    for (const frequency of [440, 480]) {
      const tone = new OscillatorNode(this.#context, { frequency });
      tone.connect(loudness);
      tone.start();
      tone.stop(this.#context.currentTime + 1);
    }
  }
}
