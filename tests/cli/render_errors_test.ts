import assert from "node:assert/strict";
import { type ErrorsView, renderErrors } from "../../src/cli/render/errors.ts";
import { COLOURED, PLAIN } from "../../src/cli/render/style.ts";
import { displayWidth } from "../../src/cli/render/terminal_text.ts";
import type { SummedGroup } from "../../src/report/error_summary.ts";
import type { RunReport } from "../../src/report/report_schema.ts";
import { FINISHED } from "./finished_run.ts";

function group(message: string, count: number, changes: Partial<SummedGroup> = {}): SummedGroup {
  const sample_rows = Array.from({ length: Math.min(10, count) }, (_, i) => 7 + 12 * i);
  const id = message.length.toString(16).padEnd(16, "0");
  return { id, kind: "row", message, code: "check", column: null, count, sample_rows, ...changes };
}

const DUPLICATE = group("Duplicate entry found for key 'email'.", 10, { code: "duplicate" });
const INVALID = group("The given data was invalid.", 5);
const REQUIRED = group("The email field is required.", 5, { kind: "validation", column: "email" });

function view(changes: Partial<RunReport> = {}, groups: Partial<ErrorsView["errors"]> = {}) {
  return {
    report: { ...FINISHED, ...changes },
    errors: {
      totalFailedRows: 15,
      rows: [DUPLICATE, INVALID],
      validation: [REQUIRED],
      ...groups,
    },
    samples: new Map([[DUPLICATE, { value: "ana@x.org", check: null, lines: [] }]]),
    logsRows: true,
  };
}

const HEADING = "Ingest run #12  customers ← customers.csv                15 of 1,000 rows failed";

Deno.test("on 110 columns each group is a line: count, bar, message, rows, sample", () => {
  assert.deepEqual(renderErrors(view(), { width: 110, style: PLAIN }), [
    HEADING,
    "",
    "  10  ████████████████  Duplicate entry found for key 'email'.   " +
    '260000   rows 7, 19, 31 …   e.g. "ana@x.org"',
    "   5  ████████          The given data was invalid.              1b0000   rows 7, 19, 31 …",
    "",
    "Validation messages",
    "  5  ████████████████  email: The email field is required.   1c0000   rows 7, 19, 31 …",
    "",
    "Next:",
    "  ingest errors 12 --export failed.csv   to repair them",
    "  ingest retry 12 --file failed.csv      load the repaired rows",
    "  ingest retry 12                        try them again unchanged",
  ]);
});

Deno.test("on 80 columns the details stand under the message", () => {
  assert.deepEqual(renderErrors(view(), { width: 80, style: PLAIN }).slice(2, 6), [
    "  10  ████████████████  Duplicate entry found for key 'email'.",
    '                        260000   rows 7, 19, 31 …   e.g. "ana@x.org"',
    "   5  ████████          The given data was invalid.",
    "                        1b0000   rows 7, 19, 31 …",
  ]);
});

Deno.test("on 40 columns the bar has a line of its own", () => {
  assert.deepEqual(renderErrors(view(), { width: 40, style: PLAIN }), [
    "Ingest run #12  customers ← customers.c…",
    "15 of 1,000 rows failed",
    "",
    "  10  Duplicate entry found for key",
    "      'email'.",
    "      ████████████████",
    "      260000",
    "      rows 7, 19, 31 …",
    '      e.g. "ana@x.org"',
    "   5  The given data was invalid.",
    "      ████████",
    "      1b0000   rows 7, 19, 31 …",
    "",
    "Validation messages",
    "  5  email: The email field is required.",
    "     ████████████████",
    "     1c0000   rows 7, 19, 31 …",
    "",
    "Next:",
    "ingest errors 12 --export failed.csv",
    "  to repair them",
    "ingest retry 12 --file failed.csv",
    "  load the repaired rows",
    "ingest retry 12",
    "  try them again unchanged",
  ]);
});

Deno.test("without a terminal there is one line for each group, every group, and no bars", () => {
  const rows = Array.from({ length: 30 }, (_, i) => group(`Message ${i}.`, 30 - i));
  const lines = renderErrors(view({}, { rows }), { width: null, style: PLAIN });
  assert.doesNotMatch(lines.join(""), /█/);
  assert.match(lines[2], /^ {2}30 {2}Message 0\. {4}a00000 {3}rows 7, 19, 31 …$/);
  assert.equal(lines.filter((line) => line.includes("Message")).length, 30);
});

Deno.test("a terminal shows the twenty most frequent groups, and counts the others", () => {
  const rows = Array.from({ length: 23 }, (_, i) => group(`Message ${i}.`, 1_000 - i));
  const lines = renderErrors(view({}, { rows }), { width: 100, style: PLAIN });
  assert.equal(lines.filter((line) => line.includes("Message")).length, 20);
  assert.ok(
    lines.includes("  … and 3 more messages, 2,937 times in all: --json lists them"),
    lines.join("\n"),
  );
});

