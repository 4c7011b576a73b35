/** An address that a request names instead of its definition's. */
import { REMOTE_SCHEMES, type RemoteType, type SourceRule } from "../../../importer/source_rule.ts";
import { isAddress, typeOfAddress } from "../../../source/remote/kinds.ts";

/**
 * Null: it can be used. Otherwise what is expected instead: only the definition's kind, since what the
 * server may read elsewhere, with credentials of its own, is not for requests.
 */
export function expectedAddress({ type, url }: SourceRule, asked: string): string | null {
  if (isAddress(asked) && typeOfAddress(asked) === type) {
    if (type === "url" || isBelow(url ?? "", asked)) return null;
    return "an address in the folder that the definition names, on the same server";
  }
  const schemes: readonly string[] = REMOTE_SCHEMES[type as RemoteType];
  return `an address that begins with ${schemes.map((scheme) => `${scheme}://`).join(" or ")}`;
}

/** The scheme of an address that nobody here can fetch, such as `ftp://`; null: it is none. */
export function unknownScheme(name: string): string | null {
  if (!isAddress(name) || typeOfAddress(name) !== null) return null;
  return name.slice(0, name.indexOf("/") + 2).toLowerCase();
}

/** Such as `https://`. */
export const KNOWN_SCHEMES: readonly string[] = Object.values(REMOTE_SCHEMES).flat()
  .map((scheme) => `${scheme}://`);

/** Is a file in the folder of the other, or in one below it, by what is written? */
function isBelow(address: string, asked: string): boolean {
  const [path] = address.split(/[*?]/u);
  const folder = path.slice(0, path.lastIndexOf("/") + 1);
  return folder.split("/").length > 3 && asked.startsWith(folder) &&
    !/\/\.\.?(?:\/|$)/u.test(asked);
}

/** Is it a file of another machine? */
export function isElsewhere(name: string): boolean {
  return isAddress(name);
}
