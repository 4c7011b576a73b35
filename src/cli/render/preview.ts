/** A preview of a file, for people. */
import type { PreviewReport } from "../../report/preview_report.ts";
import { formatCount, formatRows } from "../../report/numbers.ts";
import type { Style } from "./style.ts";
import { displayWidth, padEnd, printable, truncate, wrap } from "./terminal_text.ts";
import { renderTable } from "./text_table.ts";

/** Columns of a value in the table of rows. */
const WIDEST_VALUE = 24;

/** `width`: null if a program reads it; then nothing is cut. */
export function renderPreview(
  report: PreviewReport,
  { width, style }: { readonly width: number | null; readonly style: Style },
): string[] {
  const { importer, table, file, files, ok, problems, warnings } = report;
  const mark = ok ? style.green("ok") : style.red("bad");
  const fold = (text: string) => width === null ? [printable(text)] : wrap(printable(text), width);
  return [
    `${mark}  ${printable(file)} → ${printable(importer)} → ${printable(table)}`,
    ...problems.flatMap((problem) => fold(problem).map(style.red)),
    "",
    ...filesLines(files, ok),
    ...readingLines(report).map(([what, how]) => `${padEnd(what, 10)} ${printable(how)}`),
    ...mappingLines(report),
    ...rowLines(report, width, style),
    ...[...mistakeTexts(report), ...duplicateTexts(report), ...warnings]
      .flatMap((text) => ["", ...fold(`warning: ${text}`).map(style.yellow)]),
  ];
}

/** How many files that are different fit on a screen. */
const SHOWN_FILES = 20;

function filesLines(files: PreviewReport["files"], ok: boolean): string[] {
  if (files === null) return [];
  const { count, looked_at, different } = files;
  const others = different.length - SHOWN_FILES;
  const lines = different.slice(0, others > 1 ? SHOWN_FILES : different.length)
    .map(({ name, missing, additional, differences }) => {
      const how = [
        ...missing.length === 0 ? [] : [`without ${missing.join(", ")}`],
        ...additional.length === 0 ? [] : [`also has ${additional.join(", ")}`],
        ...differences,
      ];
      return `  ${printable(`${name}: ${how.join(" · ")}`)}`;
    });
  const isAlike = ok && different.length === 0 && looked_at === count;
  const alike = isAlike ? "all like the first, which is shown" : "the first is shown";
  const left = looked_at === count
    ? []
    : [`  (${formatCount(count - looked_at)} of them were not looked at)`];
  return [
    `${padEnd("files", 10)} ${formatCount(count)}: ${alike}`,
    ...lines,
    ...others > 1 ? [`  and ${formatCount(others)} more that are not like it`] : [],
    ...left,
    "",
  ];
}

function mistakeTexts({ mistakes, looked_at: looked }: PreviewReport): string[] {
  const all = formatCount(looked ?? 0);
  const rows = looked === 1 ? "the first row" : `the first ${all} rows`;
  return mistakes.map(({ rows: count, message, value, hint }) => {
    const such = hint === undefined ? "" : ` Such as ${printable(value ?? "")}: ${printable(hint)}`;
    return `${
      count === looked ? "All" : formatCount(count)
    } of ${rows} would fail: ${message}${such}`;
  });
}

/** What the table and the ledger have already. */
function duplicateTexts({ duplicates, loaded_before: loaded, table }: PreviewReport): string[] {
  const texts: string[] = [];
  if (loaded !== null) {
    const part = loaded.whole ? "" : " a part of";
    texts.push(
      `Run ${loaded.run_id} has loaded${part} the same bytes into ${table} ` +
        `(${loaded.importer}, ${loaded.at.slice(0, 10)}).`,
    );
  }
  if (duplicates === null) return texts;
  const { key, on_duplicate: then, in_table: there, in_file: twice } = duplicates;
  const by = key.join(" and ");
  if (there > 0) {
    texts.push(
      `${formatRows(there)} of these ${there === 1 ? "has" : "have"} the ${by} of a row ` +
        `that ${table} has already: on_duplicate: ${then}.`,
    );
  }
  if (twice > 0) {
    texts.push(
      `${formatRows(twice)} of these ${twice === 1 ? "repeats" : "repeat"} the ${by} of ` +
        `an earlier row of the file: on_duplicate: ${then}.`,
    );
  }
  return texts;
}

