import type { Mutation } from './mutation.ts';
import { lifecycleMutations } from './promises/lifecycle.ts';
import { readingMutations } from './promises/reading.ts';
import { deliveryMutations } from './promises/webhook-deliveries.ts';
import { eventMutations } from './promises/webhook-events.ts';

export const mutations: readonly Mutation[] = [
  ...eventMutations,
  ...deliveryMutations,
  ...lifecycleMutations,
  ...readingMutations,
];
