/** `${NAME}` in a definition's `source`: variables of the environment, and only those it names. */
import type { SourceRule } from "../../importer/source_rule.ts";
import { SourceError } from "../error.ts";
import type { Place, RemoteAccess } from "./remote.ts";

/**
 * `address`: the definition's own, into which its variables are filled; or another one that whoever
 * started the run has named. Nothing is filled into that, and headers go only where the definition
 * sends them: to the same scheme, host and port. Throws SourceError for a variable that isn't set.
 */
export function placeOf(
  rule: SourceRule,
  address: string,
  access: Pick<RemoteAccess, "variable">,
): Place {
  const variables = Object.fromEntries(
    (rule.env ?? []).map((name) => [name, valueOf(name, access)]),
  );
  const fill = (text: string) =>
    text.replace(/\$\{(\w+)\}/gu, (whole, name: string) => variables[name] ?? whole);
  const own = rule.url === undefined ? null : fill(rule.url);
  const headers = Object.entries(rule.headers ?? {})
    .map(([name, value]) => [name.toLowerCase(), fill(value)]);
  const isOwn = own !== null && address === rule.url;
  const isThere = isOwn || (own !== null && hasSameOrigin(own, address));
  return {
    address: isOwn ? own : address,
    headers: isThere ? Object.fromEntries(headers) : {},
    key: rule.key === undefined ? null : fill(rule.key),
    variables,
  };
}

function valueOf(name: string, access: Pick<RemoteAccess, "variable">): string {
  // Files that secrets are read from end with a line break.
  const value = access.variable(name)?.trim() ?? "";
  if (/[\r\n\0]/u.test(value)) {
    throw new SourceError(`Cannot fetch the file: the variable ${name} has more than one line.`);
  }
  if (value !== "") return value;
  throw new SourceError(
    `Cannot fetch the file: the variable ${name} isn't set, and the definition needs it ` +
      "(source.env). Set it for ingest, and try again.",
  );
}

function hasSameOrigin(one: string, other: string): boolean {
  if (!URL.canParse(one) || !URL.canParse(other)) return false;
  const [a, b] = [new URL(one), new URL(other)];
  return a.protocol === b.protocol && a.host === b.host;
}
