/** What a request or the options of a command say about a file, instead of its definition. */
import type { SourceRule } from "./source_rule.ts";
import { dialectConflict } from "./check/dialect_conflict.ts";
import { readComment, readDelimiter, readEncoding, readEscape, readQuote } from "./read_options.ts";

/** As written. */
export interface SourceOverrides {
  readonly delimiter?: string;
  readonly quote?: string;
  readonly escape?: string;
  readonly comment?: string;
  readonly encoding?: string;
  readonly sheet?: string;
  readonly member?: string;
  readonly records?: string;
  readonly skip_lines?: number;
  /** Bytes. */
  readonly max_unpacked?: number;
}

/** Its keys, as `source` of a definition has them. */
export const OVERRIDABLE = [
  "delimiter",
  "quote",
  "escape",
  "comment",
  "encoding",
  "sheet",
  "member",
  "records",
  "skip_lines",
  "max_unpacked",
] as const satisfies readonly (keyof SourceOverrides)[];

type Written = Exclude<keyof SourceOverrides, "skip_lines" | "sheet" | "max_unpacked">;

/** A value that can't be used. */
export class WrongOverride extends Error {
  override readonly name = "WrongOverride";

  /** `isWritten`: it was given; else it is the definition's, and doesn't fit to the delimiter given. */
  constructor(
    readonly key: Written,
    readonly expected: string,
    readonly got: string,
    readonly isWritten = true,
  ) {
    super(`${key}: expected ${expected}, got ${got}`);
  }
}

const ONE = "one character that is no letter, digit or blank";
const READERS: Readonly<
  Record<Written, { readonly read: (text: string) => string | null; readonly expected: string }>
> = {
  delimiter: { read: readDelimiter, expected: "one character, tab or auto" },
  quote: { read: readQuote, expected: "none, one character or auto" },
  escape: { read: readEscape, expected: ONE },
  comment: { read: readComment, expected: "the text with which comments begin, such as #" },
  encoding: {
    read: readEncoding,
    expected: "an encoding such as utf-8 or windows-1252, or auto",
  },
  member: {
    read: (text) => text === "" ? null : text,
    expected: "the name of a file in a zip archive, or a pattern such as *.csv",
  },
  records: {
    read: (text) => text === "" ? null : text,
    expected: "the place of an array in a JSON file, such as data.items, or a table of a dump",
  },
};

/** Throws WrongOverride. */
export function overrideSource(rule: SourceRule, given: SourceOverrides): SourceRule {
  const read = (key: Written) => {
    const text = given[key];
    if (text === undefined) return undefined;
    const value = READERS[key].read(text);
    if (value === null) throw new WrongOverride(key, READERS[key].expected, `"${text}"`);
    return value;
  };
  const [delimiter, quote, escape] = [read("delimiter"), read("quote"), read("escape")];
  const [comment, encoding] = [read("comment"), read("encoding")];
  const [member, records] = [read("member"), read("records")];
  const source = {
    ...rule,
    delimiter: delimiter ?? rule.delimiter,
    quote: quote ?? rule.quote,
    ...escape !== undefined && { escape, null_values: nullWords(rule, escape) },
    ...comment !== undefined && { comment },
    encoding: encoding ?? rule.encoding,
    ...given.sheet !== undefined && { sheet: given.sheet },
    skip_lines: given.skip_lines ?? rule.skip_lines,
    ...member !== undefined && { member },
    ...records !== undefined && { records },
    ...given.max_unpacked !== undefined && { max_unpacked: given.max_unpacked },
  };
  const conflict = dialectConflict(source);
  if (conflict === null) return source;
  const { key, expected } = conflict;
  throw new WrongOverride(key, expected, JSON.stringify(source[key]), given[key] !== undefined);
}

/** As in a definition, where a backslash also brings the word that MySQL writes for NULL. */
function nullWords({ null_values: words }: SourceRule, escape: string): readonly string[] {
  const isDefault = words.length === 1 && words[0] === "";
  return escape === "\\" && isDefault ? [...words, "\\N"] : words;
}
