/**
 * Cells as nearly all programs write them: `<c r="A1" s="2" t="s"><v>7</v></c>`. They are most of a
 * workbook's bytes, and are read here in a third of the time. Whatever looks otherwise is left to
 * the reader of XML.
 */
const LT = 0x3c, GT = 0x3e, SLASH = 0x2f, SPACE = 0x20, QUOTE = 0x22, EQUALS = 0x3d;
const AMPERSAND = 0x26, ZERO = 0x30, UPPER_A = 0x41;
const C = 0x63, R = 0x72, S = 0x73, T = 0x74, V = 0x76, N = 0x6e, B = 0x62;

export class PlainCell {
  /** From 0; -1 if the cell doesn't say it. */
  column = -1;
  style = 0;
  /** As the attribute `t`. */
  type: "n" | "s" | "b" | "str" = "n";
  /** The range of its value. */
  start = 0;
  end = 0;

  /** Returns the index after the cell at `i`, or `i` if it isn't such a cell or isn't complete. */
  read(bytes: Uint8Array, i: number): number {
    const { length } = bytes;
    if (bytes[i + 1] !== C) return i;
    let k = i + 2;
    this.column = -1;
    this.style = 0;
    this.type = "n";
    let last = 0;
    while (k + 5 < length && bytes[k] === SPACE) {
      if (bytes[k + 2] !== EQUALS || bytes[k + 3] !== QUOTE) return i;
      const name = bytes[k + 1];
      // They come in this order. Nobody writes one twice.
      if (name <= last) return i;
      last = name;
      k += 4;
      if (name === R) k = this.#readReference(bytes, k);
      else if (name === S) k = this.#readStyle(bytes, k);
      else if (name === T) k = this.#readType(bytes, k);
      else return i;
      if (k === -1 || bytes[k] !== QUOTE) return i;
      k++;
    }
    const isOpen = bytes[k] === GT && bytes[k + 1] === LT && bytes[k + 2] === V &&
      bytes[k + 3] === GT;
    if (!isOpen) return i;
    k += 4;
    this.start = k;
    while (k < length && bytes[k] !== LT) if (bytes[k++] === AMPERSAND) return i;
    this.end = k;
    const isClosed = k + 7 < length && bytes[k + 1] === SLASH && bytes[k + 2] === V &&
      bytes[k + 3] === GT && bytes[k + 4] === LT && bytes[k + 5] === SLASH && bytes[k + 6] === C &&
      bytes[k + 7] === GT;
    return isClosed ? k + 8 : i;
  }

  #readReference(bytes: Uint8Array, from: number): number {
    let k = from;
    let column = 0;
    for (let letter = bytes[k] - UPPER_A; letter >= 0 && letter < 26; letter = bytes[k] - UPPER_A) {
      column = column * 26 + letter + 1;
      k++;
    }
    if (k === from || k > from + 3) return -1;
    this.column = column - 1;
    while (bytes[k] >= ZERO && bytes[k] <= ZERO + 9) k++;
    return k;
  }

  #readStyle(bytes: Uint8Array, from: number): number {
    let k = from;
    let style = 0;
    for (; bytes[k] >= ZERO && bytes[k] <= ZERO + 9; k++) style = style * 10 + bytes[k] - ZERO;
    this.style = style;
    return k === from ? -1 : k;
  }

  #readType(bytes: Uint8Array, k: number): number {
    if (bytes[k] === S && bytes[k + 1] === QUOTE) this.type = "s";
    else if (bytes[k] === N && bytes[k + 1] === QUOTE) this.type = "n";
    else if (bytes[k] === B && bytes[k + 1] === QUOTE) this.type = "b";
    else if (bytes[k] === S && bytes[k + 1] === T && bytes[k + 2] === R) {
      this.type = "str";
      return k + 3;
    } else return -1;
    return k + 1;
  }
}
