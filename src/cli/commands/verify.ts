import { requireRun } from "../../ledger/runs/runs.ts";
import { placed, type PlacedVerification } from "../../report/verified_rows.ts";
import { verifyRun } from "../../run/verify/verify_run.ts";
import { SessionLost } from "../../db/session.ts";
import { VerifyStopped } from "../command_errors.ts";
import { withDatabase } from "../connect.ts";
import { EXIT } from "../exit_codes.ts";
import type { DatabaseFlags } from "../flags.ts";
import { LiveArea } from "../live_area.ts";
import type { Output } from "../output.ts";
import { bar } from "../render/bar.ts";
import { formatCount, formatRows } from "../../report/numbers.ts";
import { renderVerification } from "../render/verification.ts";
import { readSettings } from "../settings.ts";
import { onStopSignals } from "../signals.ts";

export interface VerifyFlags extends DatabaseFlags {
  readonly workers?: number;
  readonly quiet?: boolean;
}

export async function verifyCommand(
  id: number,
  flags: VerifyFlags,
  output: Output,
): Promise<number> {
  const found = await verify(id, flags, output);
  if (flags.json) output.json({ data: found });
  else output.printAll(renderVerification(found, output.listFrame()));
  return found.differs ? EXIT.differs : EXIT.done;
}

/** Throws VerifyStopped after a signal. Nothing is half done then. */
async function verify(id: number, flags: VerifyFlags, output: Output): Promise<PlacedVerification> {
  const stop = new AbortController();
  using _signals = onStopSignals({ first: () => stop.abort(), again: () => stop.abort() });
  const settings = readSettings(flags);
  const progress = new Progress(output, flags.quiet === true);
  try {
    return await withDatabase(
      settings,
      output,
      { migrate: false },
      async ({ ledger, config }) => {
        const found = await verifyRun(ledger, id, {
          config,
          workers: settings.workers,
          signal: stop.signal,
          onProgress: (done, total) => progress.show(done, total),
        });
        return await placed(ledger, await requireRun(ledger, id), found);
      },
    );
  } catch (error) {
    if (!stop.signal.aborted || !(error instanceof SessionLost)) throw error;
    throw new VerifyStopped(`Stopped: run ${id} was not verified to its end.`);
  } finally {
    progress.close();
  }
}

/** Milliseconds between two updates. */
const DRAW_INTERVAL = 125;
const BAR_WIDTH = 40;

/** A bar, if somebody watches. */
class Progress {
  readonly #area: LiveArea | null;
  #drawn = -Infinity;

  constructor(output: Output, quiet: boolean) {
    const { stderr } = output;
    this.#area = quiet || stderr.size() === null ? null : new LiveArea(stderr);
  }

  show(done: number, total: number): void {
    if (this.#area === null || performance.now() - this.#drawn < DRAW_INTERVAL) return;
    this.#drawn = performance.now();
    const part = total === 0 ? 1 : done / total;
    this.#area.draw([
      `${bar(part, BAR_WIDTH)}  ${(100 * part).toFixed(1)} %   ` +
      `${formatCount(done)} / ${formatRows(total)} compared`,
    ]);
  }

  close(): void {
    this.#area?.erase();
  }
}
