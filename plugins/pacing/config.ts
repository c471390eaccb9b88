import { Pace, SessionPacing, type Static, Type } from 'waha-runtime';

/** What a pace is where it does not say all of it. */
export const usualPaces = { known: { perMinute: 60, burst: 10 }, new: { perMinute: 5, burst: 3 } } as const;

const pace = (chats: keyof typeof usualPaces, description: string) =>
  Type.Union([Pace, Type.Null()], { default: usualPaces[chats], description: `${description}. None when null` });

/** How the plugin is configured. */
export const PacingConfig = Type.Object({
  ...SessionPacing.properties,
  known: pace('known', 'Messages to people who have written or been written to, and to groups'),
  new: pace('new', 'Messages to everybody else'),
  maxWaitMs: Type.Integer({
    minimum: 0,
    maximum: 25_000,
    default: 10_000,
    description: 'How long a message may wait; a message that would wait longer is refused with 429',
  }),
  maxWaiting: Type.Integer({
    minimum: 0,
    maximum: 10_000,
    default: 50,
    description: 'How many messages of a session may wait; more are refused with 429',
  }),
  maxQueued: Type.Integer({
    minimum: 0,
    maximum: 100_000,
    default: 1000,
    description: 'How many entries the queue of a session may have; more are refused with 429',
  }),
  maxKnown: Type.Integer({
    minimum: 1,
    maximum: 100_000,
    default: 5000,
    description:
      'How many known chats of a session are stored; beyond that, the chats without a message for the longest time count as new',
  }),
});
export type PacingConfig = Static<typeof PacingConfig>;

/** What holds for a session: the plugin's config, and over it the session's own. */
export type Policy = Omit<SessionPacing, 'known' | 'new'> & {
  readonly known: WholePace | null;
  readonly new: WholePace | null;
};
export interface WholePace {
  readonly perMinute: number;
  readonly burst: number;
}

export const policyOf = (config: PacingConfig, own: SessionPacing | null | undefined): Policy => {
  const { known, new: fresh, ...rest } = { ...config, ...own };
  return {
    ...rest,
    known: known && { ...usualPaces.known, ...known },
    new: fresh && { ...usualPaces.new, ...fresh },
  };
};

/** What contradicts itself in a policy, a sentence for each that begins with the field. */
export const policyFaults = ({
  warmUp,
  newChatsPerDay: cap,
}: Pick<SessionPacing, 'warmUp' | 'newChatsPerDay'>): string[] => {
  if (!warmUp) return [];
  if (cap === undefined) return ['warmUp needs newChatsPerDay, the cap that it grows to'];
  return warmUp.from > cap ? [`warmUp.from must be at most newChatsPerDay, which is ${cap}`] : [];
};

/** Whether a session has nothing of all this. */
export const isOff = (policy: Policy): boolean =>
  !policy.known &&
  !policy.new &&
  policy.newChatsPerDay === undefined &&
  !policy.quietHours &&
  policy.heedLimits !== true;
