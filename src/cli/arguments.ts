/** Parses single arguments and options. Text that they refuse is wrong usage. */
import { InvalidArgumentError } from "commander";
import { parseByteSize } from "../importer/byte_size.ts";
import type { KeepRule } from "../importer/definition.ts";
import { readAge, readKeepAge } from "../importer/read_options.ts";
import { didYouMean, nearest } from "../importer/nearest.ts";
import { A_SETTING, readSetting, type SetValues } from "../importer/set/setting.ts";
import { GROUP_ID } from "../ledger/groups/group_id_form.ts";
import { readRowRuns, type RowRun } from "../run/request/row_runs.ts";
import { GROUP_CODES } from "../row/outcome.ts";

/** The id of a run: a positive integer. */
export function parseRunId(text: string): number {
  const id = Number(text);
  if (/^[0-9]+$/u.test(text) && Number.isSafeInteger(id) && id > 0) return id;
  throw new InvalidArgumentError(`Expected the number of a run, such as 12.`);
}

/** A whole number in a range. */
export function parseCount(least: number, most: number): (text: string) => number {
  return (text) => {
    const count = Number(text);
    if (/^[0-9]+$/u.test(text) && count >= least && count <= most) return count;
    throw new InvalidArgumentError(
      most === Number.MAX_SAFE_INTEGER
        ? `Expected a whole number from ${least}.`
        : `Expected a whole number from ${least} to ${most}.`,
    );
  };
}

/**
 * `File Column=column`, which may be repeated: where a column of the table comes from. Nothing before
 * the last `=`: from nowhere.
 */
export function parseMapping(
  text: string,
  before: Readonly<Record<string, string | null>> = {},
): Readonly<Record<string, string | null>> {
  const at = text.lastIndexOf("=");
  const [from, target] = [text.slice(0, Math.max(0, at)), text.slice(at + 1).trim()];
  if (at < 0 || target === "") {
    throw new InvalidArgumentError(
      'Expected a column of the file and one of the table, such as "E-Mail=email".',
    );
  }
  if (Object.hasOwn(before, target)) {
    throw new InvalidArgumentError(`Expected one column of the file for ${target}, got two.`);
  }
  return { ...before, [target]: from === "" ? null : from };
}

/** `options.batch_rows=100`, once for each key. Gets those that came before. */
export function parseSet(text: string, before: SetValues = {}): SetValues {
  const read = readSetting(text);
  if (read === null) throw new InvalidArgumentError(`Expected ${A_SETTING}.`);
  const [key, value] = read;
  if (Object.hasOwn(before, key)) {
    throw new InvalidArgumentError(`${key} is set twice; set it once.`);
  }
  return { ...before, [key]: value };
}

const MILLISECONDS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
};

/** `500ms`, `30s`, `5m`, `2h`, or a number of seconds, in milliseconds. */
export function parseDuration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|min|h)?$/u.exec(text);
  // At most 2^31 - 1: a timer can't wait longer.
  const milliseconds = match === null ? NaN : Number(match[1]) * MILLISECONDS[match[2] ?? "s"];
  if (milliseconds <= 2 ** 31 - 1) return milliseconds;
  throw new InvalidArgumentError("Expected a duration such as 30s, 5m or 2h.");
}

/** `30d`, `12h`, `8w`, `1y`, in milliseconds. */
export function parseAge(text: string): number {
  const milliseconds = readAge(text);
  if (milliseconds !== null) return milliseconds;
  throw new InvalidArgumentError("Expected an age such as 30d, 12h, 8w or 1y.");
}

/** `failed_rows=90d,runs=1y`, or `off`, which is null. */
export function parseRetention(text: string): KeepRule | null {
  if (text === "off") return null;
  const keep: Record<string, number | null> = {};
  for (const part of text.split(",")) {
    const [what, age = "", ...more] = part.split("=");
    const kept = readKeepAge(age);
    const isKnown = what === "failed_rows" || what === "runs";
    if (!isKnown || more.length > 0 || kept === undefined || Object.hasOwn(keep, what)) {
      throw new InvalidArgumentError("Expected off, or ages such as failed_rows=90d,runs=1y.");
    }
    keep[what] = kept;
  }
  return keep;
}