const FORMAT_NAMES: Readonly<Record<PreviewReport["read_as"]["format"], string>> = {
  csv: "CSV",
  xlsx: "XLSX",
  json: "JSON",
  ndjson: "NDJSON",
  copy: "COPY's text format",
  fixed: "columns of fixed width",
};

function readingLines(
  { read_as, header, header_line, time_zone, only_beginning }: PreviewReport,
): (readonly [string, string])[] {
  const { encoding, format, delimiter, quote, line_end, first_line, sheet, unpacked } = read_as;
  const place = sheet === undefined ? "line" : "row";
  const headerLine = [
    "header",
    header_line === null ? "none: the definition names the columns" : `${place} ${header_line}`,
  ] as const;
  const dialect: readonly (readonly [string, string])[] = sheet !== undefined
    ? [["sheet", sheet], headerLine]
    : format === "fixed" || format === "copy" || delimiter === null
    ? [["encoding", encoding], ["format", FORMAT_NAMES[format]]]
    : [
      ["encoding", encoding],
      ["delimiter", delimiter === "\t" ? "tab" : delimiter],
      ["quote", quote ?? "none"],
      ["line end", line_end === "lf" ? "LF or CRLF" : "CR"],
      headerLine,
    ];
  return [
    ...unpacked === null ? [] : [["file", unpacked] as const],
    ...dialect,
    ["columns", header.join(", ")],
    ["rows", `from ${place} ${first_line}`],
    ...only_beginning ? [["looked at", "the first megabyte of the file"] as const] : [],
    ...time_zone === null ? [] : [["time zone", `${time_zone}, for local times`] as const],
  ];
}

function mappingLines({ mapping, not_used, not_filled }: PreviewReport): string[] {
  if (mapping === null) return [];
  const widest = Math.max(...mapping.map(({ column }) => displayWidth(printable(column))));
  const filled = mapping.map(({ column, type, from }) => {
    const source = from.length === 0 ? "(a constant or default)" : from.join(" + ");
    return `  ${padEnd(printable(column), widest)} ← ${printable(source)}  (${type})`;
  });
  const listed = (what: string, names: readonly string[] | null) =>
    names === null || names.length === 0 ? [] : [printable(`${what}: ${names.join(", ")}`)];
  return [
    "",
    ...filled,
    ...listed("not used columns of the file", not_used),
    ...listed("not filled columns of the table", not_filled),
  ];
}

function rowLines(
  { mapping, rows, looked_at, failing, read_as }: PreviewReport,
  width: number | null,
  style: Style,
): string[] {
  if (mapping === null) return [];
  if (rows.length === 0) return ["", "The file has no rows."];
  const names = mapping.map(({ column }) => column);
  const cells = rows.map(({ line, values, errors }) => [
    String(line),
    // Of several tables, a row has values for the columns of one.
    ...names.map((name) => values === null ? "?" : shown(values[name])),
    errors.flatMap(({ message, hint }) => [message, ...hint === undefined ? [] : [printable(hint)]])
      .join(" "),
  ]);
  const place = read_as.sheet === undefined ? "line" : "row";
  const titles = [place, ...names, "errors"].map((title) => ({ title }));
  return [
    "",
    ...renderTable(titles, cells, width, style),
    "",
    `${formatCount(failing ?? 0)} of the first ${formatCount(looked_at ?? 0)} rows would fail ` +
    "before Postgres sees them. " +
    "To let Postgres judge all rows: ingest run … --dry-run",
  ];
}

function shown(value: string | null | undefined): string {
  if (value === undefined) return "";
  return value === null ? "NULL" : truncate(printable(value), WIDEST_VALUE);
}
