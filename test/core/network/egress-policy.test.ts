import { describe, expect, it } from 'vitest';
import { createPolicy } from '../../../core/network/egress-policy.ts';

const refusal = (check: () => unknown): string => {
  try {
    check();
  } catch (error) {
    return (error as Error).message;
  }
  return 'allowed';
};

describe('the target of a URL', () => {
  it('is the same however often it is asked for', () => {
    const policy = createPolicy();
    const url = 'HTTPS://Hooks.Example:443/in/../v1?to=ana';
    const expected = { origin: 'https://hooks.example', path: '/v1?to=ana', host: 'hooks.example', opened: false };
    for (let time = 0; time < 3; time++) expect(policy.target(url, false)).toEqual(expected);
  });

  it('is allowed by who asks, whoever asked before', () => {
    const policy = createPolicy();
    const inside = 'http://127.0.0.1:8080/hook';
    for (let time = 0; time < 3; time++) {
      expect(policy.target(inside, true).opened).toBe(true);
      expect(refusal(() => policy.target(inside, false))).toContain("'127.0.0.1:8080' is not on the public internet");
    }
    const outside = 'https://hooks.example/';
    for (const trusted of [false, true, false, true]) expect(policy.target(outside, trusted).opened).toBe(trusted);
  });

  it('is allowed by its own policy, whatever another one allows', () => {
    const url = 'http://10.0.0.7/hook';
    expect(createPolicy({ private: true }).target(url, false).opened).toBe(true);
    expect(createPolicy({ cidrs: ['10.0.0.0/8'] }).target(url, false).opened).toBe(false);
    expect(refusal(() => createPolicy().target(url, false))).toContain('not on the public internet');
  });

  it('is right for any number of URLs, and for long ones', () => {
    const policy = createPolicy();
    const urls = Array.from({ length: 2_500 }, (_, index) => `https://h${index}.example/?q=${'x'.repeat(index % 400)}`);
    const expected = urls.map((url) => new URL(url)).map(({ host, pathname, search }) => [host, pathname + search]);
    for (let time = 0; time < 2; time++) {
      const targets = urls.map((url) => policy.target(url, false));
      expect(targets.map(({ host, path }) => [host, path])).toEqual(expected);
    }
  });

  it('is refused each time with the same sentence', () => {
    const policy = createPolicy();
    for (const url of ['nonsense', 'ftp://a.example', 'http://a:b@a.example', 'http://localhost', 'http://[::1]/']) {
      const first = refusal(() => policy.target(url, false));
      expect(first).not.toBe('allowed');
      expect(refusal(() => policy.target(url, false))).toBe(first);
    }
  });
});
