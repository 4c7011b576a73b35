/**
 * Which stage of a row's journey the threads' time went into. A function belongs to the folder that
 * its file is in, and what has none (the runtime's own code, packages) to whoever called it.
 */
import type { CallFrame, CpuProfile, ThreadProfile } from "./cpu_profile.ts";

export const STAGES = [
  "start",
  "source",
  "batch",
  "row",
  "load",
  "sending and receiving",
  "ledger",
  "run",
  "commands and reports",
  "garbage collector",
  "runtime and kernel",
] as const;

/** What is not ours: the CPU time of the server's backends. */
export const SERVER_STAGE = "Postgres";

export type Stage = typeof STAGES[number];

const IDLE = "idle";
/** Nobody's but the runtime's, unless whoever called it is known. */
const NETWORK = "network";
const UNKNOWN = "unknown";

type Owner = Stage | typeof IDLE | typeof NETWORK | typeof UNKNOWN;

/**
 * The profiler looks once in so many microseconds, and not at all while a thread waits for a core:
 * more than twice as long since the last look is time that the thread didn't have.
 */
const INTERVAL = 1000;

/** Seconds of all threads together, without those in which they had nothing to do. */
export function sumStages(threads: readonly ThreadProfile[]): ReadonlyMap<Stage, number> {
  const workers = threads.filter(({ isMain }) => !isMain)
    .map(({ profile }) => firstBatch(profile));
  const seconds = new Map<Stage, number>(STAGES.map((stage) => [stage, 0]));
  for (const { isMain, profile } of threads) {
    const begin = isMain ? Math.min(...workers) : firstBatch(profile);
    addThread(seconds, profile, begin);
  }
  return seconds;
}

/** Everything before `begin` is the program's start. */
function addThread(seconds: Map<Stage, number>, profile: CpuProfile, begin: number): void {
  const owners = ownersOf(profile);
  let time = profile.startTime;
  for (const [index, node] of profile.samples.entries()) {
    time += profile.timeDeltas[index];
    const owner = owners.get(node)!;
    if (owner === IDLE) continue;
    const spent = Math.min(profile.timeDeltas[index], 2 * INTERVAL) / 1e6;
    const stage = time < begin ? "start" : stageOf(owner);
    seconds.set(stage, seconds.get(stage)! + spent);
  }
}

function stageOf(owner: Exclude<Owner, typeof IDLE>): Stage {
  if (owner === NETWORK) return "sending and receiving";
  return owner === UNKNOWN ? "runtime and kernel" : owner;
}

/** When a thread's first row is cut out of the source. Infinity if none ever is. */
function firstBatch(profile: CpuProfile): number {
  const cutting = new Set(
    profile.nodes.filter(({ callFrame }) => {
      const owner = ownerOf(callFrame);
      // A module's own code has no name: it runs when the module is loaded.
      return (owner === "source" || owner === "batch") && callFrame.functionName !== "";
    }).map(({ id }) => id),
  );
  let time = profile.startTime;
  for (const [index, node] of profile.samples.entries()) {
    time += profile.timeDeltas[index];
    if (cutting.has(node)) return time;
  }
  return Infinity;
}

function ownersOf(profile: CpuProfile): ReadonlyMap<number, Owner> {
  const owners = new Map<number, Owner>();
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const visit = (id: number, caller: Owner) => {
    const node = nodes.get(id)!;
    const own = ownerOf(node.callFrame);
    const isWeak = own === UNKNOWN || (own === NETWORK && caller !== UNKNOWN);
    const owner = isWeak ? caller : own;
    owners.set(id, owner);
    for (const child of node.children ?? []) visit(child, owner);
  };
  // Nodes name their children: the first, which nobody names, is the root.
  visit(profile.nodes[0].id, UNKNOWN);
  return owners;
}

const FOLDERS: Readonly<Record<string, Stage>> = {
  source: "source",
  batch: "batch",
  row: "row",
  load: "load",
  db: "sending and receiving",
  ledger: "ledger",
  run: "run",
};

function ownerOf({ functionName, url }: CallFrame): Owner {
  if (functionName === "(idle)") return IDLE;
  if (functionName === "(garbage collector)") return "garbage collector";
  if (/\/postgres\/\d[^/]*\//u.test(url)) return "sending and receiving";
  if (/^(?:ext:deno_(?:net|node)\/|node:)/u.test(url)) {
    return /\b(?:net|tcp_wrap|stream\w*|pipe_wrap)\b/u.test(url) ? NETWORK : UNKNOWN;
  }
  // Packages have folders named src, too.
  if (!url.startsWith("file:") || url.includes("/npm/")) return UNKNOWN;
  if (url.endsWith("/main.ts") && !url.includes("/src/")) return "commands and reports";
  // The last of them: the repository may lie in a folder of that name.
  const folder = /^.*\/src\/(\w+)\//u.exec(url)?.[1];
  return folder === undefined ? UNKNOWN : FOLDERS[folder] ?? "commands and reports";
}
