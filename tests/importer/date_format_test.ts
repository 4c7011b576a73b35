/** Which formats of dates and times are refused, and what is suggested instead. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import {
  areConfusable,
  type DateKind,
  FORMAT_PARTS,
  formatMistake,
} from "../../src/importer/date_format.ts";
import { parseDefinition } from "../../src/importer/parse.ts";
import { checkAgainstTable } from "../../src/importer/against_table/against_table.ts";
import { compileDateFormat } from "../../src/row/types/date_format.ts";
import { column, table } from "../row/rows.ts";
import { problemsOf } from "./problems_of.ts";

/** What `check` says of a format, and what it suggests. */
const REFUSED: readonly (readonly [DateKind, string, RegExp, string | null])[] = [
  ["date", "dd/mm/yyyy", /has minutes \(mm\) without hours/, "dd/MM/yyyy"],
  ["date", "mm/dd/yyyy", /has minutes \(mm\) without hours/, "MM/dd/yyyy"],
  ["date", "yyyymmdd", /has minutes \(mm\) without hours/, "yyyyMMdd"],
  ["date", "YYYY-MM-DD", /found "YYYY" in "YYYY-MM-DD"/, "yyyy-MM-dd"],
  ["date", "DD.MM.YY", /found "DD"/, "dd.MM.yy"],
  ["date", "%d/%m/%Y", /found "m"|found "Y"/, "dd/MM/yyyy"],
  ["date", "MM/yyyy", /has no day, which a date needs/, null],
  ["date", "dd.MM.", /has no year, which a date needs/, null],
  ["date", "HH:mm", /has no year, which a date needs/, null],
  ["date", "DD-MON-YYYY", /found "DD"/, "dd-MMM-yyyy"],
  ["date", "MMM D, YYYY", /found "D"/, "MMM d, yyyy"],
  ["date", "%d %b %Y", /found/, "dd MMM yyyy"],
  ["time", "unix", /"unix" is a moment, which a time can't be/, null],
  ["timestamp", "yyyy-MM-dd HH:mm:ss.ffffff", /found/, "yyyy-MM-dd HH:mm:ss.SSSSSS"],
  ["timestamp", "yyyy-MM-dd HH:mm:ss.ff", /found/, "yyyy-MM-dd HH:mm:ss.SS"],
  ["timestamp", "YYYY-MM-DD HH24:MI:SS.FF6", /found/, "yyyy-MM-dd HH:mm:ss.SSSSSS"],
  ["timestamp", "%Y-%m-%dT%H:%M:%S.%f%z", /found/, "yyyy-MM-ddTHH:mm:ss.SSSSSSZ"],
  ["timestamp", "yyyy-MM-dd HH:mm:ss Z z", /has the offset twice/, null],
  ["date", "dd.dd.yyyy", /has dd twice/, null],
  ["date", "dd.MM.yyyy yy", /has the year twice: yyyy and yy/, null],
  ["date", "dMyyyy", /has d and M side by side/, null],
  ["date", "dd.MM.yyyy'", /has a quote that is not closed/, null],
  ["date", "", /has no year/, null],
  ["time", "HH:MM", /has a month, which a time can't have/, "HH:mm"],
  ["time", "HH:MM:SS", /has fractions of a second \(SS\) without seconds/, "HH:mm:ss"],
  ["time", "dd.MM.yyyy HH:mm", /has a year, which a time can't have/, null],
  ["time", "mm:ss", /has minutes \(mm\) without hours/, null],
  ["time", "HH:ss", /has seconds \(ss\) without minutes/, null],
  ["time", "HH24:MI:SS", /found "I"/, "HH:mm:ss"],
  ["timestamp", "dd.MM.yyyy HH:MM", /has MM twice/, "dd.MM.yyyy HH:mm"],
  ["timestamp", "DD/MM/YYYY HH24:MI:SS", /found "DD"/, "dd/MM/yyyy HH:mm:ss"],
  ["timestamp", "%Y-%m-%d %H:%M:%S", /found/, "yyyy-MM-dd HH:mm:ss"],
  ["timestamp", "mm/dd/yyyy hh:mm AM", /found "A"|twice/, "MM/dd/yyyy hh:mm a"],
  ["timestamp", "dd.MM.yyyy", /has no hours, which a timestamp needs.*`type: date`/, null],
  ["timestamp", "HH:mm", /has no year, which a timestamp needs/, null],
  ["timestamp", "yyyy-MM-dd'T'mm:ss", /has minutes \(mm\) without hours/, null],
];

Deno.test("a format that can't be right is refused, and the right one is suggested", () => {
  for (const [kind, format, expected, suggestion] of REFUSED) {
    const mistake = formatMistake(format, [kind]);
    ok(mistake, `${kind}: ${format}`);
    match(mistake.sentence ?? `found ${mistake.found}`, expected, `${kind}: ${format}`);
    equal(mistake.suggestion, suggestion, `${kind}: ${format}`);
  }
});

Deno.test("a format that holds what its type needs is taken", () => {
  const taken: readonly (readonly [DateKind, string])[] = [
    ["date", "yyyyMMdd"],
    ["date", "d. M. yy 'Uhr'"],
    ["date", "dMMyyyy"],
    ["date", "yyyy-MM-ddTHH:mm:ssZ"],
    ["time", "h:mm a"],
    ["time", "HH'h'mm"],
    ["timestamp", "yyyy-MM-dd'T'HH:mm"],
    ["timestamp", "dd.MM.yyyy HH:mm:ss.SSSZ"],
    ["timestamp", "dd/MM/yyyy hh a"],
    ["date", "dMMMyyyy"],
    ["date", "excel"],
    ["date", "unix"],
    ["time", "excel"],
    ["time", "HH:mm:ss.SSSSSS"],
    ["timestamp", "unix_ms"],
    ["timestamp", "excel"],
    ["timestamp", "EEE MMM d HH:mm:ss z yyyy"],
  ];
  for (const [kind, format] of taken) {
    deepEqual(formatMistake(format, [kind]), null, `${kind}: ${format}`);
    compileDateFormat(format);
  }
  equal(formatMistake("dd.MM.yyyy", ["timestamp"], ["dd.MM.yyyy HH:mm"]), null);
});

Deno.test("every part can be read", () => {
  for (const part of FORMAT_PARTS.keys()) compileDateFormat(part);
});

const TYPES = table([
  column("day", "date"),
  column("at", "time"),
  column("changed", "timestamptz"),
  column("note"),
]);

function againstTable(columns: string) {
  const file = "importers/c.yaml";
  const result = parseDefinition(`table: t\ncolumns: ${columns}`, file);
  ok("definition" in result, JSON.stringify(result));
  const { problems, warnings } = checkAgainstTable(result.definition, TYPES);
  const words = (list: typeof problems) => list.map(({ message }) => message);
  return { problems: words(problems), warnings: words(warnings) };
}

Deno.test("without a type, the table's column says what a format must have", () => {
  const { problems, warnings } = againstTable(
    "{day: {format: 'HH:mm'}, at: {format: 'dd.MM.yyyy'}, changed: {format: 'dd.MM.yyyy'}}",
  );
  deepEqual(problems, [
    'importer c: columns.day.format: "HH:mm" has no year, which a date needs',
    'importer c: columns.at.format: "dd.MM.yyyy" has a year, which a time can\'t have',
    'importer c: columns.changed.format: "dd.MM.yyyy" has no hours, which a timestamp needs; ' +
    "if the file has dates only, set `type: date`, and they become midnight",
  ]);
  deepEqual(warnings, []);
  deepEqual(againstTable("{changed: {type: date, format: 'dd.MM.yyyy'}}").problems, []);
});

Deno.test("a format that drops a time of day, or changes nothing, is warned about", () => {
  const { problems, warnings } = againstTable(
    "{day: {format: 'dd.MM.yyyy HH:mm'}, note: {format: 'dd.MM.yyyy'}}",
  );
  deepEqual(problems, []);
  deepEqual(warnings, [
    'importer c: columns.day.format: the time of day in "dd.MM.yyyy HH:mm" is dropped, ' +
    "because day is a date",
    "importer c: columns.note.format: changes nothing: note is text. Say what the file has, " +
    "such as `type: date`",
  ]);
});

Deno.test("a format that no type takes is refused before the table is known", () => {
  deepEqual(problemsOf("table: t\ncolumns:\n  day: {format: dd/mm/yyyy}"), [
    '3: columns.day.format: "dd/mm/yyyy" has minutes (mm) without hours; ' +
    'did you mean "dd/MM/yyyy"?',
  ]);
});

Deno.test("formats are confusable if one text has both forms and means two days", () => {
  for (
    const [one, other] of [
      ["dd/MM/yyyy", "MM/dd/yyyy"],
      ["d/M/yyyy", "MM/dd/yyyy"],
      ["dd.MM.yy", "yy.MM.dd"],
      ["dd/MM/yyyy HH:mm", "MM/dd/yyyy HH:mm"],
    ]
  ) ok(areConfusable(one, other), `${one} ${other}`);
  for (
    const [one, other] of [
      ["dd/MM/yyyy", "d/M/yyyy"],
      ["dd/MM/yyyy", "dd.MM.yyyy"],
      ["dd/MM/yyyy", "yyyy/MM/dd"],
      ["dd MMM yyyy", "MMM dd yyyy"],
      ["dd/MM/yyyy", "excel"],
    ]
  ) ok(!areConfusable(one, other), `${one} ${other}`);
});
