/** `sftp://user@host:port/folder/*.csv`. */

export interface SftpAddress {
  readonly user: string | null;
  readonly host: string;
  readonly port: number | null;
  /** Absolute, or relative to the user's own folder: `sftp://host/~/in/a.csv`. */
  readonly path: string;
}

/** Null if it is none. No part may look like an option of ssh. */
export function readSftpAddress(address: string): SftpAddress | null {
  const match =
    /^sftp:\/\/(?:([^@:/\s]+)@)?([A-Za-z0-9._-]+|\[[0-9a-fA-F:.]+\])(?::(\d{1,5}))?(\/[^\0\r\n]*)$/u
      .exec(address);
  if (match === null) return null;
  const [, user = null, host, port = null, path] = match;
  if (host.startsWith("-") || user?.startsWith("-")) return null;
  return {
    ...{ user, host: host.replace(/^\[(.*)\]$/u, "$1") },
    port: port === null ? null : Number(port),
    path: path.startsWith("/~/") ? path.slice(3) : path,
  };
}

/** Without who signs in. */
export function shownSftp(address: string): string {
  return address.replace(/^sftp:\/\/(?:[^/@]*@)?/iu, "");
}

export function isSftpPattern(path: string): boolean {
  return /[*?]/u.test(path) || path.endsWith("/");
}

/** `*` and `?` in the last part; `in/` means all files. Hidden ones have to be named. */
export function fitsName(pattern: string, name: string): boolean {
  if (name.startsWith(".") && !pattern.startsWith(".")) return false;
  if (pattern === "") return true;
  const source = pattern.replace(/[.+^${}()|[\]\\]/gu, "\\$&").replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`, "su").test(name);
}
