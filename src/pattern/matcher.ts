/**
 * Matches a regular expression like the platform does, but with a limit on its steps: a backtracking
 * matcher that remembers what has failed where, if that is possible. The platform's own can't be
 * interrupted, and neither can the thread that it runs in.
 */
import { Memory } from "./memory.ts";
import { Steps } from "./steps.ts";
import { Subject } from "./subject.ts";
import { compilePattern, type Instruction, type Program } from "./program.ts";
import { GO_ON, LONGER, RESTORE, SHORTER, Trail } from "./trail.ts";

/** Positions of the groups, the whole match first: two for each, -1 if it has caught nothing. */
export type Found = Int32Array;

/** Before that, remembering costs more than it saves. */
const REMEMBER_AFTER = 2_000;

export class BoundedMatcher {
  readonly #program: Program;
  readonly #code: readonly Instruction[];
  readonly #trail: Trail;
  /** Where the last choice goes on: at which instruction, and where in the text. */
  #pc = 0;
  #position = 0;
  #subject = new Subject("");
  readonly #steps: Steps;
  #memory: Memory | null = null;

  constructor(source: string) {
    this.#program = compilePattern(source);
    this.#code = this.#program.instructions;
    this.#trail = new Trail(this.#program.registers);
    this.#steps = new Steps(this.#program);
  }

  get groups(): number {
    return this.#program.groups;
  }

  get names(): ReadonlyMap<string, readonly number[]> {
    return this.#program.names;
  }

  /** A text that is none of this matcher's business. */
  pass(): void {
    this.#steps.pass();
  }

  /** Begins with a text. All its matches together have one limit. */
  begin(text: string): void {
    this.#subject = new Subject(text);
    this.#memory = null;
    this.#steps.begin(text.length);
  }

  /**
   * The first match from this position on, or null. The result is overwritten by the next call.
   * Throws PatternTooSlow.
   */
  find(from: number): Found | null {
    const { text } = this.#subject;
    for (let start = from; start <= text.length; start = this.after(start)) {
      this.#trail.clear();
      this.#steps.take(1);
      const end = this.#run(0, start, 0);
      if (end < 0) continue;
      const { registers } = this.#trail;
      registers[0] = start;
      registers[1] = end;
      this.#memory?.forget(end);
      return registers;
    }
    return null;
  }

  /** The position after the character at this one. */
  after(position: number): number {
    return this.#subject.after(position);
  }

