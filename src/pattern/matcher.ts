/**
 * Matches a regular expression like the platform does, but with a limit on its steps: a backtracking
 * matcher that remembers what has failed where, if that is possible. The platform's own can't be
 * interrupted, and neither can the thread that it runs in.
 */
import { Memory } from "./memory.ts";
import { Subject } from "./subject.ts";
import { compilePattern, type Instruction, type Program } from "./program.ts";

/** The text and the pattern together need too many steps. */
export class PatternTooSlow extends Error {
  override readonly name = "PatternTooSlow";
}

/** Positions of the groups, the whole match first: two for each, -1 if it has caught nothing. */
export type Found = Int32Array;

/** A step takes some 10 ns. */
const STEPS = 500_000;
/** A text is read a few times in any case, and each instruction may look at each position. */
const STEPS_PER_UNIT = 16;
const MOST_STEPS = 200_000_000;
/** Before that, remembering costs more than it saves. */
const REMEMBER_AFTER = 2_000;

/** Kinds of entries on the stack. Each has three numbers. */
const GO_ON = 0, RESTORE = 1, SHORTER = 2, LONGER = 3;
const ENTRY = 4;

export class BoundedMatcher {
  readonly #program: Program;
  readonly #code: readonly Instruction[];
  readonly #registers: Int32Array;
  #stack = new Int32Array(256 * ENTRY);
  #top = 0;
  #subject = new Subject("");
  #steps = 0;
  #limit = 0;
  #memory: Memory | null = null;

  constructor(source: string) {
    this.#program = compilePattern(source);
    this.#code = this.#program.instructions;
    this.#registers = new Int32Array(this.#program.registers);
  }

  get groups(): number {
    return this.#program.groups;
  }

  get names(): ReadonlyMap<string, readonly number[]> {
    return this.#program.names;
  }

  /** Begins with a text. All its matches together have one limit. */
  begin(text: string): void {
    this.#subject = new Subject(text);
    this.#steps = 0;
    this.#memory = null;
    const { memos, instructions } = this.#program;
    const perUnit = memos === 0 ? STEPS_PER_UNIT : STEPS_PER_UNIT + 4 * instructions.length;
    this.#limit = Math.min(STEPS + perUnit * text.length, MOST_STEPS);
  }

  /**
   * The first match from this position on, or null. The result is overwritten by the next call.
   * Throws PatternTooSlow.
   */
  find(from: number): Found | null {
    const { text } = this.#subject;
    for (let start = from; start <= text.length; start = this.after(start)) {
      this.#registers.fill(-1);
      this.#top = 0;
      this.#step(1);
      const end = this.#run(0, start, 0);
      if (end < 0) continue;
      this.#registers[0] = start;
      this.#registers[1] = end;
      this.#memory?.forget(end);
      return this.#registers;
    }
    return null;
  }

  /** The position after the character at this one. */
  after(position: number): number {
    return this.#subject.after(position);
  }

  #step(count: number): void {
    this.#steps += count;
    if (this.#steps > this.#limit) throw new PatternTooSlow("too many steps");
  }

