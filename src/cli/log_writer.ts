/** Writes the log of a process that goes on for days. Nothing waits for it. */
import type { LogEntry } from "../observe/log_entry.ts";
import type { Stream } from "./output.ts";
import { withinTime } from "../run/work/within_time.ts";

/** Characters that wait to be written. */
const MOST = 8_000_000;

/** About as many are written at once: by that, a slow reader is told from one that stands still. */
const PIECE = 16_000;

/**
 * Whoever reads the log may stand still, and a disk too. Then lines wait, at most `most` characters
 * of them; those beyond are lost, and later a line says how many. If the log can't be written at all,
 * the process goes on without.
 */
export class LogWriter {
  readonly #stream: Stream;
  readonly #format: (entry: LogEntry) => string;
  readonly #most: number;
  #waiting: string[] = [];
  /** Of those that wait, and of those that are being written. */
  #size = 0;
  #lost = 0;
  #pieces = 0;
  #writing: Promise<void> | null = null;

  /** `format`: a line, with its end. */
  constructor(stream: Stream, format: (entry: LogEntry) => string, most = MOST) {
    this.#stream = stream;
    this.#format = format;
    this.#most = most;
  }

  add(entry: LogEntry): void {
    const line = this.#format(entry);
    if (this.#size + line.length > this.#most) {
      this.#lost++;
      return;
    }
    this.#waiting.push(line);
    this.#size += line.length;
    this.#writing ??= this.#write();
  }

  /** Waits until all is written, or until nothing was taken for so many milliseconds. */
  async flush(milliseconds: number): Promise<void> {
    while (this.#writing !== null) {
      const before = this.#pieces;
      await withinTime(this.#writing, milliseconds);
      if (this.#pieces === before) return;
    }
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const text = this.#nextPiece();
      try {
        await this.#stream.writeLater(text);
      } catch {
        // There is nowhere else to report it.
      }
      this.#size -= text.length;
      this.#pieces++;
      if (this.#lost > 0) this.#tellLoss();
    }
    this.#writing = null;
  }

  #nextPiece(): string {
    let [lines, length] = [0, 0];
    while (lines < this.#waiting.length && length < PIECE) length += this.#waiting[lines++].length;
    return this.#waiting.splice(0, lines).join("");
  }

  #tellLoss(): void {
    const message =
      `${this.#lost} lines of the log are lost: nobody read it, or its disk stood still.`;
    this.#lost = 0;
    const line = this.#format({ level: "warning", message });
    // They would have come after those that wait.
    this.#waiting.push(line);
    this.#size += line.length;
  }
}
