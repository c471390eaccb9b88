/** What Chatwoot answers: an object, or null when it was none. */
export type Json = Readonly<Record<string, unknown>> | null;

/** Chatwoot cannot be reached, is overloaded or does not take the token: what was asked is tried again. */
export class ServerAway extends Error {
  /** Nobody answered in time: it may have been done all the same. */
  readonly isLate: boolean;

  constructor(message: string, isLate = false) {
    super(message);
    this.isLate = isLate;
  }
}

/** Chatwoot refuses what was asked, and will do so again. */
export class ServerRefused extends Error {
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}
export type Refused = ServerRefused;
