import { describe, expect, it } from 'vitest';
import { conversation } from '../support/conversation.ts';

describe.each(['lid', 'none'] as const)(
  'a device that nobody told the session of, in a world of addressing %s',
  (addressing) => {
    const talk = conversation();

    /** What a session told of one message. */
    const told = (session: string, bare: string) =>
      talk.world.hooks.all.filter(({ event, again }) => {
        if (again || event.session !== session || event.event !== 'message.any') return false;
        return (event.payload as { id: string }).id.includes(bare);
      });

    const hears = async (session: string, text: string, bare: string) => {
      const { hooks } = talk.world;
      const isIt = ({ session: by, payload }: { session: string; payload: unknown }) =>
        by === session && (payload as { body: string }).body === text;
      await hooks.next('message.any', isIt as never);
      expect(told(session, bare)).toHaveLength(1);
    };

    /** How many copies of a message the server handed to linked devices of a number. */
    const copies = (number: string, bare: string) =>
      talk.world.sandbox.deliveries(number).filter(({ id }) => id === bare).length;

    it('gets the message, when it is a device of whom the session writes to', async () => {
      await talk.delivered('/api/sendText', { text: 'before' });
      await talk.world.link('anas', talk.ana);
      const { bare } = await talk.delivered('/api/sendText', { text: 'for the new device' });
      await hears('anas', 'for the new device', bare);
      expect(copies(talk.ana, bare)).toBe(1);
      const { bare: next } = await talk.delivered('/api/sendText', { text: 'for both at once' });
      await hears('anas', 'for both at once', next);
      expect(copies(talk.ana, next)).toBe(1);
    });

    it('gets the message, when it is a device of the session’s own account', async () => {
      talk.world.sandbox.faults.set({ kind: 'untold-device', phone: talk.phone });
      await talk.world.link('other', talk.phone);
      const { bare } = await talk.delivered('/api/sendText', { text: 'for my other device' });
      await hears('other', 'for my other device', bare);
      expect(copies(talk.phone, bare)).toBe(1);
    });

    it('gets the message in a group', async () => {
      const { sandbox } = talk.world;
      const bob = '4915200002004';
      const group = sandbox.group({ subject: 'Club', owner: talk.ana, participants: [talk.phone, bob] });
      const write = async (text: string) => {
        const { status, body } = await talk.send('/api/sendText', { chatId: group.jid, text });
        expect(status).toBe(201);
        return String(body.key.id);
      };
      await write('before');
      sandbox.phone(bob, { name: 'Bob' });
      await talk.world.link('bobs', bob);
      const bare = await write('for the new device of a member');
      await hears('bobs', 'for the new device of a member', bare);
    });
  },
);
