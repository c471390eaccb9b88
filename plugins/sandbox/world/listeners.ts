/** Calls listeners by event name, and lets a test wait for an event instead of sleeping. */
export class Listeners<Events extends object> {
  readonly #listeners = new Map<keyof Events, Set<(payload: never) => void>>();

  /** Calls `listener` at every such event, until the returned function is called. */
  on<N extends keyof Events>(name: N, listener: (payload: Events[N]) => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners);
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }

  /** The next such event that `accept` says yes to. Rejects after `timeoutMs` with a sentence that names the event. */
  next<N extends keyof Events>(
    name: N,
    accept: (payload: Events[N]) => boolean = () => true,
    timeoutMs = 50_000,
  ): Promise<Events[N]> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        stop();
        reject(new Error(`no '${String(name)}' within ${timeoutMs} ms`));
      }, timeoutMs);
      const stop = this.on(name, (payload) => {
        if (!accept(payload)) return;
        clearTimeout(timer);
        stop();
        resolve(payload);
      });
    });
  }

  /** Tells the listeners, in the order they came. */
  emit<N extends keyof Events>(name: N, payload: Events[N]): void {
    for (const listener of [...(this.#listeners.get(name) ?? [])]) listener(payload as never);
  }
}
