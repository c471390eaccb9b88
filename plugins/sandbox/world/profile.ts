/** A picture as its owner set it. */
export interface Picture {
  /** WhatsApp's name for this version of it. */
  readonly id: string;
  /** JPEG. */
  readonly full: Buffer;
  readonly preview: Buffer;
}

/** Whom an account shows its statuses: its contacts, only those listed, or all but those. */
export interface StatusAudience {
  readonly type: 'contacts' | 'whitelist' | 'blacklist';
  readonly numbers: readonly string[];
}

/** A profile as it is kept over a restart. */
export interface SavedProfile {
  readonly about: string;
  readonly aboutSetAt: number;
  readonly picture?: Picture;
  readonly hidden: boolean;
  readonly blocked: readonly string[];
  readonly privacy?: Readonly<Record<string, string>>;
  readonly statusAudience?: StatusAudience;
}

const FIRST_ABOUT = 'Hey there! I am using WhatsApp.';

/** What a person shows to others, and whom it does not want to hear from. */
export class Profile {
  #about: Pick<SavedProfile, 'about' | 'aboutSetAt'> = { about: FIRST_ABOUT, aboutSetAt: 0 };
  #picture: Picture | undefined;
  #hidden = false;
  #statusAudience: StatusAudience = { type: 'contacts', numbers: [] };
  readonly #blocked = new Set<string>();
  #privacy: Readonly<Record<string, string>> = {};
  readonly #changed: () => void;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  get about(): string {
    return this.#about.about;
  }

  /** Seconds since 1970; 0 when it was never set. */
  get aboutSetAt(): number {
    return this.#about.aboutSetAt;
  }

  get picture(): Picture | undefined {
    return this.#picture;
  }

  /** Whether its privacy settings keep picture and about from others. */
  get hidden(): boolean {
    return this.#hidden;
  }

  /** Numbers that it has blocked. */
  get blocked(): ReadonlySet<string> {
    return this.#blocked;
  }

  /** Privacy settings that were chosen, by name. */
  get privacy(): Readonly<Record<string, string>> {
    return this.#privacy;
  }

  restrict(name: string, value: string): void {
    this.#privacy = { ...this.#privacy, [name]: value };
    this.#changed();
  }

  get statusAudience(): StatusAudience {
    return this.#statusAudience;
  }

  showStatusesTo(audience: StatusAudience): void {
    this.#statusAudience = audience;
    this.#changed();
  }

  describe(about: string, at: number): void {
    this.#about = { about, aboutSetAt: at };
    this.#changed();
  }

  show(picture: Picture | undefined): void {
    this.#picture = picture;
    this.#changed();
  }

  hide(hidden: boolean): void {
    this.#hidden = hidden;
    this.#changed();
  }

  block(number: string, blocked: boolean): void {
    if (blocked) this.#blocked.add(number);
    else this.#blocked.delete(number);
    this.#changed();
  }

  save(): SavedProfile {
    const picture = this.#picture ? { picture: this.#picture } : {};
    const audiences = { privacy: this.#privacy, statusAudience: this.#statusAudience };
    return { ...this.#about, ...picture, hidden: this.#hidden, blocked: [...this.#blocked], ...audiences };
  }

  restore({ about, aboutSetAt, picture, hidden, blocked, privacy = {}, statusAudience }: SavedProfile): void {
    if (statusAudience) this.#statusAudience = statusAudience;
    this.#privacy = privacy;
    this.#about = { about, aboutSetAt };
    this.#picture = picture;
    this.#hidden = hidden;
    for (const number of blocked) this.#blocked.add(number);
  }
}
