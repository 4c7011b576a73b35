/**
 * Compiles a regular expression into a table that is walked character by character, so its time grows
 * only with the text's length. Each state of the table stands for all threads of a match that are
 * alive after what was read, in the order in which JavaScript prefers them.
 *
 * Characters beyond the BMP are left out: whoever meets one has to ask somebody else.
 */
import { type CharClasses, charClasses } from "./char_classes.ts";
import { DEAD, FIRST_STATE, MATCH, MATCHED } from "./entries.ts";
import { compileThreads, type Edge, type Threads } from "./threads.ts";

export interface Automaton extends Pick<CharClasses, "classes" | "pages"> {
  /** The class of no character: the text's end. The others are below it. */
  readonly end: number;
  /** Where to go from a state by a class: the entry at their sum (entries.ts). */
  readonly transitions: Uint16Array;
  /** The state at the text's beginning. */
  readonly start: number;
  /** The state behind a character of each class; empty if matches are only looked for from the start. */
  readonly startAfter: Uint16Array;
}

const MOST_TRANSITIONS = MATCH - 1;
/** Some 50 ns each: a pattern that needs more is given up after three milliseconds. */
const MOST_STEPS = 60_000;

/** Tells whether a text contains a match. Null if the pattern has no such table, or a large one. */
export function compileTest(source: string): Automaton | null {
  return compile(source, "test");
}

/** Tells of the same texts that they contain no match. */
export function complement(test: Automaton): Automaton {
  const other = (entry: number) => entry === DEAD ? MATCHED : entry === MATCHED ? DEAD : entry;
  return { ...test, start: other(test.start), transitions: test.transitions.map(other) };
}

/**
 * Finds the end of the match that begins at a given place. Null as above, and if the table can't say
 * which match JavaScript prefers.
 */
export function compileFind(source: string): Automaton | null {
  return compile(source, "find");
}

function compile(source: string, use: "test" | "find"): Automaton | null {
  const threads = compileThreads(source);
  if (threads === null || (use === "find" && threads.hasEmptyRounds)) return null;
  if (edgeSets(threads).size > MOST_EDGE_SETS) return null;
  const classes = charClasses(threads.sets);
  return classes === null ? null : new Compiler(threads, classes, use).compile();
}

interface State {
  /** In the order of preference: those that take a character, wait for an edge, or have matched. */
  readonly threads: readonly number[];
  readonly hasEdge: boolean;
  /** What is before the state, if an edge may ask. */
  readonly before: number;
}

/** Sets that edges ask for, as bits: those that have the character beside the edge. */
type Beside = number;
const TEXT_EDGE: Beside = 1 << 30;
const MOST_EDGE_SETS = 30;

function edgeSets({ threads }: Threads): ReadonlySet<number> {
  return new Set(threads.flatMap((thread) => thread.op === "edge" ? [thread.edge.set] : []));
}

class Compiler {
  readonly #program: Threads;
  readonly #classes: CharClasses;
  readonly #isTest: boolean;
  readonly #width: number;
  /** A bit for each set that edges ask for. */
  readonly #bits: ReadonlyMap<number, Beside>;
  /** What characters of a class are for edges; the last one is the text's end. */
  readonly #beside: readonly Beside[];
  /** Of a test: may a match begin behind a character? */
  readonly #mayBeginLater: boolean;
  readonly #states: State[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #reachedIn: Uint32Array;
  #closures = 0;
  #steps = 0;

