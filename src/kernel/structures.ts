/** Stores the contract's structures in the kernel's memory. */
import type { Kernel } from "./instance.ts";

interface Structure {
  readonly bytes: number;
  readonly fields: Readonly<Record<string, { readonly at: number; readonly type: FieldType }>>;
}

type FieldType = "bool" | "u8" | "u32" | "i32" | "f64";

/** A value for each field. Leaving one out is a type error. */
export type FieldValues<S extends Structure> = {
  readonly [F in keyof S["fields"]]: S["fields"][F]["type"] extends "bool" ? boolean : number;
};

/** Stores the structures one after the other, and returns their place. */
export function storeStructures<S extends Structure>(
  kernel: Kernel,
  structure: S,
  list: readonly FieldValues<S>[],
): number {
  const place = kernel.allocate(structure.bytes * list.length);
  const view = new DataView(kernel.bytes.buffer, place);
  const fields = Object.entries(structure.fields);
  for (const [index, values] of list.entries()) {
    for (const [name, { at, type }] of fields) {
      write(view, structure.bytes * index + at, type, Number(values[name as keyof S["fields"]]));
    }
  }
  return place;
}

function write(view: DataView, at: number, type: FieldType, value: number): void {
  switch (type) {
    case "bool":
    case "u8":
      return view.setUint8(at, value);
    case "u32":
      return view.setUint32(at, value, true);
    case "i32":
      return view.setInt32(at, value, true);
    case "f64":
      return view.setFloat64(at, value, true);
  }
}
