/** What one run is told instead of its definition, key by key: `options.batch_rows=100`. */
import type { Path } from "../problem.ts";

/** From a key of the definition, with those above it, to its value in YAML. Both as written. */
export type SetValues = Readonly<Record<string, string>>;

/** A name as it is, or in quotes if it has a point, a blank or the like. */
const SEGMENT = /"((?:[^"\\]|\\.)*)"|([\p{L}\p{N}_$-]+)/u;
const PATH = new RegExp(`^(?:${SEGMENT.source})(?:\\.(?:${SEGMENT.source}))*$`, "u");
const GIVEN = new RegExp(`^((?:"(?:[^"\\\\]|\\\\.)*"|[^="])+)=(.*)$`, "su");

export const A_SETTING = "a key of the definition and its value, such as options.batch_rows=100 " +
  'or columns."Full name".required=true';

/** `options.batch_rows=100`; null if it isn't one. */
export function readSetting(text: string): readonly [key: string, value: string] | null {
  const [, key, value] = GIVEN.exec(text) ?? [];
  if (key === undefined || !PATH.test(key.trim())) return null;
  return [key.trim(), value];
}

/** Null if it is no key. */
export function readPath(key: string): readonly string[] | null {
  if (!PATH.test(key)) return null;
  return Array.from(
    key.matchAll(new RegExp(SEGMENT, "gu")),
    ([, quoted, plain]) => quoted === undefined ? plain : quoted.replaceAll(/\\(.)/gsu, "$1"),
  );
}

/** Where files are, and what is secret, belongs into the file. */
const READING: readonly string[] = [
  ...["format", "widths", "positions", "records", "member", "delimiter", "quote", "escape"],
  ...["encoding", "header", "sheet", "skip_lines", "skip_after_header", "skip_footer", "skip_rows"],
  "when",
  ...["skip_empty_rows", "comment", "short_rows", "null_values", "file_name", "max_unpacked"],
];

export const SETTABLE: readonly string[] = [
  ...["table", "key", "on_duplicate", "on_missing", "compare", "time_zone", "identity"],
  ...["on_absent", "scope"],
  ...["columns", "options", "source"],
];

/** Why a run can't be told this; null if it can. */
export function whyNotSettable(path: Path): string | null {
  const [first, second] = path.map(String);
  if (first === "source") {
    if (path.length > 1 && READING.includes(second)) return null;
    return "of `source`, only what says how a file is read can be set for one run, such as " +
      "source.delimiter";
  }
  if (SETTABLE.includes(first)) return null;
  return `can't be set for one run: only ${SETTABLE.join(", ")}, and what is below them`;
}
