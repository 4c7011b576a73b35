/** Runs one process of `deno test`. */
import { readResults, type TestResults } from "./results.ts";

/** How long the process may take to end after a signal, in milliseconds. */
const GRACE = 10_000;

export interface DenoTest {
  /** Options, files and folders. */
  readonly args: readonly string[];
  readonly databaseUrl: string;
  readonly environment: Readonly<Record<string, string>>;
  /** The names of its files begin with this. */
  readonly path: string;
  /** True: its output is shown at once. False: all of it is shown when the process has ended. */
  readonly live: boolean;
  readonly interruption: AbortSignal;
}

export async function denoTest(
  { args, databaseUrl, environment, path, live, interruption }: DenoTest,
): Promise<TestResults> {
  const report = `${path}.xml`;
  const output = `${path}.txt`;
  const command = [
    Deno.execPath(),
    // The gate has checked the types of all files. Checking them again would take 13 s.
    ...["test", "--no-check", "--allow-all", ...leakChecks(), `--junit-path=${report}`, ...args],
  ];
  // A pipe would stay open if a test left a process behind.
  const [program, ...rest] = live
    ? command
    : ["sh", "-c", 'exec "$@" >"$0" 2>&1', output, ...command];
  const child = new Deno.Command(program, {
    args: rest,
    clearEnv: true,
    env: { ...cleanEnvironment(), INGEST_TEST_DATABASE_URL: databaseUrl, ...environment },
    stdin: "null",
  }).spawn();
  const end = () => terminate(child, interruption.reason);
  interruption.addEventListener("abort", end);
  const { code } = await child.status;
  interruption.removeEventListener("abort", end);
  if (!live) console.log((await Deno.readTextFile(output)).trim());
  const results = readResults(await Deno.readTextFile(report).catch(() => ""));
  if (code === 0 || results.failed > 0) return results;
  // The report counts neither a file that doesn't load nor an uncaught error.
  return {
    ...results,
    failed: 1,
    failures: [{ test: args.join(" "), reason: [`exit code ${code}`] }],
  };
}

/** Deno 2.8 and later look for leaked timers and open files only if these options ask for it. */
function leakChecks(): readonly string[] {
  const [major, minor] = Deno.version.deno.split(".").map(Number);
  return major > 2 || minor >= 8 ? ["--sanitize-ops", "--sanitize-resources"] : [];
}

/** No test may reach a database of the person who runs it. */
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
