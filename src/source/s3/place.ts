/** Where S3 is for this process: its endpoint, region and credentials, as the AWS tools find them. */
import { SourceError } from "../error.ts";
import { findCredentials, type Profile } from "./credentials.ts";
import { readIni } from "./ini.ts";
import type { Credentials, Variable } from "./keys.ts";

export interface S3Place {
  /** Null: AWS's own, which depends on the region. */
  readonly endpoint: URL | null;
  readonly region: string;
  readonly credentials: Credentials;
}

/** Throws SourceError. */
export async function findPlace(variable: Variable): Promise<S3Place> {
  const set: Variable = (name) => variable(name)?.trim() || undefined;
  const profile = await readProfile(set);
  const own = profile.config.get(profile.name);
  const region = set("AWS_REGION") ?? set("AWS_DEFAULT_REGION") ?? own?.get("region");
  return {
    endpoint: endpointOf(
      set("AWS_ENDPOINT_URL_S3") ?? set("AWS_ENDPOINT_URL") ?? own?.get("endpoint_url"),
    ),
    region: region ?? "us-east-1",
    credentials: await findCredentials(set, profile),
  };
}

async function readProfile(set: Variable): Promise<Profile> {
  const home = set("HOME");
  const inHome = (name: string) => home === undefined ? null : `${home}/.aws/${name}`;
  const [credentials, config] = await Promise.all([
    readIni(set("AWS_SHARED_CREDENTIALS_FILE") ?? inHome("credentials")),
    readIni(set("AWS_CONFIG_FILE") ?? inHome("config")),
  ]);
  const name = set("AWS_PROFILE") ?? set("AWS_DEFAULT_PROFILE") ?? "default";
  return { name, credentials, config };
}

function endpointOf(text: string | undefined): URL | null {
  if (text === undefined) return null;
  const url = URL.canParse(text) ? new URL(text) : null;
  const isUsable = url !== null && /^https?:$/u.test(url.protocol) && url.username === "" &&
    url.password === "";
  if (isUsable) return url;
  throw new SourceError(
    "Cannot use S3: AWS_ENDPOINT_URL isn't an address such as https://s3.example.com. Correct it.",
  );
}

/** The address of a bucket, or of an object in it. */
export function urlOf(
  { endpoint, region }: Pick<S3Place, "endpoint" | "region">,
  bucket: string,
  key: string,
  query: Readonly<Record<string, string>> = {},
): URL {
  const suffix = region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  // AWS's certificate doesn't fit a bucket with points. Other servers may know only this style.
  const inPath = endpoint !== null || bucket.includes(".") || /[A-Z_]/u.test(bucket);
  const host = `s3.${region}.${suffix}`;
  const base = endpoint === null
    ? `https://${inPath ? host : `${bucket}.${host}`}`
    : endpoint.href.replace(/\/+$/u, "");
  const path = key.split("/").map(encoded).join("/");
  const url = new URL(`${base}${inPath ? `/${bucket}` : ""}/${path}`);
  const search = Object.entries(query).map(([name, value]) => `${encoded(name)}=${encoded(value)}`);
  url.search = search.join("&");
  return url;
}

/** As signatures want it: `encodeURIComponent` leaves some characters that have to be encoded. */
function encoded(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/gu,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
