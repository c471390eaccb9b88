import type { Endpoint } from '../endpoints/endpoint.ts';
import type { EndpointHealth } from '../endpoints/endpoint-health.ts';
import type { EndpointRow } from './outbox-schema.ts';

/** The row of an endpoint as it is now. */
export const endpointRow = (
  endpoint: Endpoint,
  health: EndpointHealth | null,
  about: { readonly plugin: string; readonly now: number },
): EndpointRow => ({
  id: endpoint.id,
  owner: endpoint.session === null ? about.plugin : 'sessions',
  session: endpoint.session,
  label: endpoint.label,
  settings: endpoint.settings,
  paused: health?.paused ? 1 : 0,
  disabled: health?.disabled ?? null,
  failingSince: health?.failingSince ?? null,
  updatedAt: about.now,
});
