import { didYouMean, nearest } from "./nearest.ts";

/** One mistake in a definition. */
export interface Problem {
  readonly file: string;
  /** Null where lines mean nothing: definitions in JavaScript, options of a command. */
  readonly line: number | null;
  /** `columns.age.type`; empty for the file as a whole. */
  readonly path: string;
  readonly found: string;
  readonly expected: string;
  readonly suggestion: string | null;
  /** All of it as one line: `importers/c.yaml:14: columns.age.typ: unknown key; did you …`. */
  readonly message: string;
}

export type Path = readonly (string | number)[];

/** Formatted path → line. */
export type Positions = ReadonlyMap<string, number>;

/** Where the data of a definition came from. */
export interface Origin {
  readonly file: string;
  readonly positions: Positions;
}

/** What is said about one place: the sentence, and its parts for programs. */
export interface Finding {
  readonly found: string;
  readonly expected: string;
  readonly suggestion?: string | null;
  /** Instead of "found …, expected …". "did you mean" is added to it. */
  readonly sentence?: string;
}

/** Collects problems, with their lines. */
export class Problems {
  readonly #origin: Origin;
  readonly #list: Problem[] = [];

  constructor(origin: Origin) {
    this.#origin = origin;
  }

  /** In the order of the file's lines, which is the order in which people mend them. */
  get list(): readonly Problem[] {
    return this.#list.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0));
  }

  get count(): number {
    return this.#list.length;
  }

  add(path: Path, finding: Finding): void {
    this.#list.push(toProblem(this.#origin.file, lineOf(this.#origin, path), path, finding));
  }

  /** A value that is not what it has to be. `candidates`: the words that it could have been. */
  wrong(path: Path, value: unknown, expected: string, candidates: readonly string[] = []): void {
    const suggestion = typeof value === "string" ? nearest(value, candidates) : null;
    this.add(path, { found: describe(value), expected, suggestion });
  }

  missing(path: Path, expected: string): void {
    this.add(path, { found: "nothing", expected, sentence: `is missing; expected ${expected}` });
  }
}

/** Renders one problem; `Problems` is the usual way to get here. */
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
    message: [...where, sentence + didYouMean(suggestion)].join(": "),
  };
}

/** `columns."First name".transform[1]` */
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

/** What was found, in a few words and always on one line. */
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

/** A key that is missing is reported where it would have to stand. */
function lineOf(origin: Origin, path: Path): number | null {
  for (let length = path.length; length >= 0; length--) {
    const line = origin.positions.get(formatPath(path.slice(0, length)));
    if (line !== undefined) return line;
  }
  return null;
}
