/** Gives up when nothing has come for too long. */
export class Stopwatch {
  readonly #controller = new AbortController();
  readonly #outer: AbortSignal | null;
  readonly #give = () => this.#controller.abort();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #silence: number;
  /** Nothing came for too long. */
  hasRunOut = false;

  constructor(silence: number, outer: AbortSignal | null) {
    this.#silence = silence;
    this.#outer = outer;
    if (outer?.aborted) this.#give();
    outer?.addEventListener("abort", this.#give);
    this.touch();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get seconds(): number {
    return Math.round(this.#silence / 1000);
  }

  allow(silence: number): void {
    this.#silence = silence;
    this.touch();
  }

  touch(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.hasRunOut = true;
      this.#give();
    }, this.#silence);
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#outer?.removeEventListener("abort", this.#give);
  }
}
