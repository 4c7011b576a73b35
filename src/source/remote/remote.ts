/** Files that are elsewhere: what every kind of them has to be able to do. */
import type { Spooled } from "../file/spool.ts";
import type { Reach } from "./network/reach.ts";

/** Which file is meant, with its secrets filled in: never shown, logged or stored. */
export interface Place {
  readonly address: string;
  /** What is sent along, by lower-case name. Empty unless the kind is HTTP. */
  readonly headers: Readonly<Record<string, string>>;
  /** A file with a private key; null: what the kind finds by itself. */
  readonly key: string | null;
  /** Variables of the environment that the definition names in `source.env`. */
  readonly variables: Readonly<Record<string, string>>;
}

/** What a machine lends to whoever fetches. */
export interface RemoteAccess {
  /** Hosts in private networks that may be reached all the same: see `allowsHost`. */
  readonly allowedHosts: readonly string[];
  /** Bytes of one file. */
  readonly maxBytes: number;
  /** The fetch is given up. */
  readonly signal: AbortSignal;
  /** A variable of this process's environment, such as the credentials that other tools read. */
  variable(name: string): string | undefined;
  /** For tests: other ways to look up names and to connect, and shorter waits. */
  readonly reach?: Partial<Reach>;
}

/** What tells whether a file has changed, as its server says it. */
export interface Version {
  readonly etag: string | null;
  /** As it was sent: it is sent back. */
  readonly lastModified: string | null;
}

/** One file that an address means. */
export interface RemoteObject {
  /** As people may see it: without secrets. Its last part is what the file is called. */
  readonly name: string;
  /** For the kind itself. May have secrets in it. */
  readonly address: string;
  /** Null if only fetching tells. */
  readonly version: Version | null;
}

/** A copy in storage, which belongs to whoever asked for it. */
export interface Fetched extends Spooled {
  readonly name: string;
  readonly version: Version;
  /** What was odd about it, in sentences. */
  readonly notes: readonly string[];
  /** There is more of it than was wanted. */
  readonly isBeginning: boolean;
}

export interface Wanted {
  /** The version that is known already: then nothing needs to be fetched. */
  readonly known: Version | null;
  /** Where the copy goes. */
  readonly folder: string;
  /** So many bytes are enough, unless the file is a zip archive. Default: all of it. */
  readonly beginning?: number;
}

export interface RemoteKind {
  /** How an address may be shown: without what is secret in it. Never throws. */
  shown(address: string): string;
  /** Why the address can't be used, completing "expected"; null: it can. */
  expectedInstead(address: string): string | null;
  /** One file, or those that fit a pattern, in no certain order. Throws SourceError. */
  list(place: Place, access: RemoteAccess): Promise<readonly RemoteObject[]>;
  /**
   * Null: it has not changed since the known version. Throws SourceError, and StorageError if the
   * copy can't be written. Then nothing is left in the folder.
   */
  fetch(
    object: RemoteObject,
    place: Place,
    access: RemoteAccess,
    wanted: Wanted,
  ): Promise<Fetched | null>;
}
