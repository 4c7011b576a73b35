/**
 * Reads libpq's password file: lines of `host:port:database:user:password`. `*` matches anything.
 */
import type { DatabaseConfig } from "./database_config.ts";

/** `host`: `localhost` for the default Unix socket. */
export type PasswordTarget = Pick<DatabaseConfig, "host" | "port" | "database" | "user">;

/** The password of the first line that matches. */
export function findPassword(text: string, target: PasswordTarget): string | null {
  const wanted = [target.host, String(target.port), target.database, target.user];
  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith("#")) continue;
    const fields = splitFields(line);
    if (fields.length < 5) continue;
    if (wanted.every((value, i) => fields[i] === "*" || unescape(fields[i]) === value)) {
      return unescape(fields[4]);
    }
  }
  return null;
}

/** Splits at the first four colons without a backslash. The password is all the rest. */
function splitFields(line: string): string[] {
  const fields: string[] = [];
  let start = 0;
  for (let i = 0; i < line.length && fields.length < 4; i++) {
    if (line[i] === "\\") i++;
    else if (line[i] === ":") {
      fields.push(line.slice(start, i));
      start = i + 1;
    }
  }
  return [...fields, line.slice(start)];
}

function unescape(field: string): string {
  return field.replace(/\\([\\:])/g, "$1");
}
