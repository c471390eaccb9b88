import type { Contribution } from '../contracts/plugin.ts';
import type { Point } from '../contracts/token.ts';

/** Called with a point whose list changed. */
export type ChangeListener = (point: Point<unknown>) => void | Promise<void>;

/** The lists behind the points, in order of setup. */
export class Contributions {
  readonly #lists = new Map<symbol, Contribution<unknown>[]>();
  readonly #ranks = new Map<string, number>();
  readonly #changed = new Set<symbol>();

  /** Gives a plugin its place, which it keeps when it is reloaded. */
  enlist(plugin: string): void {
    if (!this.#ranks.has(plugin)) this.#ranks.set(plugin, this.#ranks.size);
  }

  add<T>(point: Point<T>, plugin: string, value: T): void {
    this.enlist(plugin);
    const list = [...(this.#lists.get(point) ?? []), { plugin, value }];
    this.#lists.set(
      point,
      list.sort((a, b) => this.#rank(a.plugin) - this.#rank(b.plugin)),
    );
    this.#changed.add(point);
  }

  of<T>(point: Point<T>): readonly Contribution<T>[] {
    return (this.#lists.get(point) ?? []) as Contribution<T>[];
  }

  /** The points that a plugin contributed to. */
  pointsOf(plugin: string): symbol[] {
    const has = (list: Contribution<unknown>[]) => list.some((contribution) => contribution.plugin === plugin);
    return [...this.#lists].filter(([, list]) => has(list)).map(([point]) => point);
  }

  /** Takes back what a plugin added, when its setup failed or it closed. */
  drop(plugin: string): void {
    for (const point of this.pointsOf(plugin)) {
      const rest = this.of(point).filter((contribution) => contribution.plugin !== plugin);
      this.#lists.set(point, rest);
      this.#changed.add(point);
    }
  }

  /** The points whose lists changed since the last call. */
  takeChanged(): symbol[] {
    const changed = [...this.#changed];
    this.#changed.clear();
    return changed;
  }

  #rank(plugin: string): number {
    return this.#ranks.get(plugin) ?? Number.MAX_SAFE_INTEGER;
  }
}
