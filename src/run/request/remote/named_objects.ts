/** Which files an address means. */
import type { RemoteType } from "../../../importer/source_rule.ts";
import { SourceError } from "../../../source/error.ts";
import { kindOf, typeOfAddress } from "../../../source/remote/kinds.ts";
import type {
  Place,
  RemoteAccess,
  RemoteKind,
  RemoteObject,
} from "../../../source/remote/remote.ts";

export interface NamedObjects {
  readonly kind: RemoteKind;
  /** In the order of their names, where `part-2` comes before `part-10`. */
  readonly objects: readonly RemoteObject[];
}

/** Throws SourceError. */
export async function namedObjects(place: Place, access: RemoteAccess): Promise<NamedObjects> {
  const kind = await kindOf(typeOf(place.address));
  const wrong = kind.expectedInstead(place.address);
  if (wrong !== null) {
    throw new SourceError(`Cannot fetch ${kind.shown(place.address)}: expected ${wrong}.`);
  }
  return { kind, objects: inOrder(await kind.list(place, access)) };
}

function inOrder(objects: readonly RemoteObject[]): readonly RemoteObject[] {
  const order = new Intl.Collator("en", { numeric: true });
  return objects.toSorted((a, b) => order.compare(a.name, b.name));
}

function typeOf(address: string): RemoteType {
  const type = typeOfAddress(address);
  if (type !== null) return type;
  const scheme = /^[a-z0-9+.-]{1,20}:\/\//iu.exec(address)?.[0];
  throw new SourceError(
    scheme === undefined
      ? "Cannot fetch the file: what the definition's url comes to is no address."
      : `Cannot fetch the file: this version of ingest doesn't read ${scheme} addresses.`,
  );
}
