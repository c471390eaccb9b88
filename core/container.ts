import 'reflect-metadata';
import { type DependencyContainer, type InjectionToken, container as root } from 'tsyringe';
import { nameOf, type Token } from './contracts/token.ts';

/**
 * The runtime's services and, through `child`, each plugin's own container. A child sees what its parent has,
 * never what a sibling has. Lists are the host's own: tsyringe's `resolveAll` throws on an empty one.
 */
export class Container {
  readonly #container: DependencyContainer;

  constructor(container: DependencyContainer = root.createChildContainer()) {
    this.#container = container;
  }

  child(): Container {
    return new Container(this.#container.createChildContainer());
  }

  register<T>(token: Token<T>, service: T): void {
    this.#container.registerInstance(token as InjectionToken<T>, service);
  }

  has(token: Token<unknown>): boolean {
    return this.#container.isRegistered(token as InjectionToken, true);
  }

  /** Throws a TypeError that names the token when nothing provides it. */
  resolve<T>(token: Token<T>): T {
    if (!this.has(token)) throw new TypeError(`nothing provides '${nameOf(token)}'`);
    return this.#container.resolve(token as InjectionToken<T>);
  }

  /** Builds a class; its constructor parameters carry `@inject(token)`. */
  create<T>(type: new (...args: never[]) => T): T {
    return this.#container.resolve(type as new (...args: unknown[]) => T);
  }
}
