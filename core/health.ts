import type { Clock } from './contracts/clock.ts';
import type { Health, HealthCheck, HealthIndicator, HealthReport } from './contracts/health.ts';
import { withDeadline } from './deadline.ts';
import { sentence } from './errors.ts';

/** How long one indicator may take (ms). */
const checkLimit = 5_000;

/** Asks every indicator at once. `indicators` is read at each check. */
export const healthCheck = (indicators: () => readonly HealthIndicator[], clock: Clock): HealthCheck => ({
  async check(): Promise<Health> {
    const reports = await Promise.all(
      indicators().map(async (indicator) => [indicator.name, await ask(indicator, clock)] as const),
    );
    const up = reports.filter(([, report]) => report.status === 'up');
    const down = reports.filter(([, report]) => report.status === 'down');
    return {
      status: down.length === 0 ? 'ok' : 'error',
      info: Object.fromEntries(up),
      error: Object.fromEntries(down),
      details: Object.fromEntries(reports),
    };
  },
});

const ask = async (indicator: HealthIndicator, clock: Clock): Promise<HealthReport> => {
  try {
    const late = () => new Error(`no answer within ${checkLimit} ms`);
    return await withDeadline((async () => indicator.check())(), checkLimit, clock, late);
  } catch (error) {
    return { status: 'down', message: sentence(error) };
  }
};
