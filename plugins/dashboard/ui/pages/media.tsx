import { Download, FileDown } from 'lucide-preact';
import { useEffect, useState } from 'preact/hooks';
import { call, get, pathOf } from '../api/client.ts';
import type { Media, Message } from '../api/shapes.ts';
import type { Entry } from '../live/conversation.ts';
import { sayFailed } from '../parts/toasts.tsx';

interface MediaViewProps {
  readonly entry: Entry;
  readonly session: string;
  readonly chatId: string;
}

/** The server's own links may name an address that the page does not come from: their path counts. */
const pathInApi = (url: string): string => url.slice(url.indexOf('/api/') + 1);

const fetchFile = async (media: Media): Promise<string> => {
  const response = await call('GET', pathInApi(media.url ?? ''));
  return URL.createObjectURL(await response.blob());
};

/** The file from where the event said it is, else fetched from WhatsApp again. */
const loadFile = async ({ entry, session, chatId }: MediaViewProps): Promise<{ media: Media; url: string }> => {
  if (entry.media?.url) {
    const url = await fetchFile(entry.media).catch(() => null);
    if (url) return { media: entry.media, url };
  }
  const path = `api/${pathOf(session)}/chats/${pathOf(chatId)}/messages/${pathOf(entry.id)}?downloadMedia=true`;
  const { media } = await get<Message>(path);
  if (!media?.url) throw new Error('the file cannot be had any more');
  return { media, url: await fetchFile(media) };
};

/** A file of a message. What comes while the page is open is shown; older ones are fetched by a click. */
export function MediaView(props: MediaViewProps) {
  const { media } = props.entry;
  const [file, setFile] = useState<{ media: Media; url: string } | null>(null);
  const [busy, setBusy] = useState(false);
  const load = async () => {
    setBusy(true);
    await loadFile(props).then(setFile, sayFailed);
    setBusy(false);
  };
  useEffect(() => {
    if (media?.url && !file) void loadFile(props).then(setFile, () => undefined);
  }, [media?.url]);
  useEffect(() => (file ? () => URL.revokeObjectURL(file.url) : undefined), [file]);
  if (file) return <Shown media={file.media} url={file.url} />;
  return (
    <button type="button" class="secondary outline load-file" aria-busy={busy} disabled={busy} onClick={load}>
      <Download size={16} aria-hidden="true" /> {media?.filename ?? media?.mimetype ?? 'A file'}
    </button>
  );
}

function Shown({ media: { mimetype, filename }, url }: { readonly media: Media; readonly url: string }) {
  const type = mimetype ?? '';
  const name = filename ?? 'file';
  if (type.startsWith('image/'))
    return <img class="picture" src={url} alt={filename ?? 'The picture of this message'} />;
  // biome-ignore lint/a11y/useMediaCaption: there are no captions for what people send each other.
  if (type.startsWith('video/')) return <video class="picture" src={url} controls aria-label={name} />;
  // biome-ignore lint/a11y/useMediaCaption: as above.
  if (type.startsWith('audio/')) return <audio src={url} controls aria-label={name} />;
  return (
    <a class="button-link" href={url} download={name}>
      <FileDown size={16} aria-hidden="true" /> {name}
    </a>
  );
}
