import { phoneDigits } from '../../contracts/phone-number.ts';
import type { Server } from './server.ts';

export interface SendOptions {
  readonly server: Server;
  readonly name: string;
  /** A number in any form, or a chat id. */
  readonly to: string;
  readonly text: string;
}

/** `waha send`: one text. Prints the message's id. */
export const sendText = async ({ server, name, to, text }: SendOptions): Promise<number> => {
  const chatId = to.includes('@') ? to : `${digitsOf(to)}@c.us`;
  const { id } = await server.post<{ id: string | { _serialized?: string } }>('/api/sendText', {
    ...{ session: name, chatId, text },
  });
  console.log(typeof id === 'string' ? id : (id._serialized ?? JSON.stringify(id)));
  return 0;
};

const digitsOf = (number: string): string => {
  const digits = phoneDigits(number);
  if (digits === null)
    throw new Error(`${number} is no phone number: give it with its country code, such as +12025550123`);
  return digits;
};