  constructor(program: Threads, classes: CharClasses, use: "test" | "find") {
    this.#program = program;
    this.#classes = classes;
    this.#isTest = use === "test";
    this.#width = classes.count + 1;
    this.#reachedIn = new Uint32Array(program.threads.length);
    this.#bits = new Map(Array.from(edgeSets(program), (set, index) => [set, 1 << index]));
    const besides = Array.from(
      { length: classes.count },
      (_, number) =>
        Array.from(this.#bits).reduce(
          (bits, [set, bit]) => classes.members[set][number] === 1 ? bits | bit : bits,
          0,
        ),
    );
    this.#beside = [...besides, TEXT_EDGE];
    this.#mayBeginLater = this.#isTest &&
      Array.from(new Set(besides))
        .some((before) => this.#close([program.start], before, null).length > 0);
  }

  compile(): Automaton | null {
    const { classes, pages, count } = this.#classes;
    const start = this.#enter([this.#program.start], TEXT_EDGE);
    const behind = this.#isTest ? [] : this.#beside.slice(0, count);
    const later = new Map(
      Array.from(new Set(behind), (before) => [before, this.#enter([this.#program.start], before)]),
    );
    const startAfter = Uint16Array.from(behind, (before) => later.get(before)!);
    const transitions: number[] = new Array(FIRST_STATE).fill(DEAD);
    for (let number = 0; number < this.#states.length; number++) {
      if (transitions.length + this.#width > MOST_TRANSITIONS) return null;
      const state = this.#states[number];
      for (let next = 0; next < this.#width; next++) {
        transitions.push(this.#follow(state, next));
        if (this.#steps > MOST_STEPS) return null;
      }
    }
    return {
      classes,
      pages,
      end: count,
      transitions: Uint16Array.from(transitions),
      start,
      startAfter,
    };
  }

  #follow(state: State, next: number): number {
    const { threads } = this.#program;
    const isEnd = next === this.#classes.count;
    const alive = state.hasEdge
      ? this.#close(state.threads, state.before, this.#beside[next])
      : state.threads;
    const hasMatched = alive.at(-1) === 0;
    if (hasMatched && this.#isTest) return MATCHED;
    const flag = hasMatched ? MATCH : 0;
    if (isEnd) return DEAD + flag;
    const after: number[] = [];
    for (const number of alive) {
      const thread = threads[number];
      if (thread.op !== "char" || this.#classes.members[thread.set][next] === 0) continue;
      after.push(thread.next);
    }
    this.#steps += alive.length;
    // A match may begin at any place.
    if (this.#isTest) after.push(this.#program.start);
    return this.#enter(after, this.#beside[next]) + flag;
  }

  /** The state that these threads make, behind such a character. */
  #enter(from: readonly number[], before: Beside): number {
    const threads = this.#close(from, before, null);
    if (threads.length === 0 && !this.#mayBeginLater) return DEAD;
    if (threads[0] === 0 || (this.#isTest && threads.at(-1) === 0)) return MATCHED;
    if (this.#isTest) threads.sort((a, b) => a - b);
    const hasEdge = threads.some((number) => this.#program.threads[number].op === "edge");
    const state = { threads, hasEdge, before: hasEdge ? before : 0 };
    const key = `${state.before} ${threads.join()}`;
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.#states.push(state) - 1;
      this.#numbers.set(key, number);
    }
    return FIRST_STATE + number * this.#width;
  }

  /**
   * Where the threads are when each has done what it can do without taking a character. `after`: what
   * comes next; null if that isn't known yet. What a match is preferred to ends.
   */
  #close(from: readonly number[], before: Beside, after: Beside | null): number[] {
    const reached: number[] = [];
    const closure = ++this.#closures;
    const open = from.toReversed();
    while (open.length > 0) {
      const number = open.pop()!;
      if (this.#reachedIn[number] === closure) continue;
      this.#reachedIn[number] = closure;
      this.#steps++;
      const thread = this.#program.threads[number];
      switch (thread.op) {
        case "split":
          open.push(thread.second, thread.next);
          break;
        case "edge": {
          const passes = this.#isAt(thread.edge, before, after);
          if (passes === null) reached.push(number);
          else if (passes) open.push(thread.next);
          break;
        }
        case "char":
          reached.push(number);
          break;
        case "match":
          reached.push(number);
          return reached;
      }
    }
    return reached;
  }

  /** Is this the edge? Null: it depends on what comes next. */
  #isAt({ beside, set, textEdge, negate }: Edge, before: Beside, after: Beside | null) {
    const asked = this.#bits.get(set)! | (textEdge ? TEXT_EDGE : 0);
    if (beside === "before") return ((before & asked) !== 0) !== negate;
    if (after === null) return null;
    if (beside === "after") return ((after & asked) !== 0) !== negate;
    return ((before & asked) !== (after & asked)) !== negate;
  }
}
