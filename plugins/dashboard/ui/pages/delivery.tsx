import { RotateCw } from 'lucide-preact';
import { get, pathOf, post } from '../api/client.ts';
import type { DeliveryDetails } from '../api/shapes.ts';
import { fullTime } from '../live/clock.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Json } from '../parts/json.tsx';
import { useLoaded } from '../parts/loading.ts';
import { attempt } from '../parts/toasts.tsx';

/** One delivery: every attempt, and the body as it is sent. */
export function DeliveryDialog({ id, onClose }: { readonly id: string; readonly onClose: () => void }) {
  const path = `api/webhooks/deliveries/${pathOf(id)}`;
  const { value, error, reload } = useLoaded((signal) => get<DeliveryDetails>(path, signal), [id], 2_000);
  const replay = async () => {
    await attempt(() => post(`${path}/replay`), 'It is sent again');
    reload();
  };
  return (
    <Dialog title={value ? `${value.event} of ${value.session}` : 'Delivery'} onClose={onClose} wide>
      {error && <p class="fault">{error.message}</p>}
      {value && (
        <>
          <p>
            <span class={`badge delivery-${value.status}`}>{value.status}</span> <code>{value.id}</code>
          </p>
          <h3>Attempts</h3>
          <Attempts log={value.log} />
          <h3>Body</h3>
          <Json value={value.body} label="The body as JSON" />
          <footer>
            <button type="button" onClick={replay} disabled={value.status === 'pending'}>
              <RotateCw size={16} aria-hidden="true" /> Replay
            </button>
          </footer>
        </>
      )}
    </Dialog>
  );
}

function Attempts({ log }: { readonly log: DeliveryDetails['log'] }) {
  if (log.length === 0) return <p class="muted">None yet</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
    <section class="table-box" aria-label="Attempts" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">Took</th>
            <th scope="col">Answer</th>
          </tr>
        </thead>
        <tbody>
          {log.map(({ at, durationMs, status, error }) => (
            <tr key={at}>
              <td>{fullTime(at)}</td>
              <td>{Math.round(durationMs)} ms</td>
              <td>{error ?? status}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
