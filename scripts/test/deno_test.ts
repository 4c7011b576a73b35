/** One process of `deno test`. */
import { readResults, type TestResults } from "./results.ts";

/** How long it gets to end after a signal, in milliseconds. */
const GRACE = 10_000;

export interface DenoTest {
  /** Options, files and folders. */
  readonly args: readonly string[];
  readonly databaseUrl: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Where its files go: their names begin with this. */
  readonly path: string;
  /** True: what it says is seen at once. Else all of it when it has ended. */
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
    // The gate checks the types of all files; to do so again would take 13 s for all the tests.
    ...["test", "--no-check", "--allow-all", ...leakChecks(), `--junit-path=${report}`, ...args],
  ];
  // Not through a pipe: a process that a test leaves behind would keep it open.
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
  // A file that doesn't load or an uncaught error is in no count of theirs.
  return { ...results, failed: 1, failures: [`${args.join(" ")}: exit code ${code}`] };
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
