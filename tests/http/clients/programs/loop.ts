/** What the programs of this folder are given, and what they have to find. */

export interface World {
  readonly baseUrl: string;
  readonly token: string;
  /** Files for the importer `people`. */
  readonly good: Blob;
  readonly bad: Blob;
  /** Repairs a file of failed rows. */
  repair(csv: string): string;
  /** Waits until the run has ended, or is cancelled. */
  ended(id: number): Promise<void>;
}

export type Loop = (world: World) => Promise<Readonly<Record<string, unknown>>>;
