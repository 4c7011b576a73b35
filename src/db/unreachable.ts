/** Explains in one line why no session could be opened, and what to do about it. */
import { type DatabaseConfig, describeDatabase } from "../config/database_config.ts";
import {
  DatabaseUnreachable,
  PostgresError,
  SessionLost,
  WrongServer,
} from "./connection_errors.ts";

/** `error`: what the attempt to connect threw. */
export function explainUnreachable(config: DatabaseConfig, error: unknown): DatabaseUnreachable {
  const { reason, temporary } = explain(config, error);
  return new DatabaseUnreachable(`Cannot connect to ${describeDatabase(config)}: ${reason}`, {
    temporary,
    cause: error,
  });
}

const HUNG_UP = "it hung up. Is that a Postgres server, and is it healthy?";

interface Explanation {
  readonly reason: string;
  readonly temporary: boolean;
}

function explain(config: DatabaseConfig, error: unknown): Explanation {
  if (error instanceof PostgresError) return explainRefusal(config, error);
  if (error instanceof SessionLost) {
    return { reason: HUNG_UP, temporary: true };
  }
  if (error instanceof WrongServer) {
    return { reason: `${error.message} (target_session_attrs).`, temporary: true };
  }
  const text = error instanceof Error ? error.message : String(error);
  switch (codeOf(error)) {
    case "ECONNREFUSED":
    case "ENOENT":
      return { reason: "nothing is listening there. Is the server running?", temporary: true };
    case "ERR_NO_TLS":
      return {
        reason: `the server doesn't speak TLS, which sslmode=${config.ssl} asks for. ` +
          "Turn it on there (ssl = on), or use sslmode=disable.",
        temporary: false,
      };
    case "ECONNRESET":
      return { reason: HUNG_UP, temporary: true };
    case "ENOTFOUND":
    case "EAI_NONAME":
      return { reason: "no such host. Check its name.", temporary: false };
    case "EAI_AGAIN":
      return { reason: "the lookup of its name failed. Try again later.", temporary: true };
    case "EACCES":
    case "EPERM":
      return { reason: "no permission to use this socket.", temporary: false };
    case "EHOSTUNREACH":
    case "ENETUNREACH":
    case "ETIMEDOUT":
    case "CONNECT_TIMEOUT":
      return { reason: "no answer. Check the host, the port and firewalls.", temporary: true };
    default:
      return { reason: text.replace(/\s*\n\s*/g, " "), temporary: isConnectionLoss(error) };
  }
}

function explainRefusal(config: DatabaseConfig, error: PostgresError): Explanation {
  switch (error.code) {
    case "28P01":
      return {
        reason: config.password === null
          ? `user ${config.user} needs a password. Put it into the URL, PGPASSWORD or ~/.pgpass.`
          : `wrong password for user ${config.user}.`,
        temporary: false,
      };
    case "28000":
      return {
        reason: `${error.message}.` +
          (error.message.includes("no encryption") ? " Add ?sslmode=require to the URL." : ""),
        temporary: false,
      };
    case "3D000":
      return { reason: "there is no such database. Create it, or name another.", temporary: false };
    case "53300":
      return {
        reason: `${error.message}. Raise the limit, or wait until a connection is free.`,
        temporary: true,
      };
    case "08P01":
      return {
        reason: config.startup === undefined
          ? `${error.message} (SQLSTATE 08P01).`
          : `${error.message}. That is a pooler, which can't pass on all settings: do without ` +
            "PGOPTIONS, PGTZ, PGDATESTYLE and ?options, or connect to the server itself.",
        temporary: false,
      };
    case "57P03":
      return { reason: `${error.message}.`, temporary: true };
    default:
      return { reason: `${error.message} (SQLSTATE ${error.code}).`, temporary: false };
  }
}

/** Also when the network, or the name server, is not there yet, as when a machine boots. */
export function isWorthWaiting({ temporary, cause }: DatabaseUnreachable): boolean {
  const code = codeOf(cause);
  return temporary || code === "ENOTFOUND" || code === "EAI_NONAME";
}

/** True for the errors of postgres.js and of the socket when a connection breaks. */
export function isConnectionLoss(error: unknown): boolean {
  if (error instanceof PostgresError) {
    return error.severity === "FATAL" || error.severity === "PANIC";
  }
  return /^(CONNECTION_|CONNECT_|E[A-Z]{3,}$|ERR_STREAM|ERR_SOCKET)/.test(codeOf(error) ?? "");
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}
