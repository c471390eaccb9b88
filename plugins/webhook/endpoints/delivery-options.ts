import type { EventSelector, RetriesConfig } from 'waha-runtime';
import type { Order } from './order-key.ts';

/** How one endpoint is served. */
export interface DeliveryOptions {
  readonly timeoutMs: number;
  readonly concurrency: number;
  readonly queueLimit: number;
  readonly overflow: 'drop-oldest' | 'reject-new';
  readonly order: Order;
  readonly verifyTls: boolean;
  readonly retryClientErrors: boolean;
  /** 0: never. */
  readonly disableAfterMs: number;
}

export const deliveryDefaults: DeliveryOptions = {
  timeoutMs: 15_000,
  concurrency: 10,
  queueLimit: 100_000,
  overflow: 'drop-oldest',
  order: 'none',
  verifyTls: true,
  retryClientErrors: true,
  disableAfterMs: 0,
};

/** A webhook as the YAML or a session's config has it, in one shape. */
export interface WebhookEntry {
  readonly url: string;
  readonly events: readonly EventSelector[];
  readonly hmac?:
    | { readonly key?: string | undefined; readonly previousKeys?: readonly string[] | undefined }
    | null
    | undefined;
  readonly retries?: RetriesConfig | null | undefined;
  readonly customHeaders?: readonly { readonly name: string; readonly value: string }[] | null | undefined;
  readonly options?: Partial<DeliveryOptions>;
}

/** The webhooks of the YAML, and the defaults for all webhooks. */
export interface ConfiguredWebhooks {
  readonly webhooks: readonly WebhookEntry[];
  readonly globalDefaults: DeliveryOptions;
  /** For the webhooks that sessions have. */
  readonly sessionDefaults: DeliveryOptions;
  /** `url`: a URL gets an event once, although several webhooks name it. */
  readonly dedupe: 'none' | 'url';
}
