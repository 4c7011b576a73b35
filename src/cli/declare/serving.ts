/** `serve`: what `ingest` does for other programs. */
import { parseCount, parseDuration, parseSize } from "../arguments.ts";
import type { ServeFlags } from "../commands/serve.ts";
import {
  withCommonFlags,
  withDatabaseFlags,
  withImportersFlag,
  withWorkersFlag,
} from "../flags.ts";
import type { Declaration } from "./declaration.ts";

const DEFAULT_PORT = 8080;
const DEFAULT_GRACE = 30_000;
const DEFAULT_MAX_UPLOAD = 10 * 1000 ** 3;

export function declareServing({ program, output, finish }: Declaration): void {
  const serve = program.command("serve")
    .summary("the HTTP API, with workers")
    .description(
      "Serves the HTTP API, and works on the runs of the database, until it gets a signal. As " +
        "long as no token was made (ingest token create), only this machine can reach it.",
    )
    .option("--host <address>", "where to listen", "127.0.0.1")
    .option("--port <port>", "0: any that is free", parseCount(0, 65_535), DEFAULT_PORT)
    .option("--no-workers", "leave the work to `ingest work`")
    .option("--source-dir <dir>", "where the files lie that requests may name")
    .option(
      "--max-upload <size>",
      "the largest file that is taken (10GB)",
      parseSize,
      DEFAULT_MAX_UPLOAD,
    )
    .option(
      "--grace <duration>",
      "on a signal: time to finish requests and batches in hand (30s)",
      parseDuration,
      DEFAULT_GRACE,
    )
    .option("-q, --quiet", "print nothing but the log of requests");
  withWorkersFlag(serve);
  withImportersFlag(serve);
  withDatabaseFlags(serve);
  withCommonFlags(
    serve,
    "ingest serve --port 8080",
    "ingest serve --host 0.0.0.0 --workers 4 --source-dir /srv/files --max-upload 2GB",
  ).action(async (flags: ServeFlags) => {
    const { serveCommand } = await import("../commands/serve.ts");
    finish(await serveCommand(flags, output));
  });
}
