import type { MetricSource, Sample } from 'waha-runtime';
import type { GateWatch } from './receipt-gate.ts';

/** How long the gates of all sessions hold frames back. */
export class GateFigures implements MetricSource, GateWatch {
  readonly name = 'baileys-gate';
  #frames = 0;
  #milliseconds = 0;
  #late = 0;

  waited(milliseconds: number): void {
    this.#frames += 1;
    this.#milliseconds += milliseconds;
  }

  late(): void {
    this.#late += 1;
  }

  collect(): readonly Sample[] {
    return [
      counter(
        'waha_gate_frames_total',
        'Frames to WhatsApp that waited for keys or for the publishing of messages.',
        this.#frames,
      ),
      counter('waha_gate_wait_seconds_total', 'How long those frames waited, in all.', this.#milliseconds / 1000),
      counter('waha_gate_late_total', 'Times that frames went out because the wait reached its limit.', this.#late),
    ];
  }
}

const counter = (name: string, help: string, value: number): Sample => ({ type: 'counter', name, help, value });
