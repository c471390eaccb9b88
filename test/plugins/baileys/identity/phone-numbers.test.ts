import { beforeEach, describe, expect, it } from 'vitest';
import { PhoneNumbers } from '../../../../plugins/baileys/identity/phone-numbers.ts';
import { Usernames } from '../../../../plugins/baileys/identity/usernames.ts';

const jid = (number: string) => `${number}@s.whatsapp.net`;
const me = jid('4915100000001');

/** Keys that outlive a connection, as the account's do. */
const stored = new Map<string, unknown>();
const keys = {
  get: async (type: string, [id = '']: string[]) =>
    stored.has(`${type} ${id}`) ? { [id]: stored.get(`${type} ${id}`) } : {},
  set: async (data: Record<string, Record<string, unknown>>) => {
    for (const [type, values] of Object.entries(data))
      for (const [id, value] of Object.entries(values)) stored.set(`${type} ${id}`, value);
  },
};
const asked: string[] = [];
/** Accounts by what people dial: the number that WhatsApp knows them by. */
const accounts = new Map<string, string>();
const sock = {
  getUSyncDevices: async ([wanted = '']: string[]) => {
    const user = wanted.split('@')[0] ?? '';
    return accounts.get(user) === user ? [{ user, device: 0, jid: wanted }] : [];
  },
  onWhatsApp: async (...wanted: string[]) => {
    asked.push(...wanted);
    return wanted.flatMap((one) => {
      const account = accounts.get(one.split('@')[0] ?? '');
      return account ? [{ jid: jid(account), exists: true }] : [];
    });
  },
};
const numbers = () =>
  new PhoneNumbers({ keys } as never, () => me, new Usernames({ call: (_, action) => action(sock as never) }));
const reach = (known: PhoneNumbers, number: string) => known.reach(sock as never, jid(number));

beforeEach(() => {
  stored.clear();
  asked.length = 0;
  accounts.clear();
});

describe('a number that WhatsApp knows otherwise', () => {
  it.each([
    ["Brazil's ninth digit too many", '5531988887777', '553188887777'],
    ["Brazil's ninth digit too few", '551188887777', '5511988887777'],
    ["Mexico's 1", '525512345678', '5215512345678'],
    ["Mexico's 1 too many", '5215512345678', '525512345678'],
    ["Argentina's 9", '541112345678', '5491112345678'],
  ])('is sent to as WhatsApp answered: %s', async (_, dialled, account) => {
    accounts.set(dialled, account).set(account, account);
    const known = numbers();
    expect(await reach(known, dialled)).toBe(jid(account));
    expect(await reach(known, dialled)).toBe(jid(account));
    expect(asked).toEqual([jid(dialled)]);
    // The next connection knows it, too.
    expect(await numbers().known(jid(dialled))).toBe(jid(account));
    expect(await reach(numbers(), dialled)).toBe(jid(account));
    expect(asked).toEqual([jid(dialled)]);
  });
});

it('a number that has an account is not asked about', async () => {
  accounts.set('4915200000001', '4915200000001');
  expect(await reach(numbers(), '4915200000001')).toBe(jid('4915200000001'));
  expect(asked).toEqual([]);
});

it('a number that nobody has is refused', async () => {
  await expect(reach(numbers(), '4915200000002')).rejects.toMatchObject({
    message: expect.stringContaining('4915200000002'),
  });
});

it('our own number, groups and hidden ids are taken as they are', async () => {
  for (const one of [me, '12036300000@g.us', '771@lid', 'status@broadcast']) {
    expect(await numbers().reach(sock as never, one)).toBe(one);
  }
});

it('the devices of somebody else do not make a number reachable', async () => {
  accounts.set('5531988887777', '553188887777');
  const odd = {
    ...sock,
    getUSyncDevices: async () => [{ user: '553188887777', device: 0, jid: jid('553188887777') }],
  };
  expect(await numbers().reach(odd as never, jid('5531988887777'))).toBe(jid('553188887777'));
});