  /** Where the program ends with a match, or -1. Leaves the stack as it was, but for captures. */
  #run(pc: number, position: number, base: number): number {
    const registers = this.#registers;
    for (;;) {
      const instruction = this.#code[pc];
      this.#step(1);
      let failed = false;
      switch (instruction.op) {
        case "char": {
          const next = this.#subject.take(instruction, position);
          if (next < 0) failed = true;
          else {
            position = next;
            pc++;
          }
          break;
        }
        case "many": {
          const next = this.#many(instruction, pc, position);
          if (next < 0) failed = true;
          else {
            position = next;
            pc++;
          }
          break;
        }
        case "split":
          if (this.#knows(instruction.memo, position)) failed = true;
          else {
            this.#push(GO_ON, instruction.second, position, 0);
            pc = instruction.first;
          }
          break;
        case "jump":
          pc = instruction.to;
          break;
        case "save":
          this.#set(instruction.register, position);
          pc++;
          break;
        case "clear":
          for (let register = instruction.from; register <= instruction.to; register++) {
            if (registers[register] !== -1) this.#set(register, -1);
          }
          pc++;
          break;
        case "moved":
          if (registers[instruction.register] === position) failed = true;
          else pc++;
          break;
        case "edge":
          if (this.#subject.isEdge(instruction, position)) pc++;
          else failed = true;
          break;
        case "word_edge": {
          const { isWord, negate } = instruction;
          const isEdge = this.#subject.isWordEdge(isWord, position);
          if (isEdge !== negate) pc++;
          else failed = true;
          break;
        }
        case "look":
          if (this.#looks(pc + 1, position, instruction.negate)) pc = instruction.next;
          else failed = true;
          break;
        case "again": {
          const next = this.#again(instruction, position);
          if (next < 0) failed = true;
          else {
            position = next;
            pc++;
          }
          break;
        }
        case "match":
          return position;
      }
      if (!failed) continue;
      // Back to the last choice.
      for (;;) {
        if (this.#top === base) return -1;
        this.#step(1);
        const at = this.#top - ENTRY;
        const [kind, a, b, c] = [
          this.#stack[at],
          this.#stack[at + 1],
          this.#stack[at + 2],
          this.#stack[at + 3],
        ];
        this.#top = at;
        if (kind === RESTORE) {
          registers[a] = b;
          continue;
        }
        if (kind === GO_ON) {
          pc = a;
          position = b;
          break;
        }
        const many = this.#code[a] as Many;
        if (kind === SHORTER) {
          // From b back to c.
          const shorter = many.back ? this.#subject.after(b) : this.#subject.before(b);
          if (shorter !== c) this.#push(SHORTER, a, shorter, c);
          pc = a + 1;
          position = shorter;
          break;
        }
        // One more; c are still allowed.
        const longer = this.#subject.take(many, b);
        if (longer < 0 || this.#knows(many.memo, longer)) continue;
        if (c > 1) this.#push(LONGER, a, longer, c - 1);
        pc = a + 1;
        position = longer;
        break;
      }
    }
  }

  #many(many: Many, pc: number, position: number): number {
    const { min, max, greedy, memo } = many;
    for (let count = 0; count < min; count++) {
      position = this.#subject.take(many, position);
      if (position < 0) return -1;
      this.#step(1);
    }
    if (this.#knows(memo, position)) return -1;
    if (!greedy) {
      if (max > min) this.#push(LONGER, pc, position, Math.min(max - min, 0x7fffffff));
      return position;
    }
    let end = position;
    for (let count = min; count < max; count++) {
      const next = this.#subject.take(many, end);
      if (next < 0 || this.#knows(memo, next)) break;
      end = next;
      this.#step(1);
    }
    if (end !== position) this.#push(SHORTER, pc, end, position);
    return end;
  }

  /** Has this decision failed at this position before? From now on it counts as failed there. */
  #knows(memo: number, position: number): boolean {
    if (memo < 0 || this.#program.memos === 0 || this.#steps < REMEMBER_AFTER) return false;
    this.#memory ??= new Memory(this.#program.memos, this.#subject.text.length + 1);
    return this.#memory.knows(memo, position);
  }

  #looks(pc: number, position: number, negate: boolean): boolean {
    const base = this.#top;
    const found = this.#run(pc, position, base) >= 0;
    if (!found) return negate;
    // There is no way back into it. But what its groups caught has to be undone one day.
    let kept = base;
    for (let at = base; at < this.#top; at += ENTRY) {
      if (this.#stack[at] !== RESTORE) continue;
      this.#stack.copyWithin(kept, at, at + ENTRY);
      kept += ENTRY;
    }
    this.#top = kept;
    if (!negate) return true;
    for (; this.#top > base; this.#top -= ENTRY) {
      const at = this.#top - ENTRY;
      this.#registers[this.#stack[at + 1]] = this.#stack[at + 2];
    }
    return false;
  }

  #again(
    { groups, back, ignoreCase }: Extract<Instruction, { op: "again" }>,
    position: number,
  ): number {
    const group = groups.find((each) =>
      this.#registers[2 * each] >= 0 && this.#registers[2 * each + 1] >= 0
    );
    if (group === undefined) return position;
    const { text } = this.#subject;
    const caught = text.slice(this.#registers[2 * group], this.#registers[2 * group + 1]);
    this.#step(caught.length);
    const [from, to] = back
      ? [position - caught.length, position]
      : [position, position + caught.length];
    if (from < 0 || to > text.length) return -1;
    const here = text.slice(from, to);
    const isSame = here === caught ||
      (ignoreCase && here.toLowerCase() === caught.toLowerCase());
    return isSame ? (back ? from : to) : -1;
  }

  #set(register: number, value: number): void {
    this.#push(RESTORE, register, this.#registers[register], 0);
    this.#registers[register] = value;
  }

  #push(kind: number, a: number, b: number, c: number): void {
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
}

type Many = Extract<Instruction, { op: "many" }>;
