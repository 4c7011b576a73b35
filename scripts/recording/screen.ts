/** What a terminal shows, of what this program prints to it: lines, colours, and going back up. */

export interface Cell {
  readonly character: string;
  /** Classes of the picture: `b` bold, `d` dim, `r` red, `g` green, `y` yellow, `c` cyan. */
  readonly style: string;
}

export type Row = readonly Cell[];

const COLOURS: Readonly<Record<string, string>> = { 31: "r", 32: "g", 33: "y", 36: "c" };

export class Screen {
  readonly #rows: Cell[][] = [[]];
  #row = 0;
  #column = 0;
  #weight = "";
  #colour = "";

  get rows(): readonly Row[] {
    return this.#rows.map((row) => [...row]);
  }

  /** A chunk may not end within an escape sequence. */
  write(text: string): void {
    // deno-lint-ignore no-control-regex -- escapes are what this is about
    for (const [piece] of text.matchAll(/\x1b\[[?\d;]*[A-Za-z]|[^]/gu)) {
      if (piece.startsWith("\x1b[")) this.#obey(piece);
      else if (piece === "\n") this.#goTo(this.#row + 1);
      else if (piece === "\r") this.#column = 0;
      else this.#put(piece);
    }
  }

  #obey(sequence: string): void {
    const command = sequence.at(-1);
    const parameter = sequence.slice(2, -1);
    if (command === "A") this.#goTo(Math.max(0, this.#row - Number(parameter || 1)));
    else if (command === "K") this.#rows[this.#row].length = this.#column;
    else if (command === "J") {
      this.#rows[this.#row].length = this.#column;
      this.#rows.length = this.#row + 1;
    } else if (command === "m") this.#paint(parameter);
    else if (!parameter.startsWith("?")) throw new Error(`Cannot draw ${JSON.stringify(sequence)}`);
  }

  #paint(parameter: string): void {
    if (parameter === "1") this.#weight = "b";
    else if (parameter === "2") this.#weight = "d";
    else if (parameter === "22") this.#weight = "";
    else this.#colour = COLOURS[parameter] ?? "";
  }

  #goTo(row: number): void {
    this.#row = row;
    while (this.#rows.length <= row) this.#rows.push([]);
  }

  #put(character: string): void {
    const row = this.#rows[this.#row];
    while (row.length < this.#column) row.push({ character: " ", style: "" });
    const style = [this.#weight, this.#colour].filter((part) => part !== "").join(" ");
    row[this.#column++] = { character, style };
  }
}
