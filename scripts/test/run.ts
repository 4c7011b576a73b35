/**
 * Runs tests in one lane per core, or in DENO_JOBS lanes. Each lane has its own embedded Postgres
 * and starts one `deno test` after the other, with a few files each. The top of
 * `tests/support/database.ts` says what a test may assume, and `groups.ts` which tests run alone.
 */
import { formatDatabaseUrl } from "../../src/config/resolve_database.ts";
import { acquireEmbedded, removeEmbedded } from "../../src/db/embedded.ts";
import { TEST_SETTINGS } from "../../tests/support/settings.ts";
import { denoTest } from "./deno_test.ts";
import { selectTests } from "./files.ts";
import { groupTests } from "./groups.ts";
import { createDatabasesIn, memoryFolder } from "./memory.ts";
import type { TestResults } from "./results.ts";
import type { Workplace } from "./workplace.ts";

/** A lane takes 0.5 GB, and the programs that its tests start take as much again. */
const MOST_LANES = 4;

/**
 * `args` go to `deno test`. The last line that is printed says `N passed, N failed`; resolves with
 * the exit code, 1 if any failed, none ran or a file didn't load.
 */
export async function runTests(
  { folder, interruption }: Workplace,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<number> {
  const selected = await selectTests(args);
  const options = selected?.options ?? [];
  const { together, alone } = selected === null
    ? { together: [args], alone: [] }
    : groupTests(selected.files);
  const lanes = Math.max(1, Math.min(countLanes(), together.length));
  const failFast = options.some((option) => option.startsWith("--fail-fast"));
  const results: TestResults[] = [];

  const [groups, last] = [[...together], [...alone]];
  let started = 0;
  let lanesAtWork = lanes;
  await inLanes(lanes, async (lane) => {
    await using server = await startServer(`${folder}/server${lane}`);
    const runAll = async (groups: (readonly string[])[], live: boolean) => {
      while (groups.length > 0) {
        if (interruption.aborted || (failFast && results.some(({ failed }) => failed > 0))) return;
        const files = groups.shift()!;
        const path = `${folder}/${++started}`;
        const { url: databaseUrl } = server;
        const args = [...options, ...files];
        results.push(await denoTest({ args, databaseUrl, environment, path, live, interruption }));
      }
    };
    await runAll(groups, lanes === 1);
    lanesAtWork--;
    // All other lanes have ended.
    if (lanesAtWork === 0) await runAll(last, true);
  });
  return conclude(results, interruption.aborted);
}

function conclude(results: readonly TestResults[], interrupted: boolean): number {
  const sum = (of: (result: TestResults) => number) => results.reduce((n, one) => n + of(one), 0);
  const passed = sum((result) => result.passed);
  const failed = Math.max(sum((result) => result.failed), passed === 0 || interrupted ? 1 : 0);
  // The output of `deno test` about them may be far above.
  for (const { test, reason } of results.flatMap(({ failures }) => failures)) {
    console.log(`failed: ${test}`);
    for (const line of reason) console.log(`    ${line}`);
  }
  if (interrupted) console.log("interrupted");
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

/** Counts lanes as `deno test --parallel` does. */
function countLanes(): number {
  const wanted = Number(Deno.env.get("DENO_JOBS"));
  return wanted >= 1 ? Math.trunc(wanted) : Math.min(navigator.hardwareConcurrency, MOST_LANES);
}

/** Waits for all lanes, and rejects if one of them has failed. */
async function inLanes(count: number, work: (lane: number) => Promise<void>): Promise<void> {
  const ended = await Promise.allSettled(Array.from({ length: count }, (_, lane) => work(lane)));
  for (const end of ended) if (end.status === "rejected") throw end.reason;
}

/** Disposing of the server deletes its data. */
async function startServer(home: string): Promise<AsyncDisposable & { readonly url: string }> {
  await using stack = new AsyncDisposableStack();
  const memory = stack.use(await memoryFolder(home));
  stack.defer(() => removeEmbedded(home));
  const server = await acquireEmbedded(home, TEST_SETTINGS);
  stack.defer(() => server.release());
  if (memory.path !== null) await createDatabasesIn(memory.path, server.config);
  const closing = stack.move();
  return {
    url: formatDatabaseUrl(server.config),
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}
