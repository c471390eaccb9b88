import { Unlink } from 'lucide-preact';
import { get, pathOf, remove } from '../api/client.ts';
import type { SandboxPhone } from '../api/shapes.ts';
import { fromNow, now } from '../live/clock.ts';
import { useLoaded } from '../parts/loading.ts';
import { Empty, Panel } from '../parts/panel.tsx';
import { attempt } from '../parts/toasts.tsx';
import { freeNumber } from './linking-sandbox.tsx';
import { PersonForm } from './sandbox-person-form.tsx';

export function Phones() {
  const {
    value: phones,
    error,
    reload,
  } = useLoaded((signal) => get<readonly SandboxPhone[]>('api/sandbox/phones', signal), [], 4_000);
  return (
    <Panel title="Phones">
      {error && <p class="fault">{error.message}</p>}
      {phones?.length === 0 && (
        <Empty title="No phones yet">Switch one on, and let it scan the code of a session.</Empty>
      )}
      <ul class="plain">
        {phones?.map((phone) => (
          <PhoneRow key={phone.number} phone={phone} onChanged={reload} />
        ))}
      </ul>
      <PersonForm
        path="api/sandbox/phones"
        next={freeNumber(phones ?? [])}
        numberLabel="Number of the phone"
        nameLabel="Name of its owner"
        button="Phone"
        done="The phone is on"
        onAdded={reload}
      />
    </Panel>
  );
}

interface PhoneRowProps {
  readonly phone: SandboxPhone;
  readonly onChanged: () => void;
}

function PhoneRow({ phone: { number, name, devices }, onChanged }: PhoneRowProps) {
  const unlink = async () => {
    await attempt(
      () => remove(`api/sandbox/phones/${pathOf(number)}/devices`),
      `The phone ${number} unlinked its devices`,
    );
    onChanged();
  };
  return (
    <li class="person">
      <div>
        <strong>{name}</strong> <span class="muted">+{number}</span>
        {devices.map(({ id, os, online, linkedAt }) => (
          <p key={id} class="muted">
            Device {id}, {os}, {online ? 'online' : 'offline'}, linked {fromNow(linkedAt, now.value)}
          </p>
        ))}
        {devices.length === 0 && <p class="muted">No linked devices</p>}
      </div>
      <button type="button" class="secondary outline" disabled={devices.length === 0} onClick={unlink}>
        <Unlink size={16} aria-hidden="true" /> Unlink
      </button>
    </li>
  );
}
