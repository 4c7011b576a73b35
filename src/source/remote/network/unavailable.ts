/** The network or the other machine fails, maybe only for the moment: another attempt may help. */
export class Unavailable extends Error {
  override readonly name = "Unavailable";
  /** Milliseconds that the server wants us to wait. */
  readonly wait: number | null;

  /** `message` completes "Cannot fetch orders.csv: ". */
  constructor(message: string, options: ErrorOptions & { readonly wait?: number | null } = {}) {
    super(message, options);
    this.wait = options.wait ?? null;
  }
}
