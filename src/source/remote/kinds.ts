/** The table of remote sources: which addresses are fetched, and how. */
import { REMOTE_SCHEMES, type RemoteType } from "../../importer/source_rule.ts";
import type { RemoteKind } from "./remote.ts";

/** Loaded when they are needed: most runs read local files. */
const KINDS: Readonly<Record<RemoteType, () => Promise<RemoteKind>>> = {
  s3: async () => (await import("./s3/s3_kind.ts")).s3Kind,
  sftp: async () => (await import("./sftp/sftp_kind.ts")).sftpKind,
  url: async () => (await import("./url/url_kind.ts")).urlKind,
};

/** Does it look like an address of another machine, of whatever kind? */
export function isAddress(text: string): boolean {
  return /^[a-z][a-z0-9+.-]+:\/\//iu.test(text);
}

/** The kind that takes this address, by its scheme; null: none does. */
export function typeOfAddress(address: string): RemoteType | null {
  const scheme = address.slice(0, address.indexOf(":")).toLowerCase();
  const types = Object.entries(REMOTE_SCHEMES) as [RemoteType, readonly string[]][];
  return types.find(([, schemes]) => schemes.includes(scheme))?.[0] ?? null;
}

export function kindOf(type: RemoteType): Promise<RemoteKind> {
  return KINDS[type]();
}
