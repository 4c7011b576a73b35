/** The result of a benchmark, as it is kept in a file. */
import type { Machine } from "./machine.ts";
import type { RunProfile } from "./profile/profiled_run.ts";
import type { Load } from "./programs/process.ts";
import { type Interval, median, ratioOfPairs, round } from "./statistics.ts";
import { judgeRatio, type Verdict } from "./verdict.ts";
import type { Workload } from "./workloads/workload.ts";

/** Everything measured for one side. */
export interface Side {
  readonly name: string;
  readonly median_seconds: number;
  /** In the order of the rounds. */
  readonly seconds: readonly number[];
  /** The median CPU time of the process, but not of Postgres. Null where the system doesn't tell. */
  readonly cpu_seconds: number | null;
  /** The highest of all rounds, in MB. Null where the system doesn't tell. */
  readonly peak_megabytes: number | null;
}

export interface WorkloadResult {
  readonly workload: string;
  readonly against: string;
  readonly bar: number;
  readonly rows: number;
  /** The geometric mean. Null without a reference. */
  readonly ratio: number | null;
  /** The 95 % interval around it. Null if it can't be computed. */
  readonly interval: readonly [low: number, high: number] | null;
  readonly verdict: Verdict;
  readonly ours: Side;
  /** Null if its program isn't installed. */
  readonly reference: Side | null;
}

/** A single number. */
export interface FigureResult {
  readonly figure: string;
  readonly value: number;
  readonly unit: string;
  readonly bar: number | null;
  readonly verdict: Verdict;
  /** Other measurements that belong to it. */
  readonly details: Readonly<Record<string, number | string | readonly number[]>>;
}

export interface BenchResult {
  readonly at: string;
  readonly machine: Machine;
  readonly rows: number;
  readonly pairs: number;
  /** Null: the program's default. */
  readonly workers: number | null;
  readonly workloads: readonly WorkloadResult[];
  readonly figures: readonly FigureResult[];
  /** Where the time goes. */
  readonly profiles: readonly RunProfile[];
  /** What was left out and why. */
  readonly notes: readonly string[];
}

export function toWorkloadResult(
  workload: Pick<Workload, "name" | "against" | "bar" | "allowance">,
  rows: number,
  ours: { readonly name: string; readonly loads: readonly Load[] },
  reference: { readonly name: string; readonly loads: readonly Load[] } | null,
): WorkloadResult {
  const { name, against, bar, allowance = 0 } = workload;
  const seconds = ours.loads.map((load) => load.seconds);
  const allowed = reference && reference.loads.map((load) => load.seconds + allowance);
  const interval = allowed && ratioOfPairs(seconds, allowed);
  return {
    workload: name,
    against,
    bar,
    rows,
    ratio: allowed && round(ratioOf(seconds, allowed, interval), 3),
    interval: interval && [round(interval.low, 3), round(interval.high, 3)],
    verdict: judgeRatio(interval, ours.loads.length, bar),
    ours: toSide(ours.name, ours.loads),
    reference: reference && toSide(reference.name, reference.loads),
  };
}

/** Even a single pair has a ratio, although it proves nothing. */
function ratioOf(
  ours: readonly number[],
  reference: readonly number[],
  interval: Interval | null,
): number {
  return interval?.ratio ?? ours[0] / reference[0];
}

function toSide(name: string, loads: readonly Load[]): Side {
  const seconds = loads.map((load) => round(load.seconds, 3));
  const cpu = loads.map((load) => load.cpuSeconds).filter((each) => each !== null);
  const peaks = loads.map((load) => load.peakMegabytes).filter((peak) => peak !== null);
  return {
    name,
    median_seconds: round(median(seconds), 3),
    seconds,
    cpu_seconds: cpu.length === 0 ? null : round(median(cpu), 3),
    peak_megabytes: peaks.length === 0 ? null : Math.round(Math.max(...peaks)),
  };
}
