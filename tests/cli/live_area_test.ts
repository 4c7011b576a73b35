import assert from "node:assert/strict";
import { LiveArea } from "../../src/cli/live_area.ts";
import { memoryStream } from "./memory_output.ts";

Deno.test("redrawing replaces the lines drawn before, in one write", () => {
  const stream = memoryStream({ columns: 80, rows: 24 });
  const area = new LiveArea(stream);
  area.draw(["one", "two"]);
  assert.equal(stream.text, "one\x1b[K\ntwo\x1b[K\n\x1b[J");
  stream.text = "";
  area.draw(["three"]);
  assert.equal(stream.text, "\r\x1b[2Athree\x1b[K\n\x1b[J");
  stream.text = "";
  area.erase();
  assert.equal(stream.text, "\r\x1b[1A\x1b[J");
  stream.text = "";
  area.erase();
  assert.equal(stream.text, "");
});

Deno.test("a lasting line is written above what is drawn", () => {
  const stream = memoryStream({ columns: 80, rows: 24 });
  const area = new LiveArea(stream);
  area.draw(["bar"]);
  stream.text = "";
  area.print("note");
  assert.equal(stream.text, "\r\x1b[1A\x1b[Jnote\nbar\x1b[K\n\x1b[J");
});

Deno.test("a terminal with few rows gets only as many lines as it can hold", () => {
  const stream = memoryStream({ columns: 80, rows: 3 });
  new LiveArea(stream).draw(["1", "2", "3", "4"]);
  assert.equal(stream.text, "1\x1b[K\n2\x1b[K\n\x1b[J");
});

Deno.test("after the terminal has become narrower, wrapped lines are counted as such", () => {
  let columns = 80;
  const stream = { ...memoryStream(), size: () => ({ columns, rows: 24 }) };
  const area = new LiveArea(stream);
  area.draw(["\x1b[1mx\x1b[22m".repeat(60)]);
  columns = 40;
  stream.text = "";
  area.erase();
  assert.equal(stream.text, "\r\x1b[2A\x1b[J");
});
