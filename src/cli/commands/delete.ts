import { deleteRun } from "../../run/request/delete.ts";
import { withDatabase } from "../connect.ts";
import { EXIT } from "../exit_codes.ts";
import type { DatabaseFlags } from "../flags.ts";
import type { Output } from "../output.ts";
import { readSettings } from "../settings.ts";
import { deletedLine, noteFilesLeft } from "../render/cleaned.ts";

export async function deleteCommand(
  id: number,
  flags: DatabaseFlags,
  output: Output,
): Promise<number> {
  const { runs, rows, copies } = await withDatabase(
    readSettings(flags),
    output,
    { migrate: false },
    ({ ledger }) => deleteRun(ledger, id),
  );
  noteFilesLeft(copies.left, output);
  if (flags.json) {
    const { files, bytes } = copies;
    output.json({ data: { id, runs, rows, files, bytes, files_left: copies.left } });
  } else {
    output.print(deletedLine(runs, rows, copies));
  }
  return copies.left.length === 0 ? EXIT.done : EXIT.failed;
}
