import { Actor, type AnyActor } from 'xstate';

/** Counts the subscriptions to running XState actors that nobody has ended, from now on until `stop`. */
export const countSubscriptions = (): { open(): number; stop(): void } => {
  const open = new Map<object, AnyActor>();
  const { subscribe } = Actor.prototype;
  Actor.prototype.subscribe = function (this: AnyActor, ...args: Parameters<typeof subscribe>) {
    const subscription = subscribe.apply(this as never, args);
    open.set(subscription, this);
    const unsubscribe = (): void => {
      open.delete(subscription);
      subscription.unsubscribe();
    };
    return { unsubscribe };
  } as typeof subscribe;
  return {
    open: () => [...open.values()].filter((actor) => actor.getSnapshot().status === 'active').length,
    stop: () => {
      Actor.prototype.subscribe = subscribe;
    },
  };
};
