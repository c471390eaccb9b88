import { Check, Copy } from 'lucide-preact';
import { useState } from 'preact/hooks';
import { sayFailed } from './toasts.tsx';

/** Pages that are not served over TLS or from this machine have no clipboard; a hidden field does there. */
const copyText = async (text: string): Promise<void> => {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const field = document.createElement('textarea');
  field.value = text;
  document.body.append(field);
  field.select();
  const copied = document.execCommand('copy');
  field.remove();
  if (!copied) throw new Error('the browser does not let the page copy');
};

/** One click, and the text is in the clipboard. */
export function CopyButton({ text, label = 'Copy as JSON' }: { readonly text: () => string; readonly label?: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async (event: Event) => {
    event.stopPropagation();
    try {
      await copyText(text());
      setCopied(true);
      setTimeout(() => setCopied(false), 1_500);
    } catch (error) {
      sayFailed(error);
    }
  };
  return (
    <button type="button" class="icon-button" aria-label={copied ? 'Copied' : label} title={label} onClick={copy}>
      {copied ? <Check size={16} aria-hidden="true" /> : <Copy size={16} aria-hidden="true" />}
    </button>
  );
}

export const pretty = (value: unknown): string => JSON.stringify(value, null, 2);

/** A value as JSON, to read and to copy. */
export function Json({ value, label }: { readonly value: unknown; readonly label: string }) {
  return (
    <div class="json">
      <CopyButton text={() => pretty(value)} />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
      <section aria-label={label} tabIndex={0}>
        <pre>{pretty(value)}</pre>
      </section>
    </div>
  );
}
