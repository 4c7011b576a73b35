/** Runs that this machine leaves to others, because it lacks something that they need. */
import type { HooksRule } from "../../importer/hooks_rule.ts";
import { type Batch, releaseBatch } from "../../ledger/batches/batches.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { noteLeft } from "../../ledger/runs/left_runs.ts";
import { requireRun } from "../../ledger/runs/runs.ts";
import { addWarnings } from "../../ledger/runs/run_states.ts";
import { NoAccess } from "../../source/error.ts";
import { OtherHooks } from "../hooks/hooks_failed.ts";
import { checksumNow, requireHooks } from "../hooks/require_hooks.ts";
import { NEXT_TRY, noteNoAccess } from "./bucket_access.ts";
import { judgeFailure } from "./judge_failure.ts";

/** Milliseconds between looks whether a hooks file is back: that is a matter of reading it. */
const NEXT_LOOK = 1_000;

/** What a machine may lack that others may have. */
export type Lack = NoAccess | OtherHooks;

export function isLack(error: unknown): error is Lack {
  return error instanceof NoAccess || error instanceof OtherHooks;
}

/** Says in the run, once, that this machine leaves it, and why. */
export async function leaveRun(ledger: Ledger, run: number, lack: Lack): Promise<void> {
  if (lack instanceof NoAccess) noteNoAccess();
  const host = Deno.hostname();
  const because = becauseOf(lack);
  await ledger.transaction(async () => {
    // This comes first, as it locks the run: several workers find the same at the same moment.
    await addWarnings(ledger, run, [`The machine ${host} leaves the run to others: ${because}`]);
    await noteLeft(ledger, run, { host, because });
  });
}

function becauseOf(lack: Lack): string {
  return lack instanceof NoAccess
    ? `It can't read the file: ${lack.message}`
    : `${lack.because} Put it back as it was, and the run goes on there.`;
}

/** The same of a batch that it has claimed, and tried in vain. */
export async function leaveBatch(
  connect: () => Promise<Ledger>,
  batch: Batch,
  lack: Lack,
): Promise<void> {
  try {
    const ledger = await connect();
    await leaveRun(ledger, batch.run_id, lack);
    await releaseBatch(ledger, batch);
  } catch (error) {
    // Not given back: it will be found as abandoned.
    if (judgeFailure(error).kind !== "lost") throw error;
  }
}

/** Throws OtherHooks if this machine doesn't have those of the run. */
export async function requireHooksOf(ledger: Ledger, run: number): Promise<void> {
  const { hooks } = (await requireRun(ledger, run)).definition;
  if (hooks !== undefined) await requireHooks(hooks);
}

interface Left {
  readonly hooks: HooksRule;
  /** As `performance.now()`. */
  readonly until: number;
  lookAt: number;
}

/**
 * The runs whose hooks this worker doesn't have. It claims no batch of them until the file is back, or
 * a while has passed: by then the run may have ended.
 */
export class LeftRuns {
  readonly #runs = new Map<number, Left>();

  leave(run: number, { hooks }: OtherHooks): void {
    const now = performance.now();
    this.#runs.set(run, { hooks, until: now + NEXT_TRY, lookAt: now + NEXT_LOOK });
  }

  async list(): Promise<readonly number[]> {
    for (const [run, left] of this.#runs) {
      const now = performance.now();
      if (now >= left.until) this.#runs.delete(run);
      else if (now >= left.lookAt) {
        left.lookAt = now + NEXT_LOOK;
        if (await checksumNow(left.hooks) === left.hooks.checksum) this.#runs.delete(run);
      }
    }
    return [...this.#runs.keys()];
  }

  /** Behind another connection, other runs may have these numbers. */
  forgetAll(): void {
    this.#runs.clear();
  }
}
