/**
 * Assigns the threads' time to the stages of a row's journey. A function belongs to the stage of
 * the folder that its file is in. Other code (the runtime's, packages) belongs to its caller's
 * stage.
 */
import { type CallFrame, type CpuProfile, MAIN, type ThreadProfile } from "./cpu_profile.ts";

export const STAGES = [
  "start",
  "source",
  "keys",
  "kernel",
  "row",
  "load",
  "sending and receiving",
  "ledger",
  "run",
  "commands and reports",
  "garbage collector",
  "runtime",
] as const;

/** The CPU time of the server's backends, which is not ours. */
export const SERVER_STAGE = "Postgres";

export type Stage = typeof STAGES[number];

const IDLE = "idle";
/** The runtime's own time, unless the caller is known. */
const NETWORK = "network";
const UNKNOWN = "unknown";

type Owner = Stage | typeof IDLE | typeof NETWORK | typeof UNKNOWN;

/**
 * Seconds of all threads together, without idle time. `known`: each thread's real CPU time, if it
 * is known. The profiler counts the time between two samples, but both it and the thread may have
 * waited for a core in between.
 */
export function sumStages(
  threads: readonly ThreadProfile[],
  known: ReadonlyMap<string, number> = new Map(),
): ReadonlyMap<Stage, number> {
  const begins = threads.filter(({ thread }) => thread !== MAIN)
    .map(({ profile }) => firstBatch(profile));
  const sums = new Map<Stage, number>(STAGES.map((stage) => [stage, 0]));
  for (const { thread, profile } of threads) {
    const begin = thread === MAIN ? Math.min(...begins) : firstBatch(profile);
    const seen = stagesOf(profile, begin);
    const sum = [...seen.values()].reduce((all, seconds) => all + seconds, 0);
    const scale = sum === 0 ? 1 : (known.get(thread) ?? sum) / sum;
    for (const [stage, seconds] of seen) sums.set(stage, sums.get(stage)! + seconds * scale);
  }
  return sums;
}

/** Everything before `begin` is the program's start. */
function stagesOf(profile: CpuProfile, begin: number): ReadonlyMap<Stage, number> {
  const seconds = new Map<Stage, number>();
  const owners = ownersOf(profile);
  let time = profile.startTime;
  for (const [index, node] of profile.samples.entries()) {
    const delta = profile.timeDeltas[index];
    time += delta;
    const owner = owners.get(node)!;
    if (owner === IDLE) continue;
    const stage = time < begin ? "start" : stageOf(owner);
    seconds.set(stage, (seconds.get(stage) ?? 0) + delta / 1e6);
  }
  return seconds;
}

function stageOf(owner: Exclude<Owner, typeof IDLE>): Stage {
  if (owner === NETWORK) return "sending and receiving";
  return owner === UNKNOWN ? "runtime" : owner;
}

/** When a thread cuts its first row out of the source. Infinity if it never does. */
function firstBatch(profile: CpuProfile): number {
  const cutting = new Set(
    profile.nodes.filter(({ callFrame }) => {
      if (isCompiled(callFrame)) return true;
      const owner = ownerOf(callFrame);
      // A module's top-level code has no name. It runs when the module is loaded.
      return (owner === "source" || owner === "keys") && callFrame.functionName !== "";
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
  // Nodes list their children. The first node is the root, which no other node lists.
  visit(profile.nodes[0].id, UNKNOWN);
  return owners;
}

/** Whether it is the kernel, which is the only WebAssembly that we have. */
function isCompiled({ url }: CallFrame): boolean {
  return url.startsWith("wasm:");
}

const FOLDERS: Readonly<Record<string, Stage>> = {
  source: "source",
  keys: "keys",
  kernel: "kernel",
  row: "row",
  load: "load",
  db: "sending and receiving",
  ledger: "ledger",
  run: "run",
};

function ownerOf({ functionName, url }: CallFrame): Owner {
  if (functionName === "(idle)") return IDLE;
  if (functionName === "(garbage collector)") return "garbage collector";
  if (isCompiled({ functionName, url })) return "kernel";
  if (/\/postgres\/\d[^/]*\//u.test(url)) return "sending and receiving";
  if (/^(?:ext:deno_(?:net|node)\/|node:)/u.test(url)) {
    return /\b(?:net|tcp_wrap|stream\w*|pipe_wrap)\b/u.test(url) ? NETWORK : UNKNOWN;
  }
  // Packages may have folders named src, too.
  if (!url.startsWith("file:") || url.includes("/npm/")) return UNKNOWN;
  if (url.endsWith("/main.ts") && !url.includes("/src/")) return "commands and reports";
  // Take the last folder named src: the repository itself may be in one.
  const folder = /^.*\/src\/(\w+)\//u.exec(url)?.[1];
  return folder === undefined ? UNKNOWN : FOLDERS[folder] ?? "commands and reports";
}
