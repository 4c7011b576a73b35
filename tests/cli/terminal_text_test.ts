import assert from "node:assert/strict";
import { bar, wanderingBar } from "../../src/cli/render/bar.ts";
import { formatDuration, formatRows } from "../../src/report/numbers.ts";
import { PLAIN } from "../../src/cli/render/style.ts";
import { renderTable } from "../../src/cli/render/text_table.ts";
import { displayWidth, truncate, wrap } from "../../src/cli/render/terminal_text.ts";

Deno.test("widths are those of a terminal: wide characters take two columns, marks none", () => {
  for (
    const [text, width] of [["abc", 3], ["顧客", 4], ["e\u0301", 1], ["\u0301", 0], ["🙂", 2], [
      "한글".normalize("NFD"),
      4,
    ], [
      "ñ…█",
      3,
    ]] as const
  ) assert.equal(displayWidth(text), width, text);
});

Deno.test("a text is cut at a column, never in the middle of a character", () => {
  assert.equal(truncate("customers.csv", 13), "customers.csv");
  assert.equal(truncate("customers.csv", 6), "custo…");
  assert.equal(truncate("顧客データ", 4), "顧…");
  assert.equal(truncate("abc", 1), "…");
  assert.equal(truncate("abc", 0), "");
});

Deno.test("lines break between words, and inside those that are too long", () => {
  assert.deepEqual(wrap("one two three", 7), ["one two", "three"]);
  assert.deepEqual(wrap("a abcdefgh b", 4), ["a", "abcd", "efgh", "b"]);
  assert.deepEqual(wrap("", 4), []);
});

Deno.test("a bar is full only when all is done", () => {
  assert.equal(bar(0, 4), "░░░░");
  assert.equal(bar(0.999, 4), "███░");
  assert.equal(bar(1, 4), "████");
});

Deno.test("a bar without an end keeps its width wherever it is", () => {
  for (let now = 0; now < 20_000; now += 125) {
    assert.match(wanderingBar(now, 20), /^░*████░*$/);
    assert.equal(wanderingBar(now, 20).length, 20);
    assert.equal(wanderingBar(now, 1).length, 1);
  }
});

Deno.test("durations are only as exact as people need", () => {
  for (
    const [seconds, text] of [
      [0, "0 s"],
      [3.44, "3.4 s"],
      [9.96, "10 s"],
      [59.4, "59 s"],
      [59.6, "1 min"],
      [200, "3 min 20 s"],
      [3600, "1 h"],
      [7500, "2 h 5 min"],
      [273_600, "3 d 4 h"],
    ] as const
  ) assert.equal(formatDuration(seconds), text);
});

Deno.test("one row, many rows", () => {
  assert.equal(formatRows(1), "1 row");
  assert.equal(formatRows(0), "0 rows");
  assert.equal(formatRows(999), "999 rows");
  assert.equal(formatRows(1000), "1,000 rows");
  assert.equal(formatRows(1234567), "1,234,567 rows");
});

Deno.test("a table aligns its columns and cuts the last where the terminal ends", () => {
  const columns = [{ title: "run", right: true }, { title: "status" }, { title: "file" }];
  const rows = [["1", "completed", "顧客.csv"], ["12", "failed", "a\nvery long name.csv"]];
  assert.deepEqual(renderTable(columns, rows, 28, PLAIN), [
    "run  status     file",
    "  1  completed  顧客.csv",
    " 12  failed     a very long…",
  ]);
  assert.equal(renderTable(columns, rows, null, PLAIN)[2], " 12  failed     a very long name.csv");
});
