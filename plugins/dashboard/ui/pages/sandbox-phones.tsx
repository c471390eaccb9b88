import { Plus, Unlink } from 'lucide-preact';
import { useState } from 'preact/hooks';
import { get, pathOf, post, remove } from '../api/client.ts';
import type { SandboxPhone } from '../api/shapes.ts';
import { fromNow, now } from '../live/clock.ts';
import { useLoaded } from '../parts/loading.ts';
import { Empty, Panel } from '../parts/panel.tsx';
import { attempt } from '../parts/toasts.tsx';
import { freeNumber } from './linking-sandbox.tsx';

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
      <NewPhone phones={phones ?? []} onChanged={reload} />
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

interface NewPhoneProps {
  readonly phones: readonly SandboxPhone[];
  readonly onChanged: () => void;
}

function NewPhone({ phones, onChanged }: NewPhoneProps) {
  const [number, setNumber] = useState('');
  const [name, setName] = useState('');
  const next = freeNumber(phones);
  const add = async (event: Event) => {
    event.preventDefault();
    const body = { number: number || next, ...(name ? { name } : {}) };
    if (!(await attempt(() => post('api/sandbox/phones', body), 'The phone is on'))) return;
    setNumber('');
    setName('');
    onChanged();
  };
  return (
    <form class="inline-form" onSubmit={add}>
      <input
        aria-label="Number of the phone"
        inputMode="numeric"
        pattern="[0-9]{7,15}"
        placeholder={next}
        value={number}
        onInput={({ currentTarget }) => setNumber(currentTarget.value)}
      />
      <input
        aria-label="Name of its owner"
        placeholder="Name"
        value={name}
        onInput={({ currentTarget }) => setName(currentTarget.value)}
      />
      <button type="submit" class="secondary">
        <Plus size={16} aria-hidden="true" /> Phone
      </button>
    </form>
  );
}
