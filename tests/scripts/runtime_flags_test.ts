import assert from "node:assert/strict";
import project from "../../deno.json" with { type: "json" };
import { RUNTIME_FLAGS } from "../../scripts/runtime_flags.ts";

Deno.test("the task dev runs the program with the flags that it is compiled with", () => {
  assert.equal(project.tasks.dev, ["deno run", ...RUNTIME_FLAGS, "main.ts"].join(" "));
});
