/** Makes a run of a file that is there, and answers with it. */
import { dirname } from "node:path";
import type { Context } from "hono";
import { isList } from "../run/request/run_file.ts";
import { createRunFor } from "../run/request/create.ts";
import { LoadedBefore } from "../run/request/once.ts";
import type { StoredFile } from "../run/request/stored_file.ts";
import { accepted } from "./answers/answer_headers.ts";
import type { AskedDefinition } from "./requests/asked_definition.ts";
import { alongside } from "./keyed/keyed_route.ts";
import { withoutCommands } from "./answers/public_commands.ts";
import { publicReport } from "./runs_of.ts";
import type { RequestEnv } from "./server_context.ts";
import { watchClient } from "./watch_client.ts";

/** For the document: what 200 means. */
export const LOADED = "With `once`: the run that has loaded the same bytes, or is loading them.";

/** From here on a stored file belongs to the run, or is deleted. */
export async function startRun(
  c: Context<RequestEnv>,
  { definition, origin }: AskedDefinition,
  file: string | readonly string[] | StoredFile,
  how: {
    readonly dryRun: boolean;
    readonly once: boolean | undefined;
    readonly detach: boolean;
  },
): Promise<Response> {
  const server = c.get("server");
  const assertWanted = watchClient(c);
  const spoolFolder = typeof file === "string" || isList(file)
    ? await server.withLedger((ledger) => server.storageFolder(ledger))
    : dirname(file.path);
  const { bucketFolder } = server;
  const made = await server.lockedTables.waiting(
    definition.table,
    (patience) =>
      createRunFor(server.withLedger, {
        ...{
          definition,
          file,
          spoolFolder,
          storage: bucketFolder && (() => server.withLedger(bucketFolder)),
          patience,
          assertWanted,
          alongside: alongside(c),
        },
        ...origin !== null && { origin },
        // An upload is stored once more, unpacked.
        ...typeof file !== "string" && { maxUnpacked: server.maxUpload },
        remote: {
          ...{ allowedHosts: server.allowedHosts, maxBytes: server.maxUpload },
          ...{ signal: server.closing, variable: (name: string) => server.variable(name) },
        },
        user: c.get("principal").name,
        ...how,
      }),
  ).catch((error) => {
    if (error instanceof LoadedBefore) return error;
    throw error;
  });
  const id = made instanceof LoadedBefore ? made.run : made.run.id;
  const data = await server.withLedger((ledger) => publicReport(c, ledger, id));
  return made instanceof LoadedBefore
    ? c.json({ message: withoutCommands(made.message), data }, 200)
    : accepted(c, data);
}
