/**
 * Runs the tests against an embedded Postgres of their own, which is gone afterwards whatever
 * happens. Arguments go to `deno test`: files or folders to run, `--filter …`. The last line
 * says `N passed, N failed`; the exit code is 1 if any failed, none ran or a file didn't load.
 */
import { formatDatabaseUrl } from "../src/config/database.ts";
import { acquireEmbedded, removeEmbedded } from "../src/db/embedded.ts";
import { TEST_SETTINGS } from "../tests/support/settings.ts";
import { countResults } from "./test_results.ts";

/** How long `deno test` gets to end after a signal, in milliseconds. */
const GRACE = 10_000;

async function main(args: readonly string[]): Promise<number> {
  const home = await Deno.makeTempDir({ prefix: "ingest-test-" });
  let interrupted = false;
  let child: Deno.ChildProcess | null = null;
  const interrupt = (signal: Deno.Signal) => () => {
    interrupted = true;
    terminate(child, signal);
  };
  const signals = (["SIGINT", "SIGTERM", "SIGHUP"] as const).map((signal) => {
    const handler = interrupt(signal);
    Deno.addSignalListener(signal, handler);
    return { signal, handler };
  });
  try {
    const server = await acquireEmbedded(home, TEST_SETTINGS);
    const report = `${home}/report.xml`;
    let code = 1;
    try {
      if (!interrupted) {
        child = new Deno.Command(Deno.execPath(), {
          args: ["test", "--allow-all", ...leakChecks(), `--junit-path=${report}`, ...paths(args)],
          clearEnv: true,
          env: {
            ...cleanEnvironment(),
            INGEST_TEST_DATABASE_URL: formatDatabaseUrl(server.config),
          },
          stdin: "null",
        }).spawn();
        code = (await child.status).code;
      }
    } finally {
      await server.release();
    }
    const results = countResults(await Deno.readTextFile(report).catch(() => ""));
    // A file that doesn't load, an uncaught error or no test at all is in no count of theirs.
    const failed = code !== 0 || results.passed === 0 ? Math.max(1, results.failed) : 0;
    if (interrupted) console.log("interrupted");
    console.log(`${results.passed} passed, ${failed} failed`);
    return failed === 0 ? 0 : 1;
  } finally {
    await removeEmbedded(home).catch(() => {});
    await Deno.remove(home, { recursive: true }).catch(() => {});
    for (const { signal, handler } of signals) Deno.removeSignalListener(signal, handler);
  }
}

/** Deno 2.8 looks for leaked timers and open files only when asked; before, it always did. */
function leakChecks(): readonly string[] {
  const [major, minor] = Deno.version.deno.split(".").map(Number);
  return major > 2 || minor >= 8 ? ["--sanitize-ops", "--sanitize-resources"] : [];
}

/** All tests, unless the arguments name some. */
function paths(args: readonly string[]): readonly string[] {
  const named = args.some((arg, i) => !arg.startsWith("-") && args[i - 1] !== "--filter");
  return named ? args : [...args, "tests/"];
}

/** No test may come upon a database of the person who runs it. */
function cleanEnvironment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(Deno.env.toObject()).filter(([name]) =>
      !/^(PG|INGEST_|DATABASE_URL$)/.test(name)
    ),
  );
}

function terminate(child: Deno.ChildProcess | null, signal: Deno.Signal): void {
  if (child === null) return;
  const kill = (with_: Deno.Signal) => {
    try {
      child.kill(with_);
    } catch {
      // It has ended already.
    }
  };
  kill(signal);
  Deno.unrefTimer(setTimeout(() => kill("SIGKILL"), GRACE));
}

Deno.exit(await main(Deno.args));
