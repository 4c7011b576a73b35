/** Which columns have no value twice, in bounded memory: hashes of all values, as long as there is room. */

/** Hashes for all columns together: 64 MB. */
const ROOM = 2 ** 23;

/** The room that the columns of a file share. */
export class HashRoom {
  #left: number;

  constructor(slots = ROOM) {
    this.#left = slots;
  }

  /** False if there is not so much left. */
  take(slots: number): boolean {
    if (slots > this.#left) return false;
    this.#left -= slots;
    return true;
  }

  giveBack(slots: number): void {
    this.#left += slots;
  }
}

const FIRST_SLOTS = 256;

/** What is known of a column's values. */
export type Uniqueness =
  | { readonly kind: "unique" }
  /** The line of the first value that was there before. */
  | { readonly kind: "repeated"; readonly line: number }
  /** There was no room for more than so many values. */
  | { readonly kind: "unknown"; readonly values: number };

export class Repeats {
  readonly #room: HashRoom;
  /** Two words for each slot; both zero: it is free. Null: nothing is looked for any more. */
  #slots: Uint32Array | null = null;
  #values = 0;
  #found: Uniqueness = { kind: "unique" };

  constructor(room: HashRoom) {
    this.#room = room;
  }

  get found(): Uniqueness {
    return this.#found;
  }

  get isLooking(): boolean {
    return this.#found.kind === "unique";
  }

  add(text: string, line: number): void {
    if (!this.isLooking) return;
    const [high, low] = hash(text);
    if (this.#slots === null || this.#values * 4 >= this.#slots.length / 2 * 3) {
      if (!this.#grow()) return this.#stop({ kind: "unknown", values: this.#values });
    }
    if (!put(this.#slots!, high, low)) return this.#stop({ kind: "repeated", line });
    this.#values++;
  }

  #grow(): boolean {
    const before = this.#slots;
    const slots = before === null ? FIRST_SLOTS : before.length;
    if (!this.#room.take(slots)) return false;
    const larger = new Uint32Array(2 * slots);
    if (before !== null) {
      for (let at = 0; at < before.length; at += 2) {
        if (before[at] !== 0 || before[at + 1] !== 0) put(larger, before[at], before[at + 1]);
      }
      this.#room.giveBack(before.length / 2);
    }
    this.#slots = larger;
    return true;
  }

  #stop(found: Uniqueness): void {
    if (this.#slots !== null) this.#room.giveBack(this.#slots.length / 2);
    this.#slots = null;
    this.#found = found;
  }
}

/** False if it is there already. */
function put(slots: Uint32Array, high: number, low: number): boolean {
  const mask = slots.length / 2 - 1;
  for (let at = low & mask;; at = (at + 1) & mask) {
    const [one, other] = [slots[2 * at], slots[2 * at + 1]];
    if (one === 0 && other === 0) {
      slots[2 * at] = high;
      slots[2 * at + 1] = low;
      return true;
    }
    if (one === high && other === low) return false;
  }
}

/** 64 bits, never all zero. Two values of ten million are taken for one in one of 300,000 files. */
function hash(text: string): readonly [number, number] {
  let [one, other] = [0x811c9dc5, 0x2545f491];
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    one = Math.imul(one ^ unit, 0x01000193);
    other = Math.imul(other ^ unit, 0x85ebca6b) ^ (other >>> 13);
  }
  one = Math.imul(one ^ (one >>> 16), 0x85ebca6b);
  other = Math.imul(other ^ (other >>> 15), 0xc2b2ae35);
  return [(one ^ (one >>> 13)) >>> 0 || 1, (other ^ (other >>> 16)) >>> 0];
}
