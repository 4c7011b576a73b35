import assert from "node:assert/strict";
import { wantedColours } from "../../src/cli/colours.ts";
import { Output } from "../../src/cli/output.ts";
import { runCommandLine } from "../../src/cli/main.ts";
import { memoryOutput, memoryStream } from "./memory_output.ts";

Deno.test("NO_COLOR and --no-color win over what forces colours", () => {
  const cases: readonly (readonly [Readonly<Record<string, string>>, string, string])[] = [
    [{}, "", "terminals"],
    [{ NO_COLOR: "" }, "", "terminals"],
    [{ NO_COLOR: "1" }, "", "never"],
    [{ NO_COLOR: "0" }, "", "never"],
    [{ NO_COLOR: "1", FORCE_COLOR: "1" }, "", "never"],
    [{ FORCE_COLOR: "1" }, "status --no-color", "never"],
    [{ FORCE_COLOR: "1" }, "db psql -- --no-color", "always"],
    [{ FORCE_COLOR: "3" }, "", "always"],
    [{ FORCE_COLOR: "true" }, "", "always"],
    [{ FORCE_COLOR: "0", CLICOLOR_FORCE: "1" }, "", "never"],
    [{ FORCE_COLOR: "false" }, "", "never"],
    [{ CLICOLOR_FORCE: "1", CLICOLOR: "0" }, "", "always"],
    [{ CLICOLOR_FORCE: "0" }, "", "terminals"],
    [{ CLICOLOR: "0" }, "", "never"],
    [{ CLICOLOR: "1" }, "", "terminals"],
  ];
  for (const [env, args, colours] of cases) {
    const wanted = wantedColours(args.split(" "), (name) => env[name]);
    assert.equal(wanted, colours, JSON.stringify([env, args]));
  }
});

Deno.test("colours are for terminals, unless they are forced", () => {
  const [pipe, terminal] = [memoryStream(), memoryStream({ columns: 80, rows: 24 })];
  const bold = (colours: "never" | "terminals" | "always") => {
    const output = new Output(pipe, terminal, colours);
    return [pipe, terminal].map((stream) => output.styleOf(stream).bold("x") !== "x");
  };
  assert.deepEqual(bold("never"), [false, false]);
  assert.deepEqual(bold("terminals"), [false, true]);
  assert.deepEqual(bold("always"), [true, true]);
});

Deno.test("--no-color may be anywhere", async () => {
  for (const line of ["version --no-color", "--no-color version"]) {
    assert.equal(await runCommandLine(line.split(" "), memoryOutput().output), 0, line);
  }
});
