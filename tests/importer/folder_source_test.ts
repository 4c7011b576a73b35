/** What a definition says of a watched folder. */
import assert from "node:assert/strict";
import { parseDefinition } from "../../src/importer/parse.ts";
import { accepted } from "./accepted.ts";

const FOLDER = "type: folder, path: in/*.csv, done: done/, failed: failed/";

function problemOf(source: string): string {
  const result = parseDefinition(`table: t\nsource: {${source}}\n`, "t.yaml");
  assert.ok("problems" in result, `${source} was accepted`);
  return result.problems.map(({ message }) => message).join("\n");
}

Deno.test("a folder has ten seconds for a file to settle, and needs no marker", () => {
  const { source } = accepted(`table: t\nsource: {${FOLDER}}\n`);
  assert.deepEqual(source.folder, {
    done: "done/",
    failed: "failed/",
    ready: null,
    settle: 10_000,
  });
});

Deno.test("a folder needs a path, done and failed, and its keys need a folder", () => {
  const missing = problemOf("type: folder");
  for (const key of ["path", "done", "failed"]) assert.match(missing, new RegExp(key, "u"));
  assert.match(problemOf("type: file, path: a.csv, done: done/"), /needs `type: folder`/u);
});

Deno.test("done can't be the watched folder itself, nor a pattern", () => {
  assert.match(problemOf(FOLDER.replace("done: done/", "done: in")), /another folder/u);
  assert.match(problemOf(FOLDER.replace("failed: failed/", 'failed: "f*"')), /without a pattern/u);
});

Deno.test("a marker has one star and something else, and makes settle senseless", () => {
  for (const ready of ["*", "ok", "a/*.ok", "*.*"]) {
    assert.match(problemOf(`${FOLDER}, ready: "${ready}"`), /such as \*\.ok/u);
  }
  assert.match(problemOf(`${FOLDER}, ready: "*.ok", settle: 5s`), /ready/u);
  assert.match(problemOf(`${FOLDER}, settle: 0s`), /from 1s to 1d/u);
  assert.match(problemOf(`${FOLDER}, settle: soon`), /such as 10s/u);
});
