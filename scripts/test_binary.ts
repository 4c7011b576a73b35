/**
 * `deno task test:binary`: compiles the program and runs the tests that start it (those that import
 * `tests/cli/start_program.ts`) with the result. Arguments as for `deno task test`. The last line says
 * `N passed, N failed`. Where `deno compile` has no runtime to wrap, it says so and that is no
 * failure.
 */
import { findImports } from "./check_imports.ts";
import { findTests, nameTests } from "./test/files.ts";
import { runTests } from "./test/run.ts";
import { withWorkplace, type Workplace } from "./test/workplace.ts";

const STARTER = "tests/cli/start_program.ts";

/** Long searches for mistakes that would be the same in both; from source is enough. */
const FROM_SOURCE_ONLY: readonly string[] = [
  "tests/chaos/commands_test.ts",
  "tests/chaos/dry_run_kill_test.ts",
];

/** For `denort`, some 40 MB, to come from Deno's site, in milliseconds. */
const PATIENCE = 180_000;

async function main(workplace: Workplace): Promise<number> {
  const { folder, interruption } = workplace;
  const missing = await whyNoRuntime(workplace);
  if (missing !== null && !interruption.aborted) {
    console.log(`The compiled program was NOT tested, as there is no denort for it: ${missing}`);
    return 0;
  }
  const binary = `${folder}/bin/ingest`;
  const compiled = await deno(
    ["run", "-A", "scripts/compile.ts", "--no-check", "--output", binary],
    interruption,
  );
  if (!compiled.success) {
    console.log(`${compiled.output}\nThe program can't be compiled.\n0 passed, 1 failed`);
    return 1;
  }
  const tests = nameTests(Deno.args) ? [] : await findStarters();
  return await runTests(workplace, [...Deno.args, ...tests], { INGEST_TEST_BINARY: binary });
}

/**
 * Compiles and runs a tiny program: `denort` comes from Deno's site or from DENORT_BIN, and one
 * of another version may not understand what is put into it. Null if that works.
 */
async function whyNoRuntime({ folder, interruption }: Workplace): Promise<string | null> {
  const source = `${folder}/tiny.ts`;
  const tiny = `${folder}/tiny`;
  await Deno.writeTextFile(source, `console.log("it runs");`);
  const patience = AbortSignal.any([interruption, AbortSignal.timeout(PATIENCE)]);
  const compiled = await deno(["compile", "--no-config", "--output", tiny, source], patience);
  if (!compiled.success) {
    // A host that can't be reached, a file that isn't there.
    const reason = /(?:\d+: )?(error sending .*)$/m.exec(compiled.output) ??
      /^Caused by:\s+(?:0: )?(.*)$/m.exec(compiled.output);
    return reason?.[1] ?? `deno compile failed or took too long: ${compiled.output}`;
  }
  const { stdout, stderr } = await new Deno.Command(tiny, { stdin: "null" }).output();
  await Deno.remove(tiny);
  const [said, complaint] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes).trim());
  return said === "it runs" ? null : `what was compiled doesn't run: ${said} ${complaint}`;
}

async function findStarters(): Promise<string[]> {
  const found: string[] = [];
  for (const path of await findTests("tests")) {
    if (FROM_SOURCE_ONLY.includes(path)) continue;
    const imports = findImports(path, await Deno.readTextFile(path));
    if (imports.some(({ to }) => to === STARTER)) found.push(path);
  }
  return found;
}

async function deno(
  args: readonly string[],
  signal: AbortSignal,
): Promise<{ readonly success: boolean; readonly output: string }> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    env: { NO_COLOR: "1" },
    stdin: "null",
    signal,
  }).output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
  return { success, output: [decode(stdout), decode(stderr)].join("\n").trim() };
}

Deno.chdir(new URL("..", import.meta.url));
Deno.exit(await withWorkplace(main));
