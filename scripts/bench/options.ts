/** Parses the benchmark's command line. */
import { parseArgs } from "node:util";

export const USAGE = `Usage: bench [options]

  --quick               100,000 rows, one pair each, no verdicts; the embedded server doesn't
                        wait for the disk
  --rows <n>            rows in the files (1,000,000)
  --pairs <n>           pairs of measurements for each workload (7; fewer give no verdict)
  --only <text>         only workloads and figures with this text in their name, or a group of
                        workloads: files, sources, shapes, types, steps; can be repeated
  --large               also measure ten times the rows: memory, and planning of 1 GB
  --workers <n>         workers of ingest (its own default)
  --binary <path>       measure the compiled program (dist/ingest)
  --database-url <url>  measure on this server, in databases that are dropped afterwards
  --profile <dir>       only save CPU profiles of a messy and of a clean file in this folder`;

export interface BenchOptions {
  readonly quick: boolean;
  readonly rows: number;
  readonly pairs: number;
  readonly only: readonly string[];
  readonly large: boolean;
  readonly workers: number | null;
  readonly binary: string | null;
  readonly databaseUrl: string | null;
  readonly profile: string | null;
  readonly help: boolean;
}

export class WrongUsage extends Error {
  override readonly name = "WrongUsage";
}

/** Throws WrongUsage. */
export function parseOptions(args: readonly string[]): BenchOptions {
  const values = parse(args);
  const quick = values.quick === true;
  const workers = values.workers;
  return {
    quick,
    rows: count(values.rows ?? (quick ? "100000" : "1000000"), "--rows"),
    pairs: count(values.pairs ?? (quick ? "1" : "7"), "--pairs"),
    only: values.only ?? [],
    large: values.large === true,
    workers: workers === undefined ? null : count(workers, "--workers"),
    binary: values.binary ?? null,
    databaseUrl: values["database-url"] ?? null,
    profile: values.profile ?? null,
    help: values.help === true,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        quick: { type: "boolean" },
        rows: { type: "string" },
        pairs: { type: "string" },
        only: { type: "string", multiple: true },
        large: { type: "boolean" },
        workers: { type: "string" },
        binary: { type: "string" },
        "database-url": { type: "string" },
        profile: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    }).values;
  } catch (error) {
    throw new WrongUsage(error instanceof Error ? error.message : String(error));
  }
}

function count(text: string, option: string): number {
  const number = Number(text);
  if (/^\d+$/u.test(text) && number > 0) return number;
  throw new WrongUsage(`${option}: expected a whole number, 1 or more, got "${text}"`);
}
