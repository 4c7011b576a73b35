/** Expands and completes the `source` of a definition. */
import { parseByteSize } from "../byte_size.ts";
import { completeCondition } from "../condition/complete.ts";
import { readFixedFields } from "../fixed_fields.ts";
import type { Path } from "../problem.ts";
import { readAge, readDelimiter, readEncoding } from "../read_options.ts";
import type { ParsedDefinition, Text } from "../schema.ts";
import type { FolderRule, ScheduleRule, SourceRule } from "../source_rule.ts";
import type { Texts } from "../texts.ts";

/** The source of a definition without `source`. */
export const DEFAULT_SOURCE: SourceRule = {
  type: "upload",
  path: null,
  override: false,
  format: "auto",
  delimiter: "auto",
  quote: "auto",
  escape: null,
  encoding: "auto",
  header: true,
  sheet: null,
  skip_lines: 0,
  skip_after_header: 0,
  skip_footer: 0,
  skip_rows: [],
  skip_empty_rows: true,
  short_rows: "fail",
  comment: null,
  null_values: [""],
};

/** `zone`: the time zone of the definition. */
export function completeSource(
  source: NonNullable<ParsedDefinition["source"]>,
  zone: string | null,
  texts: Texts,
): SourceRule {
  const delimiter = readDelimiter(source.delimiter ?? DEFAULT_SOURCE.delimiter);
  const header = source.header === true ? true : texts.list(["source", "header"], source.header);
  const given = source.null_values;
  const nulls = (words: readonly (Text | null)[] | undefined, path: Path) =>
    words?.map((value, index) => texts.one([...path, index], value ?? "null"));
  const of = ["source", "null_values"];
  const nullValues = given === undefined
    // MySQL and Postgres write NULL like that.
    ? [...DEFAULT_SOURCE.null_values, ...source.escape === "\\" ? ["\\N"] : []]
    : Array.isArray(given)
    ? nulls(given, of)
    : nulls(given.any, [...of, "any"]);
  const unquoted = given === undefined || Array.isArray(given)
    ? undefined
    : nulls(given.unquoted, [...of, "unquoted"]);
  // Only then it can't be told from the default.
  const isEmptyNull = given !== undefined && nullValues?.length === 1 && nullValues[0] === "";
  const maxUnpacked = source.max_unpacked === undefined ? null : parseByteSize(source.max_unpacked);
  const maxDownload = source.max_download === undefined ? null : parseByteSize(source.max_download);
  return {
    type: source.type ?? DEFAULT_SOURCE.type,
    path: source.path ?? null,
    ...source.url !== undefined && { url: source.url },
    ...source.key !== undefined && { key: source.key },
    ...source.headers !== undefined && {
      headers: Object.fromEntries(
        Object.entries(source.headers)
          .map(([name, value]) => [name, texts.one(["source", "headers", name], value)]),
      ),
    },
    ...source.env !== undefined && { env: source.env },
    ...maxDownload !== null && { max_download: maxDownload },
    override: source.override ?? DEFAULT_SOURCE.override,
    ...completeSchedule(source, zone),
    ...source.type === "folder" && { folder: completeFolder(source) },
    format: source.format ?? DEFAULT_SOURCE.format,
    ...source.format === "fixed" && { fixed: readFixedFields(source) },
    ...source.records !== undefined && { records: source.records },
    delimiter: delimiter ?? DEFAULT_SOURCE.delimiter,
    quote: source.quote ?? DEFAULT_SOURCE.quote,
    escape: source.escape ?? DEFAULT_SOURCE.escape,
    encoding: readEncoding(String(source.encoding ?? DEFAULT_SOURCE.encoding)) ??
      DEFAULT_SOURCE.encoding,
    header: header ?? (saysNoHeader(source.format) ? [] : DEFAULT_SOURCE.header),
    sheet: source.sheet ?? DEFAULT_SOURCE.sheet,
    skip_lines: source.skip_lines ?? DEFAULT_SOURCE.skip_lines,
    skip_after_header: source.skip_after_header ?? DEFAULT_SOURCE.skip_after_header,
    skip_footer: source.skip_footer ?? DEFAULT_SOURCE.skip_footer,
    skip_rows: texts.list(["source", "skip_rows"], source.skip_rows) ?? DEFAULT_SOURCE.skip_rows,
    ...source.when !== undefined && {
      when: completeCondition(source.when, ["source", "when"], texts),
    },
    skip_empty_rows: source.skip_empty_rows ?? DEFAULT_SOURCE.skip_empty_rows,
    short_rows: source.short_rows ?? DEFAULT_SOURCE.short_rows,
    comment: source.comment ?? DEFAULT_SOURCE.comment,
    null_values: nullValues ?? [],
    ...isEmptyNull && { empty_is_null: true as const },
    ...(unquoted && { unquoted_nulls: unquoted }),
    ...(source.file_name !== undefined && { file_name: source.file_name }),
    ...(source.member !== undefined && { member: source.member }),
    ...(maxUnpacked !== null && { max_unpacked: maxUnpacked }),
  };
}

const SETTLE = 10_000;

function completeFolder(source: NonNullable<ParsedDefinition["source"]>): FolderRule {
  const { done = "", failed = "", ready = null, settle } = source;
  return { done, failed, ready, settle: (settle === undefined ? null : readAge(settle)) ?? SETTLE };
}

/** In these formats, a header is the exception. */
function saysNoHeader(format: NonNullable<ParsedDefinition["source"]>["format"]): boolean {
  return format === "fixed" || format === "copy";
}

/** `zone`: of the definition. */
function completeSchedule(
  { every, cron, time_zone, if_running = "skip" }: NonNullable<ParsedDefinition["source"]>,
  zone: string | null,
): { readonly schedule?: ScheduleRule } {
  if (every === undefined && cron === undefined) return {};
  const schedule = {
    every: every === undefined ? null : readAge(every),
    cron: cron?.trim() ?? null,
    time_zone: time_zone ?? zone ?? "UTC",
    if_running,
  };
  return { schedule };
}
