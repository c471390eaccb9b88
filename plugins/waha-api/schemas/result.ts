import { named, Type } from 'waha-runtime';

/** The answer of an operation that has nothing else to say. */
export const Result = named('Result', Type.Object({ success: Type.Boolean({ default: true }) }));

export const succeeded = { success: true } as const;
