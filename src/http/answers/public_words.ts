/**
 * Makes messages fit for clients: a path of this machine is reduced to the file's name, and commands
 * are left out.
 */
import { basename, dirname, isAbsolute } from "node:path";
import type { Run } from "../../ledger/runs/runs.ts";
import type { RunReport } from "../../report/report_schema.ts";
import { withoutCommands } from "./public_commands.ts";

/** For `runReport` and `listReport`. */
export function publicRun(run: Run): Run {
  const word = publicText(run);
  return {
    ...run,
    warnings: run.warnings.map(word),
    error: run.error && { ...run.error, message: word(run.error.message) },
  };
}

/** Where the file of a watched folder lies: without the folders of this machine. */
export function publicFile(
  { name, moved_to: moved, message }: NonNullable<RunReport["watched_file"]>,
): NonNullable<RunReport["watched_file"]> {
  return {
    name,
    moved_to: moved !== null && isAbsolute(moved) ? basename(moved) : moved,
    message: message === null ? null : withoutCommands(withoutPaths(message)),
  };
}

/** For texts about the run. */
export function publicText(run: Run): (text: string) => string {
  return (text) => withoutCommands(withoutPaths(text, { [run.source.path]: nameOf(run) }));
}

/** The original name of the file: the name of a stored copy means nothing to anybody. */
function nameOf({ original_filename, source }: Run): string {
  return original_filename ?? basename(source.path);
}

/** `names`: replacements for the paths that are known to be in the text. */
export function withoutPaths(text: string, names: Readonly<Record<string, string>> = {}): string {
  // These first: if they contain spaces, nothing else tells where they end.
  const known = Object.entries(names).filter(([path]) => isAbsolute(path));
  const named = known.reduce((words, [path, name]) => {
    const folder = dirname(path);
    const nameless = words.replaceAll(path, () => name);
    return folder === "/" ? nameless : nameless.replaceAll(`${folder}/`, "");
  }, text);
  return named.replace(
    /(?<![\w.:/])(?:[a-z]:)?[\\/](?:[^\s\\/"'`,;]+[\\/])+([^\s\\/"'`,;]*)/giu,
    "$1",
  );
}

/** Does `work` with the run's file, and makes the message of a failure fit for clients. */
export function namingFile<T>(run: Run, work: () => Promise<T>): Promise<T> {
  return naming({ [run.source.path]: nameOf(run) }, work);
}

/** The same with a file that has no run yet. */
export function namingPath<T>(path: string, work: () => Promise<T>): Promise<T> {
  return naming({ [path]: basename(path) }, work);
}

async function naming<T>(
  names: Readonly<Record<string, string>>,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error) error.message = withoutPaths(error.message, names);
    throw error;
  }
}
