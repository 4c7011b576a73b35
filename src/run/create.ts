/** Makes a run out of a definition and a file, after making sure that they fit the table. */
import { basename, extname } from "node:path";
import type { Definition } from "../importer/definition.ts";
import type { Origin } from "../importer/problem.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { createRun, type Run } from "../ledger/runs.ts";
import { resolveSource } from "../source/open.ts";
import { spool } from "../source/spool.ts";
import { fitTogether } from "./program.ts";

export interface RunRequest {
  readonly definition: Definition;
  /** The definition's file, for messages that name its lines. */
  readonly origin?: Origin;
  /** A path as it was given. */
  readonly file: string;
  /** What the file is called, where the path doesn't tell: standard input. */
  readonly name?: string;
  /** The file is a copy of ours in the spool folder. */
  readonly spooled?: boolean;
  readonly user: string | null;
  readonly spoolFolder: string;
  /** The run is left to another process: the file is copied into storage. */
  readonly detach: boolean;
}

/**
 * Throws SourceError, TargetError, DefinitionError, DefinitionMismatch and HeaderMismatch; then
 * there is no run, and no copy is left.
 */
export async function createRunFor(ledger: Ledger, request: RunRequest): Promise<Run> {
  const { definition, user, spoolFolder } = request;
  const name = request.name ?? request.file;
  // Judged before it is copied: a wrong file costs nothing.
  let source = await resolveSource(request.file, definition.source, spoolFolder, name);
  const ours = [source.path].filter(() => request.spooled || isCopy(source.encoding));
  try {
    await fitTogether(
      ledger.session,
      {
        id: 0,
        definition,
        header: source.header,
        user_id: user,
      },
      ledger.schemaName,
      request.origin,
    );
    if (request.detach && ours.length === 0) {
      const copy = await spool(source.path, spoolFolder, extname(request.file));
      ours.push(copy.path);
      source = await resolveSource(copy.path, definition.source, spoolFolder, name);
    }
    return await createRun(ledger, {
      definition,
      source,
      originalFilename: basename(name),
      spooledPath: ours[0] ?? null,
      user,
    });
  } catch (error) {
    for (const path of ours) await Deno.remove(path);
    throw error;
  }
}

/** Files in other encodings are copied to be read as UTF-8. */
function isCopy(encoding: string): boolean {
  return encoding !== "utf-8";
}