Deno.test("one row in a million can still be seen", () => {
  const rows = [group("Often.", 999_999), group("Once.", 1)];
  const lines = renderErrors(view({}, { rows }), { width: 100, style: PLAIN });
  assert.equal(lines[3], "        1  ▏                 Once.    500000   row 7");
});

Deno.test("no line is wider than the terminal, whatever is in it", () => {
  const wide = group("顧客データ一覧表は無効です。".repeat(9), 1_234_567, { column: "顧客" });
  const views = [
    view(),
    view({ original_filename: "顧客データ一覧表・二〇二六年版.csv", dry_run: true }),
    view({ retried_from_run_id: 3, is_terminal: false }, { rows: [wide], validation: [wide] }),
    {
      ...view({}, { rows: [wide] }),
      samples: new Map([[wide, { value: "値".repeat(99), check: null, lines: [] }]]),
    },
    { ...view(), logsRows: false },
    view({}, { rows: Array.from({ length: 99 }, (_, i) => group(`${i} ${"x".repeat(200)}`, 99)) }),
    view({ status: "failed", error: { code: "source", message: "a long story ".repeat(9) } }),
  ];
  for (const width of [20, 33, 40, 41, 63, 64, 79, 80, 100, 200]) {
    for (const one of views) {
      for (const line of renderErrors(one, { width, style: PLAIN })) {
        assert.ok(displayWidth(line) <= width, `${width}: ${displayWidth(line)} ${line}`);
      }
    }
  }
});

Deno.test("a terminal's control sequences in messages, values and names are not obeyed", () => {
  const evil = "a\x1b[2J\x1b]0;x\x07b\x9b1m\u202e\n";
  const row = group(evil, 3, { column: evil, kind: "validation" });
  const one = {
    ...view({ original_filename: evil, status: "failed", error: { code: "x", message: evil } }, {
      rows: [row],
      validation: [row],
    }),
    samples: new Map([[row, { value: evil, check: evil, lines: [] }]]),
  };
  for (const width of [null, 40, 80, 200]) {
    const text = renderErrors(one, { width, style: PLAIN }).join("");
    // deno-lint-ignore no-control-regex
    assert.doesNotMatch(text, /[\x00-\x1f\x7f-\x9f\u202e]/);
  }
});

Deno.test("colours are only added: without them the lines are the same", () => {
  for (const width of [40, 80, 110]) {
    const coloured = renderErrors(view(), { width, style: COLOURED });
    assert.deepEqual(
      // deno-lint-ignore no-control-regex
      coloured.map((line) => line.replace(/\x1b\[\d+m/g, "")),
      renderErrors(view(), { width, style: PLAIN }),
    );
    assert.notDeepEqual(coloured, renderErrors(view(), { width, style: PLAIN }));
  }
});

/** What is said besides the groups. */
const SAYINGS: readonly (readonly [string, ErrorsView, readonly string[], readonly string[]])[] = [
  [
    "a dry run",
    view({ dry_run: true }),
    ["15 of 1,000 rows would fail", "A dry run: nothing was loaded."],
    [],
  ],
  [
    "a run at work",
    view({ status: "processing", is_terminal: false }),
    ["It has not ended: there may be more errors to come.", "ingest errors 12 --export failed.csv"],
    ["retry"],
  ],
  ["a retry", view({ retried_from_run_id: 3 }), ["A retry of run 3."], []],
  [
    "a run that retries have fixed in part",
    view({ progress: { ...FINISHED.progress, unresolved: 2 } }),
    ["Retries have fixed 13 of them, 2 are left.", "ingest retry 12"],
    [],
  ],
  [
    "a run that retries have fixed",
    view({ progress: { ...FINISHED.progress, unresolved: 0 } }),
    ["Retries have fixed all of them."],
    ["Next", "ingest retry"],
  ],
  [
    "a run that logs no rows",
    { ...view(), logsRows: false },
    ["The run logs no rows (options.log_rows: none): they can't be exported or retried."],
    ["Next", "ingest retry"],
  ],
  [
    "a run without failed rows",
    view({ progress: { ...FINISHED.progress, failed: 0, unresolved: 0 } }, {
      totalFailedRows: 0,
      rows: [],
      validation: [],
    }),
    ["no rows failed"],
    ["Next", "Validation", "ingest retry"],
  ],
  [
    "a run that failed itself",
    view({ status: "failed", error: { code: "source", message: "The file has gone." } }),
    ["The run itself failed: The file has gone."],
    [],
  ],
  [
    "rows that repeat others of their file",
    view({}, { rows: [{ ...DUPLICATE, code: "duplicate_in_file" }] }),
    ["repeats an earlier row"],
    [],
  ],
];

for (const [name, one, said, unsaid] of SAYINGS) {
  Deno.test(`what is said about ${name}`, () => {
    const text = renderErrors(one, { width: 100, style: PLAIN }).join("\n");
    for (const words of said) assert.ok(text.includes(words), `${words} is not in:\n${text}`);
    for (const words of unsaid) assert.ok(!text.includes(words), `${words} is in:\n${text}`);
  });
}
