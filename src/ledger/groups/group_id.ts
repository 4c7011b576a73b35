/**
 * The identity of an error group: what went wrong, in whichever run of whichever importer. It is made
 * from the column and the message's form, never from a value, a limit or a list of allowed words,
 * which a definition may change. The migration `error_groups` has the same in SQL, for groups and rows of older
 * versions.
 */
import { createHash } from "node:crypto";
import type { RowError } from "../../row/outcome.ts";
import { GROUP_ID_DIGITS } from "./group_id_form.ts";

export type GroupKind = "row" | "validation";

/** What an error is about. `cause`: the constraint, of an error that Postgres words itself. */
export interface GroupIdentity {
  readonly kind: GroupKind;
  readonly code: string | null;
  readonly column: string | null;
  readonly message: string;
  readonly cause?: string | null;
}

/** In place of what varies. ASCII, because each database can hold it. */
const GAP = "#";

/** A message without what may differ in errors of the same kind. */
export function messageForm(
  { kind, code, column, message }: Omit<GroupIdentity, "cause">,
  gap = GAP,
): string {
  const numbers = (text: string) => text.replaceAll(/-?[0-9]+(?:[.,:][0-9]+)*/g, gap);
  if (kind === "validation") {
    const start = `The ${column} field `;
    const own = column !== null && message.startsWith(start);
    const rest = own ? message.slice(start.length) : message;
    // Formats and words for yes and no are in parentheses.
    const unlisted = rest.replace(/must be one of .*/s, `must be one of ${gap}`)
      .replace(/\(.*\)/s, `(${gap})`);
    return (own ? start : "") + numbers(unlisted);
  }
  // A trigger's own words. They may quote values.
  if (code === "database") return numbers(message.replaceAll(/'[^']*'|"[^"]*"/g, gap));
  if (code === "malformed") return message.replace(/ that opens on line [0-9]+/, "");
  return message;
}

/**
 * Errors of `validation` are told apart by their text, whatever their code: `min` and `max` have the
 * same. Where Postgres names a constraint, its own words, which depend on its language, don't count.
 */
export function groupId(group: GroupIdentity): string {
  const { kind, code, column, cause = null } = group;
  const form = () => messageForm(group).replace("# characters", "# character");
  const what = [kind, kind === "row" ? code ?? "" : "", column ?? "", cause ?? form()];
  return createHash("md5").update(what.join("\x1f")).digest("hex").slice(0, GROUP_ID_DIGITS);
}

/** For `GroupIdentity`. */
export function causeOf({ code, sqlstate, constraint }: RowError): string | null {
  return code === "database" && constraint !== undefined ? `${sqlstate} ${constraint}` : null;
}
