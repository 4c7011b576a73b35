/** Where the embedded server's files are, and as which user it runs. */
import { resolve } from "node:path";
import { EmbeddedPostgresFailed } from "./postgres_failed.ts";
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";

export interface Place {
  /** Holds everything below. */
  readonly root: string;
  readonly data: string;
  /** The Unix socket's folder. */
  readonly run: string;
  readonly log: string;
  /** Readable only by the user who started the server: mode 0600. */
  readonly password: string;
  /** Postgres refuses to run as root. When we are root, it runs as this user. */
  readonly runAs: { readonly uid: number; readonly gid: number } | null;
}

const NOBODY = { uid: 65534, gid: 65534 };

/** Bytes that fit into a Unix socket's address: 108, or 104 on macOS, minus the final zero. */
const MAX_SOCKET_PATH = Deno.build.os === "darwin" ? 103 : 107;

/** `home`: INGEST_HOME. It is created if it doesn't exist. */
export async function findPlace(home: string): Promise<Place> {
  const absolute = resolve(home);
  const runAs = Deno.uid() === 0 ? NOBODY : null;
  try {
    await makeFolder(absolute);
    const reachable = runAs === null || await canEnter(absolute, runAs);
    const root = reachable ? `${absolute}/postgres` : await outside(absolute);
    await makeFolder(root);
    return placeAt(root, runAs);
  } catch (cause) {
    if (cause instanceof EmbeddedPostgresFailed) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new EmbeddedPostgresFailed(
      `Cannot use ${absolute} for the embedded Postgres: ${reason}. Set INGEST_HOME to a folder ` +
        `that you can write to.`,
      { cause },
    );
  }
}

/** Where the files may be, if the place was used before. Creates nothing and changes nothing. */
export function possiblePlaces(home: string): readonly Place[] {
  const absolute = resolve(home);
  const runAs = Deno.uid() === 0 ? NOBODY : null;
  const roots = runAs === null ? [] : OUTSIDE.map((parent) => `${parent}/${folderName(absolute)}`);
  return [`${absolute}/postgres`, ...roots].map((root) => placeAt(root, runAs));
}

function placeAt(root: string, runAs: Place["runAs"]): Place {
  return {
    root,
    data: `${root}/data`,
    run: `${root}/run`,
    log: `${root}/server.log`,
    password: `${root}/password`,
    runAs,
  };
}

/** The port in the socket's name. It occupies no TCP port. */
export const SOCKET_PORT = 5432;

/** If false, the path is too long for a Unix socket, and the server listens on loopback instead. */
export function hasSocket(place: Place): boolean {
  return Buffer.byteLength(`${place.run}/.s.PGSQL.${SOCKET_PORT}`) <= MAX_SOCKET_PATH;
}

const OUTSIDE: readonly string[] = ["/var/lib/ingest", "/var/tmp/ingest"];

function folderName(home: string): string {
  return createHash("sha256").update(home).digest("hex").slice(0, 16);
}

/**
 * No other user can enter root's home, not even the server's. So the files go where servers keep
 * theirs, in one folder for each home.
 */
async function outside(home: string): Promise<string> {
  const name = folderName(home);
  for (const parent of OUTSIDE) {
    try {
      await makeFolder(parent);
      await makeFolder(`${parent}/${name}`);
      await Deno.writeTextFile(`${parent}/${name}/HOME`, `${home}\n`);
      if (await canEnter(`${parent}/${name}`, NOBODY)) return `${parent}/${name}`;
    } catch {
      // Try the next one.
    }
  }
  throw new EmbeddedPostgresFailed(
    `Cannot use ${home} for the embedded Postgres: Postgres runs as an ordinary user, who may ` +
      `not enter this folder. Set INGEST_HOME to a folder that everybody can enter.`,
  );
}

/** If root makes the folder, the server's user can enter it, whatever the umask. */
async function makeFolder(path: string): Promise<void> {
  try {
    await Deno.mkdir(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  }
  const { mode, uid } = await Deno.stat(path);
  if (uid === 0 && Deno.uid() === 0 && mode !== null && (mode & 0o011) !== 0o011) {
    await Deno.chmod(path, (mode & 0o7777) | 0o011);
  }
}

async function canEnter(path: string, user: { uid: number; gid: number }): Promise<boolean> {
  const { success } = await new Deno.Command("/bin/sh", {
    args: ["-c", 'cd "$1"', "sh", path],
    cwd: "/",
    stdin: "null",
    stdout: "null",
    stderr: "null",
    ...user,
  }).output();
  return success;
}
