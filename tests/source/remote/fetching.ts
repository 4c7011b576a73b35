/** Fetches into a folder of its own, as a run does. */
import type { Fetched, RemoteAccess, Version } from "../../../src/source/remote/remote.ts";
import type { Reach } from "../../../src/source/remote/network/reach.ts";
import { urlKind } from "../../../src/source/remote/url/url_kind.ts";

export interface Fetching extends AsyncDisposable {
  /** What is in the folder. */
  files(): readonly string[];
  fetch(
    address: string,
    how?: {
      readonly known?: Version;
      readonly headers?: Readonly<Record<string, string>>;
      readonly maxBytes?: number;
      readonly reach?: Partial<Reach>;
      readonly allowedHosts?: readonly string[];
      readonly variables?: Readonly<Record<string, string>>;
      readonly signal?: AbortSignal;
    },
  ): Promise<(Fetched & { readonly text: string }) | null>;
}

export async function fetching(): Promise<Fetching> {
  const folder = await Deno.makeTempDir({ prefix: "ingest-fetch-" });
  return {
    files: () => [...Deno.readDirSync(folder)].map(({ name }) => name),
    async fetch(address, how = {}) {
      const access: RemoteAccess = {
        allowedHosts: how.allowedHosts ?? ["127.0.0.1"],
        maxBytes: how.maxBytes ?? 1_000_000,
        signal: how.signal ?? new AbortController().signal,
        variable: (name) => how.variables?.[name],
        reach: { pause: 1, ...how.reach },
      };
      const place = { address, headers: how.headers ?? {}, key: null, variables: {} };
      const [object] = await urlKind.list(place, access);
      const wanted = { known: how.known ?? null, folder };
      const fetched = await urlKind.fetch(object, place, access, wanted);
      return fetched && { ...fetched, text: await Deno.readTextFile(fetched.path) };
    },
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}
