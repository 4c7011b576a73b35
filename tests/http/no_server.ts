import { LockedTables } from "../../src/http/locked_tables.ts";
import type { ServerContext } from "../../src/http/server_context.ts";

const none = () => Promise.reject(new Error("nothing is asked of this server"));

const nobody = () => {
  throw new Error("nobody watches this server");
};

/** For tests that need a server, or a part of one, without a database. */
export const NO_SERVER: ServerContext = {
  ...{ withLedger: none, withDownload: none, assertReady: none, storageFolder: none },
  ...{ schemaName: "ingest", importersFolder: "", sourceFolder: null, maxUpload: 0 },
  ...{
    worksHere: false,
    isOpen: false,
    corsOrigins: [],
    savesDefinitions: false,
    allowedHosts: [],
    variable: () => undefined,
    closing: new AbortController().signal,
    rest: null,
  },
  lockedTables: new LockedTables(),
  events: { watchRun: nobody, watchList: nobody },
  log: () => {},
};
