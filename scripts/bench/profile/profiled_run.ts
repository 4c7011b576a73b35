/** Profiles the load of one file: where the time goes, on both sides of the connection. */
import type { Session } from "../../../src/db/session.ts";
import type { Bench } from "../bench.ts";
import type { BenchDatabase } from "../server.ts";
import { EMPTY } from "../states.ts";
import { round } from "../statistics.ts";
import { readProfiles } from "./cpu_profile.ts";
import { cpuOfEndedChildren, parentOf, ThreadTimes } from "./cpu_time.ts";
import { SERVER_STAGE, STAGES, sumStages } from "./stages.ts";

/** The CPU seconds that one stage of an import took. */
export interface StageTime {
  readonly stage: string;
  readonly seconds: number;
}

export interface RunProfile {
  readonly file: "messy file" | "clean file";
  readonly stages: readonly StageTime[];
}

/** What is profiled. */
export const PROFILED = [
  { file: "messy file", kind: "messy", importer: "contacts" },
  { file: "clean file", kind: "valid", importer: "insert" },
] as const;

/**
 * Leaves the profiles in `folder`, which must be empty. Always runs from source, because the
 * compiled program can't be profiled.
 */
export async function profileRun(
  bench: Bench,
  { file: words, kind, importer }: (typeof PROFILED)[number],
  folder: string,
): Promise<RunProfile> {
  const file = await bench.files.get(kind, bench.rows);
  const database = await bench.states.restore(EMPTY, bench);
  const args = ["run", importer, "--file", file.path, "--importers", bench.folders.importers];
  const threadTimes = new ThreadTimes();
  const [server, program] = await cpuOf(bench, database, async () => {
    await bench.ingest.load(database, args, { created: bench.rows }, {
      denoFlags: [`--cpu-prof-dir=${folder}`],
      look: (pid) => threadTimes.look(pid),
    });
  });
  const stages = sumStages(await readProfiles(folder), threadTimes.seconds);
  const seen = [...stages.values()].reduce((sum, seconds) => sum + seconds, 0);
  return {
    file: words,
    stages: [
      ...STAGES.map((stage) => {
        // CPU time of the program outside its JavaScript threads: V8's own threads and Deno's.
        const unseen = stage === "runtime" ? Math.max((program ?? 0) - seen, 0) : 0;
        return { stage, seconds: round(stages.get(stage)! + unseen, 3) };
      }),
      ...server === null ? [] : [{ stage: SERVER_STAGE, seconds: round(server, 3) }],
    ],
  };
}

/** CPU seconds of the server's backends and of our own processes. Null where unknown. */
async function cpuOf(
  bench: Bench,
  { session }: BenchDatabase,
  work: () => Promise<void>,
): Promise<readonly [server: number | null, program: number | null]> {
  const postmaster = bench.machine.embedded ? await parentOf(session.backendPid) : null;
  const look = async () =>
    [
      postmaster === null ? null : await cpuOfEndedChildren(postmaster),
      await cpuOfEndedChildren("self"),
    ] as const;
  const before = await look();
  await work();
  await othersHaveLeft(session);
  const after = await look();
  const between = (index: 0 | 1) =>
    before[index] === null || after[index] === null ? null : after[index] - before[index];
  return [between(0), between(1)];
}

/** Backends count only once they have ended, which happens a moment after their clients end. */
async function othersHaveLeft(session: Session): Promise<void> {
  for (;;) {
    const [{ others }] = await session.query<{ others: number }>(
      `select count(*) as others from pg_stat_activity
       where datname = current_database() and pid <> pg_backend_pid()`,
    );
    await new Promise((resolve) => setTimeout(resolve, 100));
    if (others === 0) return;
  }
}
