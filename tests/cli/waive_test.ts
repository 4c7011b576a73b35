/** `waive`, as a person uses it. */
import assert from "node:assert/strict";
import { type Scene, scene } from "./failed_row.ts";

/** Run 3: rows 2 and 3 have an age that is no number, row 4 has a field too many. */
async function withErrors(): Promise<Scene> {
  const at = await scene();
  const file = `${at.dir}/several.csv`;
  await Deno.writeTextFile(
    file,
    "email,name,age\ng@example.com,G,1\nh@example.com,H,x\ni@example.com,I,y\nj@example.com,J,1,2\n",
  );
  const { code } = await at.say("run", "--table", "customers", "--quiet", "--file", file);
  assert.equal(code, 3);
  return at;
}

Deno.test("waive says how many of how many first; then status, errors, rows, runs and exit codes know", async () => {
  await using at = await withErrors();
  const waived = await at.say("waive", "3", "--code", "type", "--reason", "no consent");
  assert.deepEqual(waived, {
    code: 0,
    out: "Waived 2 of 3 failed rows of run 3.\n",
    err: "ingest: Waives 2 of 3 failed rows of run 3: code type.\n",
  });
  const status = await at.say("status", "3", "--exit-code");
  assert.equal(status.code, 3);
  assert.match(status.out, /failed 3 {3}waived 2\n/);
  assert.match(status.out, /\n1 of 4 rows are loaded, 1 still fails, 2 are waived\. See why:/);
  const errors = await at.say("errors", "3");
  assert.match(errors.out, /\n2 rows \(code type\) are waived by .+: no consent\n/);
  assert.match((await at.say("rows", "3")).out, /\n {2}2 {5}3 {2}failed, waived {2}/);
  assert.match((await at.say("runs")).out, /unresolved {2}waived .*\n.* {3}3 {11}1 {7}2 /);
  const events = await at.say("status", "3", "--events");
  assert.match(events.out, /waived .* 2 rows \(code type\): no consent/);

  await at.say("waive", "3", "--rows", "4", "--reason", "a test");
  const done = await at.say("status", "3", "--exit-code");
  assert.equal(done.code, 0);
  assert.match(done.out, /\n1 of 4 rows are loaded, 3 are waived\.\n/);
  assert.equal((await at.say("wait", "3", "--quiet")).code, 0);
  const nothing = await at.say("retry", "3");
  assert.equal(nothing.code, 0);
  assert.match(
    nothing.err,
    /are all fixed or waived\. 3 rows are waived and not retried; to retry/,
  );
  assert.match(
    (await at.say("errors", "3", "--export", "-")).err,
    /is fixed or waived: nothing to/,
  );
  const all = await at.say("errors", "3", "--export", "-", "--waived");
  assert.equal(all.out.trim().split("\r\n").length, 4);

  const back = await at.say("waive", "3", "--all", "--undo");
  assert.equal(back.out, "No longer waived: 3 of 3 failed rows of run 3.\n");
  assert.match((await at.say("status", "3")).out, /\n3 rows failed\. See why:/);
  const json = JSON.parse(
    (await at.say("waive", "3", "--rows", "2-3", "--reason", "x", "--json")).out,
  );
  assert.deepEqual([json.rows, json.data.progress.waived], [2, 2]);
});

Deno.test("what waive can't do, it says in one line", async () => {
  await using at = await withErrors();
  const reason = ["--reason", "why"];
  const said: readonly (readonly [readonly string[], number, RegExp])[] = [
    [["3"], 2, /Say which rows: --group, --code, --column, --rows, or --all/],
    [["3", "--all"], 2, /waive needs a --reason/],
    [["3", "--all", "--reason", "  "], 2, /waive needs a --reason/],
    [["3", "--all", "--reason", "x".repeat(1001)], 2, /--reason has more than 1000 characters/],
    [["3", "--all", "--rows", "2", ...reason], 2, /exclude each other/],
    [["3", "--code", "type", "--rows", "2", ...reason], 2, /exclude each other/],
    [["3", "--rows", "0", ...reason], 2, /Expected row numbers, such as 4,17-20/],
    [["3", "--rows", "5-2", ...reason], 2, /Expected row numbers/],
    [["3", "--rows", "2;3", ...reason], 2, /Expected row numbers/],
    [["3", "--rows", "1-2000000", ...reason], 2, /at most 1,000,000 rows/],
    [["3", "--rows", "1", ...reason], 1, /Run 3 has no failed row 1\. .* Nothing was changed/],
    [["3", "--group", "dead", ...reason], 5, /Run 3 has no group dead/],
    [["3", "--code", "tipe", ...reason], 2, /did you mean "type"/],
    [["99", "--all", ...reason], 5, /There is no run 99/],
    [["x", "--all", ...reason], 2, /Expected the number of a run/],
  ];
  for (const [args, expected, message] of said) {
    const { code, out, err } = await at.say("waive", ...args);
    assert.deepEqual([code, out], [expected, ""], args.join(" "));
    assert.match(err, message);
    assert.equal(err.trim().split("\n").length, 1, err);
  }
  const none = await at.say("waive", "3", "--code", "lookup", ...reason);
  assert.equal(none.code, 0);
  assert.match(none.out, /^No failed row of run 3 has code lookup\./);
  assert.equal((await at.say("errors", "3", "--waived")).code, 2);
});
