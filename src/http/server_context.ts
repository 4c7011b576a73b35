/** What the routes need from the process that serves them. */
import type { Ledger } from "../ledger/ledger.ts";
import type { LogEntry } from "../observe/log_entry.ts";
import type { LiveEvents } from "./events/live_events.ts";
import type { RestTimes } from "./requests/incoming.ts";
import type { Keyed } from "./keyed/keyed.ts";
import type { LockedTables } from "./locked_tables.ts";
import type { Principal } from "./identity/principal.ts";

/** An answer that is on its way when its handler has returned. */
export interface LastingAnswer {
  /** Resolves, to what the log says of it, when nothing more is sent. */
  readonly ended: Promise<string>;
  /** Bytes. */
  readonly sent: number;
}

export interface ServerContext {
  /** Does `work` with ingest's own tables. Requests share these connections, and wait for them. */
  withLedger<T>(work: (ledger: Ledger) => Promise<T>): Promise<T>;
  /** The same over separate connections: a download takes as long as its reader. */
  withDownload<T>(work: (ledger: Ledger) => Promise<T>): Promise<T>;
  /** For those who watch runs. */
  readonly events: Pick<LiveEvents, "watchRun" | "watchList">;
  /** Those that requests needn't wait for. */
  readonly lockedTables: LockedTables;
  /** Throws unless the database answers and its migrations match this program. */
  assertReady(): Promise<void>;
  /** The schema of ingest's own tables: no importer may write there. */
  readonly schemaName: string;
  /** The folder of the definitions. */
  readonly importersFolder: string;
  /** Where uploads go. */
  storageFolder(ledger: Ledger): Promise<string>;
  /** Where the files of runs are kept for all machines; null: in `storageFolder`. */
  bucketFolder?(ledger: Ledger): Promise<string | null>;
  /** The folder of the files that requests may name; null: they may name none. */
  readonly sourceFolder: string | null;
  /** May administrators save definitions over HTTP? */
  readonly savesDefinitions: boolean;
  /** Bytes. */
  readonly maxUpload: number;
  /** Hosts in private networks from which files may be fetched. */
  readonly allowedHosts: readonly string[];
  /** A variable of the environment, for those who fetch files. */
  variable(name: string): string | undefined;
  /** Are there workers on this machine, which can read its files? */
  readonly worksHere: boolean;
  /** Whose pages may use the API, besides our own: `https://app.example.com`. */
  readonly corsOrigins: readonly string[];
  /** No token was ever made, and only this machine can reach the server. */
  readonly isOpen: boolean;
  /** When aborted, uploads in progress are given up. */
  readonly closing: AbortSignal;
  /** How long the rest of a refused body is read; null: not at all. */
  readonly rest: RestTimes | null;
  log(entry: LogEntry): void;
}

/** What a request carries through its handlers. */
export interface RequestEnv {
  /** Comes with requests that this process makes itself: no client can send it. */
  Bindings: {
    /** A button of a page asks. */
    readonly isPage?: boolean;
  };
  Variables: {
    readonly server: ServerContext;
    readonly requestId: string;
    readonly principal: Principal;
    /** For the log: why the request failed, if the answer doesn't say it. */
    failure: unknown;
    /** The answer's body, if it lasts. */
    stream: LastingAnswer | undefined;
    /** If it has an Idempotency-Key. */
    keyed: Keyed | undefined;
  };
}
