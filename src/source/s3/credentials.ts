/** Who asks, in the order in which the AWS tools look: variables, profile, container, machine. */
import { NoAccess } from "../error.ts";
import type { Sections } from "./ini.ts";
import type { Credentials, Variable } from "./keys.ts";
import { roleCredentials } from "./role_credentials.ts";

export interface Profile {
  readonly name: string;
  readonly credentials: Sections;
  readonly config: Sections;
}

/** Throws SourceError if there are none. */
export async function findCredentials(
  variable: Variable,
  { name, credentials, config }: Profile,
): Promise<Credentials> {
  const isNamed = variable("AWS_PROFILE") !== undefined;
  const fromVariables = asCredentials({
    id: variable("AWS_ACCESS_KEY_ID"),
    secret: variable("AWS_SECRET_ACCESS_KEY"),
    token: variable("AWS_SESSION_TOKEN"),
  });
  if (fromVariables !== null) return fromVariables;
  for (const section of [credentials.get(name), config.get(name)]) {
    const fromProfile = asCredentials({
      id: section?.get("aws_access_key_id"),
      secret: section?.get("aws_secret_access_key"),
      token: section?.get("aws_session_token"),
    });
    if (fromProfile !== null) return fromProfile;
  }
  const unsupported = unsupportedIn(config.get(name));
  if (unsupported !== null) {
    throw new NoAccess(
      `Cannot sign in to S3: the profile ${name} uses ${unsupported}, which ingest can't. Put keys ` +
        'into the environment: eval "$(aws configure export-credentials --format env)"',
    );
  }
  if (isNamed) {
    throw new NoAccess(
      `Cannot sign in to S3: the profile ${name} (AWS_PROFILE) has no keys in ~/.aws/credentials or ` +
        "~/.aws/config. Add them, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
    );
  }
  const fromRole = await roleCredentials(variable);
  if (fromRole !== null) return fromRole;
  throw new NoAccess(
    "Cannot sign in to S3: there are no credentials. Set AWS_ACCESS_KEY_ID and " +
      "AWS_SECRET_ACCESS_KEY for ingest, or AWS_PROFILE.",
  );
}

function asCredentials(
  { id, secret, token }: { readonly [key in "id" | "secret" | "token"]: string | undefined },
): Credentials | null {
  if (id === undefined || secret === undefined) return null;
  return {
    ...{ accessKeyId: id, secretAccessKey: secret, expires: null },
    ...(token !== undefined && { sessionToken: token }),
  };
}

/** What a profile may say instead of keys. */
function unsupportedIn(section: ReadonlyMap<string, string> | undefined): string | null {
  const ways = [
    ["role_arn", "a role (role_arn)"],
    ["sso_start_url", "single sign-on"],
    ["sso_session", "single sign-on"],
    ["credential_process", "a program (credential_process)"],
  ] as const;
  return ways.find(([key]) => section?.has(key) === true)?.[1] ?? null;
}
