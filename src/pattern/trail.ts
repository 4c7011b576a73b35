/**
 * The way that a match has come, as a stack: the choices that are left, and what the registers held
 * before.
 */

/** Kinds of entries. Each has three numbers. */
export const GO_ON = 0, RESTORE = 1, SHORTER = 2, LONGER = 3;
const ENTRY = 4;

export class Trail {
  /** Positions, or -1. */
  readonly registers: Int32Array;
  #stack = new Int32Array(256 * ENTRY);
  #top = 0;
  /** The numbers of the entry that was popped last. */
  a = 0;
  b = 0;
  c = 0;

  constructor(registers: number) {
    this.registers = new Int32Array(registers);
  }

  /** Begins anew. */
  clear(): void {
    this.registers.fill(-1);
    this.#top = 0;
  }

  /** Grows with each entry. */
  get length(): number {
    return this.#top;
  }

  push(kind: number, a: number, b: number, c: number): void {
    if (this.#top === this.#stack.length) {
      const larger = new Int32Array(2 * this.#stack.length);
      larger.set(this.#stack);
      this.#stack = larger;
    }
    this.#stack[this.#top] = kind;
    this.#stack[this.#top + 1] = a;
    this.#stack[this.#top + 2] = b;
    this.#stack[this.#top + 3] = c;
    this.#top += ENTRY;
  }

  /** Returns the kind of the last entry, whose numbers are then `a`, `b` and `c`. */
  pop(): number {
    const at = this.#top -= ENTRY;
    this.a = this.#stack[at + 1];
    this.b = this.#stack[at + 2];
    this.c = this.#stack[at + 3];
    return this.#stack[at];
  }

  /** Sets a register until the way back passes this point. */
  set(register: number, value: number): void {
    this.push(RESTORE, register, this.registers[register], 0);
    this.registers[register] = value;
  }

  /** Drops the choices since the trail had this length: there is no way back to them. */
  dropChoices(length: number): void {
    let kept = length;
    for (let at = length; at < this.#top; at += ENTRY) {
      if (this.#stack[at] !== RESTORE) continue;
      this.#stack.copyWithin(kept, at, at + ENTRY);
      kept += ENTRY;
    }
    this.#top = kept;
  }

  /** Goes back to this length, without a choice. */
  undo(length: number): void {
    while (this.#top > length) if (this.pop() === RESTORE) this.registers[this.a] = this.b;
  }
}
