import assert from "node:assert/strict";
import { fillPage } from "../../../scripts/bench/pages.ts";
import { OTHER, RESULT } from "./result_of.ts";

const PAGE = `# Speed

<!-- bench: files -->

the old table

<!-- bench end -->

Words between.

<!-- bench: method -->
<!-- bench end -->
`;

const FILLED = `# Speed

<!-- bench: files -->

| 1,000 rows | compared with | at most | PostgreSQL 18.4, embedded | PostgreSQL 15.18 | ours, s | theirs, s |
| --- | --- | --- | --- | --- | --- | --- |
| fresh insert, \`on_duplicate: fail\` | \`\\copy\` <of> the & same | 0.90 | 0.80 (0.79–0.81) | **1.60** | 8.00 | 10.00 |

<!-- bench end -->

Words between.

<!-- bench: method -->

Measured on 2026-11-25 in 7 pairs with Deno 2.8.3 on 2 cores, shared with PostgreSQL 18.4, embedded (shared_buffers 128MB, max_wal_size 1GB) and PostgreSQL 15.18 (shared_buffers 128MB, max_wal_size 1GB). Seconds are medians on the first server. In parentheses is the 95 % interval of the ratio; a ratio in bold misses its bar.

<!-- bench end -->
`;

Deno.test("a page's sections are written anew, and the rest of it stays", () => {
  assert.equal(fillPage(PAGE, [RESULT, OTHER]), FILLED);
  assert.equal(fillPage(FILLED, [RESULT, OTHER]), FILLED);
});

Deno.test("a section without an end, or that nobody knows, is an error", () => {
  assert.throws(() => fillPage("<!-- bench: files -->\n", [RESULT]), /files has no end/u);
  const two = "<!-- bench: files -->\n<!-- bench: main -->\n<!-- bench end -->\n";
  assert.throws(() => fillPage(two, [RESULT]), /files has no end/u);
  assert.throws(
    () => fillPage("<!-- bench: speed -->\n<!-- bench end -->\n", [RESULT]),
    /No section is called speed/u,
  );
});

Deno.test("a result without a section's workloads is refused", () => {
  const page = "<!-- bench: types -->\n<!-- bench end -->\n";
  assert.throws(() => fillPage(page, [RESULT]), /lacks workloads .*: measure without --only/u);
});

Deno.test("the documents have every section", async () => {
  const read = (path: string) => Deno.readTextFile(new URL(`../../../${path}`, import.meta.url));
  const pages = (await Promise.all(["README.md", "docs/speed.md"].map(read))).join("\n");
  const sections = [...pages.matchAll(/<!-- bench: (\w+) -->/gu)].map(([, name]) => name);
  assert.deepEqual(sections, ["main", "files", "sources", "shapes", "types", "steps", "method"]);
});
