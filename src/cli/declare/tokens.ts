/** `token`: who may use the HTTP API. */
import { InvalidArgumentError } from "commander";
import { UsageError } from "../../config/usage_error.ts";
import { TOKEN_SCOPES } from "../../ledger/tokens.ts";
import { parseAge, parsePattern, parseWord } from "../arguments.ts";
import type { TokenCreateFlags } from "../commands/token.ts";
import { type DatabaseFlags, withCommonFlags, withDatabaseFlags } from "../flags.ts";
import type { Declaration } from "./declaration.ts";

export function declareTokenCommands({ program, output, finish }: Declaration): void {
  const token = program.command("token")
    .summary("manage the tokens of the HTTP API")
    .usage("<command>")
    .description("Creates, lists and revokes the tokens that requests to `ingest serve` carry.");

  const create = token.command("create")
    .description(
      "Creates a token and prints it. It is shown only once: only its hash is stored. Send it as " +
        "`Authorization: Bearer <token>`. Scopes: read sees runs, run also starts, cancels and " +
        "retries them, admin may do everything.",
    )
    .requiredOption("--name <name>", "who will use it, such as ci", parseTokenName)
    .option("--scope <scope>", "read, run or admin", parseWord(TOKEN_SCOPES), "read")
    .option(
      "--importer <pattern>",
      "only these importers, * for any characters; can be repeated",
      parsePattern,
    )
    .option("--expires <age>", "at this age: 90d, 12h or 8w", parseLifetime);
  withDatabaseFlags(create);
  withCommonFlags(
    create,
    "ingest token create --name ci --scope run --importer 'customers*' --expires 90d",
    "ingest token create --name grafana",
  ).action(async (flags: TokenCreateFlags) => {
    const { tokenCreateCommand } = await import("../commands/token.ts");
    finish(await tokenCreateCommand(flags, output));
  });

  const list = token.command("list")
    .description("Lists all tokens, latest first, and when they were last used.");
  withDatabaseFlags(list);
  withCommonFlags(list, "ingest token list").action(async (flags: DatabaseFlags) => {
    const { tokenListCommand } = await import("../commands/token.ts");
    finish(await tokenListCommand(flags, output));
  });

  const revoke = token.command("revoke")
    .description("Revokes a token for good, from the next request on.")
    .argument("<token>", "its name or its prefix");
  withDatabaseFlags(revoke);
  withCommonFlags(revoke, "ingest token revoke ci", "ingest token revoke k3x9d0ab")
    .action(async (nameOrPrefix: string, flags: DatabaseFlags) => {
      const { tokenRevokeCommand } = await import("../commands/token.ts");
      finish(await tokenRevokeCommand(nameOrPrefix, flags, output));
    });
}

/** The same limit as in the migration. */
const LONGEST_NAME = 100;

function parseTokenName(text: string): string {
  const length = [...text].length;
  const isPlain = !/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(text) && text === text.trim();
  if (isPlain && length >= 1 && length <= LONGEST_NAME) return text;
  // Not an InvalidArgumentError: it would repeat the name with its control characters.
  throw new UsageError(
    `--name: expected 1 to ${LONGEST_NAME} characters, no control characters, ` +
      "no spaces at the ends",
  );
}

/** Milliseconds. */
function parseLifetime(text: string): number {
  const milliseconds = parseAge(text);
  if (milliseconds > 0) return milliseconds;
  throw new InvalidArgumentError("Expected more than 0, such as 90d.");
}
