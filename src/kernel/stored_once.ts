import type { Kernel } from "./instance.ts";

/** For what all columns of a kernel share: `store` is called once for each kernel. */
export function storedOnce(store: (kernel: Kernel) => number): (kernel: Kernel) => number {
  const places = new WeakMap<Kernel, number>();
  return (kernel) => {
    const place = places.get(kernel) ?? store(kernel);
    places.set(kernel, place);
    return place;
  };
}
