/** Several expositions as one: the lines of a metric stand together, below one heading. */
export const merged = (texts: readonly string[]): string => {
  const families = new Map<string, { readonly heading: string[]; readonly lines: string[] }>();
  for (const text of texts) {
    let family: { readonly heading: string[]; readonly lines: string[] } | undefined;
    for (const line of text.split('\n')) {
      const [, kind, name] = /^# (HELP|TYPE) (\S{1,200})/.exec(line) ?? [];
      if (name !== undefined) {
        family = families.get(name) ?? { heading: [], lines: [] };
        families.set(name, family);
        if (!family.heading.some((known) => known.startsWith(`# ${kind} `))) family.heading.push(line);
      } else if (line !== '') family?.lines.push(line);
    }
  }
  return [...families.values()].map(({ heading, lines }) => [...heading, ...lines, ''].join('\n')).join('\n');
};
