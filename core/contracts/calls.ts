/** Names the call that is to be rejected. */
export interface RejectCall {
  /** Who calls, as `call.received` says. */
  readonly from: string;
  /** Of the call, as `call.received` says. */
  readonly id: string;
}

/** Calls that come in. */
export interface Calls {
  /** Rejects with `NOT_FOUND` when no such call came in this connection, `UNPROCESSABLE` when it does not ring any more. */
  reject(call: RejectCall): Promise<void>;
}

/** A call, as `call.received`, `call.accepted` and `call.rejected` carry it. */
export interface CallPayload {
  readonly id: string;
  /** Who calls. */
  readonly from: string;
  /** The same person by the other kind of id, `…@c.us` or `…@lid`, when it is known. */
  readonly fromAlt?: string;
  /** Seconds. */
  readonly timestamp: number;
  readonly isVideo: boolean;
  readonly isGroup: boolean;
  /** The group that is called together. */
  readonly groupId?: string;
  readonly _data: unknown;
}
