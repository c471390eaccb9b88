/** What HTTP or the delivery itself sets. */
const reserved =
  /^(?:host|content-length|content-encoding|transfer-encoding|connection|keep-alive|upgrade|expect|te|trailer|proxy-.*|webhook-.*|x-webhook-.*)$/i;

/** A user's headers in two heaps: those that are sent, and the names of those that may not be. The last of a name wins. */
export const sortHeaders = (
  list: readonly { readonly name: string; readonly value: string }[],
): { readonly sent: Readonly<Record<string, string>>; readonly refused: readonly string[] } => {
  const sent = new Map<string, [name: string, value: string]>();
  const refused: string[] = [];
  for (const { name, value } of list) {
    if (reserved.test(name)) refused.push(name);
    else sent.set(name.toLowerCase(), [name, value]);
  }
  return { sent: Object.fromEntries(sent.values()), refused };
};

/** Reads `Name:Value;Name:Value`, WAHA's form in environment variables. Null when it is not that. */
export const parseHeaders = (text: string): { name: string; value: string }[] | null => {
  const headers: { name: string; value: string }[] = [];
  for (const part of text.split(';').filter((piece) => piece.trim() !== '')) {
    const colon = part.indexOf(':');
    const name = part.slice(0, Math.max(colon, 0)).trim();
    if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) return null;
    headers.push({ name, value: part.slice(colon + 1).trim() });
  }
  return headers;
};
