/** Credentials of the role that a container or a machine in AWS has been given. */
import type { Credentials, Variable } from "./keys.ts";

const CONTAINER = "http://169.254.170.2";
const MACHINE = "http://169.254.169.254";

/** Milliseconds. Outside of AWS nobody answers where machines ask. */
const PATIENCE = 1_500;
/** Milliseconds for whoever is known to be there, and may be busy. */
const LONG_PATIENCE = 30_000;

/** Null if there is no role, or nobody who knows it. */
export async function roleCredentials(variable: Variable): Promise<Credentials | null> {
  const container = containerAddress(variable);
  if (container !== null) {
    const token = variable("AWS_CONTAINER_AUTHORIZATION_TOKEN") ?? await tokenFile(variable);
    return await readRole(container, token === null ? {} : { authorization: token });
  }
  if (variable("AWS_EC2_METADATA_DISABLED")?.toLowerCase() === "true") return null;
  const path = `${MACHINE}/latest/meta-data/iam/security-credentials/`;
  const token = await ask(`${MACHINE}/latest/api/token`, {
    method: "PUT",
    headers: { "x-aws-ec2-metadata-token-ttl-seconds": "21600" },
  }, PATIENCE);
  if (token === null) return null;
  const headers = { "x-aws-ec2-metadata-token": token };
  const role = await ask(path, { headers });
  return role === null ? null : await readRole(path + role.trim().split("\n")[0], headers);
}

function containerAddress(variable: Variable): string | null {
  const relative = variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
  if (relative !== undefined) return CONTAINER + relative;
  return variable("AWS_CONTAINER_CREDENTIALS_FULL_URI") ?? null;
}

async function tokenFile(variable: Variable): Promise<string | null> {
  const path = variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
  return path === undefined ? null : (await Deno.readTextFile(path)).trim();
}

async function readRole(
  address: string,
  headers: Record<string, string>,
): Promise<Credentials | null> {
  const text = await ask(address, { headers });
  const said = text === null ? null : parsed(text);
  if (typeof said?.AccessKeyId !== "string" || typeof said.SecretAccessKey !== "string") {
    return null;
  }
  const expires = Date.parse(String(said.Expiration));
  return {
    accessKeyId: said.AccessKeyId,
    secretAccessKey: said.SecretAccessKey,
    ...(typeof said.Token === "string" && { sessionToken: said.Token }),
    expires: Number.isNaN(expires) ? null : expires,
  };
}

function parsed(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : null;
  } catch {
    return null;
  }
}

async function ask(
  address: string,
  init: RequestInit,
  patience = LONG_PATIENCE,
): Promise<string | null> {
  try {
    const signal = AbortSignal.timeout(patience);
    const answer = await fetch(address, { ...init, signal, redirect: "error" });
    const text = await answer.text();
    return answer.ok ? text : null;
  } catch {
    // Nobody is there: this is no machine of AWS.
    return null;
  }
}
