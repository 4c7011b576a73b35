/** Lines at the bottom of a terminal that are redrawn in place. */
import { type Stream, writeQuietly } from "./output.ts";
import { cleanColouredLine, cleanLine, displayWidth } from "./render/terminal_text.ts";

export class LiveArea {
  readonly #stream: Stream;
  /** The lines that are on the screen, with their colours. */
  #drawn: readonly string[] = [];

  constructor(stream: Stream) {
    this.#stream = stream;
  }

  /** Replaces the lines in one write, without flicker. Cuts those that the terminal can't show. */
  draw(lines: readonly string[]): void {
    const rows = this.#stream.size()?.rows ?? 24;
    const shown = lines.slice(0, Math.max(1, rows - 1)).map(cleanColouredLine);
    writeQuietly(
      this.#stream,
      this.#back() + shown.map((line) => `${line}\x1b[K\n`).join("") + "\x1b[J",
    );
    this.#drawn = shown;
  }

  /** Prints a line above, which stays. */
  print(line: string): void {
    const drawn = this.#drawn;
    this.erase();
    writeQuietly(this.#stream, `${cleanLine(line)}\n`);
    this.draw(drawn);
  }

  erase(): void {
    if (this.#drawn.length === 0) return;
    writeQuietly(this.#stream, `${this.#back()}\x1b[J`);
    this.#drawn = [];
  }

  /** To the first column of the first line, even if the terminal has become narrower since. */
  #back(): string {
    if (this.#drawn.length === 0) return "";
    const columns = this.#stream.size()?.columns ?? 80;
    const height = this.#drawn
      .map((line) => Math.max(1, Math.ceil(displayWidth(withoutColours(line)) / columns)))
      .reduce((sum, lines) => sum + lines, 0);
    return `\r\x1b[${height}A`;
  }
}

function withoutColours(line: string): string {
  // deno-lint-ignore no-control-regex
  return line.replace(/\x1b\[\d+m/gu, "");
}
