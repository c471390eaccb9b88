/** What Chatwoot has in `content_attributes.items` of selections, cards and articles. What is not named here is not looked at. */
interface Item {
  readonly title?: unknown;
  readonly description?: unknown;
  readonly link?: unknown;
  readonly media_url?: unknown;
  readonly label?: unknown;
  readonly actions?: unknown;
}

/** So many are shown of a message. */
const MOST_ITEMS = 50;
const LONGEST = 2_000;

const said = (value: unknown): string => (typeof value === 'string' ? value.trim().slice(0, LONGEST) : '');
const listOf = <T>(value: unknown): readonly T[] =>
  (Array.isArray(value) ? value : []).filter((one) => typeof one === 'object' && one !== null).slice(0, MOST_ITEMS);

/**
 * What an interactive message says, as text: people of WhatsApp read what there is to choose, and answer in words. Linked devices cannot send buttons that
 * every phone shows.
 */
export const interactiveText = (content: string, items: unknown): string => {
  const texts = listOf<Item>(items)
    .map(itemText)
    .filter((text) => text !== '');
  const isList = texts.every((text) => text.startsWith(bullet));
  return [content, texts.join(isList ? '\n' : '\n\n')].filter((part) => part !== '').join('\n\n');
};

const bullet = '- ';

/** Options of a selection stand on lines of their own, cards are paragraphs. */
const itemText = ({ title, description, link, label, actions }: Item): string => {
  const name = said(title) || said(label);
  const more = [
    said(description),
    said(link),
    ...listOf<{ readonly text?: unknown; readonly uri?: unknown }>(actions).map(actionText),
  ];
  const lines = more.filter((line) => line !== '');
  if (lines.length === 0) return name === '' ? '' : `${bullet}${name}`;
  return [...(name === '' ? [] : [`**${name}**`]), ...lines].join('\n');
};

const actionText = ({ text, uri }: { readonly text?: unknown; readonly uri?: unknown }): string =>
  [said(text), said(uri)].filter((part) => part !== '').join(': ');

/** The pictures of cards. */
export const pictures = (items: unknown): { readonly url: string; readonly type: string }[] =>
  listOf<Item>(items).flatMap(({ media_url: url }) => (said(url) ? [{ url: said(url), type: 'image' }] : []));
