/** What a text may be: all the kinds of values that it could stand for. */
import type { NumberNotation } from "../../importer/definition.ts";

export type Kind = NumberKind | MomentKind | OtherKind;

/** A number in a notation. */
export interface NumberKind {
  readonly type: "number";
  readonly id: string;
  readonly decimal: string;
  readonly thousands: string | null;
  /** It has no fraction, if it is read like this. */
  readonly isWhole: boolean;
}

export interface MomentKind {
  readonly type: "date" | "time" | "timestamp";
  readonly id: string;
  /** Null: ISO 8601. */
  readonly format: string | null;
}

export interface OtherKind {
  readonly type: "uuid" | "email" | "url" | "json";
  readonly id: string;
}

/** What texts that are alike may be. There is one object for each: compare them by identity. */
export interface Form {
  readonly kinds: readonly Kind[];
  /** As a value of these kinds, it would not be what it is now: `007`, `+49`, `5 €`. */
  readonly isLossy: boolean;
  /** What a definition has to accept for that. */
  readonly needs: readonly NumberNotation[];
  /** It ends with an offset from UTC. */
  readonly hasZone: boolean;
}

const forms = new Map<string, Form>();

/** The form with these properties. */
export function formOf({ kinds, isLossy, needs, hasZone }: Form): Form {
  const id = [kinds.map(({ id }) => id).join(" "), isLossy, needs.join(" "), hasZone].join("|");
  let form = forms.get(id);
  if (form === undefined) {
    form = { kinds, isLossy, needs, hasZone };
    forms.set(id, form);
  }
  return form;
}

/** It can only be a text. */
export const TEXT = formOf({ kinds: [], isLossy: false, needs: [], hasZone: false });
