/** The way for a plugin to have the whole process stopped, for somebody who may ask for that. */
export interface Shutdown {
  /**
   * Has the process stop as SIGTERM does: sessions first, then what is left to deliver, then the plugins. With `force` it ends
   * at once, with exit code 1. Returns before that begins, so that the caller can still be answered. Whoever embeds the
   * runtime decides what it means there; without a word of his the runtime stops, and the process stays.
   */
  request(options?: { readonly force?: boolean }): void;
}
