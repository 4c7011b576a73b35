/** What requests are signed with, and where it is looked for. */

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  /** Milliseconds since 1970; null: they don't expire, as far as is known. */
  readonly expires: number | null;
}

export type Variable = (name: string) => string | undefined;
