/** The requests that a server that closes has to wait for. */

export class InProgress {
  readonly #answers = new Set<Promise<void>>();
  #onNone = () => {};

  /**
   * `completed`: rejects or resolves when the answer is sent, or can't be. A stream of events isn't waited
   * for: it was ended, and whoever doesn't read the rest would hold up the server.
   */
  async follow(
    answer: Response | Promise<Response>,
    { completed }: Pick<Deno.ServeHandlerInfo, "completed">,
  ): Promise<Response> {
    const over = completed.catch(() => {/* the client has hung up */});
    this.#answers.add(over);
    const done = () => {
      this.#answers.delete(over);
      if (this.#answers.size === 0) this.#onNone();
    };
    void over.then(done);
    const response = await answer;
    if (response.headers.get("content-type") === "text/event-stream") done();
    return response;
  }

  /** Resolves as soon as there are none. */
  async none(): Promise<void> {
    if (this.#answers.size === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onNone = resolve;
    await promise;
  }
}
