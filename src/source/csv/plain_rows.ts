/** The check that leaves nothing to doubt about delimited text: rows that can be read in one way only. */
const LF = 0x0a, CR = 0x0d, QUOTE = 0x22, APOSTROPHE = 0x27;

/** What a byte is, wherever it stands: part of a value, or something that needs a closer look. */
const PLAIN = 0, DELIMITER = 1, QUOTES = 2, LINE_FEED = 3, RETURN = 4, ODD = 5;

export class PlainRows {
  readonly #kinds = new Uint8Array(256);
  readonly #fields: number;
  readonly #endsWithCr: boolean;
  readonly #header: Uint8Array;

  /**
   * `delimiter`: a byte. `endsWithCr`: each line ends with CR LF; else none has a CR. `header`: its
   * text, with which no row begins.
   */
  constructor(delimiter: number, fields: number, endsWithCr: boolean, header: Uint8Array) {
    // Control characters, and the backslash, which may be an escape. DEL is one as well.
    for (let byte = 0; byte < 0x20; byte++) this.#kinds[byte] = ODD;
    for (const byte of [0x5c, 0x7f]) this.#kinds[byte] = ODD;
    this.#kinds[0x09] = PLAIN;
    this.#kinds[delimiter] = DELIMITER;
    this.#kinds[QUOTE] = QUOTES;
    this.#kinds[LF] = LINE_FEED;
    this.#kinds[CR] = RETURN;
    this.#fields = fields;
    this.#endsWithCr = endsWithCr;
    this.#header = header;
  }

  /**
   * Is everything from `at` on rows of one line with as many fields as expected, in which quotes enclose
   * whole values? The last one may lack its line end. If it says no, it need not be wrong.
   */
  are(bytes: Uint8Array, at: number): boolean {
    const kinds = this.#kinds;
    const end = bytes.length;
    let fields = 0;
    for (let i = at; i < end;) {
      if (fields === 0 && bytes[i] === this.#header[0] && begins(bytes, i, this.#header)) {
        return false;
      }
      // At the beginning of a value.
      if (bytes[i] === QUOTE) {
        i = afterQuotes(bytes, i + 1, kinds);
        if (i === -1) return false;
      } else {
        // Other programs take apostrophes for quotes.
        if (bytes[i] === APOSTROPHE) return false;
        while (i < end && kinds[bytes[i]] === PLAIN) i++;
      }
      fields++;
      if (i === end) return fields === this.#fields;
      const kind = kinds[bytes[i++]];
      if (kind === DELIMITER) {
        if (i === end) return fields + 1 === this.#fields;
        continue;
      }
      if (kind === RETURN ? !this.#endsWithCr || bytes[i++] !== LF : kind !== LINE_FEED) {
        return false;
      }
      if (kind === LINE_FEED && this.#endsWithCr) return false;
      if (fields !== this.#fields) return false;
      fields = 0;
    }
    return true;
  }
}

/** The offset after the quote that closes a value on the same line; -1 if there is none. */
function afterQuotes(bytes: Uint8Array, from: number, kinds: Uint8Array): number {
  for (let i = from; i < bytes.length; i++) {
    const kind = kinds[bytes[i]];
    if (kind <= DELIMITER) continue;
    if (kind !== QUOTES) return -1;
    if (bytes[i + 1] !== QUOTE) return i + 1;
    i++;
  }
  return -1;
}

function begins(bytes: Uint8Array, at: number, text: Uint8Array): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text[i]) return false;
  return true;
}
