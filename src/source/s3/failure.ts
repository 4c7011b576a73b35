/** What S3 refuses, in one sentence that says what to do. */
import { NoAccess, NoSuchObject, SourceError } from "../error.ts";
import { textOf } from "./xml.ts";

/** An answer that is no success. */
export interface S3Refusal {
  readonly status: number;
  /** S3's own name for it, such as `NoSuchKey`; empty if the answer has none. */
  readonly code: string;
  /** Where the bucket is, if that is what is wrong. */
  readonly region: string | null;
  /** S3's own words. */
  readonly message: string;
}

/** The object isn't the one any more that was asked for. */
export class ObjectChanged extends SourceError {
  override readonly name: string = "SourceError";
}

/** The object is shorter than the range that was asked for begins: empty, if that was the first. */
export class OutOfRange extends SourceError {
  override readonly name: string = "SourceError";
}

/** The server doesn't know what was asked of it. */
export class Unsupported extends SourceError {
  override readonly name: string = "SourceError";
}

export function readRefusal(status: number, headers: Headers, body: string): S3Refusal {
  return {
    status,
    code: textOf(body, "Code") ?? "",
    region: headers.get("x-amz-bucket-region") ?? textOf(body, "Region"),
    message: textOf(body, "Message") ?? "",
  };
}

/** Worth another try? */
export function isPassing({ status, code }: S3Refusal): boolean {
  if (["SlowDown", "RequestTimeout", "InternalError", "ServiceUnavailable"].includes(code)) {
    return true;
  }
  return status === 429 || [500, 502, 503, 504].includes(status);
}

export const CHANGED =
  "the object changed while it was read. Start again once nothing writes to it any more.";

/** `doing`: `Cannot read s3://bucket/key`. */
export function failureOf(refusal: S3Refusal, doing: string, bucket: string): SourceError {
  const { status, code } = refusal;
  const say = (text: string) => `${doing}: ${text}`;
  if (status === 412 || code === "PreconditionFailed") {
    return new ObjectChanged(say(CHANGED));
  }
  if (status === 416) {
    return new OutOfRange(say(CHANGED));
  }
  if (code === "NoSuchBucket") {
    return new NoSuchObject(
      say(`there is no bucket ${bucket}. Check its name, and the region or AWS_ENDPOINT_URL.`),
    );
  }
  if (code === "NoSuchKey" || status === 404) {
    return new NoSuchObject(
      say("there is no such object. Check the name, upper and lower case too."),
    );
  }
  if (status === 501 || code === "NotImplemented") {
    return new Unsupported(say("the server can't do that. Use one that can."));
  }
  const Failure = isRefused(refusal) ? NoAccess : SourceError;
  return new Failure(say(sentenceOf(refusal, bucket)));
}

/** Do the credentials not fit, or not suffice? */
function isRefused({ status, code }: S3Refusal): boolean {
  return status === 401 || status === 403 ||
    ["ExpiredToken", "TokenRefreshRequired", "InvalidToken", "InvalidAccessKeyId"].includes(code);
}

function sentenceOf({ status, code, region, message }: S3Refusal, bucket: string): string {
  switch (code) {
    case "RequestTimeTooSkewed":
      return "the clock of this machine is wrong by more than 15 minutes. Set it, best with NTP.";
    case "ExpiredToken":
    case "TokenRefreshRequired":
      return "the credentials have expired. Get new ones (AWS_SESSION_TOKEN), and start again.";
    case "InvalidToken":
      return "the session token is not valid. Set AWS_SESSION_TOKEN as it was given with the keys.";
    case "InvalidAccessKeyId":
      return "the access key is not known there. Check AWS_ACCESS_KEY_ID, and AWS_ENDPOINT_URL.";
    case "SignatureDoesNotMatch":
      return "the secret key doesn't belong to the access key. Check AWS_SECRET_ACCESS_KEY.";
    case "PermanentRedirect":
    case "TemporaryRedirect":
    case "AuthorizationHeaderMalformed":
    case "IllegalLocationConstraintException":
      return `the bucket ${bucket} is in another region. ` +
        `Set AWS_REGION=${region ?? "its region"}.`;
    case "InvalidObjectState":
      return "the object is archived (Glacier). Restore it first.";
    case "EntityTooLarge":
    case "QuotaExceeded":
    case "XMinioStorageFull":
      return "there is no room for it. Free space there, or raise the limit.";
  }
  if (status === 403 || code === "AccessDenied") {
    return "access denied. Allow these credentials s3:GetObject, s3:PutObject, s3:DeleteObject and " +
      `s3:ListBucket, as far as ingest needs them, on the bucket ${bucket}.`;
  }
  if (status >= 300 && status < 400) {
    return `the bucket ${bucket} is elsewhere. Set AWS_REGION=${region ?? "its region"}, or ` +
      "AWS_ENDPOINT_URL.";
  }
  const words = message.replaceAll(/\s+/gu, " ").slice(0, 200).replace(/\.$/u, "");
  const named = [String(status), code].filter((part) => part !== "").join(" ");
  const said = words === "" ? "" : `: ${words}`;
  return `S3 answered ${named}${said}. Try again later, or ask whoever runs it.`;
}
