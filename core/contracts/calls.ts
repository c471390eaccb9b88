import { Identity } from './message.ts';
import { named, Type, type ValueOf } from './schema.ts';

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
export const CallPayload = named(
  'CallData',
  Type.Object({
    id: Type.String(),
    from: Type.String({ description: 'Who calls', examples: ['11111111111@c.us'] }),
    fromAlt: Type.Optional(
      Type.String({ description: 'The caller by the other kind of id, …@c.us or …@lid', examples: ['111111111@lid'] }),
    ),
    fromIdentity: Type.Optional(Identity),
    timestamp: Type.Number({ description: 'seconds since the epoch' }),
    isVideo: Type.Boolean(),
    isGroup: Type.Boolean(),
    groupId: Type.Optional(Type.String({ description: 'The group, if it is a group call' })),
    _data: Type.Unknown(),
  }),
);
export type CallPayload = ValueOf<typeof CallPayload>;
