/** Watches the folders of all importers, until told to stop. `serve` and `work` do. */
import type { DatabaseConfig } from "../../config/database_config.ts";
import { reasonOf } from "../../db/connection_errors.ts";
import { SessionPool } from "../../db/session_pool.ts";
import { type Importer, type Importers, loadImporters } from "../../importer/folder.ts";
import { isDefinitionName } from "../../importer/slug.ts";
import { Ledger } from "../../ledger/ledger.ts";
import type { LogEntry } from "../../observe/log_entry.ts";
import type { RemoteAccess } from "../../source/remote/remote.ts";
import { Bell } from "../bell.ts";
import { withinTime } from "../work/within_time.ts";
import { FolderWatch, type Watcher } from "./look_at_folder.ts";
import { ScheduleWatch, type ScheduleWatcher } from "./schedule.ts";
import { watchedFolder } from "./watched_folder.ts";

export interface WatchOptions {
  readonly config: DatabaseConfig;
  readonly schemaName: string;
  /** The folder of definitions. */
  readonly importersFolder: string;
  /** Where relative paths of definitions begin. */
  readonly base: string;
  /** If aborted, ends what it is at, for at most `graceMs`. A copy that is being made is given up. */
  readonly signal: AbortSignal;
  readonly graceMs: number;
  /** How files from elsewhere are fetched. */
  readonly remote: RemoteAccess;
  storageFolder(ledger: Ledger): Promise<string>;
  /** Where copies are kept for all machines; null: in `storageFolder`. */
  bucketFolder?(ledger: Ledger): Promise<string | null>;
  log(entry: LogEntry): void;
  /** See Mover. */
  exportFailed(ledger: Ledger, run: number, path: string): Promise<boolean>;
  /** For tests. */
  readonly interval?: number;
  readonly now?: () => number;
  readonly host?: string;
  readonly onStep?: Watcher["onStep"];
}

/** Milliseconds until connections count as lost at the end. */
const LAST_WORDS = 1_000;
/** Milliseconds between two looks; after a failure that is not a file's. */
const INTERVAL = 2_000, PAUSE = 30_000;

export async function watchFolders(options: WatchOptions): Promise<void> {
  const { bucketFolder, config, schemaName, signal, log } = options;
  const { interval = INTERVAL, now = () => performance.now() } = options;
  const pool = new SessionPool(config, { max: 4, applicationName: "ingest watch" });
  const withLedger: Watcher["withLedger"] = (work) =>
    pool.use((session) => work(new Ledger(session, schemaName)));
  const watcher: Watcher & ScheduleWatcher = {
    ...{ base: options.base, remote: options.remote },
    ...{ withLedger, signal, log, now, onStep: options.onStep },
    holder: crypto.randomUUID(),
    host: options.host ?? Deno.hostname(),
    storageFolder: () => withLedger((ledger) => options.storageFolder(ledger)),
    bucketFolder: bucketFolder && (() => withLedger(bucketFolder)),
    exportFailed: (run, path) => withLedger((ledger) => options.exportFailed(ledger, run, path)),
  };
  const definitions = new Definitions(options);
  const watches = new Map<string, Looking>();
  const bell = new Bell();
  const stop = () => bell.ring();
  signal.addEventListener("abort", stop);
  try {
    while (!signal.aborted) {
      const usable = await definitions.read();
      const folders = usable.flatMap((importer) => {
        const folder = watchedFolder(importer.definition, options.base);
        return folder === null ? [] : [{ folder, importer }];
      });
      for (const { folder, importer } of folders) {
        const looking = watches.get(folder.importer) ?? new Looking(watcher);
        watches.set(folder.importer, looking);
        looking.begin(() => looking.watch.look(folder, importer));
      }
      const known = new Set(folders.map(({ folder }) => folder.importer));
      for (const importer of usable) {
        const { slug, source: { schedule } } = importer.definition;
        if (schedule === undefined) continue;
        const looking = watches.get(slug) ?? new Looking(watcher);
        watches.set(slug, looking);
        known.add(slug);
        looking.begin(() => looking.schedule.look(schedule, importer));
      }
      for (const slug of watches.keys()) if (!known.has(slug)) watches.delete(slug);
      await bell.wait(interval);
    }
  } finally {
    signal.removeEventListener("abort", stop);
    const looks = Promise.all([...watches.values()].map(({ ended }) => ended));
    await withinTime(looks, options.graceMs);
    await withinTime(pool.close(), LAST_WORDS);
  }
}

