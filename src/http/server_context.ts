/** What the routes need of the process that serves them. */
import type { Ledger } from "../ledger/ledger.ts";
import type { LogEntry } from "../observe/log_entry.ts";
import type { RestTimes } from "./incoming.ts";
import type { Principal } from "./principal.ts";

export interface ServerContext {
  /** Does something with ingest's own tables; requests wait for each other's connections. */
  withLedger<T>(work: (ledger: Ledger) => Promise<T>): Promise<T>;
  /** The same over connections of their own: downloads take as long as who reads them. */
  withDownload<T>(work: (ledger: Ledger) => Promise<T>): Promise<T>;
  /** Throws unless the database answers and its migrations are this program's. */
  assertReady(): Promise<void>;
  /** Of ingest's own tables: no importer may write there. */
  readonly schemaName: string;
  /** The folder of the definitions. */
  readonly importersFolder: string;
  /** Where uploads go. */
  storageFolder(ledger: Ledger): Promise<string>;
  /** Files that requests may name lie in here; null: they may name none. */
  readonly sourceFolder: string | null;
  /** Bytes. */
  readonly maxUpload: number;
  /** Are files of this machine read by workers on this machine? */
  readonly worksHere: boolean;
  /** No token was ever made, and only this machine can reach the server. */
  readonly isOpen: boolean;
  /** Aborted: uploads that still come in are given up. */
  readonly closing: AbortSignal;
  /** How long the rest of a refused body is read; null: not at all. */
  readonly rest: RestTimes | null;
  log(entry: LogEntry): void;
}

/** What a request carries through its handlers. */
export interface RequestEnv {
  Variables: {
    readonly server: ServerContext;
    readonly requestId: string;
    readonly principal: Principal;
    /** For the log: why the request failed, where the answer doesn't say it. */
    failure: unknown;
  };
}
