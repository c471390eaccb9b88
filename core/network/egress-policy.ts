import { configInvalid } from '../errors.ts';
import { EgressFailure } from './egress-failure.ts';
import { inRanges, parseRange, reachOf } from './reach.ts';

/** What the YAML opens besides the public internet; see `EgressConfig`. */
export interface EgressAllowance {
  readonly private?: boolean;
  readonly hosts?: readonly string[];
  readonly cidrs?: readonly string[];
}

/** Says which URLs and which addresses are allowed. Knows no DNS. */
export interface EgressPolicy {
  /** Reads and checks a URL without a look-up. Throws the fault `refused`. */
  target(url: string, trusted: boolean): Target;
  /** True when this address may be connected to. */
  allows(address: string, opened: boolean): boolean;
}

/** A URL that may be tried. */
export interface Target {
  readonly origin: string;
  /** Path and query. */
  readonly path: string;
  /** As the user wrote it, with the port: for messages. */
  readonly host: string;
  /** Private addresses are fine for this one. */
  readonly opened: boolean;
}

const refused = (what: string) => new EgressFailure('refused', what);

/** The sentence for a host that leads to where it may not. It tells the operator what to do and nobody what was found. */
export const notPublic = (host: string) =>
  refused(
    `'${host}' is not on the public internet; the YAML may open it under network.allow (hosts, cidrs or private)`,
  );

/** Reads the allowance. Throws `CONFIG_INVALID` that names the bad entry. */
export const createPolicy = (allow: EgressAllowance = {}): EgressPolicy => {
  const openHost = hostMatcher(allow.hosts ?? []);
  const ranges = (allow.cidrs ?? []).map((text, index) => {
    const range = parseRange(text.trim());
    if (range === null)
      throw configInvalid(`network.allow.cidrs.${index} must be an address or a CIDR such as 10.0.0.0/8`);
    return range;
  });
  const allows = (address: string, opened: boolean): boolean => {
    const reach = reachOf(address);
    return reach === 'public' || (reach === 'private' && opened) || inRanges(address, ranges);
  };
  const check = (text: string, trusted: boolean): Target => {
    const url = readUrl(text);
    const opened = trusted || allow.private === true || openHost(url);
    const literal = literalAddress(url.hostname);
    if (literal !== null && !allows(literal, opened)) throw notPublic(url.host);
    if (literal === null && isLocalName(url.hostname) && !opened && ranges.length === 0) throw notPublic(url.host);
    return { origin: url.origin, path: `${url.pathname}${url.search}`, host: url.host, opened };
  };
  return { target: remembering(check), allows };
};

/** How many URLs are remembered, and how long they may be: a webhook's is read at message rate and always the same. */
const rememberedUrls = 1_000;
const longestRemembered = 256;

/** What was allowed is not read again: it depends on the text and the policy alone. What was refused is told anew. */
const remembering = (check: EgressPolicy['target']): EgressPolicy['target'] => {
  const trustedTargets = new Map<string, Target>();
  const otherTargets = new Map<string, Target>();
  return (text, trusted) => {
    const known = trusted ? trustedTargets : otherTargets;
    const before = known.get(text);
    if (before !== undefined) return before;
    const target = check(text, trusted);
    if (text.length > longestRemembered) return target;
    // All at once: the next of each webhook puts its own back, and what came by once stays away.
    if (known.size >= rememberedUrls) known.clear();
    known.set(text, target);
    return target;
  };
};

const readUrl = (text: string): URL => {
  if (!URL.canParse(text)) throw refused('that is no URL');
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw refused(`'${url.protocol}' is not allowed; use http: or https:`);
  }
  if (url.username !== '' || url.password !== '') {
    throw refused(`the URL of '${url.host}' must not hold credentials; send them in a header`);
  }
  return url;
};

/** The address in a host that is one. The URL parser has already turned octal, hex and decimal forms into the usual one. */
const literalAddress = (hostname: string): string | null => {
  if (hostname.startsWith('[')) return hostname.slice(1, -1);
  return /^\d+\.\d+\.\d+\.\d+\.?$/.test(hostname) ? bare(hostname) : null;
};

const isLocalName = (hostname: string): boolean => /(?:^|\.)localhost$/i.test(bare(hostname));

const bare = (hostname: string): string => hostname.replace(/\.$/, '').toLowerCase();

const portOf = (url: URL): string => url.port || (url.protocol === 'https:' ? '443' : '80');

/** Entries are `name`, `name:port`, `*.domain` or `*.domain:port`. */
const hostMatcher = (entries: readonly string[]): ((url: URL) => boolean) => {
  const rules = entries.map((entry, index) => {
    const parts = /^(\*\.)?([^[*:/\s][^*:/\s]*|\[[0-9a-f:.]+\])(?::(\d+))?$/i.exec(entry.trim());
    if (parts === null)
      throw configInvalid(`network.allow.hosts.${index} must be a name such as n8n, n8n:5678 or *.corp.example`);
    return { below: parts[1] !== undefined, name: bare(parts[2] ?? ''), port: parts[3] };
  });
  return (url) => {
    const name = bare(url.hostname);
    return rules.some(
      (rule) =>
        (rule.port === undefined || rule.port === portOf(url)) &&
        (rule.below ? name.endsWith(`.${rule.name}`) : name === rule.name),
    );
  };
};
