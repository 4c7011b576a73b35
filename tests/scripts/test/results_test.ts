import assert from "node:assert/strict";
import { readResults } from "../../../scripts/test/results.ts";

// As Deno 2.8 writes it.
const REPORT = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="deno test" tests="4" failures="1" errors="0" time="0.1">
    <testsuite name="./tests/a_test.ts" tests="4" disabled="1" errors="0" failures="1">
        <testcase name="it works" classname="./tests/a_test.ts" time="0.000" line="1" col="6">
        </testcase>
        <testcase name="it &lt;is&gt; &quot;so&quot;" classname="./tests/a_test.ts" time="0.001" line="2" col="6">
            <failure message="Uncaught AssertionError: no">AssertionError: no: &lt;b&gt;
    at file:///tests/a_test.ts:2:35</failure>
        </testcase>
        <testcase name="it is left out" classname="./tests/a_test.ts" time="0.000" line="3" col="6">
            <skipped/>
        </testcase>
        <testcase name="it works &gt; a step" classname="./tests/a_test.ts" time="0.000" line="4" col="6">
        </testcase>
    </testsuite>
</testsuites>
`;

Deno.test("tests and steps are counted, and those that failed are named with their reasons", () => {
  assert.deepEqual(readResults(REPORT), {
    passed: 2,
    failed: 1,
    failures: [{
      test: 'tests/a_test.ts: it <is> "so"',
      reason: ["AssertionError: no: <b>", "    at file:///tests/a_test.ts:2:35"],
    }],
  });
});

Deno.test("a process that wrote no report ran no test", () => {
  assert.deepEqual(readResults(""), { passed: 0, failed: 0, failures: [] });
});