/** The looks into one folder: one after the other, whatever the other folders do. */
class Looking {
  readonly watch: FolderWatch;
  readonly schedule: ScheduleWatch;
  readonly #watcher: Watcher & ScheduleWatcher;
  ended: Promise<void> = Promise.resolve();
  #busy = false;
  #next = 0;
  #told: string | null = null;

  constructor(watcher: Watcher & ScheduleWatcher) {
    this.#watcher = watcher;
    this.watch = new FolderWatch(watcher);
    this.schedule = new ScheduleWatch(watcher);
  }

  /** Unless a look is going on, or failed a moment ago. */
  begin(look: () => Promise<void>): void {
    if (this.#busy || this.#watcher.now() < this.#next) return;
    this.#busy = true;
    this.ended = look()
      .then(() => {
        this.#told = null;
      }, (error) => {
        this.#next = this.#watcher.now() + PAUSE;
        const message = `Cannot watch folders and schedules: ${reasonOf(error)}`;
        if (message !== this.#told) this.#watcher.log({ level: "error", message });
        this.#told = message;
      })
      .finally(() => {
        this.#busy = false;
      });
  }
}

/** The definitions, read again when one of their files has changed. */
class Definitions {
  readonly #options: WatchOptions;
  #state = "";
  #importers: Importers = { usable: [], broken: [], exists: false };
  #told = new Set<string>();

  constructor(options: WatchOptions) {
    this.#options = options;
  }

  async read(): Promise<readonly Importer[]> {
    const { importersFolder: folder, schemaName } = this.#options;
    try {
      const state = await stateOf(folder);
      if (state !== this.#state) {
        this.#importers = await loadImporters(folder, { ownSchema: schemaName });
        this.#state = state;
        await this.#tell();
      }
    } catch (error) {
      this.#once(new Set([`Cannot read definitions: ${reasonOf(error)}`]));
      return [];
    }
    return this.#importers.usable;
  }

  /** What is wrong with definitions that would watch a folder or have a schedule, as far as anybody can tell. */
  async #tell(): Promise<void> {
    const messages = new Set<string>();
    for (const { slug, problems } of this.#importers.broken) {
      const texts = await Promise.all(
        problems.map(({ file }) => Deno.readTextFile(file).catch(() => "")),
      );
      if (!texts.some((text) => /\b(?:folder|every|cron)\b/u.test(text))) continue;
      messages.add(
        `${slug} can't be used, so nothing is loaded for it: ${problems[0].message} ` +
          `See all: ingest check ${slug}`,
      );
    }
    this.#once(messages);
  }

  #once(messages: Set<string>): void {
    for (const message of messages) {
      if (!this.#told.has(message)) this.#options.log({ level: "warning", message });
    }
    this.#told = messages;
  }
}

/** Names, sizes and times of definitions: another text means that one has changed. */
async function stateOf(folder: string): Promise<string> {
  const states: string[] = [];
  try {
    for await (const { name } of Deno.readDir(folder)) {
      if (!isDefinitionName(name)) continue;
      const stat = await Deno.stat(`${folder}/${name}`).catch(() => null);
      states.push(`${name} ${stat?.size} ${stat?.mtime?.getTime()} ${stat?.ino}`);
    }
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "none";
    throw error;
  }
  return states.sort().join("\n");
}
