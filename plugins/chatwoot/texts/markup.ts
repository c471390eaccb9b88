/**
 * Chatwoot writes Markdown and WhatsApp marks of its own: `**bold**` is `*bold*` there, `*slanted*` is `_slanted_`, `~~struck~~` is
 * `~struck~`. Text between back ticks is the same in both and left alone. Every pattern is bounded to a line.
 */
const outsideCode = (text: string, change: (part: string) => string): string =>
  text
    .split(/(```[^`]*```|`[^`\n]*`)/)
    .map((part, index) => (index % 2 === 1 ? part : change(part)))
    .join('');

/** As WhatsApp shows it. */
export const toWhatsApp = (markdown: string): string =>
  outsideCode(markdown, (part) =>
    part
      .replace(/\[([^[\]\n]{1,500})\]\((https?:\/\/[^\s()]{1,2000})\)/g, (_, label: string, url: string) =>
        label === url ? url : `${label} (${url})`,
      )
      // A mark that is not in a text keeps the two kinds of stars apart.
      .replace(/\*\*([^*\n]{1,4000})\*\*/g, '\u0001$1\u0001')
      .replace(/\*([^*\s][^*\n]{0,4000})\*/g, '_$1_')
      .replace(/~~([^~\n]{1,4000})~~/g, '~$1~')
      .replaceAll('\u0001', '*')
      .replace(/\\([\\`*_~[\]()#+.!-])/g, '$1'),
  );

/** As Chatwoot shows it. */
export const toMarkdown = (text: string): string =>
  outsideCode(text, (part) =>
    part
      .replace(/(^|[\s(])\*([^*\s][^*\n]{0,4000})\*(?=$|[\s).,!?:;])/gm, '$1**$2**')
      .replace(/(^|[\s(])~([^~\s][^~\n]{0,4000})~(?=$|[\s).,!?:;])/gm, '$1~~$2~~'),
  );
