import {
  elementScroll,
  observeElementOffset,
  observeElementRect,
  Virtualizer,
  type VirtualizerOptions,
} from '@tanstack/virtual-core';
import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useReducer, useRef, useState } from 'preact/hooks';

export interface VirtualListProps<T> {
  readonly items: readonly T[];
  readonly keyOf: (item: T) => string;
  readonly render: (item: T, index: number) => ComponentChildren;
  /** Of a row (px); a first guess when rows are measured. */
  readonly rowHeight: number;
  /** What the list is, for those who do not see it. */
  readonly label: string;
  /** Rows differ in height. */
  readonly measured?: boolean;
  /** Shows the end, and stays there while the user does: a conversation. */
  readonly atEnd?: boolean;
  readonly class?: string;
}

/** So near to the end counts as at the end (px). */
const nearEnd = 80;

const optionsOf = <T,>(
  { items, keyOf, rowHeight, measured }: VirtualListProps<T>,
  scroller: { readonly current: HTMLDivElement | null },
  onChange: () => void,
): VirtualizerOptions<HTMLDivElement, HTMLElement> => ({
  count: items.length,
  getScrollElement: () => scroller.current,
  estimateSize: () => rowHeight,
  getItemKey: (index) => {
    const item = items[index];
    return item === undefined ? index : keyOf(item);
  },
  overscan: measured ? 6 : 8,
  scrollToFn: elementScroll,
  observeElementRect,
  observeElementOffset,
  onChange,
});

/** A list of any length: only the rows that are seen are in the page. */
export function VirtualList<T>(props: VirtualListProps<T>) {
  const { items, render, label, measured, atEnd } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const [, draw] = useReducer<number, void>((count) => count + 1, 0);
  const [list] = useState(() => new Virtualizer(optionsOf(props, scroller, () => draw())));
  list.setOptions(optionsOf(props, scroller, () => draw()));
  useLayoutEffect(() => list._didMount(), [list]);
  useLayoutEffect(() => list._willUpdate());
  useStayAtEnd(props, list, scroller);
  return (
    <div ref={scroller} class={`virtual-list ${props.class ?? ''}`} data-at-end={atEnd}>
      <ul class="virtual-space" aria-label={label} style={{ height: `${list.getTotalSize()}px` }}>
        {list.getVirtualItems().map(({ index, key, start, size }) => {
          const item = items[index];
          return item === undefined ? null : (
            <li
              key={key}
              ref={measured ? list.measureElement : null}
              data-index={index}
              class="virtual-row"
              aria-setsize={items.length}
              aria-posinset={index + 1}
              style={{ transform: `translateY(${start}px)`, ...(measured ? {} : { height: `${size}px` }) }}
            >
              {render(item, index)}
            </li>
          );
        })}
      </ul>
    </div>
  );
}

/** Keeps the end in sight when something is added there, and the row that was first when something is added before it. */
const useStayAtEnd = <T,>(
  { items, keyOf, atEnd }: VirtualListProps<T>,
  list: Virtualizer<HTMLDivElement, HTMLElement>,
  scroller: { readonly current: HTMLDivElement | null },
): void => {
  const seen = useRef<{ first: string; last: string; wasAtEnd: boolean } | null>(null);
  const ends = items.length > 0 ? { first: keyOf(items[0] as T), last: keyOf(items.at(-1) as T) } : null;
  useLayoutEffect(() => {
    if (!atEnd) return;
    const before = seen.current;
    seen.current = ends && { ...ends, wasAtEnd: true };
    if (!ends) return;
    if (!before || before.wasAtEnd) list.scrollToIndex(items.length - 1, { align: 'end' });
    else if (before.first !== ends.first) {
      const index = items.findIndex((item) => keyOf(item) === before.first);
      if (index > 0) list.scrollToIndex(index, { align: 'start' });
    }
  }, [atEnd, ends?.first, ends?.last]);
  // Before the next drawing, where the user was.
  const element = scroller.current;
  if (atEnd && element && seen.current) {
    seen.current.wasAtEnd = element.scrollHeight - element.scrollTop - element.clientHeight < nearEnd;
  }
};
