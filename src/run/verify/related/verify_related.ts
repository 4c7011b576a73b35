/**
 * Compares what a run's rows have brought to other tables: links and children, at any depth. All in one
 * transaction, over one connection: what should be there is noted in temporary tables first, because
 * later rows may have replaced what earlier ones brought. Then each table is compared as a whole.
 */
import type { Ledger } from "../../../ledger/ledger.ts";
import type { Run } from "../../../ledger/runs/runs.ts";
import type { Member } from "../options.ts";
import type { Part } from "../read_rows.ts";
import { compareExpected, type RelatedFindings } from "./compare_expected.ts";
import { Noting } from "./noting.ts";

/** Does the run bring rows to other tables? */
export function bringsRelated({ definition: { many = [], nested = [] } }: Run): boolean {
  return many.length + nested.length > 0;
}

/** `room`: how many samples are wanted. Throws as `compileToVerify` does. */
export async function verifyRelated(
  ledger: Ledger,
  members: readonly Member[],
  { room, onPart }: { readonly room: number; readonly onPart: (part: Part) => void },
): Promise<RelatedFindings> {
  const [{ run: root }] = members;
  return await ledger.session.transaction(
    async () => {
      const noting = new Noting(ledger, { done: onPart });
      await noting.begin();
      for (const member of members) if (bringsRelated(member.run)) await noting.add(member);
      return await compareExpected(ledger.session, noting, room);
    },
    root.settings,
    "set local client_min_messages = warning",
  );
}
