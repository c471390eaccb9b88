import type { App } from 'waha-runtime';

/** An app as it is kept. */
export interface StoredApp extends App<Record<string, unknown>> {
  /** Its type. */
  readonly app: string;
}

/** Where an app stands in the plugin's storage. */
export const placeOf = (id: string): string => `app:${id}`;

/** What every place begins with. */
export const placePrefix = 'app:';
