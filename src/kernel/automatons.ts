/** Stores automatons of regular expressions in the kernel's memory (assembly/automaton.ts). */
import type { Automaton } from "../pattern/automaton.ts";
import { AUTOMATON } from "./contract.ts";
import type { Kernel } from "./instance.ts";
import { storeStructures } from "./structures.ts";

const stored = new WeakMap<Kernel, WeakMap<Automaton, number>>();

/** Returns the place of the automaton, which is stored once. */
export function automatonOf(kernel: Kernel, automaton: Automaton): number {
  let places = stored.get(kernel);
  if (places === undefined) stored.set(kernel, places = new WeakMap());
  let place = places.get(automaton);
  if (place === undefined) places.set(automaton, place = store(kernel, automaton));
  return place;
}

/** Returns the place of a list of their places. */
export function automatonsOf(kernel: Kernel, automatons: readonly Automaton[]): number {
  if (automatons.length === 0) return 0;
  const list = automatons.map((automaton) => automatonOf(kernel, automaton));
  return kernel.store(bytesOf(Uint32Array.from(list)));
}

function store(kernel: Kernel, automaton: Automaton): number {
  const { classes, pages, end, transitions, start, startAfter } = automaton;
  const [later = start] = startAfter;
  const isSame = startAfter.every((state) => state === later);
  return storeStructures(kernel, AUTOMATON, [{
    classes: kernel.store(classes),
    pages: kernel.store(bytesOf(pages)),
    end,
    transitions: kernel.store(bytesOf(transitions)),
    start,
    later,
    startAfter: isSame ? 0 : kernel.store(bytesOf(startAfter)),
  }]);
}

function bytesOf({ buffer, byteOffset, byteLength }: Uint16Array | Uint32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
