import { didYouMean, nearest } from "./nearest.ts";

/** One mistake in a definition. */
export interface Problem {
  readonly file: string;
  /** Null where there are no lines: definitions in JavaScript, options of a command. */
  readonly line: number | null;
  /** Such as `columns.age.type`. Empty for the file as a whole. */
  readonly path: string;
  readonly found: string;
  readonly expected: string;
  readonly suggestion: string | null;
  /** Everything in one line: `importers/c.yaml:14: columns.age.typ: unknown key; did you …`. */
  readonly message: string;
}

export type Path = readonly (string | number)[];

/** A line of a file that the definition extends; or what a run is told instead, which has no line. */
export interface Place {
  readonly file: string;
  readonly line: number | null;
}

/** From formatted path to its line in the definition, or to its place in a file that it extends. */
export type Positions = ReadonlyMap<string, number | Place>;

/** Where the data of a definition came from. */
export interface Origin {
  readonly file: string;
  readonly positions: Positions;
  /** Where a path of a part of it is in the whole. Missing: it is the whole. */
  readonly whole?: (path: Path) => Path;
}

/** A statement about one place: a sentence for people, and its parts for programs. */
export interface Finding {
  readonly found: string;
  readonly expected: string;
  readonly suggestion?: string | null;
  /** What was written, if it may look the same as the suggestion. */
  readonly wanted?: string;
  /** Replaces "found …, expected …". "did you mean" is appended to it. */
  readonly sentence?: string;
}

/** Collects problems, with their lines. */
export class Problems {
  readonly #origin: Origin;
  readonly #list: Problem[];
  readonly #within: Path;

  constructor(origin: Origin, within: Path = [], list: Problem[] = []) {
    this.#origin = origin;
    this.#within = within;
    this.#list = list;
  }

  /** The same, for whoever knows only a part of the definition. */
  within(path: Path): Problems {
    return new Problems(this.#origin, [...this.#within, ...path], this.#list);
  }

  /** In the order of the file's lines, because that is the order in which people fix them. */
  get list(): readonly Problem[] {
    return this.#list.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0));
  }

  get file(): string {
    return this.#origin.file;
  }

  get count(): number {
    return this.#list.length;
  }

  add(inside: Path, finding: Finding): void {
    const own = [...this.#within, ...inside];
    const path = this.#origin.whole?.(own) ?? own;
    const { file, line } = placeOf(this.#origin, path);
    this.#list.push(toProblem(file, line, path, finding));
  }

  /** For a part whose places in the whole are others. Its problems are its own. */
  part(whole: (path: Path) => Path): Problems {
    return new Problems({ ...this.#origin, whole });
  }

  /** Adds those that aren't told yet. */
  adoptNew(problems: readonly Problem[]): void {
    const told = new Set(this.#list.map(({ message }) => message));
    this.#list.push(...problems.filter(({ message }) => !told.has(message)));
  }

  /** Adds one of another file. */
  adopt(problem: Problem): void {
    // A file that is extended twice says the same twice.
    if (this.#list.some(({ message }) => message === problem.message)) return;
    this.#list.push(problem);
  }

  /** Adds a value that is not what it must be. `candidates`: words that may have been meant. */
  wrong(path: Path, value: unknown, expected: string, candidates: readonly string[] = []): void {
    const suggestion = typeof value === "string" ? nearest(value, candidates) : null;
    this.add(path, { found: describe(value), expected, suggestion });
  }

  missing(path: Path, expected: string): void {
    this.add(path, { found: "nothing", expected, sentence: `is missing; expected ${expected}` });
  }
}

/** Renders one problem. `Problems` usually calls this. */
export function toProblem(
  file: string,
  line: number | null,
  path: Path,
  finding: Finding,
): Problem {
  const suggestion = finding.suggestion ?? null;
  const sentence = finding.sentence ?? `found ${finding.found}, expected ${finding.expected}`;
  const formatted = formatPath(path);
  const where = [line === null ? file : `${file}:${line}`, formatted].filter((part) => part !== "");
  return {
    file,
    line,
    path: formatted,
    found: finding.found,
    expected: finding.expected,
    suggestion,
    message: [...where, sentence + didYouMean(suggestion, finding.wanted ?? null)].join(": "),
  };
}

/** Such as `columns."First name".transform[1]`. */
export function formatPath(path: Path): string {
  let formatted = "";
  for (const segment of path) {
    if (typeof segment === "number") {
      formatted += `[${segment}]`;
    } else {
      const plain = /^[\p{L}\p{N}_$-]+$/u.test(segment);
      formatted += (formatted === "" ? "" : ".") + (plain ? segment : JSON.stringify(segment));
    }
  }
  return formatted;
}

const MAX_DESCRIBED = 60;

/** Describes a value in a few words, always on one line. */
export function describe(value: unknown): string {
  if (value === undefined || value === null) return "nothing";
  if (typeof value === "string") {
    const short = value.length > MAX_DESCRIBED ? value.slice(0, MAX_DESCRIBED) + "…" : value;
    return JSON.stringify(short);
  }
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (typeof value === "object") {
    return Object.keys(value).length === 0 ? "an empty mapping" : "a mapping";
  }
  if (typeof value === "function") return "a function";
  return String(value);
}

/** A missing key is reported at the line of the mapping that lacks it. */
export function placeOf(
  { file, positions }: Origin,
  path: Path,
): Pick<Problem, "file" | "line"> {
  for (let length = path.length; length >= 0; length--) {
    const place = positions.get(formatPath(path.slice(0, length)));
    if (place !== undefined) return typeof place === "number" ? { file, line: place } : place;
  }
  return { file, line: null };
}
