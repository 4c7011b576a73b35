/** `undo`: takes back what a run did to its tables. */
import { createUndo } from "../../run/request/undo/undo.ts";
import { withDatabase } from "../connect.ts";
import { driveHere, type LoadFlags } from "../drive_here.ts";
import type { DatabaseFlags } from "../flags.ts";
import type { Output } from "../output.ts";
import type { Settings } from "../settings.ts";
import { leave } from "./run.ts";

export interface UndoFlags extends DatabaseFlags, LoadFlags {
  readonly dryRun?: boolean;
  readonly detach?: boolean;
}

export async function undoCommand(
  id: number,
  flags: UndoFlags,
  settings: Settings,
  output: Output,
): Promise<number> {
  return await withDatabase(settings, output, { migrate: true }, async (database) => {
    const undo = await createUndo(database.ledger, {
      id,
      user: settings.user,
      dryRun: flags.dryRun === true,
    });
    return flags.detach
      ? await leave(database, undo, flags, output)
      : await driveHere(database, undo, flags, output);
  });
}
