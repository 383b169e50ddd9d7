/** Replaces every `{name}` of a template; a slot without a value stays. */
export function fillSlots(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(/\{(\w+)\}/g, (slot, name: string) => values[name] ?? slot);
}

export const capitalise = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
