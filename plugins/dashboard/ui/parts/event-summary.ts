import type { Frame } from '../api/shapes.ts';
import { numberOf } from './numbers.ts';

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
const person = (value: unknown): string => (typeof value === 'string' ? numberOf(value) : '');

/** An event in a few words, for a list. */
export const summaryOf = ({ event, payload }: Frame): string => {
  switch (event) {
    case 'session.status':
      return [textOf(payload['status']), textOf(payload['reason'])].filter(Boolean).join(', ');
    case 'message':
    case 'message.any':
      return `${payload['fromMe'] ? 'to' : 'from'} ${person(payload['fromMe'] ? payload['to'] : payload['from'])}: ${
        textOf(payload['body']) || (payload['hasMedia'] ? 'a file' : '…')
      }`;
    case 'message.ack':
      return `${textOf(payload['ackName'])} ${person(payload['to'])}`;
    case 'message.reaction': {
      const { text } = payload['reaction'] as { text?: string };
      return `${person(payload['from'])} ${text || 'took the reaction back'}`;
    }
    case 'presence.update':
      return person(payload['id']);
    default:
      return person(payload['id'] ?? payload['from']);
  }
};
