import type { MetricSource, Sample } from 'waha-runtime';
import type { MissedWatch } from './missed-devices.ts';

/** How often messages of all sessions missed devices. */
export class MissedFigures implements MetricSource, MissedWatch {
  readonly name = 'baileys-missed-devices';
  #differed = 0;
  #caughtUp = 0;
  #gaveUp = 0;

  differed(): void {
    this.#differed += 1;
  }

  caughtUp(devices: number): void {
    this.#caughtUp += devices;
  }

  gaveUp(): void {
    this.#gaveUp += 1;
  }

  collect(): readonly Sample[] {
    return [
      counter(
        'waha_devices_differed_total',
        'Messages for which WhatsApp knew other devices than they were sent to.',
        this.#differed,
      ),
      counter('waha_devices_caught_up_total', 'Devices that then got the message they had missed.', this.#caughtUp),
      counter('waha_devices_given_up_total', 'Messages that devices may have missed for good.', this.#gaveUp),
    ];
  }
}

const counter = (name: string, help: string, value: number): Sample => ({ type: 'counter', name, help, value });