  /** Where the program ends with a match, or -1. Leaves the trail as it was, but for captures. */
  #run(pc: number, position: number, base: number): number {
    const trail = this.#trail;
    const { registers } = trail;
    for (;;) {
      const instruction = this.#code[pc];
      this.#steps.take(1);
      // A case that breaks has failed.
      switch (instruction.op) {
        case "char": {
          const next = this.#subject.take(instruction, position);
          if (next < 0) break;
          position = next;
          pc++;
          continue;
        }
        case "many": {
          const next = this.#many(instruction, pc, position);
          if (next < 0) break;
          position = next;
          pc++;
          continue;
        }
        case "again": {
          const next = this.#again(instruction, position);
          if (next < 0) break;
          position = next;
          pc++;
          continue;
        }
        case "split":
          if (this.#knows(instruction.memo, position)) break;
          trail.push(GO_ON, instruction.second, position, 0);
          pc = instruction.first;
          continue;
        case "jump":
          pc = instruction.to;
          continue;
        case "save":
          trail.set(instruction.register, position);
          pc++;
          continue;
        case "clear":
          for (let register = instruction.from; register <= instruction.to; register++) {
            if (registers[register] !== -1) trail.set(register, -1);
          }
          pc++;
          continue;
        case "moved":
          if (registers[instruction.register] === position) break;
          pc++;
          continue;
        case "edge":
          if (!this.#subject.isEdge(instruction, position)) break;
          pc++;
          continue;
        case "word_edge":
          if (this.#subject.isWordEdge(instruction.isWord, position) === instruction.negate) break;
          pc++;
          continue;
        case "look":
          if (!this.#looks(pc + 1, position, instruction.negate)) break;
          pc = instruction.next;
          continue;
        case "match":
          return position;
      }
      if (!this.#goBack(base)) return -1;
      pc = this.#pc;
      position = this.#position;
    }
  }

  /** Goes back to the last choice, which is then at `#pc` and `#position`; false if there is none. */
  #goBack(base: number): boolean {
    const trail = this.#trail;
    while (trail.length !== base) {
      this.#steps.take(1);
      const kind = trail.pop();
      const { a, b, c } = trail;
      if (kind === RESTORE) {
        trail.registers[a] = b;
        continue;
      }
      if (kind === GO_ON) {
        this.#pc = a;
        this.#position = b;
        return true;
      }
      const many = this.#code[a] as Many;
      let position: number;
      if (kind === SHORTER) {
        // From b back to c.
        position = many.back ? this.#subject.after(b) : this.#subject.before(b);
        if (position !== c) trail.push(SHORTER, a, position, c);
      } else {
        // One more; c are still allowed.
        position = this.#subject.take(many, b);
        if (position < 0 || this.#knows(many.memo, position)) continue;
        if (c > 1) trail.push(LONGER, a, position, c - 1);
      }
      this.#pc = a + 1;
      this.#position = position;
      return true;
    }
    return false;
  }

  #many(many: Many, pc: number, position: number): number {
    const { min, max, greedy, memo } = many;
    for (let count = 0; count < min; count++) {
      position = this.#subject.take(many, position);
      if (position < 0) return -1;
      this.#steps.take(1);
    }
    if (this.#knows(memo, position)) return -1;
    if (!greedy) {
      if (max > min) this.#trail.push(LONGER, pc, position, Math.min(max - min, 0x7fffffff));
      return position;
    }
    let end = position;
    for (let count = min; count < max; count++) {
      const next = this.#subject.take(many, end);
      if (next < 0 || this.#knows(memo, next)) break;
      end = next;
      this.#steps.take(1);
    }
    if (end !== position) this.#trail.push(SHORTER, pc, end, position);
    return end;
  }

  /** Has this decision failed at this position before? From now on it counts as failed there. */
  #knows(memo: number, position: number): boolean {
    if (memo < 0 || this.#program.memos === 0 || this.#steps.taken < REMEMBER_AFTER) return false;
    this.#memory ??= this.#remember();
    return this.#memory.knows(memo, position);
  }

  #remember(): Memory {
    const positions = this.#subject.text.length + 1;
    // It takes time to clear so much memory.
    this.#steps.take(this.#program.memos * positions >>> 8);
    return new Memory(this.#program.memos, positions);
  }

  #looks(pc: number, position: number, negate: boolean): boolean {
    const trail = this.#trail;
    const base = trail.length;
    const found = this.#run(pc, position, base) >= 0;
    if (!found) return negate;
    if (negate) trail.undo(base);
    // There is no way back into it. But what its groups caught has to be undone one day.
    else trail.dropChoices(base);
    return !negate;
  }

  #again(
    { groups, back, ignoreCase }: Extract<Instruction, { op: "again" }>,
    position: number,
  ): number {
    const { registers } = this.#trail;
    const group = groups.find((each) => registers[2 * each] >= 0 && registers[2 * each + 1] >= 0);
    if (group === undefined) return position;
    const { text } = this.#subject;
    const caught = text.slice(registers[2 * group], registers[2 * group + 1]);
    this.#steps.take(caught.length);
    const [from, to] = back
      ? [position - caught.length, position]
      : [position, position + caught.length];
    if (from < 0 || to > text.length) return -1;
    const here = text.slice(from, to);
    const isSame = here === caught ||
      (ignoreCase && here.toLowerCase() === caught.toLowerCase());
    return isSame ? (back ? from : to) : -1;
  }
}

type Many = Extract<Instruction, { op: "many" }>;
