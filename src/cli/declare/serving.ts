/** `serve`: the HTTP API. */
import { Option } from "commander";
import {
  parseCount,
  parseDuration,
  parseOrigins,
  parseRetention,
  parseSize,
} from "../arguments.ts";
import type { ServeFlags } from "../commands/serve.ts";
import {
  withAllowHostFlag,
  withCommonFlags,
  withDatabaseFlags,
  withImportersFlag,
  withWorkersFlag,
} from "../flags.ts";
import type { Declaration } from "./declaration.ts";

const DEFAULT_PORT = 8080;

export function declareServing({ program, output, finish }: Declaration): void {
  const serve = program.command("serve")
    .summary("serve the HTTP API, with workers")
    .description(
      "Serves the HTTP API, works on the runs of the database, takes the files of watched " +
        "folders, and loads sources that are due, until it gets a signal. If no token was created before (ingest token create), " +
        "only this machine can reach it.",
    )
    .option("--host <address>", "the address to listen on", "127.0.0.1")
    .option("--port <port>", "the port; 0 picks a free one", parseCount(0, 65_535), DEFAULT_PORT)
    .option("--no-workers", "leave the work to `ingest work`")
    .option("--source-dir <dir>", "the folder of the files that requests may name")
    .addOption(
      new Option(
        "--cors-origin <origin>",
        "whose web pages may use the API: https://app.example.com; may be repeated",
      ).argParser(parseOrigins),
    )
    .option(
      "--save-definitions",
      "let administrators save importers over HTTP (also INGEST_SAVE_DEFINITIONS=1)",
    )
    .addOption(
      new Option("--max-upload <size>", "the largest file to accept")
        .argParser(parseSize).default(10 * 1000 ** 3, "10GB"),
    )
    .addOption(
      new Option(
        "--grace <duration>",
        "on a signal: time to finish requests and batches in progress",
      ).argParser(parseDuration).default(30_000, "30s"),
    )
    .addOption(
      new Option("--wait <duration>", "how long to wait for a database that isn't there yet")
        .argParser(parseDuration).default(60_000, "60s"),
    )
    .addOption(
      new Option(
        "--retention <ages>",
        "how long importers that don't say it keep things: failed_rows=90d,runs=1y; or off",
      ).argParser(parseRetention),
    )
    .option("-q, --quiet", "print nothing but the log of requests");
  withAllowHostFlag(serve);
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
