import assert from "node:assert/strict";
import project from "../../deno.json" with { type: "json" };
import { RUNTIME_FLAGS } from "../../scripts/runtime_flags.ts";

Deno.test("the task dev runs the program with the flags with which it is compiled", () => {
  assert.equal(project.tasks.dev, ["deno run", ...RUNTIME_FLAGS, "main.ts"].join(" "));
});
