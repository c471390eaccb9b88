import type { Sessions } from '../contracts/sessions.ts';
import type { TestRequest, TestResponse } from './request-route.ts';

/** What of a test host the scan goes through. */
interface Scanner {
  readonly sessions: Sessions;
  request(method: 'POST', path: string, request: TestRequest): Promise<TestResponse>;
}

/** Lets a phone of the sandbox scan the code that a session shows. */
export const linkToSandbox = async (host: Scanner, session: string, phone: string): Promise<void> => {
  const { value } = await host.sessions.qr(session);
  const { status, body } = await host.request('POST', `/api/sandbox/phones/${phone}/scan`, { body: { qr: value } });
  if (status !== 201) throw new Error(`the sandbox refused the scan: ${JSON.stringify(body)}`);
};
