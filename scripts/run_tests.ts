/** Runs tests against an embedded Postgres of their own, which is gone afterwards whatever happens. */
import { formatDatabaseUrl } from "../src/config/resolve_database.ts";
import { acquireEmbedded, removeEmbedded } from "../src/db/embedded.ts";
import { TEST_SETTINGS } from "../tests/support/settings.ts";
import { countResults } from "./test_results.ts";

/** How long `deno test` gets to end after a signal, in milliseconds. */
const GRACE = 10_000;

export interface Workplace {
  /** Gone when the work is done. */
  readonly folder: string;
  /** A signal has asked the work to end. */
  readonly interruption: AbortSignal;
}

/** Resolves with what the work does, when nothing is left of it. */
export async function withWorkplace(
  work: (workplace: Workplace) => Promise<number>,
): Promise<number> {
  const folder = await Deno.makeTempDir({ prefix: "ingest-test-" });
  const interruption = new AbortController();
  const signals = (["SIGINT", "SIGTERM", "SIGHUP"] as const).map((signal) => {
    const handler = () => interruption.abort(signal);
    Deno.addSignalListener(signal, handler);
    return { signal, handler };
  });
  try {
    return await work({ folder, interruption: interruption.signal });
  } finally {
    await removeEmbedded(folder).catch(() => {});
    await Deno.remove(folder, { recursive: true }).catch(() => {});
    for (const { signal, handler } of signals) Deno.removeSignalListener(signal, handler);
  }
}

/**
 * `args` go to `deno test`. The last line that is printed says `N passed, N failed`; resolves with
 * the exit code, 1 if any failed, none ran or a file didn't load.
 */
export async function runTests(
  { folder, interruption }: Workplace,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<number> {
  const server = await acquireEmbedded(folder, TEST_SETTINGS);
  const report = `${folder}/report.xml`;
  let code = 1;
  try {
    if (!interruption.aborted) {
      const child = new Deno.Command(Deno.execPath(), {
        args: ["test", "--allow-all", ...leakChecks(), `--junit-path=${report}`, ...args],
        clearEnv: true,
        env: {
          ...cleanEnvironment(),
          INGEST_TEST_DATABASE_URL: formatDatabaseUrl(server.config),
          ...environment,
        },
        stdin: "null",
      }).spawn();
      interruption.addEventListener("abort", () => terminate(child, interruption.reason));
      code = (await child.status).code;
    }
  } finally {
    await server.release();
  }
  const results = countResults(await Deno.readTextFile(report).catch(() => ""));
  // A file that doesn't load, an uncaught error or no test at all is in no count of theirs.
  const failed = code !== 0 || results.passed === 0 ? Math.max(1, results.failed) : 0;
  if (interruption.aborted) console.log("interrupted");
  console.log(`${results.passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

/** Do the arguments name a file or folder? */
export function nameTests(args: readonly string[]): boolean {
  return args.some((arg, i) => !arg.startsWith("-") && args[i - 1] !== "--filter");
}

/** Deno 2.8 looks for leaked timers and open files only when asked; before, it always did. */
function leakChecks(): readonly string[] {
  const [major, minor] = Deno.version.deno.split(".").map(Number);
  return major > 2 || minor >= 8 ? ["--sanitize-ops", "--sanitize-resources"] : [];
}

/** No test may come upon a database of the person who runs it. */
function cleanEnvironment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(Deno.env.toObject()).filter(([name]) =>
      !/^(PG|INGEST_|DATABASE_URL$)/.test(name)
    ),
  );
}

function terminate(child: Deno.ChildProcess, signal: Deno.Signal): void {
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
