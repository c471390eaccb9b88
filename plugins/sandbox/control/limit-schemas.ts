import { named, type Static, Type } from 'waha-runtime';

const moment = Type.Optional(Type.Integer({ minimum: 0, description: 'Milliseconds since 1970.' }));
export const TimelockBody = named(
  'SandboxTimelock',
  Type.Object({
    active: Type.Boolean(),
    until: moment,
    type: Type.Optional(Type.String({ examples: ['WEB_COMPANION_ONLY'] })),
  }),
);

export const CappingBody = named(
  'SandboxCapping',
  Type.Object({
    total: Type.Integer({ minimum: -1, description: 'New chats in a cycle; -1 without a limit.' }),
    used: Type.Optional(Type.Integer({ minimum: 0 })),
    status: Type.Optional(Type.String({ examples: ['NONE', 'FIRST_WARNING', 'SECOND_WARNING', 'CAPPED'] })),
    cycleStart: moment,
    cycleEnd: moment,
  }),
);
export type CappingBody = Static<typeof CappingBody>;
export type TimelockBody = Static<typeof TimelockBody>;
