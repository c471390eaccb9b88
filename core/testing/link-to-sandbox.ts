import type { TestHost } from './create-test-host.ts';

/** Lets a phone of the sandbox scan the code that a session shows. */
export const linkToSandbox = async (host: TestHost, session: string, phone: string): Promise<void> => {
  const { value } = await host.sessions.qr(session);
  const { status, body } = await host.request('POST', `/api/sandbox/phones/${phone}/scan`, { body: { qr: value } });
  if (status !== 201) throw new Error(`the sandbox refused the scan: ${JSON.stringify(body)}`);
};
