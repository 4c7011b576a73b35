/** `token …`: who may use the HTTP API. */
import { generateToken, prefixOf } from "../../http/identity/access_token.ts";
import {
  createToken,
  listTokens,
  revokeToken,
  type Token,
  type TokenScope,
} from "../../ledger/tokens.ts";
import { withDatabase } from "../connect.ts";
import { EXIT } from "../exit_codes.ts";
import type { DatabaseFlags } from "../flags.ts";
import type { Output } from "../output.ts";
import { createdLine, renderTokens, revokedLine, stateOf } from "../render/tokens.ts";
import { readSettings } from "../settings.ts";

export interface TokenCreateFlags extends DatabaseFlags {
  readonly name: string;
  readonly scope: TokenScope;
  /** Patterns. */
  readonly importer?: readonly string[];
  /** Milliseconds from now. */
  readonly expires?: number;
}

/** stdout gets the token and nothing else, for `TOKEN=$(ingest token create …)`. */
export async function tokenCreateCommand(
  flags: TokenCreateFlags,
  output: Output,
): Promise<number> {
  const { token, prefix, hash } = generateToken();
  const created = await withDatabase(
    readSettings(flags),
    output,
    // Creating a token may be the first thing that an installation does.
    { migrate: true },
    ({ ledger, settings }) =>
      createToken(ledger, {
        name: flags.name,
        prefix,
        hash,
        scope: flags.scope,
        importers: flags.importer ?? null,
        createdBy: settings.user,
        expiresAt: flags.expires === undefined ? null : new Date(Date.now() + flags.expires),
      }),
  );
  if (flags.json) {
    const { name, scope, importers, expires_at } = created;
    output.json({ data: { name, scope, importers, expires_at, prefix, token } });
  } else {
    output.print(token);
    output.note(createdLine(created));
    output.note("It is shown only once: store it in a safe place now.");
  }
  return EXIT.done;
}

export async function tokenListCommand(flags: DatabaseFlags, output: Output): Promise<number> {
  const tokens = await withDatabase(
    readSettings(flags),
    output,
    { migrate: false },
    ({ ledger }) => listTokens(ledger),
  );
  const now = new Date();
  if (flags.json) {
    output.json({ data: tokens.map((token) => toReport(token, now)) });
  } else if (tokens.length === 0) {
    output.note("There are no tokens yet. Create one: ingest token create --name ci --scope run");
  } else {
    const { width, style } = output.listFrame();
    output.printAll(renderTokens(tokens, now, width, style));
  }
  return EXIT.done;
}

/** Returns 0 even if it was revoked before: the token is revoked, as the user asked. */
export async function tokenRevokeCommand(
  nameOrPrefix: string,
  flags: DatabaseFlags,
  output: Output,
): Promise<number> {
  // Takes a whole token, too: that is what people have at hand when one has leaked. No message
  // may repeat it.
  const wanted = prefixOf(nameOrPrefix) ?? nameOrPrefix;
  const { token, before } = await withDatabase(
    readSettings(flags),
    output,
    { migrate: false },
    ({ ledger }) => revokeToken(ledger, wanted),
  );
  if (flags.json) output.json({ data: toReport(token, new Date()) });
  else output.print(revokedLine(token, before));
  return EXIT.done;
}

/** What may be shown: all but the hash. */
function toReport(token: Token, now: Date): Readonly<Record<string, unknown>> {
  const { prefix, name, scope, importers, created_by } = token;
  const { created_at, expires_at, last_used_at, revoked_at } = token;
  return {
    prefix,
    name,
    scope,
    importers,
    created_by,
    created_at,
    expires_at,
    last_used_at,
    revoked_at,
    state: stateOf(token, now),
  };
}
