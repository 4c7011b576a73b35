/** Checks whether the parts of a definition's `source` fit together. */
import { parseByteSize } from "../byte_size.ts";
import { checkRemote, isRemoteType } from "./check_remote.ts";
import { checkPattern } from "./check_pattern.ts";
import { checkSchedule } from "./check_schedule.ts";
import { checkFolder } from "./check_folder.ts";
import { checkFixed } from "../fixed_fields.ts";
import { USUAL_ENCODINGS } from "../encoding_names.ts";
import type { Problems } from "../problem.ts";
import { dialectConflict } from "./dialect_conflict.ts";
import {
  readComment,
  readDelimiter,
  readEncoding,
  readEscape,
  readQuote,
} from "../read_options.ts";
import type { ParsedDefinition } from "../schema.ts";

type Source = NonNullable<ParsedDefinition["source"]>;

const of = (key: string) => ["source", key];

export function checkSource(source: Source, problems: Problems): void {
  checkPlace(source, problems);
  checkRemote(source, problems);
  checkUnpacking(source, problems);
  checkDialect(source, problems);
  checkSkipRows(source.skip_rows, problems);
  checkRecords(source, problems);
  checkFixed(source, problems);
  checkOfDelimited(source, problems);
}

/** What only delimited text has. */
const OF_DELIMITED = [
  "delimiter",
  "quote",
  "escape",
  "header",
  "skip_lines",
  "skip_after_header",
  "skip_footer",
  "skip_rows",
  "when",
  "skip_empty_rows",
  "short_rows",
  "comment",
] as const;

function checkRecords(source: Source, problems: Problems): void {
  const { format = "auto", records } = source;
  if (records === undefined || ["auto", "json", "copy"].includes(format)) return;
  problems.add(of("records"), {
    found: `format ${format}`,
    expected: "format: json or copy",
    sentence: "needs `format: json` or `format: copy`",
  });
}

/** Those that another format has as well, and how it is called. */
const OTHER_FORMATS: Readonly<
  Record<string, { readonly has: readonly string[]; readonly name: string } | undefined>
> = {
  json: { has: [], name: "JSON" },
  ndjson: { has: [], name: "JSON" },
  copy: { has: ["delimiter", "header"], name: "COPY's text format" },
  fixed: {
    has: [
      "header",
      "skip_lines",
      "skip_after_header",
      "skip_footer",
      "skip_rows",
      "skip_empty_rows",
      "short_rows",
      "comment",
    ],
    name: "a file of fixed width",
  },
};

function checkOfDelimited(source: Source, problems: Problems): void {
  const { format = "auto", records } = source;
  const other = OTHER_FORMATS[format] ?? (records === undefined ? undefined : OTHER_FORMATS.json);
  if (other === undefined) return;
  for (const key of OF_DELIMITED) {
    if (source[key] === undefined || other.has.includes(key)) continue;
    problems.add(of(key), {
      found: records === undefined ? `format ${format}` : "records",
      expected: "delimited text",
      sentence: `is for delimited text, and ${other.name} has none of it`,
    });
  }
}

/** Where the file is. */
function checkPlace(source: Source, problems: Problems): void {
  const { type, path } = source;
  if (type === "file" && path === undefined) {
    problems.missing(of("path"), "the file that `type: file` reads");
  }
  checkFolder(source, problems);
  checkSchedule(source, problems);
  for (const key of ["path", "override"] as const) {
    if (type === "file" || (type === "folder" && key === "path")) continue;
    if (source[key] === undefined) continue;
    if (key === "override" && isRemoteType(type)) continue;
    problems.add(of(key), {
      found: `type ${type ?? "upload"}`,
      expected: "type: file",
      sentence: "needs `type: file`",
    });
  }
  const variable = /\$\{[^}]*\}/u.exec(path ?? "")?.[0];
  if (variable !== undefined) {
    problems.add(of("path"), {
      found: variable,
      expected: "a path without variables",
      sentence: `${variable}: a variable here is not supported by this version of ingest`,
    });
  }
}

/** How it is unpacked. */
function checkUnpacking({ max_unpacked: size }: Source, problems: Problems): void {
  if (size === undefined || parseByteSize(size) !== null) return;
  problems.wrong(of("max_unpacked"), size, "a size such as 20GB");
}

/** What its bytes mean. */
function checkDialect(source: Source, problems: Problems): void {
  const { delimiter, quote, encoding, format } = source;
  const separator = readDelimiter(delimiter ?? "auto");
  if (separator === null) {
    problems.wrong(
      of("delimiter"),
      delimiter,
      "auto, tab, one character or several others than letters and digits, and no quote",
    );
  } else if (format === "tsv" && separator !== "auto" && separator !== "\t") {
    problems.wrong(of("delimiter"), delimiter, "tab, because `format` is tsv");
  }
  if (format === "copy" && separator !== null && separator !== "auto") {
    // As Postgres itself has it.
    if (!/^[\t!-~ ]$/u.test(separator) || /[\\.a-z0-9]/u.test(separator)) {
      problems.wrong(of("delimiter"), delimiter, "auto, tab or one other character of ASCII");
    }
  }
  if (readQuote(quote ?? "auto") === null) {
    problems.wrong(of("quote"), quote, "auto, none or one character that is no letter or digit");
  }
  if (source.escape !== undefined && readEscape(source.escape) === null) {
    problems.wrong(of("escape"), source.escape, "one character that is no letter, digit or blank");
  }
  if (source.comment !== undefined && readComment(source.comment) === null) {
    problems.wrong(
      of("comment"),
      source.comment,
      'the text with which comments begin, such as "#"',
    );
  }
  const conflict = dialectConflict({ ...source, delimiter: separator ?? "auto" });
  if (conflict !== null) {
    problems.wrong(of(conflict.key), source[conflict.key], conflict.expected);
  }
  if (readEncoding(String(encoding ?? "auto")) === null) {
    const expected = "auto or an encoding such as utf-8";
    problems.wrong(of("encoding"), encoding, expected, USUAL_ENCODINGS);
  }
}

function checkSkipRows(
  patterns: Source["skip_rows"],
  problems: Problems,
): void {
  for (const [index, pattern] of [patterns ?? []].flat().entries()) {
    const path = Array.isArray(patterns) ? ["source", "skip_rows", index] : ["source", "skip_rows"];
    checkPattern(path, String(pattern), problems);
  }
}
