/** Starts and stops the server of a place, and finds out whether it is running. */
import type { DatabaseConfig } from "../../config/database_config.ts";
import { DatabaseUnreachable, PostgresError } from "../connection_errors.ts";
import { Session } from "../session.ts";
import {
  EMBEDDED_DATABASE,
  EMBEDDED_ROLE,
  makeOwnFolder,
  readPassword,
  writeSettings,
} from "./cluster.ts";
import { EmbeddedPostgresFailed } from "./postgres_failed.ts";
import { hasSocket, type Place, SOCKET_PORT } from "./place.ts";
import { readPostmaster, removeLeftovers } from "./postmaster.ts";
import { run } from "./run_program.ts";

/** How long a server may take to come up or go down, in milliseconds. */
const PATIENCE = 60_000;

/** How to reach the server, or null if none is running. Cleans up after one that was killed. */
export async function findRunning(place: Place): Promise<DatabaseConfig | null> {
  const deadline = performance.now() + PATIENCE;
  while (true) {
    const postmaster = await readPostmaster(place);
    if (postmaster === null) return null;
    const { socketFolder, port } = postmaster;
    const config = await configFor(place, socketFolder === "" ? "127.0.0.1" : socketFolder, port);
    const answer = await ask(config);
    if (answer === "yes") return config;
    if (!postmaster.alive) {
      await removeLeftovers(place);
      return null;
    }
    if (performance.now() > deadline) {
      throw new EmbeddedPostgresFailed(
        `Cannot reach the embedded Postgres (process ${postmaster.pid}): ${answer} ` +
          `See ${place.log}.`,
      );
    }
    await pause(50);
  }
}

/** Starts the server. None may be running, and the caller holds the place's lock. */
export async function start(
  place: Place,
  bin: string,
  settings: Readonly<Record<string, string>>,
): Promise<DatabaseConfig> {
  await makeOwnFolder(place.run, place, 0o755);
  const socket = hasSocket(place);
  const port = socket ? SOCKET_PORT : freePort();
  await writeSettings(place, {
    unix_socket_directories: socket ? place.run : "",
    listen_addresses: socket ? "" : "127.0.0.1",
    port: String(port),
    ...settings,
  });
  const log = await Deno.open(place.log, { create: true, append: true });
  log.close();
  if (place.runAs) await Deno.chown(place.log, place.runAs.uid, place.runAs.gid);
  try {
    await run(place, `${bin}/pg_ctl`, [
      "start",
      ...["--pgdata", place.data, "--log", place.log, "--wait", "--timeout"],
      String(PATIENCE / 1000),
    ]);
  } catch (cause) {
    const reason = (await lastComplaint(place)) ?? "it didn't start";
    throw new EmbeddedPostgresFailed(
      `Cannot start the embedded Postgres: ${reason}. See ${place.log}.`,
      { cause },
    );
  }
  const config = await configFor(place, socket ? place.run : "127.0.0.1", port);
  await createDatabase(config);
  return config;
}

/** Stops the server if it is running, without waiting for clients. Open transactions roll back. */
export async function stop(place: Place, bin: string): Promise<void> {
  if (await readPostmaster(place) === null) return;
  const args = ["--pgdata", place.data, "--mode=fast", "--wait", "--timeout"];
  try {
    await run(place, `${bin}/pg_ctl`, ["stop", ...args, String(PATIENCE / 1000)]);
  } catch (error) {
    if (await findRunning(place) !== null) throw error;
  }
}

export async function configFor(place: Place, host: string, port: number): Promise<DatabaseConfig> {
  return {
    host,
    port,
    database: EMBEDDED_DATABASE,
    user: EMBEDDED_ROLE,
    password: await readPassword(place),
    ssl: false,
    sslRootCertificate: null,
  };
}

/** `yes`, or why the server can't be used (yet). */
async function ask(config: DatabaseConfig): Promise<string> {
  try {
    const session = await Session.open({ ...config, database: "postgres" });
    await session.close();
    return "yes";
  } catch (error) {
    if (error instanceof DatabaseUnreachable) return error.message;
    throw error;
  }
}

async function createDatabase(config: DatabaseConfig): Promise<void> {
  const session = await Session.open({ ...config, database: "postgres" });
  try {
    await session.execute(`create database ${EMBEDDED_DATABASE}`);
  } catch (error) {
    const exists = error instanceof PostgresError && error.code === "42P04";
    if (!exists) throw error;
  } finally {
    await session.close();
  }
}

function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return port;
}

/** The server's last fatal error in its log. */
async function lastComplaint(place: Place): Promise<string | null> {
  const log = await Deno.readTextFile(place.log).catch(() => "");
  const complaints = log.split("\n").flatMap((line) => {
    const found = /(?:FATAL|PANIC):\s+(.*)$/.exec(line);
    return found ? [found[1]] : [];
  });
  return complaints.at(-1) ?? null;
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
