import { named, Type, type ValueOf } from './schema.ts';

/** What runs here, as answers and events say it. */
export const Environment = named(
  'WAHAEnvironment',
  Type.Object({
    version: Type.String(),
    engine: Type.String({ examples: ['NOWEB'] }),
    tier: Type.String(),
    browser: Type.Union([Type.String(), Type.Null()], { description: 'No engine here drives a browser' }),
    platform: Type.String({ examples: ['linux/x64'] }),
    worker: Type.Object({ id: Type.Union([Type.String(), Type.Null()]) }),
  }),
);
export type Environment = ValueOf<typeof Environment>;

/** Facts about this process that events and answers carry. */
export interface RuntimeInfo {
  readonly version: string;
  /** Always `CORE`: there is one tier, and it can do everything. */
  readonly tier: 'CORE';
  readonly workerId: string;
  /** ms since the epoch. */
  readonly startedAt: number;
  /** The engine of sessions that name none. */
  readonly defaultEngine: string;
}

const platform = `${process.platform}/${process.arch}`;

/** The environment of a session of this engine. */
export const environmentOf = ({ version, tier, workerId }: RuntimeInfo, engine: string): Environment => ({
  version,
  engine,
  tier,
  browser: null,
  platform,
  worker: { id: workerId },
});
