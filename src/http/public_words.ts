/** Messages as anybody outside may see them: of a path of this machine, a file's name is left. */
import { basename, dirname, isAbsolute } from "node:path";
import type { Run } from "../ledger/runs.ts";

/** For `runReport` and `listReport`. */
export function publicRun(run: Run): Run {
  const word = (text: string) => withoutPaths(text, { [run.source.path]: nameOf(run) });
  return {
    ...run,
    warnings: run.warnings.map(word),
    error: run.error && { ...run.error, message: word(run.error.message) },
  };
}

/** What the file was called: a stored copy has a name that tells nobody anything. */
function nameOf({ original_filename, source }: Run): string {
  return original_filename ?? basename(source.path);
}

/** `names`: what to say instead of the paths that are known to be in it. */
export function withoutPaths(text: string, names: Readonly<Record<string, string>> = {}): string {
  // These first: where they have blanks in them, nothing else tells where they end.
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

/** Does something with the run's file, and words what fails as others may see it. */
export function namingFile<T>(run: Run, work: () => Promise<T>): Promise<T> {
  return naming({ [run.source.path]: nameOf(run) }, work);
}

/** The same with a file of which there is no run yet. */
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
