import 'reflect-metadata';
import { type DependencyContainer, type InjectionToken, container as root } from 'tsyringe';
import { nameOf, type Token } from './contracts/token.ts';

/**
 * The runtime's services and, through `child`, each plugin's own container. A child sees what its parent has,
 * never what a sibling has. Lists are the host's own: tsyringe's `resolveAll` throws on an empty one.
 */
export class Container {
  readonly #container: DependencyContainer;
  readonly #services = new Map<symbol, unknown>();

  readonly #parent: Container | null;

  constructor(container: DependencyContainer = root.createChildContainer(), parent: Container | null = null) {
    this.#container = container;
    this.#parent = parent;
  }

  child(): Container {
    return new Container(this.#container.createChildContainer(), this);
  }

  register<T>(token: Token<T>, service: T): void {
    this.#services.set(token, service);
    if (this.#container.isRegistered(token as InjectionToken)) return;
    this.#container.register(token as InjectionToken<T>, { useFactory: () => this.#service(token) });
  }

  /** Takes a service back; whoever holds it already keeps it. */
  unregister(token: Token<unknown>): void {
    this.#services.delete(token);
  }

  has(token: Token<unknown>): boolean {
    return this.#services.has(token) || (this.#parent?.has(token) ?? false);
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

  #service<T>(token: Token<T>): T {
    if (!this.#services.has(token)) throw new TypeError(`nothing provides '${nameOf(token)}'`);
    return this.#services.get(token) as T;
  }
}
