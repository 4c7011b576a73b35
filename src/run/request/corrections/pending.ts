/** The corrections of a chain that wait for a retry. */
import {
  countPending,
  listPending,
  type PendingEdit,
} from "../../../ledger/edits/pending_edits.ts";
import type { Ledger } from "../../../ledger/ledger.ts";

/** How much is read at a time; a row's corrections may be long. */
const PAGE_BYTES = 8 * 1024 * 1024;

export interface PendingPage {
  readonly rows: readonly PendingEdit[];
  readonly more: boolean;
  /** Null on pages after the first. */
  readonly total: number | null;
}

export async function pendingPage(
  ledger: Ledger,
  root: number,
  { after, rows: limit }: { readonly after: number; readonly rows: number },
): Promise<PendingPage> {
  const found = await listPending(ledger, root, after, { rows: limit + 1, bytes: PAGE_BYTES });
  const rows = found.slice(0, limit);
  const isFull = found.length > limit;
  const last = rows.at(-1)?.row_number;
  // The page may have ended because it was long enough.
  const more = isFull ||
    (last !== undefined &&
      (await listPending(ledger, root, last, { rows: 1, bytes: 1 })).length > 0);
  return { rows, more, total: after === 0 ? await countPending(ledger, root) : null };
}
