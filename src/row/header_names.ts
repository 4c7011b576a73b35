/** Finds columns in a file's header by the names that a definition uses. */
import { displayName } from "../source/display_text.ts";
import { isCutName } from "../importer/against_table/cut_name.ts";
import { didYouMean, nearest } from "../importer/nearest.ts";
import { looksLike } from "../importer/look_alike.ts";

/**
 * An exact match, or else one that ignores case and surrounding blanks, or else the only name that
 * Postgres would cut to the wanted one; -1 if there is none.
 */
export function findName(header: readonly string[], wanted: string): number {
  const exact = header.indexOf(wanted);
  if (exact >= 0) return exact;
  const folded = fold(wanted);
  const same = header.findIndex((name) => fold(name) === folded);
  if (same >= 0) return same;
  const longer = [...header.keys()].filter((field) => isCutName(wanted, header[field]));
  return longer.length === 1 ? longer[0] : -1;
}

/** The first alias that the header has; -1 if it has none. */
export function findAlias(header: readonly string[], aliases: readonly string[]): number {
  for (const alias of aliases) {
    const found = findName(header, alias);
    if (found >= 0) return found;
  }
  return -1;
}

export function isSameName(one: string, other: string): boolean {
  return one === other || fold(one) === fold(other);
}

/** `"E-Mail", "Email" or "Mail"` */
export function quotedList(names: readonly string[]): string {
  const quoted = names.map((name) => JSON.stringify(name));
  if (quoted.length < 2) return quoted.join("");
  return `${quoted.slice(0, -1).join(", ")} or ${quoted.at(-1)}`;
}

/** Ends a sentence about a missing name. */
export function suggesting(wanted: readonly string[], candidates: readonly string[]): string {
  for (const name of wanted) {
    const near = nearest(name, candidates);
    if (near !== null) return didYouMean(near, name);
  }
  return ".";
}

/** Enough names to see what kind of file it is, without a line too long to read. */
const MAX_LISTED = 30;

/** `wanted`: names that some of them may look like, without being the same. */
export function listed(names: readonly string[], wanted: readonly string[] = []): string {
  const shown = names.slice(0, MAX_LISTED)
    .map((name) => displayName(name) + looksLike(name, wanted)).join(", ");
  const more = names.length - MAX_LISTED;
  return more > 0 ? `${shown} and ${more} more` : shown;
}

function fold(name: string): string {
  return name.trim().toLowerCase();
}
