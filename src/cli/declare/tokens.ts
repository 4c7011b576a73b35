/** `token`: who may use the HTTP API. */
import { InvalidArgumentError } from "commander";
import { UsageError } from "../../config/usage_error.ts";
import { TOKEN_SCOPES } from "../../ledger/tokens.ts";
import { parseAge, parseWord } from "../arguments.ts";
import type { TokenCreateFlags } from "../commands/token.ts";
import { type DatabaseFlags, withCommonFlags, withDatabaseFlags } from "../flags.ts";
import type { Declaration } from "./declaration.ts";

export function declareTokenCommands({ program, output, finish }: Declaration): void {
  const token = program.command("token")
    .summary("who may use the HTTP API")
    .usage("<command>")
    .description("Makes, lists and revokes the tokens that requests to `ingest serve` carry.");

  const create = token.command("create")
    .description(
      "Makes a token and prints it, once: only a hash of it is stored. It is sent as " +
        "`Authorization: Bearer <token>`. read sees runs, run also starts, cancels and retries " +
        "them, admin may do everything.",
    )
    .requiredOption("--name <name>", "who will use it, such as ci", parseTokenName)
    .option("--scope <scope>", "read, run or admin", parseWord(TOKEN_SCOPES), "read")
    .option(
      "--importer <pattern>",
      "only these importers, * for any characters; can be repeated",
      parsePattern,
    )
    .option("--expires <age>", "when it is this old: 90d, 12h or 8w", parseLifetime);
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
    .description("Makes a token useless, from the next request on and for good.")
    .argument("<token>", "its name or its prefix");
  withDatabaseFlags(revoke);
  withCommonFlags(revoke, "ingest token revoke ci", "ingest token revoke k3x9d0ab")
    .action(async (nameOrPrefix: string, flags: DatabaseFlags) => {
      const { tokenRevokeCommand } = await import("../commands/token.ts");
      finish(await tokenRevokeCommand(nameOrPrefix, flags, output));
    });
}

/** As the migration has it. */
const LONGEST_NAME = 100;

function parseTokenName(text: string): string {
  const length = [...text].length;
  const isPlain = !/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(text) && text === text.trim();
  if (isPlain && length >= 1 && length <= LONGEST_NAME) return text;
  // Without the name: an InvalidArgumentError would repeat its control characters.
  throw new UsageError(
    `--name: expected 1 to ${LONGEST_NAME} characters, no control characters, ` +
      "no spaces at the ends",
  );
}

/** What no slug can fit is a mistake: names with commas between, or what a shell made of the star. */
function parsePattern(text: string, before: readonly string[] = []): readonly string[] {
  if (!/^[a-z0-9_*-]+$/u.test(text)) {
    throw new InvalidArgumentError(
      "Expected an importer such as customers, or a pattern in quotes such as 'customers*'.",
    );
  }
  return before.includes(text) ? before : [...before, text];
}

/** Milliseconds. */
function parseLifetime(text: string): number {
  const milliseconds = parseAge(text);
  if (milliseconds > 0) return milliseconds;
  throw new InvalidArgumentError("Expected more than 0, such as 90d.");
}
