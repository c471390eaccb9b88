import { Paperclip, SendHorizontal, X } from 'lucide-preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { post } from '../api/client.ts';
import type { Message } from '../api/shapes.ts';
import { attempt } from '../parts/toasts.tsx';

interface ComposerProps {
  readonly session: string;
  readonly chatId: string;
  readonly replyTo: Message | null;
  readonly onCancelReply: () => void;
  readonly onSent: (message: Message) => void;
}

const base64Of = (file: File): Promise<string> =>
  new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).split(',')[1] ?? '');
    reader.onerror = () => reject(new Error('the file cannot be read'));
    reader.readAsDataURL(file);
  });

/** The operation for a kind of file: what phones show as a picture or a video, and documents for the rest. */
const operationFor = (mimetype: string): string => {
  if (/^image\/(jpeg|png|webp)$/.test(mimetype)) return 'api/sendImage';
  return mimetype === 'video/mp4' ? 'api/sendVideo' : 'api/sendFile';
};

export function Composer(props: ComposerProps) {
  const { replyTo, onCancelReply } = props;
  const [text, setText] = useState('');
  const [file, setFile] = useState<File | null>(null);
  const [busy, setBusy] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    if (replyTo) field.current?.focus();
  }, [replyTo]);
  const isEmpty = !text.trim() && !file;
  const send = async () => {
    if (busy || isEmpty) return;
    setBusy(true);
    const sent = await attempt(async () => props.onSent(await deliver(props, text, file)));
    setBusy(false);
    if (!sent) return;
    setText('');
    setFile(null);
    onCancelReply();
    field.current?.focus();
  };
  const submit = (event: Event) => {
    event.preventDefault();
    void send();
  };
  return (
    <form class="composer" onSubmit={submit}>
      {replyTo && <Attached label="Reply to" text={replyTo.body || 'a message'} onRemove={onCancelReply} />}
      {file && <Attached label="File" text={file.name} onRemove={() => setFile(null)} />}
      <FileButton onFile={setFile} />
      <Field field={field} text={text} onText={setText} onSend={send} onEscape={onCancelReply} />
      <button type="submit" aria-label="Send" title="Send" disabled={busy || isEmpty} aria-busy={busy}>
        <SendHorizontal size={18} aria-hidden="true" />
      </button>
    </form>
  );
}

const deliver = async (
  { session, chatId, replyTo }: ComposerProps,
  text: string,
  file: File | null,
): Promise<Message> => {
  const to = { session, chatId, ...(replyTo ? { reply_to: replyTo.id } : {}) };
  if (!file) return post<Message>('api/sendText', { ...to, text });
  const mimetype = file.type || 'application/octet-stream';
  const content = { mimetype, filename: file.name, data: await base64Of(file) };
  return post<Message>(operationFor(mimetype), { ...to, file: content, ...(text ? { caption: text } : {}) });
};

interface FieldProps {
  readonly field: { readonly current: HTMLTextAreaElement | null };
  readonly text: string;
  readonly onText: (text: string) => void;
  readonly onSend: () => void;
  readonly onEscape: () => void;
}

/** Enter sends, Shift and Enter makes a line, Escape takes the reply back. */
function Field({ field, text, onText, onSend, onEscape }: FieldProps) {
  const onKey = (event: KeyboardEvent) => {
    if (event.key === 'Escape') onEscape();
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    onSend();
  };
  return (
    <textarea
      ref={field}
      rows={1}
      placeholder="Write a message"
      aria-label="Message"
      value={text}
      onInput={({ currentTarget }) => onText(currentTarget.value)}
      onKeyDown={onKey}
    />
  );
}

function FileButton({ onFile }: { readonly onFile: (file: File | null) => void }) {
  return (
    <label class="icon-button attach" title="Attach a file">
      <Paperclip size={18} aria-hidden="true" />
      <span class="sr-only">Attach a file</span>
      <input
        type="file"
        class="sr-only"
        onChange={({ currentTarget }) => {
          onFile(currentTarget.files?.[0] ?? null);
          currentTarget.value = '';
        }}
      />
    </label>
  );
}

interface AttachedProps {
  readonly label: string;
  readonly text: string;
  readonly onRemove: () => void;
}

function Attached({ label, text, onRemove }: AttachedProps) {
  return (
    <div class="attached">
      <b>{label}</b> <span>{text}</span>
      <button type="button" class="icon-button" aria-label="Take it out" onClick={onRemove}>
        <X size={14} aria-hidden="true" />
      </button>
    </div>
  );
}
