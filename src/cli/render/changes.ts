/** What a dry run, or a run that is held, would change, in a line for each column. */
import type { Changes } from "../../report/change_schema.ts";
import { formatCount } from "../../report/numbers.ts";

/** So many columns, and samples of each, are shown. */
const COLUMNS = 12;
const SAMPLES = 3;
const LONGEST = 40;
const ABSENT = 10;

export function changeTexts({ columns, more, absent_rows: absent = [], ...counts }: Changes) {
  const { deleted, marked } = counts;
  const shown = columns.slice(0, COLUMNS);
  const rest = more || columns.length > shown.length
    ? ["Other columns change, too: --json shows more of them."]
    : [];
  const gone = deleted ?? marked ?? 0;
  const does = deleted === undefined ? "to be marked" : "to be deleted";
  const names = absent.slice(0, ABSENT).map((key) => cut(key.join(", ")));
  return [
    ...shown.map(({ column, rows, samples }) => {
      const examples = samples.slice(0, SAMPLES).map(({ row, old, new: now }) =>
        `${written(old)} → ${written(now)} (${cut(row.join(", "))})`
      );
      const others = rows > examples.length ? ", …" : "";
      const many = `${formatCount(rows)} ${rows === 1 ? "row" : "rows"}`;
      return `${column} changes in ${many}: ${examples.join(", ")}${others}`;
    }),
    ...rest,
    ...gone === 0 ? [] : [
      `not in the file, ${does}: ${names.join("; ")}${gone > names.length ? "; …" : ""}`,
    ],
  ];
}

function written(value: string | null): string {
  return value === null ? "NULL" : JSON.stringify(cut(value));
}

function cut(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