/**
 * Comma-separated names; none may be empty. A name in double quotes may hold commas, and a doubled
 * quote in it stands for one, as in SQL.
 */
export function parseNames(text: string, before: readonly string[] = []): readonly string[] {
  const names = Array.from(
    text.matchAll(/(?:^|,)\s*(?:"((?:[^"]|"")+)"\s*(?=,|$)|([^,]*))/g),
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain.trim(),
  );
  if (names.includes("")) throw new InvalidArgumentError("Expected names, such as email,country.");
  return [...before, ...names];
}

/** Ids of error groups, or how they begin, separated by commas. */
export function parseGroups(text: string, before: readonly string[] = []): readonly string[] {
  const ids = text.split(",").map((id) => id.trim());
  if (ids.every((id) => GROUP_ID.test(id))) return [...before, ...ids];
  throw new InvalidArgumentError(
    "Expected the id of a group, or at least its first 4 digits, such as 3f9a12.",
  );
}

/** Codes of errors, separated by commas. */
export function parseCodes(text: string, before: readonly string[] = []): readonly string[] {
  const codes = text.split(",").map((code) => code.trim());
  const wrong = codes.find((code) => !GROUP_CODES.some((known) => known === code));
  if (wrong === undefined) return [...before, ...codes];
  const likely = nearest(wrong, GROUP_CODES);
  throw new InvalidArgumentError(
    likely === null
      ? `There is no such code. Codes: ${GROUP_CODES.join(", ")}.`
      : `There is no code ${wrong}${didYouMean(likely)}`,
  );
}

/** Of web pages; once for each. Gets those that came before. */
export function parseOrigins(text: string, before: readonly string[] = []): readonly string[] {
  if (text === "*") {
    throw new InvalidArgumentError(
      "Name the origins: with *, any page on the web could use this server.",
    );
  }
  const url = URL.parse(text);
  const isOrigin = url !== null && /^https?:$/u.test(url.protocol) &&
    url.href === `${url.origin}/`;
  if (isOrigin) return [...before, url.origin];
  throw new InvalidArgumentError(
    "Expected an origin, such as https://app.example.com, without a path.",
  );
}

/** Comma-separated whole numbers from 1. */
export function parseNumbers(text: string): readonly number[] {
  const numbers = text.split(",").map((part) => Number(/^ *([1-9]\d{0,5}) *$/u.exec(part)?.[1]));
  if (!numbers.some(Number.isNaN)) return numbers;
  throw new InvalidArgumentError("Expected numbers of suggestions, such as 1,3.");
}

/** `4,17-20`: row numbers, and ranges of them. */
export function parseRowRuns(text: string, before: readonly RowRun[] = []): readonly RowRun[] {
  const runs = readRowRuns(text);
  if (typeof runs === "string") throw new InvalidArgumentError(runs);
  return [...before, ...runs];
}

export interface WordParser<Word extends string> {
  (text: string): Word;
  readonly words: readonly Word[];
}

/** One of the given words. Completions offer them. */
export function parseWord<Word extends string>(words: readonly Word[]): WordParser<Word> {
  const parse = (text: string) => {
    const word = words.find((candidate) => candidate === text);
    if (word !== undefined) return word;
    throw new InvalidArgumentError(`Expected ${words.slice(0, -1).join(", ")} or ${words.at(-1)}.`);
  };
  return Object.assign(parse, { words });
}

/** `500MB`, `2GiB` or a plain number, in bytes. */
export function parseSize(text: string): number {
  const bytes = parseByteSize(text);
  if (bytes !== null) return bytes;
  throw new InvalidArgumentError("Expected a size such as 500MB or 2GiB.");
}

/** Patterns of importers, one for each time that the option is given. */
export function parsePattern(text: string, before: readonly string[] = []): readonly string[] {
  if (!/^[a-z0-9_*-]+$/u.test(text)) {
    throw new InvalidArgumentError(
      "Expected an importer such as customers, or a pattern in quotes such as 'customers*'.",
    );
  }
  return before.includes(text) ? before : [...before, text];
}

/** Paths and patterns, each in an option of its own: a name may have any character. */
export function parseFiles(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}
