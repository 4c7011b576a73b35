/** Where random imports are compared with the model: a database, ledgers for the workers, a folder, a role. */
import { Session } from "../../src/db/session.ts";
import { Ledger } from "../../src/ledger/ledger.ts";
import { migratedDatabase } from "../support/database.ts";
import { prepareDatabase } from "./reference_target.ts";

/** The most workers that a case has. One more ledger is the planner's. */
const MAX_WORKERS = 4;

export interface ReferencePlace extends AsyncDisposable {
  /** The test's own. */
  readonly session: Session;
  readonly ledgers: readonly Ledger[];
  /** Gives the workers new connections. */
  reconnect(): Promise<void>;
  /** For the files. */
  readonly folder: string;
  /** Its privileges are limited. */
  readonly role: string;
}

export async function referencePlace(): Promise<ReferencePlace> {
  const db = await migratedDatabase();
  const role = `limited_${db.config.database}`;
  await prepareDatabase(db.session, role);
  const ledgers: Ledger[] = [];
  const connect = async () => new Ledger(await Session.open(db.config), "ingest");
  for (let i = 0; i <= MAX_WORKERS; i++) ledgers.push(await connect());
  const folder = await Deno.makeTempDir();
  return {
    session: db.session,
    ledgers,
    async reconnect() {
      for (let i = 1; i <= MAX_WORKERS; i++) {
        await ledgers[i].session.close();
        ledgers[i] = await connect();
      }
    },
    folder,
    role,
    async [Symbol.asyncDispose]() {
      await Deno.remove(folder, { recursive: true });
      for (const { session } of ledgers) await session.close();
      await db.session.query(`drop owned by ${role}; drop role ${role}`);
      await db[Symbol.asyncDispose]();
    },
  };
}
